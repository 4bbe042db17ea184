// Goal: clerk and operator find a document by what they know of it. Method: a handful of letters, one filter
// at a time.
#include "tests/support/ledger_builders.hpp"

#include <doctest/doctest.h>

using namespace axis;
using ledger::Filter;
using model::DeliveryState;
using test::LedgerBench;
using test::Letter;
using Ids = std::vector<model::MessageId>;

TEST_SUITE_BEGIN("ledger/find");

namespace {

struct Letters {
    Letters() {
        REQUIRE(bench.open().has_value());
        a = put({.number = "251", .external_id = "ext-a"});
        b = put({.number = "251", .notation = "BTN-TC", .external_id = "ext-b", .endpoint = "g97"});
        c = put({.origin = "g97", .from = "G97", .number = "2510", .endpoint = "unit", .passive = true});
        REQUIRE(bench.accept(bench.make(test::Report{})).has_value());
    }
    model::MessageId put(const Letter& letter) {
        bench.clock.advance(std::chrono::hours{1});
        const auto made = bench.make(letter);
        REQUIRE(bench.accept(made).has_value());
        return made.id;
    }
    Ids find(Filter filter) {
        Ids out;
        for (const auto& view : bench(bench.ledger->find(std::move(filter))).value()) out.push_back(view.id);
        return out;
    }
    LedgerBench bench;
    model::MessageId a, b, c;
};

Filter by(std::string number) {
    Filter f;
    f.number = std::move(number);
    return f;
}

}  // namespace

TEST_CASE("without a filter the newest documents come first, and no statuses") {
    Letters l;
    CHECK(l.find({}) == Ids{l.c, l.b, l.a});
    Filter two;
    two.limit = 2;
    CHECK(l.find(two) == Ids{l.c, l.b});
}

TEST_CASE("by number, with or without its notation, or by document id") {
    Letters l;
    CHECK(l.find(by("251")) == Ids{l.b, l.a});
    CHECK(l.find(by(" 251/BTN-TC ")) == Ids{l.b});
    CHECK(l.find(by("2510")) == Ids{l.c});
    CHECK(l.find(by("25")).empty());
    CHECK(l.find(by("25*")).empty());
    CHECK(l.find(by("G99,2026/11/20,251/BTN-VP")) == Ids{l.a});
    auto twice = by("251");
    twice.external_id = "ext-b";
    CHECK(l.find(twice) == Ids{l.b});
}

TEST_CASE("by the software's own id, and by the beginning of ours") {
    Letters l;
    Filter external;
    external.external_id = "ext-a";
    CHECK(l.find(external) == Ids{l.a});
    Filter prefix;
    prefix.id_prefix = l.b.text().substr(0, 20);
    CHECK(l.find(prefix) == Ids{l.b});
    prefix.id_prefix = l.b.text().substr(0, 4);
    CHECK(l.find(prefix).size() == 3);
    prefix.id_prefix = "!";
    CHECK(l.find(prefix).empty());
}

TEST_CASE("by the state of a delivery") {
    Letters l;
    Filter f;
    f.state = DeliveryState::queued;
    CHECK(l.find(f) == Ids{l.b, l.a});
    f.state = DeliveryState::offered;
    CHECK(l.find(f) == Ids{l.c});
    f.state = DeliveryState::done;
    CHECK(l.find(f).empty());
    REQUIRE(l.bench(l.bench.ledger->acknowledge_events({"unit"}, 1, {})).has_value());
    CHECK(l.find(f) == Ids{l.c});
}

TEST_CASE("by date, the end not included") {
    Letters l;
    const auto at = [&](model::MessageId id) { return l.bench.message(id).accepted; };
    Filter f;
    f.from = at(l.b);
    CHECK(l.find(f) == Ids{l.c, l.b});
    f.to = at(l.c);
    CHECK(l.find(f) == Ids{l.b});
    f.from.reset();
    CHECK(l.find(f) == Ids{l.b, l.a});
}

TEST_CASE("an endpoint sees what it sent and what is for it") {
    Letters l;
    Filter f;
    f.endpoint = "g97";
    CHECK(l.find(f) == Ids{l.c, l.b});
    f.endpoint = "btn";
    CHECK(l.find(f) == Ids{l.b, l.a});
    f.endpoint = "unit";
    CHECK(l.find(f) == Ids{l.c});
    f.number = "251";
    CHECK(l.find(f).empty());
    f.endpoint = "stranger";
    CHECK(l.find(f).empty());
}

TEST_CASE("an unknown message is nothing") {
    Letters l;
    CHECK(!l.bench(l.bench.ledger->message({})).value());
    CHECK(l.bench(l.bench.ledger->envelope({})).error().code == errc::not_found);
    CHECK(l.bench(l.bench.ledger->rendition({4711})).error().code == errc::not_found);
    CHECK(l.bench(l.bench.ledger->open_attempt({4711})).error().code == errc::not_found);
}

TEST_SUITE_END();
