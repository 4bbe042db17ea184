// Reference: what travels through the broker in place of a message, and the little JSON it is written as:
// {"delivery":16,"attempt":2}. Pure; any thread.
#pragma once

#include "gateway/model/ids.hpp"

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace axis::delivery {

struct Reference {
    model::DeliveryId delivery;
    int attempt = 0;
    auto operator<=>(const Reference&) const = default;
};

std::string to_json(const Reference& reference);
std::optional<Reference> reference_of(std::string_view json);  // nothing: not ours

}  // namespace axis::delivery
