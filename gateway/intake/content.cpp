#include "gateway/intake/content.hpp"

#include "gateway/base/offload.hpp"
#include "gateway/envelope/attachment.hpp"

#include <algorithm>

namespace axis::intake {

namespace {

// Markup, text, markup, text, …, markup. Small texts are gathered with the markup around them into one piece.
class EnvelopeStream final : public ports::ByteStream {
public:
    EnvelopeStream(Content& content, ledger::StoredEnvelope stored)
        : content_{content}, stored_{std::move(stored)} {}

    std::uint64_t length() const override { return stored_.bytes; }

    Task<Result<std::string_view>> next() override {
        buffer_.clear();
        while (buffer_.size() < content_.chunk_bytes() && !finished_) {
            auto more = co_await step();
            if (!more) co_return more.error();
        }
        co_return std::string_view{buffer_};
    }

private:
    Task<Result<>> step() {
        if (text_) {
            auto filled = co_await read_text();
            co_return filled;
        }
        const auto until =
            hole_ < stored_.holes.size() ? stored_.holes[hole_].offset : stored_.skeleton.size();
        buffer_.append(stored_.skeleton, markup_, until - markup_);
        markup_ = until;
        if (hole_ == stored_.holes.size()) {
            finished_ = true;
            co_return Result<>{};
        }
        auto opened = co_await content_.text(stored_.holes[hole_].blob);
        if (!opened) co_return opened.error();
        if ((*opened)->size() != stored_.holes[hole_].bytes)
            co_return Error{errc::blob_damaged, stored_.holes[hole_].blob.hex()};
        text_ = std::move(*opened);
        at_ = 0;
        co_return Result<>{};
    }

    Task<Result<>> read_text() {
        const auto have = buffer_.size();
        const auto want = std::min<std::uint64_t>(
            text_->size() - at_, content_.chunk_bytes() - std::min(have, content_.chunk_bytes() - 1)
        );
        buffer_.resize(have + want);
        auto work = [this, have] {
            return text_->read_at(at_, {buffer_.data() + have, buffer_.size() - have});
        };
        auto got = co_await offload(content_.files(), std::move(work));
        if (!got) co_return got.error();
        if (*got != want) co_return Error{errc::blob_damaged, stored_.holes[hole_].blob.hex()};
        at_ += want;
        if (at_ == text_->size()) {
            text_.reset();
            ++hole_;
        }
        co_return Result<>{};
    }

    Content& content_;
    ledger::StoredEnvelope stored_;
    std::string buffer_;
    std::unique_ptr<spool::Text> text_;
    std::uint64_t at_ = 0;
    std::size_t markup_ = 0;
    std::size_t hole_ = 0;
    bool finished_ = false;
};

class DecodedStream final : public ports::ByteStream {
public:
    DecodedStream(Content& content, ledger::AttachmentView attachment)
        : content_{content},
          attachment_{std::move(attachment)},
          decoder_{
              attachment_.wrapped ? envelope::AttachmentDecoder::Mode::unwrap
                                  : envelope::AttachmentDecoder::Mode::plain,
              {},
              [this](std::string_view bytes) -> Result<> {
                  buffer_ += bytes;
                  return {};
              }} {}

    std::uint64_t length() const override { return attachment_.file_bytes; }

    Task<Result<std::string_view>> next() override {
        if (!text_) {
            auto opened = co_await content_.text(attachment_.blob);
            if (!opened) co_return opened.error();
            text_ = std::move(*opened);
        }
        buffer_.clear();
        while (buffer_.empty() && !finished_) {
            auto work = [this] { return decode_some(); };
            auto decoded = co_await offload(content_.files(), std::move(work));
            if (!decoded) co_return decoded.error();
        }
        co_return std::string_view{buffer_};
    }

private:
    Result<> decode_some() {
        text_buffer_.resize(std::min<std::uint64_t>(content_.chunk_bytes(), text_->size() - at_));
        auto got = text_->read_at(at_, {text_buffer_.data(), text_buffer_.size()});
        if (!got) return got.error();
        if (*got != text_buffer_.size()) return Error{errc::blob_damaged, attachment_.blob.hex()};
        at_ += *got;
        auto decoded = decoder_.update(text_buffer_);
        if (!decoded || at_ < text_->size()) return decoded;
        finished_ = true;
        auto end = decoder_.finish();
        if (!end) return end.error();
        // Never hand out bytes that are not the ones accepted: a length that fits would look complete.
        if (decoder_.file_sha256() != attachment_.file_sha256)
            return Error{errc::blob_damaged, attachment_.blob.hex()};
        return {};
    }

    Content& content_;
    ledger::AttachmentView attachment_;
    std::string buffer_;
    std::string text_buffer_;
    envelope::AttachmentDecoder decoder_;
    std::unique_ptr<spool::Text> text_;
    std::uint64_t at_ = 0;
    bool finished_ = false;
};

}  // namespace

std::unique_ptr<ports::ByteStream> Content::envelope(ledger::StoredEnvelope stored) {
    return std::make_unique<EnvelopeStream>(*this, std::move(stored));
}

std::unique_ptr<ports::ByteStream> Content::file(ledger::AttachmentView attachment) {
    return std::make_unique<DecodedStream>(*this, std::move(attachment));
}

Task<Result<std::unique_ptr<spool::Text>>> Content::text(Sha256 blob) {
    auto row = co_await ledger_.blob(blob);
    if (!row) co_return row.error();
    if (row->text) co_return spool::text_in_memory(std::move(*row->text));
    auto work = [this, blob] { return spool_.text(blob); };
    auto opened = co_await offload(files_, std::move(work));
    co_return opened;
}

}  // namespace axis::intake
