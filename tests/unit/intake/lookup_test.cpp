// Goal: a long poll ends when there is something or when its time is over. Method: a clock moved by hand.
#include "tests/unit/intake/intake_bench.hpp"

#include <doctest/doctest.h>

using namespace axis;
using namespace axis::test;

namespace {

// cuc1 waits for its first event.
struct Waiting {
    Waiting() {
        bench.begin(bench.lookup->events(bench.caller("cuc1"), 0, 10, std::chrono::seconds{30}), answer);
        if (answer) throw std::runtime_error("did not wait");
    }
    ports::Events events() { return answer.value().value(); }
    IntakeBench bench;
    std::optional<Result<ports::Events>> answer;
};

}  // namespace

TEST_SUITE_BEGIN("intake");

TEST_CASE("a waiting caller is woken by its own event, not by another's") {
    Waiting waiting;
    auto& bench = waiting.bench;

    REQUIRE(bench.submit(Parcel{.to = {"G98"}}).has_value());
    bench.settle();
    CHECK_FALSE(waiting.answer.has_value());
    REQUIRE(bench.submit(Parcel{.to = {"G98.11"}, .number = "2"}).has_value());
    bench.settle();

    REQUIRE(waiting.answer.has_value());
    CHECK(waiting.events().json.size() == 1);
    CHECK(waiting.events().last == 1);
}

TEST_CASE("a waiting caller gets an empty answer when the time is over") {
    Waiting waiting;

    waiting.bench.clock.advance(std::chrono::milliseconds{29'999});
    waiting.bench.settle();
    CHECK_FALSE(waiting.answer.has_value());
    waiting.bench.clock.advance(std::chrono::milliseconds{1});
    waiting.bench.settle();

    REQUIRE(waiting.answer.has_value());
    CHECK(waiting.events().json.empty());
    CHECK(waiting.events().last == 0);
}

TEST_CASE("a waiting caller is let go when the gateway stops") {
    Waiting waiting;

    waiting.bench.lookup->stop();
    waiting.bench.settle();

    REQUIRE(waiting.answer.has_value());
    CHECK(waiting.events().json.empty());
}

TEST_CASE("events come in order, a page at a time, from where the caller stands") {
    IntakeBench bench;
    for (int n = 1; n <= 5; ++n)
        REQUIRE(bench.submit(Parcel{.to = {"G98.11"}, .number = std::to_string(n)}).has_value());

    const auto first = bench.now(bench.lookup->events(bench.caller("cuc1"), 0, 3, Duration{0})).value();
    const auto rest =
        bench.now(bench.lookup->events(bench.caller("cuc1"), first.last, 3, Duration{0})).value();

    CHECK(first.json.size() == 3);
    CHECK(first.last == 3);
    CHECK(rest.json.size() == 2);
    CHECK(rest.last == 5);
    CHECK(said(boost::json::parse(rest.json[1]), "/seq") == "5");
    CHECK(said(boost::json::parse(rest.json[1]), "/id") == "cuc1-5");
}

TEST_CASE("find takes number, state and day, and refuses what is neither") {
    using ports::Search;
    IntakeBench bench;
    REQUIRE(bench.submit(Parcel{}).has_value());
    const auto find = [&](const std::string& endpoint, std::string Search::*key, const std::string& value) {
        Search search;
        search.*key = value;
        return bench.now(bench.lookup->find(bench.caller(endpoint), std::move(search)));
    };
    const auto count = [&](const std::string& endpoint, std::string Search::*key, const std::string& value) {
        return boost::json::parse(find(endpoint, key, value).value()).at("messages").as_array().size();
    };

    CHECK(count("cuc2", &Search::number, "1") == 1);
    CHECK(count("cuc2", &Search::number, "2") == 0);
    CHECK(count("cuc1", &Search::number, "1/GM-VP") == 1);
    CHECK(count("bo", &Search::number, "1") == 0);
    CHECK(count("cuc2", &Search::state, "queued") == 1);
    CHECK(count("cuc2", &Search::state, "done") == 0);
    CHECK(count("cuc2", &Search::from, "2026-11-21") == 1);
    CHECK(count("cuc2", &Search::from, "2026-11-22") == 0);
    CHECK(count("cuc2", &Search::to, "2026-11-21") == 1);
    CHECK(count("cuc2", &Search::to, "2026-11-20") == 0);
    CHECK(find("cuc2", &Search::state, "x").error().code == errc::http_parameter);
    CHECK(find("cuc2", &Search::from, "hôm qua").error().code == errc::http_parameter);
}

TEST_SUITE_END();
