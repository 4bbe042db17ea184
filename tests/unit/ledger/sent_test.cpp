// Goal: what an axis took within a span of time is found by the journal's order, and nothing else.
// Method: documents sent an hour apart on a manual clock.
#include "tests/support/ledger_builders.hpp"

#include <doctest/doctest.h>

using namespace axis;
using test::LedgerBench;
using test::Letter;

TEST_SUITE_BEGIN("ledger/sent");

namespace {

// One document an hour, number n at hour n; the axis calls it "D<n>".
void send_hourly(LedgerBench& bench, int from, int to, model::Verdict verdict = model::Verdict::accepted) {
    for (int n = from; n < to; ++n) {
        const auto number = std::to_string(n);
        const auto a = bench.make(Letter{.to = {"G98", "G97"}, .number = number, .file = number});
        REQUIRE(bench.accept(a).has_value());
        const auto id = bench.delivery(a.id);
        REQUIRE(bench(bench.ledger->begin(id, 1)).has_value());
        model::Outcome outcome;
        outcome.verdict = verdict;
        outcome.remote_id = "D" + number;
        REQUIRE(bench(bench.ledger->settle(id, 1, outcome, bench.clock.now())).has_value());
        bench.clock.advance(std::chrono::hours{1});
    }
}

std::vector<std::string> ids(const std::vector<ledger::SentFact>& facts) {
    std::vector<std::string> out;
    for (const auto& fact : facts) out.push_back(fact.remote_id);
    return out;
}

using Ids = std::vector<std::string>;

}  // namespace

TEST_CASE("from a moment on, up to a moment, the latter excluded") {
    LedgerBench bench;
    REQUIRE(bench.open().has_value());
    const auto start = bench.clock.now();
    send_hourly(bench, 0, 6);
    const auto between = [&](int from, int until) {
        const auto hour = [&](int n) { return start + std::chrono::hours{n}; };
        return bench(bench.ledger->sent({"national"}, hour(from), hour(until), 100)).value();
    };

    CHECK(ids(between(1, 3)) == Ids{"D1", "D2"});
    CHECK(ids(between(-5, 1)) == Ids{"D0"});
    CHECK(ids(between(5, 99)) == Ids{"D5"});
    CHECK(between(6, 99).empty());
    CHECK(between(-9, 0).empty());
    const auto fact = between(2, 3).at(0);
    CHECK(fact.number == "2/BTN-VP");
    CHECK(fact.begun == start + std::chrono::hours{2});
    CHECK(fact.to == std::vector<std::string>{"G98", "G97"});
}

TEST_CASE("only what that axis accepted, and no more than was asked for") {
    LedgerBench bench;
    REQUIRE(bench.open().has_value());
    const auto start = bench.clock.now();
    send_hourly(bench, 0, 3, model::Verdict::rejected);
    const auto all = [&](const std::string& endpoint, std::size_t limit) {
        return bench(bench.ledger->sent({endpoint}, start, bench.clock.now(), limit)).value();
    };
    CHECK(all("national", 100).empty());
    CHECK(bench(bench.ledger->sent({"national"}, Time::min(), Time::max(), 1)).value().empty());
    send_hourly(bench, 3, 6);
    CHECK(all("other", 100).empty());
    CHECK(all("national", 2).size() == 2);
}

TEST_SUITE_END();
