// JSON text ⇄ value. Reading is stricter than Boost.JSON alone: no duplicate keys, at most 32 levels, UTF-8,
// no extensions.
#pragma once

#include <boost/json/value.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace axis::package {

// Nothing on failure; `problem` then says "line 3, column 14: …" without repeating the text.
std::optional<boost::json::value> read_json(std::string_view text, std::string& problem);

// Two blanks a level, members in their order, a line feed at the end: for files people read.
std::string pretty(const boost::json::value& value);

}  // namespace axis::package
