#include "gateway/http/live_exchange.hpp"

#include "gateway/base/text.hpp"

#include <boost/beast/http/status.hpp>

#include <algorithm>
#include <array>
#include <cstdio>

namespace axis::http {

namespace {

constexpr std::size_t joined_bytes_max = 64 * 1024;  // head and body up to here leave in one write

bool is_ours(std::string_view name) {
    static constexpr std::array names{
        "content-length", "transfer-encoding", "connection", "request-id", "server"};
    return std::any_of(names.begin(), names.end(), [name](auto n) { return equal_ignoring_case(n, name); });
}

// No value may end its line.
void add_field(std::string& text, std::string_view name, std::string_view value) {
    text += name;
    text += ": ";
    for (const char c : value) text += (c == '\r' || c == '\n' || c == '\0') ? ' ' : c;
    text += "\r\n";
}

std::string chunk_head(std::size_t bytes) {
    std::array<char, 24> text{};
    const int n = std::snprintf(text.data(), text.size(), "%zx\r\n", bytes);
    return {text.data(), static_cast<std::size_t>(n)};
}

}  // namespace

LiveExchange::LiveExchange(Parts parts, Request request)
    : parts_{parts},
      request_{std::move(request)},
      reading_{parts.limits.progress_wait, parts.limits.bytes_per_wait},
      writing_{parts.limits.progress_wait, parts.limits.bytes_per_wait} {
    const auto expect = request_.headers.get("expect");
    continue_wanted_ = expect && equal_ignoring_case(*expect, "100-continue");
}

Error LiveExchange::fail(errc code, std::string detail) {
    failed_ = Error{code, std::move(detail)};
    return failed_;
}

Task<Result<std::string_view>> LiveExchange::read() {
    if (failed_.code != errc::none) co_return failed_;
    if (body_read()) co_return std::string_view{};
    if (parts_.parser == nullptr) co_return fail(errc::http_malformed);
    if (request_.content_length.value_or(0) > body_bytes_max_) co_return fail(errc::http_body_too_large);
    const bool waits = std::exchange(continue_wanted_, false) && !replied() && parts_.input.size() == 0;
    if (waits) co_await send("HTTP/1.1 100 Continue\r\n\r\n");
    for (;;) {
        std::string_view piece;
        const Pull pulled = parts_.parser->pull(parts_.input, piece);
        if (pulled == Pull::end) co_return std::string_view{};
        if (pulled == Pull::broken) co_return fail(errc::http_malformed, "bad chunk");
        if (pulled == Pull::piece) {
            body_bytes_ += piece.size();
            if (body_bytes_ > body_bytes_max_) co_return fail(errc::http_body_too_large);
            co_return piece;
        }
        auto filled = co_await fill();
        if (!filled) co_return filled.error();
    }
}

Task<Result<>> LiveExchange::fill() {
    const auto space = parts_.input.prepare(parts_.limits.chunk_bytes);
    const Io io = co_await parts_.wire.read_some(space, reading_.left());
    parts_.input.commit(io.bytes);
    reading_.moved(io);
    if (!io.ec) co_return Result<>{};
    gone_ = true;
    if (io.ec == asio::error::timed_out) co_return fail(errc::http_slow);
    co_return fail(errc::http_closed, io.ec.message());
}

Task<> LiveExchange::reply(unsigned status, Headers headers, std::string body) {
    AXIS_ASSERT(!replied());
    state_ = State::finished;
    const std::uint64_t length = body.size();
    std::string text = head(status, headers, length);
    if (bodiless_) body.clear();
    const bool joined = body.size() <= joined_bytes_max;
    if (joined) text += body;
    co_await send(text);
    if (!joined) co_await send(body);
}

Task<> LiveExchange::begin(unsigned status, Headers headers, std::optional<std::uint64_t> length) {
    AXIS_ASSERT(!replied());
    state_ = State::begun;
    left_ = length;
    const std::string text = head(status, headers, length);
    co_await send(text);
}

Task<> LiveExchange::write(std::string_view piece) {
    AXIS_ASSERT(state_ == State::begun);
    if (piece.empty() || bodiless_) co_return;
    if (left_) {
        AXIS_ASSERT(piece.size() <= *left_);
        *left_ -= piece.size();
    }
    if (!chunked_) {
        co_await send(piece);
        co_return;
    }
    std::string text = chunk_head(piece.size());
    text += piece;
    text += "\r\n";
    co_await send(text);
}

Task<> LiveExchange::finish() {
    AXIS_ASSERT(state_ == State::begun);
    const bool short_of = left_.value_or(0) > 0 && !bodiless_;
    if (short_of) co_return;  // stays begun: the session cuts the connection, so that the peer notices
    const bool last_chunk = chunked_ && !bodiless_;
    if (last_chunk) co_await send("0\r\n\r\n");
    state_ = State::finished;
}

std::string LiveExchange::head(unsigned status, const Headers& headers, std::optional<std::uint64_t> length) {
    const bool new_enough = parts_.parser != nullptr && parts_.parser->version == 11;
    bodiless_ = request_.method == "HEAD" || status == 204 || status == 304;
    chunked_ = !length && new_enough;
    const bool framed = length || chunked_ || bodiless_;
    keep_ = body_read() && parts_.parser->keep_alive() && framed && !parts_.stopping;

    std::string text = "HTTP/1.1 " + std::to_string(status) + " ";
    text += beast::http::obsolete_reason(static_cast<beast::http::status>(status));
    text += "\r\n";
    for (const auto& [name, value] : headers) {
        if (!is_ours(name)) add_field(text, name, value);
    }
    if (length && status != 204) add_field(text, "Content-Length", std::to_string(*length));
    if (chunked_ && status != 204 && status != 304) add_field(text, "Transfer-Encoding", "chunked");
    add_field(text, "Request-Id", request_.id);
    if (headers.count("X-Content-Type-Options") == 0) add_field(text, "X-Content-Type-Options", "nosniff");
    if (headers.count("Cache-Control") == 0) add_field(text, "Cache-Control", "no-store");
    if (!keep_) add_field(text, "Connection", "close");
    return text += "\r\n";
}

Task<> LiveExchange::send(std::string_view bytes) {
    while (!bytes.empty() && !gone_) {
        const asio::const_buffer rest{bytes.data(), bytes.size()};
        const Io io = co_await parts_.wire.write_some(rest, writing_.left());
        writing_.moved(io);
        bytes.remove_prefix(io.bytes);
        if (io.ec) gone_ = true;
    }
}

}  // namespace axis::http
