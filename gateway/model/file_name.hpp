// The rules for file names that come from outside. A name is shown and passed on, never used as a path by
// us; but the next program may, on Windows too.
#pragma once

#include "gateway/base/error.hpp"

#include <cstddef>
#include <string_view>

namespace axis::model {

inline constexpr std::size_t file_name_characters_max = 255;

// The attachment that a signature over the document travels in (profile `attached`,
// gateway/signature/attached); it is taken out of what a receiver sees, so that no other file may be called
// so.
inline constexpr std::string_view statement_file_name = "axisd-signature.xml";

// file_name_invalid: empty or blank, over-long (code points), not UTF-8, control, bidirectional or zero-width
// characters, / \ :, "." and "..", the device names of Windows (CON, NUL.txt, com1 …), a reserved name. The
// detail does not repeat the name.
Result<> check_file_name(std::string_view name, std::size_t characters_max = file_name_characters_max);

// What is let pass in an envelope, whose sender is not here to correct it: of any length, and with ':'.
bool safe_file_name(std::string_view name);

}  // namespace axis::model
