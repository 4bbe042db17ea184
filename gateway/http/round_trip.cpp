#include "gateway/http/round_trip.hpp"

#include "gateway/base/text.hpp"

#include <boost/asio/ssl/error.hpp>

#include <algorithm>
#include <array>

namespace axis::http {

namespace {

using Steady = std::chrono::steady_clock;
using Fail = std::optional<Failure>;

constexpr std::size_t piece_bytes = 64 * 1024;
constexpr std::chrono::seconds early_reply_wait{1};

bool is_ours(std::string_view name) {
    static constexpr std::array names{"host", "content-length", "transfer-encoding", "connection"};
    return std::any_of(names.begin(), names.end(), [name](auto n) { return equal_ignoring_case(n, name); });
}

bool was_closed(const error_code& ec) {
    return ec == asio::error::eof || ec == asio::error::connection_reset || ec == asio::error::broken_pipe ||
           ec == asio::ssl::error::stream_truncated;
}

}  // namespace

std::uint64_t body_length(const Call& call) {
    return call.source != nullptr ? call.source->length() : call.body.size();
}

std::string request_head(const Call& call, const BaseUrl& url) {
    const auto add = [](std::string& text, std::string_view name, std::string_view value) {
        text += name;
        text += ": ";
        text += value;
        text += "\r\n";
    };
    std::string path = url.prefix + call.path;
    if (path.empty()) path = "/";
    std::string text = call.method + " " + path + " HTTP/1.1\r\n";
    for (const auto& [name, value] : call.headers) {
        if (!is_ours(name)) add(text, name, value);
    }
    add(text, "Host", url.authority);
    add(text, "Connection", "keep-alive");
    const auto length = body_length(call);
    const bool no_body = length == 0 && (call.method == "GET" || call.method == "HEAD");
    if (!no_body) add(text, "Content-Length", std::to_string(length));
    return text += "\r\n";
}

RoundTrip::RoundTrip(
    Connection& connection,
    const Call& call,
    const BaseUrl& url,
    const ClientLimits& limits,
    Deadline deadline
)
    : connection_{connection},
      call_{call},
      limits_{limits},
      deadline_{deadline},
      head_{request_head(call, url)},
      length_{body_length(call)} {}

Wire::Wait RoundTrip::capped(Wire::Wait wait) const {
    return std::min<Wire::Wait>(wait, deadline_ - Steady::now());
}

bool RoundTrip::body_began() const {
    return length_ == 0 ? sent_ >= head_.size() : sent_ > head_.size();
}

Failure RoundTrip::fail(Phase phase, errc code, std::string detail) const {
    return {phase, code, std::move(detail), body_began()};
}

Failure RoundTrip::broken(Phase phase, const error_code& ec) {
    closed_ = was_closed(ec);
    return fail(phase, ec == asio::error::timed_out ? errc::peer_timeout : errc::peer_http, ec.message());
}

bool RoundTrip::repeatable() const {
    if (!closed_ || received_ > 0) return false;
    const bool harmless = length_ == 0 && (call_.method == "GET" || call_.method == "HEAD");
    return sent_ == 0 || harmless;
}

bool RoundTrip::keeps() const {
    return all_sent_ && parser_ && parser_->is_done() && parser_->keep_alive() &&
           connection_.input.size() == 0;
}

Task<Outcome<Reply>> RoundTrip::run() {
    const auto start = Steady::now();
    auto failed = co_await send();
    // A server that refuses a body early closes its end: its reply may lie there already.
    const bool early = failed && closed_ && sent_ >= head_.size();
    if (failed && !early) co_return *failed;
    if (early) deadline_ = std::min(deadline_, Steady::now() + early_reply_wait);

    auto reply = co_await receive();
    if (failed && (!reply || reply->status < 400)) co_return *failed;
    if (reply) reply->transfer = std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now() - start);
    co_return reply;
}

Task<Fail> RoundTrip::send() {
    const bool joined = call_.source == nullptr && call_.body.size() <= piece_bytes;
    const std::string first = joined ? head_ + call_.body : head_;
    Fail failed = co_await send_bytes(first);
    if (failed) co_return failed;
    if (call_.source != nullptr) {
        failed = co_await send_source();
    } else if (!joined) {
        failed = co_await send_bytes(call_.body);
    }
    all_sent_ = !failed;
    co_return failed;
}

