#include "tests/axissim/zip.hpp"

#include "gateway/base/error.hpp"

#include <zlib.h>

#include <algorithm>

namespace axis::sim {

namespace {

constexpr std::uint16_t flags = 0x0808;
constexpr std::uint16_t deflate_method = 8;

void put(std::string& out, std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xff);
}

std::uint32_t take(std::string_view bytes, std::size_t at, int count) {
    std::uint32_t value = 0;
    for (int i = 0; i < count; ++i)
        value |= std::uint32_t{static_cast<unsigned char>(bytes[at + static_cast<std::size_t>(i)])}
                 << (8 * i);
    return value;
}

Bytef* input(std::string_view bytes) {
    return reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));  // zlib's API is older than const
}

// The fields that the local header and the directory share: version, flags, method, time 00:00, date
// 2026-11-21.
void put_common(std::string& out) {
    put(out, 20, 2);
    put(out, flags, 2);
    put(out, deflate_method, 2);
    put(out, 0, 2);
    put(out, (2026 - 1980) << 9 | 11 << 5 | 21, 2);
}

}  // namespace

struct ZipWriter::Impl {
    std::string name;
    z_stream stream{};
    std::uint32_t crc = 0;
    std::uint64_t plain = 0;
    std::uint64_t packed = 0;
    bool begun = false;

    void begin(std::string& out) {
        if (begun) return;
        begun = true;
        put(out, 0x04034b50, 4);
        put_common(out);
        out.append(12, '\0');  // crc and sizes stand behind the data
        put(out, name.size(), 2);
        put(out, 0, 2);
        out += name;
    }

    void run(std::string_view bytes, int flush, std::string& out) {
        stream.next_in = input(bytes);
        stream.avail_in = static_cast<uInt>(bytes.size());
        do {
            Bytef buffer[16384];
            stream.next_out = buffer;
            stream.avail_out = sizeof buffer;
            AXIS_ASSERT(deflate(&stream, flush) != Z_STREAM_ERROR);
            const auto got = sizeof buffer - stream.avail_out;
            out.append(reinterpret_cast<const char*>(buffer), got);
            packed += got;
        } while (stream.avail_out == 0);
    }

    void end(std::string& out) {
        put(out, 0x08074b50, 4);
        put_sizes(out);
        const auto local = 30 + name.size() + packed + 16;
        const auto before = out.size();
        put(out, 0x02014b50, 4);
        put(out, 20, 2);
        put_common(out);
        put_sizes(out);
        put(out, name.size(), 2);
        out.append(16, '\0');  // extra, comment, disk, attributes, offset 0
        out += name;
        const auto directory = out.size() - before;
        put(out, 0x06054b50, 4);
        put(out, 0, 4);
        put(out, 1, 2);
        put(out, 1, 2);
        put(out, directory, 4);
        put(out, local, 4);
        put(out, 0, 2);
    }

    void put_sizes(std::string& out) const {
        put(out, crc, 4);
        put(out, packed, 4);
        put(out, plain, 4);
    }
};

ZipWriter::ZipWriter(std::string entry_name) : impl_{std::make_unique<Impl>()} {
    impl_->name = std::move(entry_name);
    AXIS_ASSERT(
        deflateInit2(&impl_->stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) ==
        Z_OK
    );
}

ZipWriter::~ZipWriter() {
    deflateEnd(&impl_->stream);
}

void ZipWriter::update(std::string_view bytes, std::string& out) {
    impl_->begin(out);
    impl_->crc = static_cast<std::uint32_t>(crc32(impl_->crc, input(bytes), static_cast<uInt>(bytes.size())));
    impl_->plain += bytes.size();
    impl_->run(bytes, Z_NO_FLUSH, out);
}

void ZipWriter::finish(std::string& out) {
    impl_->begin(out);
    impl_->run({}, Z_FINISH, out);
    impl_->end(out);
}

struct ZipFirstEntry::Impl {
    std::string head;  // the local header while it is not complete
    z_stream stream{};
    bool in_data = false;
    bool stored = false;
    std::uint64_t stored_left = 0;
    bool finished = false;

    // 0: more bytes needed; else the length of the whole local header.
    std::size_t header_length() const {
        if (head.size() < 30) return 0;
        const auto length = std::size_t{30} + take(head, 26, 2) + take(head, 28, 2);
        return head.size() < length ? 0 : length;
    }

    bool read_header() {
        const auto method = take(head, 8, 2);
        const bool sizes_follow = (take(head, 6, 2) & 8u) != 0;
        stored = method == 0;
        stored_left = take(head, 18, 4);
        if (stored && sizes_follow) return false;
        finished = stored && stored_left == 0;
        in_data = true;
        return stored || method == deflate_method;
    }

    bool data(std::string_view bytes, std::string& out) {
        if (stored) {
            const auto part =
                bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(stored_left, bytes.size())));
            out.append(part);
            stored_left -= part.size();
            finished = stored_left == 0;
            return true;
        }
        stream.next_in = input(bytes);
        stream.avail_in = static_cast<uInt>(bytes.size());
        do {
            Bytef buffer[16384];
            stream.next_out = buffer;
            stream.avail_out = sizeof buffer;
            const int rc = inflate(&stream, Z_NO_FLUSH);
            if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR) return false;
            out.append(reinterpret_cast<const char*>(buffer), sizeof buffer - stream.avail_out);
            finished = rc == Z_STREAM_END;
        } while (!finished && stream.avail_out == 0);
        return true;
    }
};

ZipFirstEntry::ZipFirstEntry() : impl_{std::make_unique<Impl>()} {
    AXIS_ASSERT(inflateInit2(&impl_->stream, -MAX_WBITS) == Z_OK);
}

ZipFirstEntry::~ZipFirstEntry() {
    inflateEnd(&impl_->stream);
}

bool ZipFirstEntry::update(std::string_view bytes, std::string& out) {
    auto& s = *impl_;
    if (s.finished) return true;
    if (s.in_data) return s.data(bytes, out);
    s.head += bytes;
    if (s.head.size() >= 4 && take(s.head, 0, 4) != 0x04034b50) return false;
    const auto length = s.header_length();
    if (length == 0) return true;
    if (!s.read_header()) return false;
    return s.finished || s.data(std::string_view{s.head}.substr(length), out);
}

bool ZipFirstEntry::finished() const {
    return impl_->finished;
}

}  // namespace axis::sim
