// Goal: what a caller of the server may rely on. Method: a real server on a free port, raw bytes in and out.
#include "gateway/base/file.hpp"
#include "gateway/base/log.hpp"
#include "tests/unit/http/live_server.hpp"

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <mutex>
#include <stdexcept>

using namespace axis;
using namespace axis::http;
using namespace std::chrono_literals;
using test::LiveServer;
using test::parse_replies;
using test::RawClient;
using test::talk;

TEST_SUITE_BEGIN("http/server");

namespace {

// Answers with the body it got, or with the problem it met.
Task<> echo(Exchange& exchange) {
    auto body = co_await exchange.read_all(1000);
    if (!body) {
        co_await exchange.problem(body.error());
        co_return;
    }
    std::string text = exchange.request().method + " " + exchange.request().target.path + " " + *body;
    Headers headers;
    headers.add("Content-Type", "text/plain");
    co_await exchange.reply(200, std::move(headers), std::move(text));
}

Task<> refuse_unread(Exchange& exchange) {
    Error error{errc::token_missing};
    co_await exchange.problem(std::move(error));
}

Task<> stream(Exchange& exchange) {
    const bool known = exchange.request().target.path == "/known";
    const std::optional<std::uint64_t> length = known ? std::optional<std::uint64_t>{6} : std::nullopt;
    Headers headers;
    co_await exchange.begin(200, std::move(headers), length);
    co_await exchange.write("abc");
    co_await exchange.write("");
    co_await exchange.write("def");
    co_await exchange.finish();
}

Task<> cut_short(Exchange& exchange) {
    Headers headers;
    co_await exchange.begin(200, std::move(headers), 100);
    co_await exchange.write("abc");
    const bool claims_the_end = exchange.request().target.path == "/finish";
    if (claims_the_end) co_await exchange.finish();
}

Task<> throwing(Exchange&) {
    throw std::runtime_error("secret reason");
    co_return;
}

Task<> silent(Exchange&) {
    co_return;
}

std::string post(std::string_view body, std::string_view more = "") {
    return "POST /p HTTP/1.1\r\nHost: h\r\n" + std::string{more} +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string{body};
}

std::string chunked(std::string_view chunks, std::string_view version = "1.1") {
    return "POST /c HTTP/" + std::string{version} + "\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" +
           std::string{chunks};
}

class Events {
public:
    Events() {
        before_ =
            log::watch([this](log::Level, std::string_view event, const std::vector<log::Field>& fields) {
                const std::lock_guard lock{mutex_};
                for (const auto& field : fields)
                    text_ += std::string{event} + " " + std::string{field.key} + "=" + field.value + "\n";
            });
    }
    ~Events() { log::watch(before_); }
    std::string text() const {
        const std::lock_guard lock{mutex_};
        return text_;
    }

private:
    mutable std::mutex mutex_;
    std::string text_;
    log::Watcher before_;
};

}  // namespace

TEST_CASE("requests on one connection are answered in turn, pipelined ones too, and carry the agreed fields"
) {
    LiveServer server{echo};
    RawClient client{server};
    client.send(
        post("one") + "GET /g?x=1 HTTP/1.1\r\nHost: h\r\n\r\n" + post("two", "Connection: close\r\n")
    );

    const auto replies = parse_replies(client.read_all());

    REQUIRE(replies.size() == 3);
    CHECK(replies[0].body == "POST /p one");
    CHECK(replies[1].body == "GET /g ");
    CHECK(replies[2].body == "POST /p two");
    CHECK(replies[0].has("HTTP/1.1 200 OK\r\n"));
    CHECK(replies[0].has("X-Content-Type-Options: nosniff\r\n"));
    CHECK(replies[0].has("Cache-Control: no-store\r\n"));
    CHECK(replies[0].has("Request-Id: "));
    CHECK_FALSE(replies[0].has("Server:"));
    CHECK_FALSE(replies[1].has("Connection: close"));
    CHECK(replies[2].has("Connection: close\r\n"));
    CHECK(replies[0].head != replies[2].head);
}

