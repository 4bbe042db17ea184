// JsonObject: the one way small JSON answers are written by hand; larger readings and writings use
// Boost.JSON. Any thread.
#pragma once

#include "gateway/base/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace axis {

// {"name":…,"value"…}: members in order, values already JSON.
class JsonObject {
public:
    JsonObject& text(std::string_view name, std::string_view value);
    JsonObject& maybe(std::string_view name, std::string_view value);  // null when empty
    JsonObject& given(std::string_view name, std::string_view value);  // left out when empty
    JsonObject& number(std::string_view name, std::int64_t value);
    JsonObject& boolean(std::string_view name, bool value);
    JsonObject& time(std::string_view name, std::optional<Time> value);
    JsonObject& raw(std::string_view name, std::string_view json);
    std::string done() { return std::move(out_) + "}"; }

private:
    std::string out_{"{"};
};
std::string json_array(const std::vector<std::string>& items);

}  // namespace axis
