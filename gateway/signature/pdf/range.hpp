// Range: which bytes a signature covers (ISO 32000-1 §12.8.1): all from the first on, but for its own value.
//
//     0 ──── covered ──── gap_begin <308201…> gap_end ──── covered ──── end ──── added later ──── size
//
// Internal to signature/pdf.
#pragma once

#include "gateway/signature/pdf/reader.hpp"
#include "gateway/signature/pdf/value.hpp"

#include <cstdint>
#include <string>

namespace axis::signature::pdf {

struct Range {
    std::uint64_t gap_begin = 0;
    std::uint64_t gap_end = 0;
    std::uint64_t end = 0;
};

// pdf.byte_range when it has any other form than [0 a b c] within the file.
Read<Range> range_of(const Dict& signature, std::uint64_t file_bytes);

// The signature's value, without the zeros that fill it up. pdf.contents when the gap is anything but that
// value in hexadecimal digits of one case: two readers must find the same there, and nothing beside it.
Read<std::string> contents_of(const Dict& signature, const Range& range, Reader& reader);

// The digest of all that is covered; `digest` is OpenSSL's name. One pass, one piece in memory.
Read<std::string> covered_digest(const Range& range, const char* digest, const ByteSource& source);

}  // namespace axis::signature::pdf
