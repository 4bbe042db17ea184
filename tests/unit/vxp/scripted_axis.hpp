// An axis that says what the test tells it to, over a real HTTP server on loopback. One io_context, no
// threads: run() drives it until the task has ended, until() until something is so.
#pragma once

#include "adapters/vxp/client.hpp"
#include "gateway/base/random.hpp"
#include "gateway/http/server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <deque>
#include <map>
#include <optional>

namespace axis::test {

struct Say {
    enum class How {
        reply,
        page_without_length,  // chunked, so that the end is the connection's
        part,                 // half of the body, then the connection breaks
        cut,                  // the connection breaks without a byte; the axis is gone afterwards
        silence
    };
    std::string body = R"({"status":"OK","ErrorCode":"0","ErrorDesc":"Thanh cong"})";
    unsigned status = 200;
    How how = How::reply;
};

inline Say fail(std::string_view code, unsigned status = 200) {
    return {R"({"status":"FAIL","ErrorCode":")" + std::string{code} + R"(","ErrorDesc":"Loi"})", status};
}

struct Heard {
    std::string method;
    std::string operation;  // "sendEdoc"
    http::Headers headers;
    std::string body;
    std::string parameter(std::string_view name) const {
        return std::string{headers.get("XroadVnpt-" + std::string{name}).value_or("(absent)")};
    }
};

class ScriptedAxis {
public:
    ScriptedAxis() {
        auto handler = [this](http::Exchange& exchange) { return handle(exchange); };
        http::Listen listen{"127.0.0.1:0", {}, {}};
        http::ServerLimits limits;
        limits.header_bytes_max = 256 * 1024;
        server_ = http::Server::open(io, std::move(listen), limits, random_, std::move(handler)).value();
        url_ = "http://" + server_->bound() + "/adapter";
        asio::co_spawn(io, server_->run(), [this](std::exception_ptr) { ended_ = true; });
    }
    ~ScriptedAxis() {
        close();
        until([this] { return ended_; });
    }

    // The next answers of one operation, chosen by docId first; the last one is repeated.
    void say(const std::string& operation, std::vector<Say> answers) {
        script_[operation] = {answers.begin(), answers.end()};
    }
    // On the io thread: cancelling from outside run() leaves Asio with a signal that may be gone.
    void close() {
        bool closed = false;
        asio::post(io, [&] {
            server_->abort();
            closed = true;
        });
        until([&] { return closed; });
    }

    template <class T>
    T run(Task<T> task) {
        std::optional<T> result;
        std::exception_ptr error;
        auto done = [&](std::exception_ptr e, T value) {
            error = e;
            result.emplace(std::move(value));
        };
        asio::co_spawn(io, std::move(task), std::move(done));
        until([&] { return result.has_value(); });
        if (error) std::rethrow_exception(error);
        return std::move(*result);
    }
    template <class Condition>
    void until(Condition condition) {
        io.restart();
        while (!condition()) io.run_one();
    }

    vxp::Settings settings() const {
        vxp::Settings s;
        s.endpoint = *model::EndpointName::parse("national");
        s.base_url = url_;
        s.system_id = "vxp.g98";
        s.secret = Secret{"an-invented-key"};
        s.agency = "G98";
        return s;
    }

    asio::io_context io;
    std::vector<Heard> heard;
    std::function<void(const Heard&)> on_call;

private:
    Task<> handle(http::Exchange& exchange) {
        exchange.set_body_limit(64 * 1024 * 1024);
        auto body = co_await exchange.read_all(64 * 1024 * 1024);
        const auto& request = exchange.request();
        Heard call{
            request.method, request.target.segments.back(), request.headers, body ? *body : "(broken)"};
        heard.push_back(call);
        if (on_call) on_call(call);
        const Say answer = next(call);
        if (answer.how == Say::How::cut) {
            server_->abort();
            co_return;
        }
        if (answer.how == Say::How::silence) {
            asio::steady_timer never{io, asio::steady_timer::time_point::max()};
            co_await never.async_wait(asio::use_awaitable);
        }
        if (answer.how != Say::How::reply) {
            co_await reply_in_pieces(exchange, answer);
            co_return;
        }
        co_await exchange.reply_json(answer.status, answer.body);
    }

    Task<> reply_in_pieces(http::Exchange& exchange, const Say& answer) {
        std::optional<std::uint64_t> length;
        const bool part = answer.how == Say::How::part;
        if (part) length = answer.body.size();
        http::Headers headers;
        co_await exchange.begin(answer.status, headers, length);
        const auto half = std::string_view{answer.body}.substr(0, answer.body.size() / 2);
        co_await exchange.write(half);
        if (part) throw std::runtime_error("the test breaks the connection here");
        const auto rest = std::string_view{answer.body}.substr(half.size());
        co_await exchange.write(rest);
        co_await exchange.finish();
    }

    Say next(const Heard& call) {
        const auto id = call.headers.get("XroadVnpt-docId");
        auto found = script_.find(call.operation + " " + std::string{id.value_or("")});
        if (found == script_.end()) found = script_.find(call.operation);
        if (found == script_.end()) return {};
        const Say answer = found->second.front();
        if (found->second.size() > 1) found->second.pop_front();
        return answer;
    }

    SeededRandom random_{1};
    std::unique_ptr<http::Server> server_;
    std::string url_;
    std::map<std::string, std::deque<Say>> script_;
    bool ended_ = false;
};

// An envelope in pieces of `step` bytes; with `fail_at` the n-th piece cannot be read.
class TextStream final : public ports::ByteStream {
public:
    explicit TextStream(std::string text, std::size_t step = 7, int fail_at = 0)
        : text_{std::move(text)}, step_{step}, fail_at_{fail_at} {}
    std::uint64_t length() const override { return text_.size(); }
    Task<Result<std::string_view>> next() override {
        if (--fail_at_ == 0) co_return Error{errc::blob_missing, "made to fail"};
        const auto piece = std::string_view{text_}.substr(at_, step_);
        at_ += piece.size();
        co_return piece;
    }

private:
    std::string text_;
    std::size_t step_;
    int fail_at_;
    std::size_t at_ = 0;
};

}  // namespace axis::test
