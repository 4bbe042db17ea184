#include "adapters/vxp/exchanges.hpp"

#include "gateway/base/text.hpp"

#include <algorithm>

namespace axis::vxp {

namespace {

constexpr std::size_t guess_bytes = 32;  // behind the blanks: enough for "<!DOCTYPE html"
constexpr std::size_t excerpt_bytes_max = 500;
constexpr std::size_t tail_bytes = 128;
constexpr std::size_t blank_bytes_max = 4096;  // before the first '<'

std::string_view behind_blanks(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    const auto at = text.find_first_not_of(" \t\r\n");
    return at == std::string_view::npos ? std::string_view{} : text.substr(at);
}

bool is_page(std::string_view text) {
    const std::string start = lower_ascii(text.substr(0, guess_bytes));
    if (start.starts_with("<html")) return true;
    if (!start.starts_with("<!doctype")) return false;
    return trimmed(std::string_view{start}.substr(9)).starts_with("html");
}

Error too_large() {
    return Error{errc::peer_http, "the reply is too large"};
}

}  // namespace

Task<Result<std::string_view>> EnvelopeSource::next() {
    if (ended_) co_return std::string_view{};
    auto piece = co_await envelope_.next();
    if (!piece) {
        ours_ = piece.error();
        co_return ours_;
    }
    given_ += piece->size();
    if (!piece->empty()) co_return *piece;
    ended_ = true;
    if (given_ != envelope_.length()) {
        ours_ = Error{errc::blob_damaged, "the envelope ends early"};
        co_return ours_;
    }
    co_return crlf_ ? std::string_view{"\r\n"} : std::string_view{};
}

Task<Result<>> JsonSink::take(std::string_view piece) {
    bytes_ += piece.size();
    if (bytes_ > bytes_max_) co_return too_large();
    reader.feed(piece);
    const std::string decoded = reader.take_data();
    if (decoded.empty() || !taker_) co_return Result<>{};
    auto taken = co_await taker_(decoded);
    if (!taken) ours_ = taken.error();
    co_return taken;
}

bool DownloadSink::wants(unsigned status, const http::Headers& headers) {
    good_status_ = status >= 200 && status < 300;
    length_known_ = headers.count("Content-Length") > 0 || headers.count("Transfer-Encoding") > 0;
    return true;
}

Task<Result<>> DownloadSink::take(std::string_view piece) {
    bytes_ += piece.size();
    if (bytes_ > bytes_max_) co_return too_large();
    excerpt_ += piece.substr(0, excerpt_bytes_max - excerpt_.size());
    if (what_ == What::envelope) {
        auto passed = co_await pass(piece);
        co_return passed;
    }
    if (what_ != What::undecided) co_return Result<>{};
    held_ += piece;
    decide(held_.size() > blank_bytes_max);
    if (what_ != What::envelope) co_return Result<>{};
    auto passed = co_await pass(held_);
    held_.clear();
    co_return passed;
}

Task<Result<>> DownloadSink::finish() {
    if (what_ != What::undecided) co_return Result<>{};
    decide(true);
    if (what_ != What::envelope) co_return Result<>{};
    auto passed = co_await pass(held_);
    co_return passed;
}

void DownloadSink::decide(bool all_is_there) {
    const auto text = behind_blanks(held_);
    if (text.size() < guess_bytes && !all_is_there) return;
    if (is_page(text)) {
        what_ = What::page;
    } else {
        what_ = good_status_ && text.starts_with('<') ? What::envelope : What::other;
    }
}

Task<Result<>> DownloadSink::pass(std::string_view piece) {
    tail_ += piece.substr(piece.size() - std::min(piece.size(), tail_bytes));
    if (tail_.size() > tail_bytes) tail_.erase(0, tail_.size() - tail_bytes);
    auto taken = co_await taker_(piece);
    if (!taken) ours_ = taken.error();
    co_return taken;
}

bool DownloadSink::may_be_cut() const {
    if (length_known_) return false;
    const auto end = trimmed(tail_);
    const auto tag = end.substr(std::min(end.size(), end.rfind('<')));
    const auto name = trimmed(tag.substr(0, tag.size() - (tag.ends_with('>') ? 1 : 0)));
    return !(tag.starts_with("</") && tag.ends_with('>') && name.ends_with("edXML"));
}

}  // namespace axis::vxp
