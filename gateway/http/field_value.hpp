// A header value with parameters, `form-data; name="x"; filename*=UTF-8''y`, taken apart. Private to http.
// Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace axis::http {

struct FieldValue {
    std::string value;                                            // before the first semicolon, lower case
    std::vector<std::pair<std::string, std::string>> parameters;  // names in lower case, quotes undone

    std::optional<std::string_view> parameter(std::string_view name) const;  // the first of that name
    std::size_t count(std::string_view name) const;
    // Nothing when quotes do not close or a parameter has no name. In quoted strings only \" and \\ are
    // escapes: old browsers send Windows paths as they are.
    static std::optional<FieldValue> parse(std::string_view text);
};

// RFC 5987: UTF-8'language'percent-encoded. Nothing for another charset or bytes that are not UTF-8.
std::optional<std::string> extended_value(std::string_view text);

}  // namespace axis::http