TEST_CASE("a chunked body arrives as one body, however it is cut") {
    LiveServer server{echo};
    const std::string request = chunked("3\r\nabc\r\n4;ext=1\r\ndefg\r\n0\r\nX-Trailer: t\r\n\r\n");
    for (std::size_t i = 1; i < request.size(); i += 7) {
        CAPTURE(i);
        RawClient client{server};
        client.send(request.substr(0, i));
        client.send(request.substr(i));
        client.end_sending();
        const auto replies = parse_replies(client.read_all());
        REQUIRE(replies.size() == 1);
        CHECK(replies[0].body == "POST /c abcdefg");
        CHECK_FALSE(replies[0].has("Connection: close"));
    }
}

TEST_CASE("a body over its limit is refused, by its announced length before it is read or by its chunks") {
    LiveServer server{echo};
    const std::string big(1001, 'x');
    CHECK(talk(server, post(std::string(1000, 'x'))).at(0).status == 200);
    for (const auto& request :
         {post(big), post(big, "Expect: 100-continue\r\n"), chunked("3e9\r\n" + big + "\r\n0\r\n\r\n")}) {
        const auto replies = talk(server, request);
        REQUIRE(replies.size() == 1);
        CHECK(replies[0].status == 413);
        CHECK(replies[0].has("application/problem+json"));
        CHECK(replies[0].has("Connection: close"));
        CHECK(replies[0].body.find("http.body_too_large") != std::string::npos);
    }
}

TEST_CASE("head and target limits answer 431 and 414") {
    ServerLimits limits;
    limits.header_bytes_max = 2000;
    limits.target_bytes_max = 500;
    LiveServer server{echo, limits};
    const auto get = [](std::size_t target, std::size_t field) {
        return "GET /" + std::string(target, 'a') + " HTTP/1.1\r\nHost: h\r\nX: " + std::string(field, 'b') +
               "\r\n\r\n";
    };
    CHECK(talk(server, get(400, 1000)).at(0).status == 200);
    CHECK(talk(server, get(400, 2000)).at(0).status == 431);
    CHECK(talk(server, get(600, 10)).at(0).status == 414);
}

TEST_CASE("a raised head limit takes a single field of 200 KiB") {
    ServerLimits limits;
    limits.header_bytes_max = 256 * 1024;
    LiveServer server{echo, limits};
    CHECK(
        talk(server, post("x", "X-Long: " + std::string(200 * 1024, 'b') + "\r\n")).at(0).body == "POST /p x"
    );
}

TEST_CASE("100 Continue is sent when the handler first reads, and not when the body is already there") {
    LiveServer server{echo};
    const std::string continued = "HTTP/1.1 100 Continue\r\n\r\n";
    const std::string request = post("hello", "Expect: 100-Continue\r\n");
    RawClient client{server};
    client.send(request.substr(0, request.size() - 5));
    CHECK(client.read_bytes(continued.size()) == continued);
    client.send("hello");
    client.end_sending();
    CHECK(parse_replies(client.read_all()).at(0).body == "POST /p hello");

    CHECK(talk(server, request).at(0).body == "POST /p hello");
}

