#include "gateway/envelope/unwrap.hpp"

#include <algorithm>
#include <utility>

namespace axis::envelope {

namespace {

constexpr std::uint32_t local_mark = 0x04034b50, central_mark = 0x02014b50, end_mark = 0x06054b50,
                        descriptor_mark = 0x08074b50, zip64_end_mark = 0x06064b50;
constexpr std::size_t local_size = 30, central_size = 46, end_size = 22;
constexpr std::uint32_t has_descriptor = 0x0008,
                        strange_flags = 0x2061;  // encrypted, patch, strong, masked headers
constexpr std::uint32_t stored = 0, deflated = 8, zip64_size = 0xffffffff;
constexpr std::size_t buffer_size = 64 * 1024;
constexpr std::size_t piece_max = 1u << 30;  // zlib counts in uInt

}  // namespace

Unwrapper::Unwrapper(AttachmentLimits limits, Sink sink) : limits_{limits}, sink_{std::move(sink)} {}

Unwrapper::~Unwrapper() {
    if (inflating_) inflateEnd(&zlib_);
}

Result<> Unwrapper::update(std::string_view bytes) {
    while (!bytes.empty() && verdict_ == Verdict::open) {
        if (step_ == Step::over) {
            stop(Verdict::damaged, "bytes after the end record");
        } else if (step_ == Step::data) {
            auto passed = data(bytes);
            if (!passed) return passed.error();
        } else {
            const auto n = std::min(want_ - held_.size(), bytes.size());
            held_.append(bytes.substr(0, n));
            bytes.remove_prefix(n);
            consumed_ += n;
            if (held_.size() == want_) record();
        }
    }
    return {};
}

void Unwrapper::finish() {
    if (verdict_ != Verdict::open) return;
    if (step_ == Step::over)
        verdict_ = Verdict::single;
    else if (step_ == Step::first)
        verdict_ = Verdict::not_zip;
    else
        stop(Verdict::damaged, "truncated");
}

// One record is complete, or as much of it as tells its length.
void Unwrapper::record() {
    switch (step_) {
        case Step::first:
            if (at(0, 4) != local_mark) return stop(Verdict::not_zip, "");
            step_ = Step::local;
            want_ = local_size;
            return;
        case Step::local:
            want_ = local_size + at(26, 2) + at(28, 2);
            if (held_.size() == want_) local();
            return;
        case Step::descriptor:
            want_ = at(0, 4) == descriptor_mark ? 16 : 12;
            if (held_.size() == want_) descriptor();
            return;
        case Step::next:
            if (at(0, 4) == local_mark) return stop(Verdict::unusual, "several entries");
            if (at(0, 4) != central_mark)
                return stop(Verdict::damaged, "no central directory after the entry");
            central_at_ = consumed_ - 4;
            step_ = Step::central;
            want_ = central_size;
            return;
        case Step::central:
            want_ = central_size + at(28, 2) + at(30, 2) + at(32, 2);
            if (held_.size() == want_) central();
            return;
        case Step::last:
            if (at(0, 4) == central_mark) return stop(Verdict::unusual, "several entries");
            if (at(0, 4) == zip64_end_mark) return stop(Verdict::unusual, "ZIP64");
            if (at(0, 4) != end_mark) return stop(Verdict::damaged, "no end record");
            step_ = Step::end_record;
            want_ = end_size;
            return;
        case Step::end_record:
            want_ = end_size + at(20, 2);
            if (held_.size() == want_) end_record();
            return;
        case Step::data:
        case Step::over:
            return;
    }
}

void Unwrapper::local() {
    flags_ = at(6, 2);
    method_ = at(8, 2);
    crc_ = at(14, 4);
    packed_ = at(18, 4);
    unpacked_ = at(22, 4);
    name_ = held_.substr(local_size, at(26, 2));
    const bool streamed = (flags_ & has_descriptor) != 0;
    if ((flags_ & strange_flags) != 0) return stop(Verdict::unusual, "encrypted");
    if (method_ != stored && method_ != deflated) return stop(Verdict::unusual, "compression method");
    if (method_ == stored && streamed) return stop(Verdict::unusual, "stored entry of unknown size");
    if (packed_ == zip64_size || unpacked_ == zip64_size) return stop(Verdict::unusual, "ZIP64");
    if (method_ == deflated) {
        if (inflateInit2(&zlib_, -MAX_WBITS) != Z_OK) throw std::bad_alloc{};
        inflating_ = true;
        buffer_.resize(buffer_size);
    }
    expect(Step::data, 0);
    if (method_ == stored && packed_ == 0) data_over();
}

Result<> Unwrapper::data(std::string_view& bytes) {
    if (method_ == deflated) return inflate_some(bytes);
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(packed_ - in_, bytes.size()));
    in_ += n;
    consumed_ += n;
    auto emitted = emit(bytes.substr(0, n));
    if (!emitted) return emitted.error();
    bytes.remove_prefix(n);
    if (in_ == packed_) data_over();
    return {};
}

