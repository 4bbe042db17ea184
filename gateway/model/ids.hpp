// Names of things that must not be mixed up.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/base/random.hpp"

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace axis::model {

// A ULID: 48 bits of milliseconds, 80 random bits; its text is 26 Crockford base-32 characters, so ids sort
// by time.
struct MessageId {
    std::array<std::uint8_t, 16> bytes{};

    auto operator<=>(const MessageId&) const = default;
    std::string text() const;
    static MessageId make(Time at, Random& random);
    static std::optional<MessageId> parse(std::string_view text);  // 26 characters, either case
    // The lowest and highest id that begin with `prefix` (1 … 26 characters): how a person abbreviates.
    static std::optional<std::pair<MessageId, MessageId>> range(std::string_view prefix);
};
inline std::string to_string(const MessageId& id) {
    return id.text();
}

// The ledger's row of one delivery.
struct DeliveryId {
    std::int64_t value = 0;
    auto operator<=>(const DeliveryId&) const = default;
};
inline std::string to_string(DeliveryId id) {
    return std::to_string(id.value);
}

// One configured counterpart, and the lane that belongs to it: [a-z0-9][a-z0-9_-]{0,62}.
struct EndpointName {
    std::string text;
    auto operator<=>(const EndpointName&) const = default;
    static std::optional<EndpointName> parse(std::string_view text);
};
inline std::string to_string(const EndpointName& name) {
    return name.text;
}

}  // namespace axis::model