TEST_CASE("a handler that answers without reading gets its reply through and the connection ends") {
    LiveServer server{refuse_unread};
    CHECK(talk(server, post("hello", "Expect: 100-continue\r\n")).at(0).status == 401);

    RawClient client{server};
    // More than sockets hold: clients that first send all and then read must come to reading.
    CHECK(client.send(post(std::string(32'000'000, 'x')) + "GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
    client.end_sending();
    const auto replies = parse_replies(client.read_all());
    REQUIRE(replies.size() == 1);
    CHECK(replies[0].status == 401);
    CHECK(replies[0].has("Connection: close"));
    CHECK_FALSE(client.was_reset());

    CHECK(talk(server, "GET / HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n").size() == 2);
}

TEST_CASE("replies in pieces have a length when it is known and are chunked when not") {
    LiveServer server{stream};
    const auto known = talk(server, "GET /known HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(known.at(0).body == "abcdef");

    RawClient client{server};
    client.send("GET /chunks HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    const auto text = client.read_all();
    CHECK(text.find("Transfer-Encoding: chunked\r\n") != std::string::npos);
    CHECK(text.find("\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n") != std::string::npos);

    RawClient old{server};
    old.send("GET /chunks HTTP/1.0\r\nHost: h\r\n\r\n");
    const auto plain = old.read_all();
    CHECK(plain.find("chunked") == std::string::npos);
    CHECK(plain.substr(plain.size() - 10) == "\r\n\r\nabcdef");
}

TEST_CASE("a reply to HEAD has the head only, and the next request is still understood") {
    LiveServer server{stream};
    const auto replies =
        talk(server, "HEAD /chunks HTTP/1.1\r\nHost: h\r\n\r\nGET /known HTTP/1.1\r\nHost: h\r\n\r\n");
    REQUIRE(replies.size() == 2);
    CHECK(replies[0].has("Transfer-Encoding: chunked"));
    CHECK(replies[1].body == "abcdef");
}

TEST_CASE("a reply shorter than promised ends with the connection, so that the peer notices") {
    LiveServer server{cut_short};
    for (const auto* path : {"/finish", "/leave"}) {
        const auto replies = talk(
            server,
            "GET " + std::string{path} + " HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"
        );
        REQUIRE(replies.size() == 1);
        CHECK(replies[0].body == "abc");
    }
}

TEST_CASE(
    "a handler that throws or says nothing is answered 500 with the request id, which is in the log with the "
    "reason"
) {
    Events events;
    LiveServer server{throwing};
    const auto replies = talk(server, post("x") + post("y"));
    REQUIRE(replies.size() == 1);
    CHECK(replies[0].status == 500);
    CHECK(replies[0].body.find("secret") == std::string::npos);
    const auto at = replies[0].body.find("\"request_id\":\"") + 14;
    const auto id = replies[0].body.substr(at, 16);
    CHECK(replies[0].has("Request-Id: " + id));
    CHECK(events.text().find("http.handler_failed request=" + id) != std::string::npos);
    CHECK(events.text().find("secret reason") != std::string::npos);

    LiveServer mute{silent};
    CHECK(talk(mute, post("x")).at(0).status == 500);
}

TEST_CASE("peers that are slow with their head or their next request are cut off") {
    ServerLimits limits;
    limits.header_wait = 50ms;
    LiveServer server{echo, limits};
    RawClient nothing{server};
    CHECK(nothing.read_all().empty());
    RawClient half_head{server};
    half_head.send("GET / HTTP/1.1\r\nHo");
    CHECK(half_head.read_all().empty());

    ServerLimits idle;
    idle.idle_wait = 50ms;
    LiveServer keeping{echo, idle};
    RawClient kept{keeping};
    kept.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(parse_replies(kept.read_all()).size() == 1);
}

TEST_CASE("a peer that is slow with its body is cut off and the handler is told") {
    ServerLimits limits;
    limits.progress_wait = 50ms;
    std::promise<errc> told;
    const auto handler = [&told](Exchange& exchange) -> Task<> {
        auto body = co_await exchange.read_all(1000);
        told.set_value(body ? errc::none : body.error().code);
        co_await exchange.reply(200, Headers(), std::string());
    };
    LiveServer server{handler, limits};
    RawClient client{server};
    client.send(post("hello").substr(0, 50));
    CHECK(client.read_all().empty());
    CHECK(told.get_future().get() == errc::http_slow);
}

TEST_CASE("a peer that does not take its reply is cut off; the handler runs to its end") {
    ServerLimits limits;
    limits.progress_wait = 50ms;
    std::promise<void> ended;
    const auto handler = [&ended](Exchange& exchange) -> Task<> {
        const std::string piece(1'000'000, 'x');
        co_await exchange.begin(200, Headers(), 100'000'000);
        for (int i = 0; i < 100; ++i) co_await exchange.write(piece);
        co_await exchange.finish();
        ended.set_value();
    };
    LiveServer server{handler, limits};
    RawClient client{server};
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    ended.get_future().get();
    CHECK(client.read_all().size() < 100'000'000);
}

TEST_CASE("a peer that leaves in the middle of its body is told to the handler") {
    std::promise<errc> told;
    const auto handler = [&told](Exchange& exchange) -> Task<> {
        auto body = co_await exchange.read_all(1000);
        told.set_value(body ? errc::none : body.error().code);
        co_await exchange.reply(200, Headers(), std::string());
    };
    LiveServer server{handler};
    RawClient client{server};
    client.send(post("hello").substr(0, 50));
    client.close();
    CHECK(told.get_future().get() == errc::http_closed);
}

TEST_CASE("stop closes idle connections at once and lets a running request finish") {
    std::promise<void> started;
    asio::steady_timer* gate = nullptr;
    const auto handler = [&](Exchange& exchange) -> Task<> {
        const auto executor = co_await asio::this_coro::executor;
        asio::steady_timer timer{executor, asio::steady_timer::time_point::max()};
        gate = &timer;
        started.set_value();
        boost::system::error_code ec;
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ec));
        co_await exchange.reply(200, Headers(), std::string("done"));
    };
    LiveServer server{handler};
    RawClient idle{server};
    RawClient busy{server};
    busy.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    started.get_future().get();

    server.on_io([&] { server.server().stop(); });

    CHECK(idle.read_all().empty());
    server.on_io([&] { gate->cancel(); });
    const auto replies = parse_replies(busy.read_all());
    REQUIRE(replies.size() == 1);
    CHECK(replies[0].body == "done");
    CHECK(replies[0].has("Connection: close"));
    busy.close();
    server.wait();
    CHECK_FALSE(server.failed());
    CHECK(server.server().connection_count() == 0);
}

TEST_CASE("abort cuts a running handler off") {
    std::promise<void> started;
    const auto handler = [&](Exchange&) -> Task<> {
        const auto executor = co_await asio::this_coro::executor;
        asio::steady_timer timer{executor, asio::steady_timer::time_point::max()};
        started.set_value();
        co_await timer.async_wait(asio::use_awaitable);
    };
    LiveServer server{handler};
    RawClient client{server};
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    started.get_future().get();

    server.on_io([&] { server.server().abort(); });

    server.wait();
    CHECK_FALSE(server.failed());
    CHECK(client.read_all().empty());
}

TEST_CASE("connections over the maximum are closed at once") {
    ServerLimits limits;
    limits.connections_max = 1;
    LiveServer server{echo, limits};
    RawClient first{server};
    first.send(post("x"));
    CHECK(first.read_bytes(9) == "HTTP/1.1 ");
    RawClient second{server};
    CHECK(second.read_all().empty());
    first.close();
}

TEST_CASE("a Unix socket has mode 0660, tells the caller's uid, replaces a stale one and refuses a live one"
) {
    const auto path =
        std::filesystem::temp_directory_path() / ("axis-http-" + std::to_string(::getpid()) + ".sock");
    std::filesystem::remove(path);
    {
        asio::io_context io;
        asio::local::stream_protocol::acceptor stale{
            io, asio::local::stream_protocol::endpoint{path.string()}};
    }
    REQUIRE(std::filesystem::exists(path));
    const auto handler = [](Exchange& exchange) -> Task<> {
        const auto& peer = exchange.request().peer;
        std::string text = peer.address + " " + std::to_string(peer.uid);
        co_await exchange.reply(200, Headers(), std::move(text));
    };
    const Listen listen{"unix:" + path.string(), {}, {}};
    {
        LiveServer server{handler, {}, listen};
        struct stat info {};
        REQUIRE(::stat(path.c_str(), &info) == 0);
        CHECK((info.st_mode & 0777) == 0660);
        CHECK(server.server().bound() == listen.address);

        asio::io_context io;
        SeededRandom random{1};
        CHECK(Server::open(io, listen, {}, random, handler).error().code == errc::io_failed);

        RawClient client{asio::local::stream_protocol::endpoint{path.string()}};
        client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        client.end_sending();
        CHECK(parse_replies(client.read_all()).at(0).body == "unix " + std::to_string(::getuid()));
    }
    CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("addresses that cannot or must not be listened on are refused by name") {
    asio::io_context io;
    SeededRandom random{1};
    const auto code = [&](std::string address, std::string cert = "", std::string key = "") {
        auto server =
            Server::open(io, {std::move(address), std::move(cert), std::move(key)}, {}, random, echo);
        return server ? errc::none : server.error().code;
    };
    CHECK(code("127.0.0.1:0") == errc::none);
    CHECK(code("localhost:80") == errc::config_value);
    CHECK(code("127.0.0.1") == errc::config_value);
    CHECK(code("127.0.0.1:70000") == errc::config_value);
    CHECK(code("::1:80") == errc::config_value);
    CHECK(code("unix:relative") == errc::config_value);
    CHECK(code("0.0.0.0:0") == errc::config_unsafe);
    CHECK(code("127.0.0.1:0", "a.pem") == errc::config_value);
    CHECK(code("127.0.0.1:0", "/absent.pem", "/absent.key") == errc::config_file);
    LiveServer taken{echo};
    CHECK(code(taken.server().bound()) == errc::io_failed);
}

TEST_SUITE_END();
