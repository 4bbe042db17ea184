// Percent-decoding (RFC 3986 §2.1), private to http. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace axis::http {

// Nothing for a bad escape or %00; `plus_is_blank` for query strings.
std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_blank);

}  // namespace axis::http
