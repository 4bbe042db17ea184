// What a worker process and the owner say to each other, as JSON (the calls are in desk.hpp). Pure; any
// thread.
#pragma once

#include "gateway/base/error.hpp"
#include "gateway/delivery/reference.hpp"
#include "gateway/model/delivery.hpp"
#include "gateway/ports/outlet.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace axis::delivery {

std::string to_json(const ports::Dispatch& dispatch);
std::optional<ports::Dispatch> dispatch_from(std::string_view json);

// A worker's words about one attempt.
struct Report {
    Reference reference;
    model::Outcome outcome;
};
std::string to_json(const Report& report);
std::optional<Report> report_of(std::string_view json);

}  // namespace axis::delivery
