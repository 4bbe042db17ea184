// UTF-8 text: validity, length in code points, NFC for keys. File names and document text are never
// rewritten; only keys are normalised (architecture D7).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace axis {

bool is_utf8(std::string_view text);
std::size_t code_point_count(std::string_view utf8);
std::string nfc(std::string_view utf8);           // the text itself when it is not UTF-8
std::string_view trimmed(std::string_view text);  // ASCII white space off both ends
std::string lower_ascii(std::string_view text);
std::string upper_ascii(std::string_view text);
bool equal_ignoring_case(std::string_view a, std::string_view b);  // ASCII
std::string json_quoted(std::string_view utf8);                    // "…" with JSON's escapes
// True when a control, bidirectional-override or zero-width character occurs (names and codes must not carry
// them).
bool has_hidden_characters(std::string_view utf8);

}  // namespace axis
