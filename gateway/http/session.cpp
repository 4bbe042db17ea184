#include "gateway/http/session.hpp"

#include "gateway/base/log.hpp"
#include "gateway/http/request_head.hpp"

#include <boost/asio/this_coro.hpp>

#include <array>
#include <charconv>
#include <exception>

namespace axis::http {

namespace {

using Steady = std::chrono::steady_clock;

// A peer that still sends must read our last reply before a reset overtakes it: take this much, this long.
constexpr std::size_t drain_bytes_max = 64 * 1024 * 1024;
constexpr std::chrono::seconds drain_wait{1};

std::string request_id(Random& random) {
    std::array<std::uint8_t, 8> bytes{};
    random.fill(bytes);
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string id;
    for (const auto byte : bytes) {
        id += digits[byte >> 4];
        id += digits[byte & 15];
    }
    return id;
}

std::optional<std::uint64_t> number(std::optional<std::string_view> text) {
    std::uint64_t value = 0;
    if (!text || std::from_chars(text->data(), text->data() + text->size(), value).ec != std::errc{})
        return {};
    return value;
}

}  // namespace

Session::Session(std::shared_ptr<Shared> shared, std::unique_ptr<Wire> wire, Peer peer)
    : shared_{std::move(shared)}, wire_{std::move(wire)}, peer_{std::move(peer)} {
    shared_->sessions.insert(this);
    ++shared_->per_address[peer_.address];
}

Session::~Session() {
    shared_->sessions.erase(this);
    const auto count = shared_->per_address.find(peer_.address);
    if (--count->second == 0) shared_->per_address.erase(count);
}

void Session::stop() {
    if (idle_) wire_->close();
}

Task<> Session::serve(std::unique_ptr<Session> session) {
    co_await session->run();
}

Task<> Session::run() {
    const error_code failed = co_await wire_->handshake(shared_->limits.header_wait);
    if (failed) {
        if (shared_->known_only)
            log::warn("http.tls_failed", "peer", peer_.address, "reason", failed.message());
        else
            log::debug("http.tls_failed", "peer", peer_.address, "reason", failed.message());
        co_return;
    }
    for (;;) {
        const bool more = co_await next_request();
        if (!more) co_return;
    }
}

Task<bool> Session::next_request() {
    auto received = co_await receive_head();
    if (!received) {
        const bool unanswerable =
            received.error().code == errc::http_closed || received.error().code == errc::http_slow;
        if (unanswerable) co_return false;
        const bool refused = co_await refuse(received.error());
        co_return refused;
    }
    auto request = parse(*received);
    if (!request) {
        const bool refused = co_await refuse(request.error());
        co_return refused;
    }
    const bool kept = co_await answer(std::move(*request));
    co_return kept;
}

// The first byte may take idle_wait on a kept connection; the whole head header_wait.
Task<Result<std::size_t>> Session::receive_head() {
    const auto& limits = shared_->limits;
    HeadScan scan{limits};
    auto deadline = Steady::now() + limits.header_wait;
    for (;;) {
        const auto bytes = input_.cdata();
        auto end = scan.advance({static_cast<const char*>(bytes.data()), bytes.size()});
        if (!end) co_return end.error();
        if (*end) co_return **end;

        idle_ = input_.size() == 0;
        if (idle_ && shared_->stopping) co_return Error{errc::http_closed};
        const bool kept = idle_ && !first_;
        const Wire::Wait wait = kept ? Wire::Wait{limits.idle_wait} : deadline - Steady::now();
        const Io io = co_await wire_->read_some(input_.prepare(limits.chunk_bytes), wait);
        input_.commit(io.bytes);
        idle_ = false;
        if (io.ec == asio::error::timed_out) co_return Error{errc::http_slow};
        if (io.ec) co_return Error{errc::http_closed};
        if (kept) deadline = Steady::now() + limits.header_wait;
    }
}

Request Session::blank_request() {
    Request request;
    request.peer = peer_;
    request.id = request_id(shared_->random);
    return request;
}

Result<Request> Session::parse(std::size_t head_bytes) {
    first_ = false;
    parser_.reset();
    const auto bytes = input_.cdata();
    auto version = check_version({static_cast<const char*>(bytes.data()), head_bytes});
    if (!version) return version.error();
    parser_.emplace(shared_->limits.chunk_bytes);
    if (!parser_->take_head(input_)) return Error{errc::http_malformed, "the head is not HTTP/1.1"};

    auto target = check_head({parser_->method, parser_->target, parser_->headers, parser_->version});
    if (!target) return target.error();
    Request request = blank_request();
    request.method = std::move(parser_->method);
    request.target = std::move(*target);
    request.headers = std::move(parser_->headers);
    request.content_length = number(request.headers.get("content-length"));
    return request;
}

Task<bool> Session::refuse(Error error) {
    Request request = blank_request();
    log::debug("http.refused", "request", request.id, "peer", peer_.address, "reason", error);
    LiveExchange exchange{{*wire_, input_, nullptr, shared_->limits, shared_->stopping}, std::move(request)};
    co_await exchange.problem(std::move(error));
    co_await end_gently();
    co_return false;
}

Task<bool> Session::answer(Request request) {
    LiveExchange exchange{
        {*wire_, input_, &*parser_, shared_->limits, shared_->stopping}, std::move(request)};
    std::string failure;
    try {
        Task<> work = shared_->handler(exchange);
        co_await std::move(work);
        if (!exchange.replied()) failure = "the handler made no reply";
    } catch (const std::exception& e) {
        failure = e.what();
        failure += " (thrown)";
    }
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) co_return false;
    if (!failure.empty())
        log::error("http.handler_failed", "request", exchange.request().id, "reason", failure);
    if (!exchange.replied()) {
        Error internal{errc::internal};
        co_await exchange.problem(std::move(internal));
    }
    const bool last = exchange.complete() && !exchange.keeps();
    if (last) co_await end_gently();
    co_return exchange.keeps() && failure.empty();
}

Task<> Session::end_gently() {
    const auto deadline = Steady::now() + drain_wait;
    co_await wire_->end_sending(drain_wait);
    std::array<char, 16 * 1024> sink{};
    std::size_t drained = 0;
    while (drained < drain_bytes_max) {
        const Io io = co_await wire_->discard_some(asio::buffer(sink), deadline - Steady::now());
        drained += io.bytes;
        if (io.ec) co_return;
    }
}

}  // namespace axis::http
