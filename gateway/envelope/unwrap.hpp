// The only entry of a ZIP, out of a stream. Internal to envelope/.
//
//   local header → data → [descriptor] → one central entry of the same name → end record → nothing more
//
// Sizes, CRC, names and offsets must agree everywhere; what is legal but not this shape is `unusual`.
// Memory: zlib's window and one record (≤ 192 KiB). Any thread.
#pragma once

#include "gateway/envelope/attachment.hpp"

#include <zlib.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace axis::envelope {

class Unwrapper {
public:
    enum class Verdict { open, single, not_zip, unusual, damaged, bomb };
    using Sink = std::function<Result<>(std::string_view bytes)>;

    Unwrapper(AttachmentLimits limits, Sink sink);
    ~Unwrapper();
    Unwrapper(const Unwrapper&) = delete;
    Unwrapper& operator=(const Unwrapper&) = delete;

    Result<> update(std::string_view bytes);  // fails only with what the sink said
    void finish();
    Verdict verdict() const { return verdict_; }
    const std::string& reason() const { return reason_; }
    const std::string& entry_name() const { return name_; }

private:
    enum class Step { first, local, data, descriptor, next, central, last, end_record, over };
    void expect(Step step, std::size_t bytes);
    void stop(Verdict verdict, std::string_view reason);
    void record();
    void local();
    void descriptor();
    void central();
    void end_record();
    void data_over();
    Result<> data(std::string_view& bytes);
    Result<> inflate_some(std::string_view& bytes);
    Result<> emit(std::string_view bytes);
    std::uint32_t at(std::size_t offset, std::size_t bytes) const;  // little-endian, from the held record

    AttachmentLimits limits_;
    Sink sink_;
    Verdict verdict_ = Verdict::open;
    std::string reason_;
    Step step_ = Step::first;
    std::string held_;
    std::size_t want_ = 4;
    std::uint64_t consumed_ = 0;
    std::uint64_t central_at_ = 0;

    std::string name_;
    std::uint32_t flags_ = 0;
    std::uint32_t method_ = 0;
    std::uint32_t crc_ = 0;       // as declared
    std::uint64_t packed_ = 0;    // as declared
    std::uint64_t unpacked_ = 0;  // as declared
    std::uint64_t in_ = 0;        // as seen
    std::uint64_t out_ = 0;       // as seen
    std::uint32_t crc_seen_ = 0;
    z_stream zlib_{};
    bool inflating_ = false;
    std::string buffer_;
    std::size_t filled_ = 0;
};

}  // namespace axis::envelope
