// Goal: a question reaches a listed authority and its answer comes back within limits; an authority that
// fails costs one wait, not one per message. Method: authorities on loopback that answer, refuse, drown or
// ignore us.
#include "tests/unit/intake/online_bench.hpp"

#include <doctest/doctest.h>

using namespace axis;
using namespace axis::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("intake_online");

TEST_CASE("a question is posted as it is and answered with what came") {
    Authority authority;
    authority.answer = [](const std::string& question) { return "answer to " + question; };
    OnlineBench bench;
    REQUIRE(bench.open({authority.url()}).has_value());
    CHECK(bench.post(authority.url(), std::string{"a\0b", 3}).value() == std::string{"answer to a\0b", 13});
    CHECK(authority.content_type == "application/test");
    CHECK(bench.alarms.empty());
}

TEST_CASE("who does not answer is named, left in peace for a while, and asked again") {
    Authority authority;
    authority.answer = [](const std::string&) { return "sorry"; };
    authority.status = 503;
    OnlineBench bench;
    REQUIRE(bench.open({authority.url()}).has_value());
    const auto failed = bench.post(authority.url());
    REQUIRE_FALSE(failed.has_value());
    CHECK(failed.error().detail == authority.url() + ": HTTP 503 (asked 2026-11-25T20:00:00.000+07:00)");
    CHECK(bench.alarms == std::set<std::string>{authority.url()});

    authority.status = 200;
    bench.clock.advance(intake::InquiryLimits{}.pause - 1ms);
    CHECK(bench.post(authority.url()).error().detail == failed.error().detail);
    CHECK(authority.asked == 1);
    bench.clock.advance(1ms);
    CHECK(bench.post(authority.url()).value() == "sorry");
    CHECK(authority.asked == 2);
    CHECK(bench.alarms.empty());
}

TEST_CASE("a redirect is not followed, a larger answer than the limit is none") {
    Authority authority;
    authority.answer = [](const std::string&) { return std::string(101, 'x'); };
    OnlineBench bench;
    intake::InquiryLimits limits;
    limits.answer_bytes_max = 101;
    REQUIRE(bench.open({authority.url()}, limits).has_value());
    CHECK(bench.post(authority.url()).value().size() == 101);
    limits.answer_bytes_max = 100;
    REQUIRE(bench.open({authority.url()}, limits).has_value());
    CHECK(bench.post(authority.url()).error().code == errc::peer_http);
    authority.status = 302;
    REQUIRE(bench.open({authority.url()}).has_value());
    CHECK(bench.post(authority.url()).error().detail.find("HTTP 302") != std::string::npos);
}

TEST_CASE("silence ends at the limit") {
    const SilentAuthority authority;
    OnlineBench bench;
    intake::InquiryLimits limits;
    limits.answer_wait = 30ms;
    REQUIRE(bench.open({authority.url()}, limits).has_value());
    CHECK(bench.post(authority.url()).error().code == errc::peer_timeout);
    CHECK(bench.alarms.size() == 1);
}

TEST_CASE("an address that is none is refused at the start") {
    OnlineBench bench;
    CHECK(bench.open({"http://ocsp.example/a b"}).error().code == errc::config_value);
    CHECK(bench.open({"http://ocsp.example/a", "https://ocsp.example:8443/b"}).has_value());
}

TEST_SUITE_END();
