// Query parameters: each known, once, and with a value that means something. Every refusal is http_parameter
// and names the parameter. Any thread.
#pragma once

#include "gateway/base/error.hpp"
#include "gateway/http/message.hpp"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace axis::rest {

Error bad_parameter(std::string_view name, std::string detail);

Result<> check_parameters(const http::Target& target, const std::vector<std::string_view>& known);

// true or false; absent: false.
Result<bool> flag_parameter(const http::Target& target, std::string_view name);

// One of the words; absent: the first.
Result<std::string> word_parameter(
    const http::Target& target, std::string_view name, std::initializer_list<std::string_view> words
);

struct NumberRange {
    std::int64_t min = 0;
    std::int64_t max = INT64_MAX;
    std::int64_t standard = 0;  // when absent
};
Result<std::int64_t> number_parameter(const http::Target& target, std::string_view name, NumberRange range);

// At most 200 characters; absent: empty.
Result<std::string> text_parameter(const http::Target& target, std::string_view name);
// The same, but a delivery state's name (architecture D5), or a date or time.
Result<std::string> state_parameter(const http::Target& target, std::string_view name);
Result<std::string> time_parameter(const http::Target& target, std::string_view name);

}  // namespace axis::rest
