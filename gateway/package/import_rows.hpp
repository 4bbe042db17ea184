// The rows of an import: a key of the source, what is made of its value, a key of the package. Internal.
#pragma once

#include "gateway/package/import.hpp"
#include "gateway/package/words.hpp"

namespace axis::package {

enum class As {
    text,        // a number is written as text
    number,      // "12" is 12
    flag,        // "true", "1", 1 are true
    date,        // yyyy/MM/dd, yyyy-MM-dd, dd/MM/yyyy, with or without a time, become yyyy-MM-dd
    word,        // a number becomes its word; without one, KEY_raw
    known_word,  // must have a word
    yes_no,      // 0, 1 and flags; another number becomes KEY_raw
    comma_list,  // "G99, G97"
    file_bytes,  // base64: bytes and sha256 of the file
    file_size,   // must be its size
    left_out,    // known, and not carried over
};

// Keys are joined by '/'; '*' is each entry of a list. '+' is a list whose entries hold lists that are one
// list in the package, and has no counterpart there.
struct ImportRow {
    std::string_view from;
    std::string_view to;
    As as = As::text;
    Words words = {};
};

std::span<const ImportRow> import_rows(Shape shape);

}  // namespace axis::package
