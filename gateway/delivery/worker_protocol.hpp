// What a worker process and the owner say to each other, as JSON (the calls are in desk.hpp). Pure; any
// thread.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/base/error.hpp"
#include "gateway/delivery/reference.hpp"
#include "gateway/model/delivery.hpp"
#include "gateway/ports/outlet.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace axis::delivery {

// A worker comes: its name, at least a byte (cut after 100), and what the owner answers.
struct Hello {
    std::string name;
};
std::string to_json(const Hello& hello);
std::optional<Hello> hello_of(std::string_view json);
struct Welcome {
    std::string worker;  // as the owner calls it
    Duration lease{0};
    Duration beat{0};
};
std::string to_json(const Welcome& welcome);
std::optional<Welcome> welcome_of(std::string_view json);

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