Task<Fail> RoundTrip::send_bytes(std::string_view bytes) {
    while (!bytes.empty()) {
        const asio::const_buffer rest{bytes.data(), bytes.size()};
        const Io io = co_await connection_.wire->write_some(rest, capped(limits_.progress_wait));
        sent_ += io.bytes;
        bytes.remove_prefix(io.bytes);
        if (io.ec) co_return broken(sent_ < head_.size() ? Phase::send_header : Phase::send_body, io.ec);
    }
    co_return std::nullopt;
}

Task<Fail> RoundTrip::send_source() {
    for (;;) {
        auto piece = co_await call_.source->next();
        if (!piece) co_return fail(Phase::send_body, piece.error().code, piece.error().detail);
        const std::uint64_t left = head_.size() + length_ - sent_;
        if (piece->size() > left || (piece->empty() && left > 0))
            co_return fail(Phase::send_body, errc::internal, "the body is not as long as promised");
        if (piece->empty()) co_return std::nullopt;
        Fail failed = co_await send_bytes(*piece);
        if (failed) co_return failed;
    }
}

Task<Outcome<Reply>> RoundTrip::receive() {
    const Deadline total = deadline_;
    deadline_ = std::min(total, Steady::now() + limits_.reply_wait);
    do {
        Fail failed = co_await receive_head();
        if (failed) co_return *failed;
    } while (parser_->status / 100 == 1);  // 100 Continue and its kin say nothing about the request
    deadline_ = total;

    Reply reply;
    reply.status = parser_->status;
    reply.headers = std::move(parser_->headers);
    Fail failed = co_await receive_body(reply);
    if (failed) co_return *failed;
    co_return reply;
}

Task<Fail> RoundTrip::receive_head() {
    auto& input = connection_.input;
    for (;;) {
        const std::string_view bytes{static_cast<const char*>(input.cdata().data()), input.size()};
        const auto end = bytes.find("\r\n\r\n");
        if (std::min(end, bytes.size()) > limits_.header_bytes_max)
            co_return fail(Phase::reply, errc::peer_http, "the reply's header is too large");
        if (end != std::string_view::npos) break;
        Fail failed = co_await fill(capped(limits_.reply_wait));
        if (failed) co_return failed;
    }
    parser_.emplace(piece_bytes);
    if (call_.method == "HEAD") parser_->skip(true);
    if (!parser_->take_head(input) || parser_->status == 101)
        co_return fail(Phase::reply, errc::peer_http, "the reply is not HTTP/1.1");
    co_return std::nullopt;
}

Task<Fail> RoundTrip::receive_body(Reply& reply) {
    const bool sunk = call_.sink != nullptr && call_.sink->wants(reply.status, reply.headers);
    for (;;) {
        std::string_view piece;
        const Pull pulled = parser_->pull(connection_.input, piece);
        if (pulled == Pull::end) co_return std::nullopt;
        if (pulled == Pull::broken) co_return fail(Phase::reply, errc::peer_http, "bad chunk in the reply");
        if (pulled == Pull::need_more) {
            Fail failed = co_await fill(capped(limits_.progress_wait));
            if (!failed) continue;
            const bool whole = closed_ && parser_->need_eof() && parser_->end_of_input();
            if (whole) co_return std::nullopt;
            co_return failed;
        }
        if (!sunk) {
            if (reply.body.size() + piece.size() > call_.reply_bytes_max)
                co_return fail(Phase::reply, errc::peer_http, "the reply's body is too large");
            reply.body += piece;
            continue;
        }
        auto taken = co_await call_.sink->take(piece);
        if (!taken) co_return fail(Phase::reply, taken.error().code, taken.error().detail);
    }
}

Task<Fail> RoundTrip::fill(Wire::Wait wait) {
    const Io io = co_await connection_.wire->read_some(connection_.input.prepare(piece_bytes), wait);
    connection_.input.commit(io.bytes);
    received_ += io.bytes;
    if (io.ec) co_return broken(Phase::reply, io.ec);
    co_return std::nullopt;
}

}  // namespace axis::http
