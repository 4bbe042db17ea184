// Goal: what a caller of the client may rely on, above all how far a failed call got. Method: our own server
// for the good paths, scripted raw servers for the bad ones.
#include "gateway/base/within.hpp"
#include "gateway/http/base_url.hpp"
#include "tests/unit/http/client_support.hpp"

#include <doctest/doctest.h>

#include <atomic>

using namespace axis;
using namespace axis::http;
using namespace axis::test::client;
using namespace std::chrono_literals;
using test::LiveServer;

TEST_SUITE_BEGIN("http/client");

TEST_CASE("a base URL is taken apart, and what is none is refused") {
    const auto url = BaseUrl::parse("https://gw.test:8443/prefix/").value();
    CHECK(url.tls);
    CHECK(url.host == "gw.test");
    CHECK(url.port == 8443);
    CHECK(url.authority == "gw.test:8443");
    CHECK(url.prefix == "/prefix");
    CHECK_FALSE(url.loopback);
    CHECK(BaseUrl::parse("http://[::1]:80").value().authority == "[::1]");
    CHECK(BaseUrl::parse("HTTP://LocalHost/").value().loopback);
    for (const auto* text :
         {"",
          "gw.test",
          "ftp://gw.test",
          "http://",
          "http://:80",
          "http://u@gw.test",
          "http://gw.test:0",
          "http://gw.test:x",
          "http://gw.test:",
          "http://gw.test:99999",
          "http://gw.test/?q",
          "http://gw.test#f",
          "http://[::1",
          "http://[::1]x",
          "http://[g]",
          "http://a b/",
          "http://gw.test/a b"}) {
        CAPTURE(text);
        CHECK_FALSE(BaseUrl::parse(text).has_value());
    }
}

TEST_CASE("unusable origins are refused when the client is made") {
    asio::io_context io;
    const auto code = [&](Origin origin) {
        auto client = Client::open(io, std::move(origin), {});
        return client ? errc::none : client.error().code;
    };
    CHECK(code({"nonsense", "", false}) == errc::config_value);
    CHECK(code({"http://gw.test", "", false}) == errc::config_unsafe);
    CHECK(code({"http://gw.test", "", true}) == errc::none);
    CHECK(code({"http://127.0.0.1:1", "", false}) == errc::none);
    CHECK(code({"https://gw.test", "/absent.pem", false}) == errc::config_file);
}

TEST_CASE("the head on the wire is the caller's fields in their order, then ours") {
    std::string seen;
    ScriptedServer server{1, [&](tcp::socket& socket, int) {
                              seen = read_until(socket, "body");
                              say(socket, ok);
                          }};
    asio::io_context io;
    auto client = open(io, server.url() + "/base/");
    Call request = post("body");
    request.headers.add("b-Second", "2");
    request.headers.add("A-first", "1");
    request.headers.add("host", "other");

    const auto reply = call(io, *client, std::move(request));

    REQUIRE(reply.has_value());
    CHECK(reply->body == "ok");
    CHECK(
        seen == "POST /base/p HTTP/1.1\r\nb-Second: 2\r\nA-first: 1\r\nHost: " + server.url().substr(7) +
                    "\r\nConnection: keep-alive\r\nContent-Length: 4\r\n\r\nbody"
    );
}

TEST_CASE("a control character cannot get into the head") {
    asio::io_context io;
    auto client = open(io, "http://127.0.0.1:1");
    Call request = get("/");
    request.headers.add("A", "1\r\nB: 2");
    CHECK(call(io, *client, std::move(request)).error().phase == Phase::send_header);
    CHECK(call(io, *client, get("/ HTTP/1.1\r\nX: y")).error().code == errc::internal);
}