Result<> Unwrapper::inflate_some(std::string_view& bytes) {
    auto piece = bytes.substr(0, piece_max);
    // zlib's interface predates const.
    zlib_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data()));
    zlib_.avail_in = static_cast<uInt>(piece.size());
    int rc = Z_OK;
    do {
        const auto before = zlib_.avail_in;
        zlib_.next_out = reinterpret_cast<Bytef*>(buffer_.data() + filled_);
        zlib_.avail_out = static_cast<uInt>(buffer_.size() - filled_);
        rc = inflate(&zlib_, Z_NO_FLUSH);
        if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR) {
            stop(Verdict::damaged, "deflate data");
            return {};
        }
        in_ += before - zlib_.avail_in;
        filled_ = buffer_.size() - zlib_.avail_out;
        // The limits are asked at the same moments, however the bytes were cut: the verdict is one.
        if (filled_ < buffer_.size() && rc != Z_STREAM_END) continue;
        auto emitted = emit(std::string_view{buffer_}.substr(0, std::exchange(filled_, 0)));
        if (!emitted) return emitted.error();
        if (verdict_ != Verdict::open) return {};
    } while (rc == Z_OK && (zlib_.avail_in > 0 || zlib_.avail_out == 0));
    const auto used = piece.size() - zlib_.avail_in;
    bytes.remove_prefix(used);
    consumed_ += used;
    if (rc == Z_STREAM_END) data_over();
    return {};
}

Result<> Unwrapper::emit(std::string_view bytes) {
    if (bytes.empty()) return {};
    out_ += bytes.size();
    if (out_ > limits_.file_bytes_max || out_ > limits_.free_bytes + limits_.ratio_max * in_) {
        stop(Verdict::bomb, "expands beyond its limits");
        return {};
    }
    crc_seen_ = static_cast<std::uint32_t>(
        crc32_z(crc_seen_, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size())
    );
    return sink_ ? sink_(bytes) : Result<>{};
}

void Unwrapper::data_over() {
    if (inflating_) inflateEnd(&zlib_);
    inflating_ = false;
    if ((flags_ & has_descriptor) != 0) return expect(Step::descriptor, 4);
    if (crc_ != crc_seen_ || packed_ != in_ || unpacked_ != out_)
        return stop(Verdict::damaged, "CRC or size does not match");
    expect(Step::next, 4);
}

void Unwrapper::descriptor() {
    const std::size_t mark = held_.size() - 12;
    crc_ = at(mark, 4);
    packed_ = at(mark + 4, 4);
    unpacked_ = at(mark + 8, 4);
    if (crc_ != crc_seen_ || packed_ != in_ || unpacked_ != out_)
        return stop(Verdict::damaged, "CRC or size does not match");
    expect(Step::next, 4);
}

void Unwrapper::central() {
    const bool same = at(10, 2) == method_ && at(16, 4) == crc_ && at(20, 4) == packed_ &&
                      at(24, 4) == unpacked_ && at(42, 4) == 0 &&
                      std::string_view{held_}.substr(central_size, at(28, 2)) == name_;
    if (!same) return stop(Verdict::damaged, "central directory does not match the entry");
    expect(Step::last, 4);
}

void Unwrapper::end_record() {
    const auto central_bytes = consumed_ - held_.size() - central_at_;
    if (at(8, 2) > 1 || at(10, 2) > 1) return stop(Verdict::unusual, "several entries");
    if (at(4, 4) != 0 || at(8, 2) != 1 || at(10, 2) != 1 || at(12, 4) != central_bytes ||
        at(16, 4) != central_at_)
        return stop(Verdict::damaged, "end record does not match");
    expect(Step::over, 0);
}

void Unwrapper::expect(Step step, std::size_t bytes) {
    step_ = step;
    want_ = bytes;
    held_.clear();
}

void Unwrapper::stop(Verdict verdict, std::string_view reason) {
    if (verdict_ != Verdict::open) return;
    verdict_ = verdict;
    reason_ = reason;
}

std::uint32_t Unwrapper::at(std::size_t offset, std::size_t bytes) const {
    std::uint32_t value = 0;
    for (std::size_t i = bytes; i-- > 0;) value = value << 8 | static_cast<unsigned char>(held_[offset + i]);
    return value;
}

}  // namespace axis::envelope
