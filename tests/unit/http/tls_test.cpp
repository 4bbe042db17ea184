// Goal: TLS between client and server. Method: a certificate made on the spot by the openssl program.
#include "tests/unit/http/client_support.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

using namespace axis;
using namespace axis::http;
using namespace axis::test::client;
using namespace std::chrono_literals;
using test::LiveServer;

TEST_SUITE_BEGIN("http/tls");

namespace {

// A certificate for "localhost" that signs itself.
struct Certificate {
    Certificate() {
        const auto base =
            std::filesystem::temp_directory_path() / ("axis-http-" + std::to_string(::getpid()));
        cert = base.string() + ".pem";
        key = base.string() + ".key";
        const std::string command =
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "
            "/CN=localhost "
            "-addext subjectAltName=DNS:localhost -keyout " +
            key + " -out " + cert + " 2>/dev/null";
        made = std::system(command.c_str()) == 0;
    }
    ~Certificate() {
        std::filesystem::remove(cert);
        std::filesystem::remove(key);
    }
    std::string cert;
    std::string key;
    bool made = false;
};

Failure failed_probe(asio::io_context& io, Client& client) {
    Failure out;
    const auto ask = [](Client& c, Failure& to) -> Task<> {
        auto took = co_await c.probe();
        if (!took) to = took.error();
    };
    test::run(io, ask(client, out));
    return out;
}

}  // namespace

TEST_CASE("TLS carries calls when the certificate is trusted and names the host, and fails at TLS otherwise"
) {
    Certificate certificate;
    REQUIRE(certificate.made);
    LiveServer server{measure, {}, {"127.0.0.1:0", certificate.cert, certificate.key}};
    asio::io_context io;
    const auto port = std::to_string(server.port());

    auto client = open(io, "https://localhost:" + port, {}, certificate.cert);
    CHECK(call(io, *client, post("hello")).value().body == "POST 5");
    Zeros body{5'000'000, 5'000'000};
    Call request = post("");
    request.source = &body;
    const auto kept = call(io, *client, std::move(request));
    CHECK(kept.value().body == "POST 5000000");
    CHECK(kept.value().connect == 0ms);
    Call stream = get("/stream");
    stream.reply_bytes_max = 5'000'000;
    CHECK(call(io, *client, std::move(stream)).value().body.size() == 5'000'000);
    client->close_idle();

    auto untrusting = open(io, "https://localhost:" + port);
    const auto untrusted = call(io, *untrusting, post("hello"));
    CHECK(untrusted.error().phase == Phase::tls);
    CHECK(untrusted.error().code == errc::peer_tls);
    CHECK(untrusted.error().detail.find("self-signed") != std::string::npos);
    CHECK_FALSE(untrusted.error().body_began);

    auto misnamed = open(io, "https://127.0.0.1:" + port, {}, certificate.cert);
    CHECK(failed_probe(io, *misnamed).phase == Phase::tls);
    CHECK(failed_probe(io, *misnamed).detail.find("mismatch") != std::string::npos);
}

TEST_CASE("a plain request to a TLS port and a TLS hello to a plain port end in order") {
    Certificate certificate;
    REQUIRE(certificate.made);
    LiveServer secure{measure, {}, {"127.0.0.1:0", certificate.cert, certificate.key}};
    LiveServer plain{measure};
    asio::io_context io;
    CHECK(call(io, *open(io, secure.url()), get("/")).error().phase == Phase::reply);
    auto client = open(io, "https://localhost:" + std::to_string(plain.port()), {}, certificate.cert);
    CHECK(failed_probe(io, *client).phase == Phase::tls);
}

TEST_SUITE_END();
