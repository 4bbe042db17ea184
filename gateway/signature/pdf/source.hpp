// Source: the bytes of a file, read from any place; what a PDF needs, since its reading starts at its end.
// Nothing is kept between calls but what each source says. Blocking; one thread at a time.
#pragma once

#include "gateway/base/error.hpp"
#include "gateway/base/file.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

namespace axis::signature {

struct ByteSource {
    std::uint64_t size = 0;
    // Fills the whole span from `offset`, or says io_failed. Never asked beyond `size`.
    std::function<Result<>(std::uint64_t offset, std::span<char> out)> read;
};

// The bytes must outlive the source. io_failed beyond their end.
ByteSource memory_source(std::string_view bytes);

// The descriptor must outlive the source. io_failed when the file has become shorter.
ByteSource file_source(const Fd& fd, std::uint64_t size);

// The file inside base64 text, as the spool keeps an attachment: four characters hold three bytes, so that
// any place is found by arithmetic. The text is one line, or lines of one length with one kind of line end
// (LF or CR LF), as MIME has it. attachment_base64 when it is laid out otherwise, which may show only while
// it is read: such a text has to be decoded into an unlinked file first, and that file is the source.
// Holds a few KiB.
Result<ByteSource> base64_source(ByteSource text);

}  // namespace axis::signature
