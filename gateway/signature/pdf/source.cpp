#include "gateway/signature/pdf/source.hpp"

#include "gateway/base/base64.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace axis::signature {

namespace {

constexpr std::size_t line_chars_max = 4096;  // a first line that is longer is the only one
constexpr std::uint64_t groups_at_once = 16 * 1024;

Error laid_out_otherwise(std::string detail) {
    return Error{errc::attachment_base64, "no random access: " + std::move(detail)};
}

// How the text is laid out: `line` characters, `end` bytes of line end, and so on; line 0: only one line.
struct Layout {
    std::uint64_t line = 0;
    std::uint64_t end = 0;
    std::uint64_t chars = 0;  // of base64 in all, with the padding

    std::uint64_t place(std::uint64_t at) const { return line == 0 ? at : at + at / line * end; }
};

Result<Layout> layout_of(const ByteSource& text) {
    Layout out;
    std::string head(static_cast<std::size_t>(std::min<std::uint64_t>(text.size, line_chars_max)), '\0');
    auto read = text.read(0, head);
    if (!read) return read.error();
    // What follows the last character is no part of any line.
    std::string tail(std::min<std::size_t>(head.size(), 8), '\0');
    read = text.read(text.size - tail.size(), tail);
    if (!read) return read.error();
    auto size = text.size;
    while (!tail.empty() && (tail.back() == '\n' || tail.back() == '\r')) {
        tail.pop_back();
        --size;
    }
    const auto end = head.find_first_of("\r\n");
    if (end == std::string::npos || end >= size) {
        out.chars = size;
        return out;
    }
    out.line = end;
    out.end = head.compare(end, 2, "\r\n") == 0 ? 2 : 1;
    const auto whole = out.line + out.end;
    if (out.line == 0 || head[end + out.end - 1] != '\n') return laid_out_otherwise("its first line");
    const auto last = size % whole;
    if (last > out.line) return laid_out_otherwise("its last line");
    out.chars = size / whole * out.line + last;
    return out;
}

class Base64Text {
public:
    Base64Text(ByteSource text, Layout layout) : text_{std::move(text)}, layout_{layout} {}

    // The bytes of `count` groups of four characters from group `first`.
    Result<std::string> groups(std::uint64_t first, std::uint64_t count) const {
        const auto begin = layout_.place(first * 4);
        const auto last = std::min((first + count) * 4, layout_.chars) - 1;
        std::string raw(layout_.place(last) + 1 - begin, '\0');
        auto read = text_.read(begin, raw);
        if (!read) return read.error();
        auto chars = joined(raw, first * 4);
        if (!chars) return chars.error();
        std::string bytes;
        if (!base64_decode(*chars, bytes)) return laid_out_otherwise("not base64 where it was read");
        return bytes;
    }

private:
    // Without the line ends, which must stand where the first line promised.
    Result<std::string> joined(std::string_view raw, std::uint64_t at) const {
        std::string out;
        while (!raw.empty()) {
            const auto left = layout_.line == 0 ? raw.size() : layout_.line - at % layout_.line;
            const auto piece = raw.substr(0, static_cast<std::size_t>(left));
            if (piece.find_first_of(" \t\r\n") != std::string_view::npos)
                return laid_out_otherwise("lines of several lengths, or blanks");
            out += piece;
            at += piece.size();
            raw.remove_prefix(piece.size());
            if (raw.empty()) break;
            const auto end = raw.substr(0, static_cast<std::size_t>(layout_.end));
            if (end != (layout_.end == 2 ? "\r\n" : "\n"))
                return laid_out_otherwise("lines of several lengths");
            raw.remove_prefix(end.size());
        }
        return out;
    }

    ByteSource text_;
    Layout layout_;
};

}  // namespace

ByteSource memory_source(std::string_view bytes) {
    return {bytes.size(), [bytes](std::uint64_t at, std::span<char> out) -> Result<> {
                if (at > bytes.size() || out.size() > bytes.size() - at)
                    return Error{errc::io_failed, "beyond the end"};
                std::copy_n(bytes.data() + at, out.size(), out.data());
                return {};
            }};
}

ByteSource file_source(const Fd& fd, std::uint64_t size) {
    return {size, [file = fd.get()](std::uint64_t offset, std::span<char> out) -> Result<> {
                while (!out.empty()) {
                    const auto got = ::pread(file, out.data(), out.size(), static_cast<off_t>(offset));
                    if (got < 0 && errno == EINTR) continue;
                    if (got < 0) return Error{errc::io_failed, errno_text(errno)};
                    if (got == 0) return Error{errc::io_failed, "the file changed while it was read"};
                    offset += static_cast<std::uint64_t>(got);
                    out = out.subspan(static_cast<std::size_t>(got));
                }
                return {};
            }};
}

Result<ByteSource> base64_source(ByteSource text) {
    if (text.size == 0) return text;
    auto layout = layout_of(text);
    if (!layout) return layout.error();
    if (layout->chars % 4 == 1) return laid_out_otherwise("a lone last character");
    const Base64Text base64{std::move(text), *layout};
    std::uint64_t size = 0;
    if (layout->chars > 0) {
        const auto last = (layout->chars - 1) / 4;
        const auto bytes = base64.groups(last, 1);
        if (!bytes) return bytes.error();
        size = last * 3 + bytes->size();
    }
    return ByteSource{size, [base64](std::uint64_t offset, std::span<char> out) -> Result<> {
                          while (!out.empty()) {
                              const auto first = offset / 3;
                              const auto wanted = (offset + out.size() + 2) / 3 - first;
                              const auto bytes = base64.groups(first, std::min(wanted, groups_at_once));
                              if (!bytes) return bytes.error();
                              const auto skip = offset - first * 3;
                              if (bytes->size() <= skip) return laid_out_otherwise("padding inside");
                              const auto n = std::min(out.size(), bytes->size() - skip);
                              std::copy_n(bytes->data() + skip, n, out.data());
                              out = out.subspan(n);
                              offset += n;
                          }
                          return {};
                      }};
}

}  // namespace axis::signature