TEST_CASE("bodies of any size go and come in pieces") {
    LiveServer server{measure};
    asio::io_context io;
    auto client = open(io, server.url());
    Zeros five_million{5'000'000, 5'000'000};
    Call request = post("");
    request.source = &five_million;
    CHECK(call(io, *client, std::move(request)).value().body == "POST 5000000");
    CHECK(call(io, *client, post(std::string(300'000, 'x'))).value().body == "POST 300000");
    CHECK(call(io, *client, post("")).value().body == "POST 0");

    Count sink;
    Call stream = get("/stream");
    stream.sink = &sink;
    const auto reply = call(io, *client, std::move(stream));
    CHECK(reply.value().body.empty());
    CHECK(sink.bytes == 5'000'000);
    CHECK(sink.largest <= 64 * 1024);
}

TEST_CASE("connections are kept and used again; one that was closed meanwhile is replaced without notice") {
    std::promise<void> closed[2];
    ScriptedServer server{2, [&](tcp::socket& socket, int connection) {
                              for (int i = 0; i < 2; ++i) {
                                  read_until(socket, "body");
                                  say(socket, ok);
                              }
                              socket.close();
                              closed[connection].set_value();
                          }};
    asio::io_context io;
    auto client = open(io, server.url());
    for (auto& end : closed) {
        CHECK(call(io, *client, post("body")).value().body == "ok");
        CHECK(call(io, *client, post("body")).value().connect == 0ms);
        end.get_future().get();
    }
}

TEST_CASE("a kept connection that dies under a request: GET is repeated, a POST that was sent is not") {
    const auto script = [](tcp::socket& socket, int connection) {
        read_until(socket, "\r\n\r\n");
        say(socket, ok);
        if (connection == 0) read_until(socket, "\r\n\r\n");
    };
    asio::io_context io;
    {
        ScriptedServer server{2, script};
        auto client = open(io, server.url());
        CHECK(call(io, *client, get("/1")).has_value());
        CHECK(call(io, *client, get("/2")).value().body == "ok");
    }
    ScriptedServer server{1, script};
    auto client = open(io, server.url());
    CHECK(call(io, *client, get("/1")).has_value());
    const auto lost = call(io, *client, post("x"));
    CHECK(lost.error().phase == Phase::reply);
    CHECK(lost.error().body_began);
}

TEST_CASE("interim replies are skipped and a reply may end with its connection") {
    ScriptedServer server{1, [](tcp::socket& socket, int) {
                              read_until(socket, "\r\n\r\n");
                              say(socket,
                                  "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\nX: y\r\n\r\n");
                              say(socket, "HTTP/1.1 404 Not Found\r\nA: b\r\n\r\nuntil the end");
                          }};
    asio::io_context io;
    const auto reply = call(io, *open(io, server.url()), get("/"));
    REQUIRE(reply.has_value());
    CHECK(reply->status == 404);
    CHECK(reply->headers.get("a").value() == "b");
    CHECK(reply->body == "until the end");
}

TEST_CASE("replies that are cut, malformed or too large fail in the reply, and the body had begun") {
    for (const std::string& text :
         {std::string{},
          std::string{"HTTP/1.1 200 OK\r\nContent-Le"},
          std::string{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"},
          std::string{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"},
          std::string{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"},
          std::string{"SSH-2.0-OpenSSH\r\n\r\n"},
          "HTTP/1.1 200 OK\r\nX: " + std::string(70'000, 'x') + "\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + std::string(5000, 'x')}) {
        CAPTURE(text.substr(0, 80));
        ScriptedServer server{1, [&text](tcp::socket& socket, int) {
                                  read_until(socket, "body");
                                  say(socket, text);
                                  socket.shutdown(tcp::socket::shutdown_send);
                                  read_until(socket, "never");
                              }};
        asio::io_context io;
        Call request = post("body");
        request.reply_bytes_max = 4000;
        const auto reply = call(io, *open(io, server.url()), std::move(request));
        REQUIRE_FALSE(reply.has_value());
        CHECK(reply.error().phase == Phase::reply);
        CHECK(reply.error().code == errc::peer_http);
        CHECK(reply.error().body_began);
    }
}

TEST_CASE("a reply that does not come in time is a timeout in the reply") {
    ScriptedServer server{1, [](tcp::socket& socket, int) { read_until(socket, "never"); }};
    asio::io_context io;
    ClientLimits limits;
    limits.reply_wait = 20ms;
    const auto reply = call(io, *open(io, server.url(), limits), post("body"));
    CHECK(reply.error().phase == Phase::reply);
    CHECK(reply.error().code == errc::peer_timeout);
    CHECK(reply.error().body_began);
}

TEST_CASE("a refusal that comes before the body is sent is the reply") {
    LiveServer server{refuse_unread};
    asio::io_context io;
    Zeros body{20'000'000, 20'000'000};
    Call request = post("");
    request.source = &body;
    CHECK(call(io, *open(io, server.url()), std::move(request)).value().status == 413);
}

TEST_CASE("a peer that takes nothing is a timeout in the body") {
    std::promise<void> done;
    ScriptedServer server{1, [&](tcp::socket&, int) { done.get_future().wait(); }};
    asio::io_context io;
    ClientLimits limits;
    limits.progress_wait = 50ms;
    Zeros body{50'000'000, 50'000'000};
    Call request = post("");
    request.source = &body;
    const auto reply = call(io, *open(io, server.url(), limits), std::move(request));
    done.set_value();
    CHECK(reply.error().phase == Phase::send_body);
    CHECK(reply.error().code == errc::peer_timeout);
    CHECK(reply.error().body_began);
}

TEST_CASE("errors of the body's source and of the sink come through") {
    LiveServer server{measure};
    asio::io_context io;
    auto client = open(io, server.url());
    FailingSource gone;
    Call request = post("");
    request.source = &gone;
    const auto lost = call(io, *client, request);
    CHECK(lost.error().code == errc::blob_missing);
    CHECK(lost.error().phase == Phase::send_body);
    CHECK_FALSE(lost.error().body_began);

    for (const std::uint64_t length : {99'999U, 100'001U}) {
        Zeros wrong{100'000, length};
        request.source = &wrong;
        CHECK(call(io, *client, request).error().code == errc::internal);
    }

    Count sink;
    sink.bytes_max = 1000;
    Call stream = get("/stream");
    stream.sink = &sink;
    CHECK(call(io, *client, std::move(stream)).error().code == errc::disk_full);
}

TEST_CASE("nobody listening fails at TCP, an impossible name at the name, and nothing has begun") {
    asio::io_context io;
    std::string closed;
    {
        tcp::acceptor acceptor{io, tcp::endpoint{asio::ip::make_address("127.0.0.1"), 0}};
        closed = "http://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port());
    }
    const auto refused = call(io, *open(io, closed), post("x"));
    CHECK(refused.error().phase == Phase::tcp);
    CHECK(refused.error().code == errc::peer_tcp);
    CHECK_FALSE(refused.error().body_began);

    const auto nameless = call(io, *open(io, "http://" + std::string(64, 'a') + ".invalid"), post("x"));
    CHECK(nameless.error().phase == Phase::name);
    CHECK(nameless.error().code == errc::peer_name);
    CHECK_FALSE(nameless.error().body_began);
}

TEST_CASE("calls beyond connections_max wait for their turn") {
    std::atomic<int> running = 0;
    std::atomic<int> most = 0;
    const auto handler = [&](Exchange& exchange) -> Task<> {
        most = std::max(most.load(), ++running);
        auto body = co_await exchange.read_all(10);
        --running;
        co_await exchange.reply(200, Headers(), std::move(body.value()));
    };
    LiveServer server{handler};
    asio::io_context io;
    ClientLimits limits;
    limits.connections_max = 2;
    auto client = open(io, server.url(), limits);
    int answered = 0;
    for (int i = 0; i < 10; ++i) {
        auto done = [&answered](std::exception_ptr e, Outcome reply) {
            answered += !e && reply.has_value() && reply->body == "x";
        };
        asio::co_spawn(io, one_call(*client, post("x")), std::move(done));
    }
    io.run();
    CHECK(answered == 10);
    CHECK(most <= 2);
    CHECK(server.on_io([&] { return server.server().connection_count(); }) <= 2);
}

TEST_CASE("a cancelled call closes its connection and gives its place back") {
    ScriptedServer server{2, [&](tcp::socket& socket, int connection) {
                              read_until(socket, "\r\n\r\n");
                              if (connection == 1) say(socket, ok);
                              if (connection == 0) read_until(socket, "never");
                          }};
    asio::io_context io;
    ClientLimits limits;
    limits.connections_max = 1;
    auto client = open(io, server.url(), limits);
    bool cut = false;
    const auto hurry = [](Client& c, bool& out) -> Task<> {
        auto reply = co_await within(30ms, one_call(c, get("/")));
        out = !reply.has_value();
    };
    test::run(io, hurry(*client, cut));
    CHECK(cut);
    CHECK(call(io, *client, get("/")).value().body == "ok");
}

TEST_SUITE_END();
