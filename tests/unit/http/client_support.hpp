// What the client's tests share: calls that run to their end, scripted raw servers, bodies of any size.
#pragma once

#include "gateway/http/client.hpp"
#include "tests/support/run.hpp"
#include "tests/unit/http/live_server.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

namespace axis::test::client {

using http::BodySink;
using http::BodySource;
using http::Call;
using http::Client;
using http::ClientLimits;
using http::Exchange;
using http::Failure;
using http::Headers;
using http::Origin;
using http::Phase;
using http::Reply;
using tcp = asio::ip::tcp;

using Outcome = boost::system::result<Reply, Failure>;

inline Task<Outcome> one_call(Client& client, Call call) {
    auto reply = co_await client.call(std::move(call));
    co_return reply;
}

inline Outcome call(asio::io_context& io, Client& client, Call request) {
    auto out = std::make_unique<std::optional<Outcome>>();
    auto keep = [](Client& c, Call r, std::optional<Outcome>& to) -> Task<> {
        auto reply = co_await one_call(c, std::move(r));
        to.emplace(std::move(reply));
    };
    test::run(io, keep(client, std::move(request), *out));
    return std::move(**out);
}

inline Call get(std::string path) {
    Call request;
    request.path = std::move(path);
    return request;
}

inline Call post(std::string body) {
    Call request;
    request.method = "POST";
    request.path = "/p";
    request.body = std::move(body);
    return request;
}

inline std::unique_ptr<Client> open(
    asio::io_context& io, std::string url, ClientLimits limits = {}, std::string ca = ""
) {
    return Client::open(io, {std::move(url), std::move(ca), true}, limits).value();
}

// Accepts connections one after the other and plays a script on each.
class ScriptedServer {
public:
    using Script = std::function<void(tcp::socket&, int connection)>;
    ScriptedServer(int connections, Script script) {
        thread_ = std::thread{[this, connections, script = std::move(script)] {
            for (int i = 0; i < connections; ++i) {
                tcp::socket socket{io_};
                acceptor_.accept(socket);
                script(socket, i);
            }
        }};
    }
    ~ScriptedServer() { thread_.join(); }
    std::string url() const {
        return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
    }

private:
    asio::io_context io_;
    tcp::acceptor acceptor_{io_, tcp::endpoint{asio::ip::make_address("127.0.0.1"), 0}};
    std::thread thread_;
};

// Reads until `end` was seen; what came.
inline std::string read_until(tcp::socket& socket, std::string_view end) {
    std::string text;
    boost::system::error_code ec;
    while (text.find(end) == std::string::npos && !ec) {
        char c = 0;
        asio::read(socket, asio::buffer(&c, 1), ec);
        if (!ec) text += c;
    }
    return text;
}

inline void say(tcp::socket& socket, std::string_view text) {
    boost::system::error_code ec;
    asio::write(socket, asio::buffer(text), ec);
}

class Zeros final : public BodySource {
public:
    Zeros(std::uint64_t promised, std::uint64_t length)
        : promised_{promised}, left_{length}, piece_(50'000, 'z') {}
    std::uint64_t length() const override { return promised_; }
    Task<Result<std::string_view>> next() override {
        const auto n = std::min<std::uint64_t>(left_, piece_.size());
        left_ -= n;
        co_return std::string_view{piece_}.substr(0, n);
    }

private:
    std::uint64_t promised_;
    std::uint64_t left_;
    std::string piece_;
};

class FailingSource final : public BodySource {
public:
    std::uint64_t length() const override { return 10; }
    Task<Result<std::string_view>> next() override { co_return Error{errc::blob_missing, "gone"}; }
};

class Count final : public BodySink {
public:
    bool wants(unsigned status, const Headers&) override { return status == 200; }
    Task<Result<>> take(std::string_view piece) override {
        bytes += piece.size();
        largest = std::max(largest, piece.size());
        if (bytes > bytes_max) co_return Error{errc::disk_full};
        co_return Result<>{};
    }
    std::size_t bytes = 0;
    std::size_t largest = 0;
    std::size_t bytes_max = SIZE_MAX;
};

// Tells how many bytes came; "/stream" answers with 5 MB in chunks.
inline Task<> measure(Exchange& exchange) {
    exchange.set_body_limit(100'000'000);
    std::size_t bytes = 0;
    for (;;) {
        auto piece = co_await exchange.read();
        if (!piece) co_return;
        if (piece->empty()) break;
        bytes += piece->size();
    }
    if (exchange.request().target.path != "/stream") {
        std::string text = exchange.request().method + " " + std::to_string(bytes);
        co_await exchange.reply(200, Headers(), std::move(text));
        co_return;
    }
    const std::string piece(100'000, 's');
    co_await exchange.begin(200, Headers(), std::nullopt);
    for (int i = 0; i < 50; ++i) co_await exchange.write(piece);
    co_await exchange.finish();
}

inline Task<> refuse_unread(Exchange& exchange) {
    Error error{errc::http_body_too_large};
    co_await exchange.problem(std::move(error));
}

inline constexpr std::string_view ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

}  // namespace axis::test::client
