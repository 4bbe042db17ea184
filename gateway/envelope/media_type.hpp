// What kind of file some bytes begin like. Names and labels lie; bytes do so less often (edxml-standard.md
// §1.10). Internal to envelope/. Any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace axis::envelope {

inline constexpr std::size_t head_bytes = 4096;  // as much of a file as is looked at

// By a table of the formats offices exchange; files of other names may begin as they like.
bool begins_as_named(std::string_view extension, std::string_view head);

// libmagic's answer, such as "application/pdf"; empty when it has none. Some 100 µs and, once, the file of
// its rules: for doubtful files only.
std::string media_type(std::string_view head);

// Formats that are a ZIP of several entries, so that an archive of one entry is none of them.
bool is_office_archive(std::string_view extension);

}  // namespace axis::envelope
