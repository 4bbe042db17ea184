// Goal: what a passive endpoint is told arrives in order and is completed by its acknowledgement (D5, D9).
// Method: two endpoints, letters and statuses 01 by hand.
#include "tests/support/ledger_builders.hpp"

#include <doctest/doctest.h>

using namespace axis;
using model::DeliveryState;
using test::LedgerBench;
using test::Letter;
using test::Report;

TEST_SUITE_BEGIN("ledger/events");

namespace {

struct Offered {
    Offered() {
        REQUIRE(bench.open().has_value());
        for (const auto* number : {"1", "2", "3"}) {
            letters.push_back(bench.make(Letter{
                .origin = "national", .number = number, .doc_id = number, .endpoint = "unit", .passive = true}
            ));
            REQUIRE(bench.accept(letters.back()).has_value());
        }
    }
    DeliveryState state(std::size_t i) { return bench.message(letters[i].id).recipients[0].state; }
    auto acknowledge(std::int64_t through, std::vector<ledger::Acceptance> arrivals = {}) {
        return bench(bench.ledger->acknowledge_events({"unit"}, through, std::move(arrivals)));
    }
    LedgerBench bench;
    std::vector<ledger::Acceptance> letters;
};

}  // namespace

TEST_CASE("an offered delivery has an event, numbered per endpoint without gaps") {
    Offered o;
    REQUIRE(
        o.bench.accept(o.bench.make(Letter{.number = "4", .endpoint = "other", .passive = true})).has_value()
    );

    const auto events = o.bench.events("unit");

    REQUIRE(events.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(events[i].seq == static_cast<std::int64_t>(i) + 1);
        CHECK(events[i].type == "document.received");
        CHECK(events[i].message == o.letters[i].id);
    }
    CHECK(o.bench.events("unit", 2).size() == 1);
    CHECK(o.bench.events("other").at(0).seq == 1);
    CHECK(o.state(0) == DeliveryState::offered);
    CHECK(o.bench(o.bench.ledger->due({"unit"}, 10)).value().due.empty());
}

TEST_CASE("an acknowledgement completes what was offered up to it; again, or less, changes nothing") {
    Offered o;

    REQUIRE(o.acknowledge(2).has_value());
    REQUIRE(o.acknowledge(2).has_value());
    REQUIRE(o.acknowledge(1).has_value());

    CHECK(o.state(0) == DeliveryState::done);
    CHECK(o.state(1) == DeliveryState::done);
    CHECK(o.state(2) == DeliveryState::offered);
    const auto story = o.bench(o.bench.ledger->story(o.letters[0].id)).value();
    CHECK(story.journal.size() == 2);
    CHECK(story.journal.back().kind == "delivery.handed_over");
}

TEST_CASE("an acknowledgement beyond the last event is refused") {
    Offered o;
    CHECK(o.acknowledge(4).error().code == errc::http_parameter);
    CHECK(o.state(0) == DeliveryState::offered);
    CHECK(
        o.bench(o.bench.ledger->acknowledge_events({"stranger"}, 1, {})).error().code == errc::http_parameter
    );
}

TEST_CASE("numbers go on after a restart") {
    Offered o;
    REQUIRE(o.acknowledge(3).has_value());
    REQUIRE(o.bench.open().has_value());

    REQUIRE(
        o.bench.accept(o.bench.make(Letter{.number = "4", .endpoint = "unit", .passive = true})).has_value()
    );

    CHECK(o.bench.events("unit", 3).at(0).seq == 4);
}

TEST_CASE("the hand-overs up to an event are the documents not acknowledged yet") {
    Offered o;
    REQUIRE(o.bench.accept(o.bench.make(Report{.document_id = "G99,2026/11/20,1/BTN-VP", .endpoint = "unit"}))
                .has_value());
    REQUIRE(o.acknowledge(1).has_value());

    const auto all = o.bench(o.bench.ledger->hand_overs({"unit"}, 4, 10)).value();
    const auto one = o.bench(o.bench.ledger->hand_overs({"unit"}, 4, 1)).value();
    const auto none = o.bench(o.bench.ledger->hand_overs({"unit"}, 1, 10)).value();

    REQUIRE(all.size() == 2);
    CHECK(all[0].seq == 2);
    CHECK(all[0].message == o.letters[1].id);
    CHECK(all[0].recipients == std::vector<std::string>{"G98"});
    CHECK(all[1].seq == 3);
    CHECK(one.size() == 1);
    CHECK(none.empty());
}

TEST_CASE("statuses 01 are accepted in the commit that completes their hand-over, or both not") {
    Offered o;
    auto arrival = o.bench.make(Report{
        .code = "01",
        .document_id = "G99,2026/11/20,1/BTN-VP",
        .number = "1/BTN-VP",
        .origin = "",
        .endpoint = "national"});
    arrival.deliveries[0].passive = false;
    auto impossible = arrival;
    impossible.id = o.letters[0].id;

    const auto failed = o.acknowledge(1, {impossible});
    const auto state_then = o.state(0);
    const auto done = o.acknowledge(1, {arrival});
    const auto again = o.acknowledge(1, {arrival});

    CHECK(failed.error().code == errc::io_failed);
    CHECK(state_then == DeliveryState::offered);
    REQUIRE(done.has_value());
    REQUIRE(done->size() == 1);
    CHECK(done->at(0).lanes == std::vector{model::EndpointName{"national"}});
    CHECK(o.state(0) == DeliveryState::done);
    CHECK(o.bench.message(o.letters[0].id).recipients[0].status == "01");
    CHECK(again.value().empty());
}

TEST_CASE("an endpoint that has not acknowledged for long is silent") {
    Offered o;
    const auto before = [&](int m) {
        return o.bench(o.bench.ledger->silent_endpoints(o.bench.clock.now() - std::chrono::minutes{m}))
            .value();
    };
    o.bench.clock.advance(std::chrono::minutes{20});
    CHECK(before(15) == std::vector<std::string>{"unit"});
    CHECK(before(25).empty());

    REQUIRE(o.acknowledge(3).has_value());
    CHECK(before(15).empty());
}

TEST_CASE("what the events of many units have in common is kept once and told to each") {
    LedgerBench bench;
    REQUIRE(bench.open().has_value());
    auto letter = bench.make(Letter{.to = {"G98.11", "G98.12", "G97"}});
    letter.event_text = "{\"document\":\"" + std::string(2000, 'd') + "\"}";
    const auto way = letter.deliveries[0];
    letter.deliveries.clear();
    for (std::size_t i = 0; i < 3; ++i) {
        auto one = way;
        one.endpoint = {"u" + std::to_string(i)};
        one.passive = true;
        one.held = i == 2;
        one.recipients = {i};
        one.event_data = "{\"recipients\":[" + std::to_string(i) + "]}";
        letter.deliveries.push_back(std::move(one));
    }
    REQUIRE(bench.accept(letter).has_value());
    const auto whole = [&](int i) {
        return letter.event_text.substr(0, letter.event_text.size() - 1) + ",\"recipients\":[" +
               std::to_string(i) + "]}";
    };
    CHECK(bench.events("u0").at(0).data == whole(0));
    CHECK(bench.events("u1").at(0).data == whole(1));
    CHECK(bench.events("u2").empty());
    REQUIRE(bench(bench.ledger->steer(bench.delivery(letter.id, 2), model::DeliveryState::queued, "a"))
                .has_value());
    CHECK(bench.events("u2").at(0).data == whole(2));
}

TEST_SUITE_END();
