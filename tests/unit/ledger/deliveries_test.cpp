// Goal: the life of a delivery (model/delivery.hpp): an attempt is opened once, settled once, reconciled
// after a crash, and offered in the right order. Method: each verdict and each order by hand.
#include "tests/support/ledger_builders.hpp"

#include <doctest/doctest.h>

using namespace axis;
using model::DeliveryState;
using model::Verdict;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using test::LedgerBench;
using test::Letter;

TEST_SUITE_BEGIN("ledger/deliveries");

namespace {

model::Outcome outcome(Verdict verdict, errc reason = errc::none, std::string remote_id = {}) {
    model::Outcome out;
    out.verdict = verdict;
    out.reason = reason;
    out.detail = "they said so";
    out.remote_id = std::move(remote_id);
    return out;
}

struct Sending {
    Sending() {
        REQUIRE(bench.open().has_value());
        letter = bench.make(Letter{});
        REQUIRE(bench.accept(letter).has_value());
        id = bench.delivery(letter.id);
        REQUIRE(bench(bench.ledger->begin(id, 1)).has_value());
    }
    DeliveryState settle(int attempt, model::Outcome o, Time next = {}) {
        return bench(bench.ledger->settle(id, attempt, std::move(o), next)).value().state;
    }
    ledger::RecipientView recipient() { return bench.message(letter.id).recipients.at(0); }

    LedgerBench bench;
    ledger::Acceptance letter;
    model::DeliveryId id;
};

std::vector<model::DeliveryId> ids(const ledger::Window& window) {
    std::vector<model::DeliveryId> out;
    for (const auto& d : window.due) out.push_back(d.delivery);
    return out;
}

}  // namespace

TEST_CASE("an attempt is opened with all a lane needs, and only once") {
    LedgerBench bench;
    REQUIRE(bench.open().has_value());
    const auto a = bench.make(Letter{.to = {"G98", "G97"}, .priority = 2});
    REQUIRE(bench.accept(a).has_value());
    const auto id = bench.delivery(a.id);

    const auto early = bench(bench.ledger->begin(id, 2));
    const auto attempt = bench(bench.ledger->begin(id, 1));
    const auto again = bench(bench.ledger->begin(id, 1));
    const auto unknown = bench(bench.ledger->begin({4711}, 1));

    CHECK(early.error().code == errc::stale);
    CHECK(again.error().code == errc::stale);
    CHECK(unknown.error().code == errc::stale);
    REQUIRE(attempt.has_value());
    CHECK(attempt->number == 1);
    CHECK(attempt->message == a.id);
    CHECK(attempt->endpoint.text == "national");
    CHECK(attempt->begun == bench.clock.now());
    CHECK(attempt->life_until == a.life_until);
    CHECK(attempt->priority == 2);
    CHECK(attempt->from == "G99");
    CHECK(attempt->document_id == "G99,2026/11/20,251/BTN-VP");
    CHECK(attempt->number_text == "251/BTN-VP");
    CHECK(attempt->to == std::vector<std::string>{"G98", "G97"});
    CHECK(attempt->envelope.sha256 == a.envelope.sha256);
    CHECK(bench.message(a.id).recipients[0].state == DeliveryState::sending);
}

TEST_CASE("accepted is done, remembers the axis' id and tells the sender's software") {
    Sending s;

    const auto settled =
        s.bench(s.bench.ledger->settle(s.id, 1, outcome(Verdict::accepted, errc::none, "D-7"), {}));

    REQUIRE(settled.has_value());
    CHECK(settled->state == DeliveryState::done);
    CHECK(settled->listeners == std::vector{model::EndpointName{"btn"}});
    CHECK(s.recipient().remote_id == "D-7");
    CHECK(s.recipient().attempts == 1);
    const auto events = s.bench.events("btn");
    REQUIRE(events.size() == 1);
    CHECK(events[0].type == "recipient.changed");
    CHECK(events[0].message == s.letter.id);
    CHECK(events[0].data.find("\"recipients\":[\"G98\"],\"delivery\":\"done\"") != std::string::npos);
}

TEST_CASE("rejected is quarantined with its reason and tells the sender's software") {
    Sending s;

    CHECK(s.settle(1, outcome(Verdict::rejected, errc::peer_unknown)) == DeliveryState::quarantined);

    CHECK(s.recipient().reason == row(errc::peer_unknown).code);
    CHECK(s.recipient().detail == "they said so");
    CHECK(s.bench.events("btn").size() == 1);
}

TEST_CASE("deferred and unauthorised wait for their time and are tried with the next number") {
    Sending s;
    const auto later = s.bench.clock.now() + minutes{5};

    CHECK(s.settle(1, outcome(Verdict::deferred, errc::timed_out), later) == DeliveryState::queued);
    CHECK(s.recipient().due == later);
    CHECK(s.bench(s.bench.ledger->begin(s.id, 1)).error().code == errc::stale);
    REQUIRE(s.bench(s.bench.ledger->begin(s.id, 2)).has_value());
    CHECK(s.settle(2, outcome(Verdict::unauthorised, errc::timed_out), later) == DeliveryState::queued);

    CHECK(s.bench.events("btn").empty());
    const auto story = s.bench(s.bench.ledger->story(s.letter.id)).value();
    REQUIRE(story.attempts.size() == 2);
    CHECK(story.attempts[0].verdict == "deferred");
    CHECK(story.attempts[1].verdict == "unauthorised");
    CHECK(story.attempts[1].settled == s.bench.clock.now());
}

TEST_CASE("past its life a deferred delivery is given up, an unknown one is still asked about") {
    Sending s;
    s.bench.clock.advance(hours{121});

    SUBCASE("deferred") {
        CHECK(s.settle(1, outcome(Verdict::deferred, errc::timed_out)) == DeliveryState::quarantined);
        CHECK(s.recipient().reason == row(errc::delivery_expired).code);
        CHECK(s.bench.events("btn").size() == 1);
    }
    SUBCASE("unknown") {
        CHECK(s.settle(1, outcome(Verdict::unknown, errc::peer_unknown)) == DeliveryState::reconciling);
        CHECK(s.bench.events("btn").empty());
    }
}

TEST_CASE("unknown is reconciled: asked about, not sent again") {
    Sending s;
    CHECK(s.settle(1, outcome(Verdict::unknown, errc::peer_unknown)) == DeliveryState::reconciling);

    const auto open = s.bench(s.bench.ledger->open_attempt(s.id));

    CHECK(s.bench(s.bench.ledger->begin(s.id, 2)).error().code == errc::stale);
    REQUIRE(open.has_value());
    CHECK(open->number == 1);
    CHECK(open->begun == s.bench.clock.now());
    SUBCASE("they have it") {
        CHECK(s.settle(1, outcome(Verdict::accepted)) == DeliveryState::done);
    }
    SUBCASE("they do not have it") {
        CHECK(s.settle(1, outcome(Verdict::deferred, errc::timed_out)) == DeliveryState::queued);
        CHECK(s.bench(s.bench.ledger->begin(s.id, 2)).has_value());
    }
}

TEST_CASE("settling twice, or an attempt that is over, changes nothing") {
    Sending s;
    CHECK(s.settle(1, outcome(Verdict::accepted, errc::none, "D-7")) == DeliveryState::done);
    CHECK(s.settle(1, outcome(Verdict::rejected, errc::peer_unknown, "D-8")) == DeliveryState::done);
    CHECK(s.recipient().remote_id == "D-7");
    CHECK(s.bench.events("btn").size() == 1);

    Sending t;
    CHECK(t.settle(1, outcome(Verdict::deferred, errc::timed_out)) == DeliveryState::queued);
    REQUIRE(t.bench(t.bench.ledger->begin(t.id, 2)).has_value());
    CHECK(t.settle(1, outcome(Verdict::accepted)) == DeliveryState::sending);
    CHECK(t.recipient().state == DeliveryState::sending);
}

TEST_CASE("an attempt that was open when the gateway stopped is reconciling, never queued") {
    Sending s;

    REQUIRE(s.bench.open().has_value());

    CHECK(s.recipient().state == DeliveryState::reconciling);
    CHECK(s.bench(s.bench.ledger->begin(s.id, 2)).error().code == errc::stale);
    s.bench.clock.advance(seconds{15});
    const auto window = s.bench(s.bench.ledger->due({"national"}, 10)).value();
    REQUIRE(window.due.size() == 1);
    CHECK(window.due[0].state == DeliveryState::reconciling);
    CHECK(window.due[0].attempts == 1);
}

TEST_CASE("what was open when the gateway stopped is asked about 15 s later: the axis may still be taking it"
) {
    Sending s;

    REQUIRE(s.bench.open().has_value());

    const auto restarted = s.bench.clock.now();
    s.bench.clock.advance(seconds{14});
    const auto early = s.bench(s.bench.ledger->due({"national"}, 10)).value();
    CHECK(early.due.empty());
    CHECK(early.next == restarted + seconds{15});
}

TEST_CASE("due: reconciling first, then by priority, then by age, within the limit") {
    LedgerBench bench;
    REQUIRE(bench.open().has_value());
    const auto put = [&](std::string number, int priority) {
        const auto a = bench.make(Letter{.number = std::move(number), .priority = priority});
        REQUIRE(bench.accept(a).has_value());
        bench.clock.advance(minutes{1});
        return bench.delivery(a.id);
    };
    const auto asked = put("1", 0);
    const auto old_one = put("2", 0);
    const auto new_one = put("3", 0);
    const auto urgent = put("4", 3);
    REQUIRE(bench(bench.ledger->begin(asked, 1)).has_value());
    auto unknown = outcome(Verdict::unknown, errc::peer_unknown);
    REQUIRE(bench(bench.ledger->settle(asked, 1, unknown, bench.clock.now())).has_value());

    const auto all = bench(bench.ledger->due({"national"}, 10)).value();
    const auto two = bench(bench.ledger->due({"national"}, 2)).value();
    const auto elsewhere = bench(bench.ledger->due({"g97"}, 10)).value();

    CHECK(ids(all) == std::vector{asked, urgent, old_one, new_one});
    CHECK(all.due[1].priority == 3);
    CHECK(!all.next);
    CHECK(ids(two) == std::vector{asked, urgent});
    CHECK(elsewhere.due.empty());
}

TEST_CASE("due: the senders of a priority have their turns, beginning after the one served last") {
    LedgerBench bench;
    REQUIRE(bench.open().has_value());
    const auto put = [&](std::string number, const std::string& origin, int priority = 0) {
        const auto a =
            bench.make(Letter{.origin = origin, .number = std::move(number), .priority = priority});
        REQUIRE(bench.accept(a).has_value());
        bench.clock.advance(minutes{1});
        return bench.delivery(a.id);
    };
    const auto a1 = put("1", "a");
    const auto a2 = put("2", "a");
    const auto a3 = put("3", "a");
    const auto b1 = put("4", "b");
    const auto c1 = put("5", "c");
    const auto urgent = put("6", "a", 2);
    const auto due = [&](std::size_t limit, std::string after) {
        return bench(bench.ledger->due({"national"}, limit, {false, std::move(after)})).value();
    };

    CHECK(ids(due(6, "")) == std::vector{urgent, a1, b1, c1});  // one of each: a fair share of the room
    CHECK(ids(due(6, "a")) == std::vector{urgent, b1, c1, a1});
    CHECK(ids(due(60, "b")) == std::vector{urgent, c1, a1, b1, a2, a3});
    CHECK(due(60, "b").last == "a");
    CHECK(ids(due(2, "a")) == std::vector{urgent, b1});
    CHECK(due(2, "a").last == "b");
}

TEST_CASE("due: large deliveries are asked for apart from small ones") {
    LedgerBench bench;
    REQUIRE(bench.open().has_value());
    const auto small = bench.make(Letter{.number = "1"});
    auto large = bench.make(Letter{.number = "2"});
    large.envelope.bytes = model::large_bytes;
    REQUIRE(bench.accept(small).has_value());
    REQUIRE(bench.accept(large).has_value());
    const auto due = [&](bool is_large) {
        return ids(bench(bench.ledger->due({"national"}, 10, {is_large, ""})).value());
    };
    CHECK(due(false) == std::vector{bench.delivery(small.id)});
    CHECK(due(true) == std::vector{bench.delivery(large.id)});
}

TEST_CASE("hasten: only what nobody answered to is due at once") {
    LedgerBench bench;
    REQUIRE(bench.open().has_value());
    const auto later = bench.clock.now() + minutes{15};
    std::vector<model::DeliveryId> all;
    for (const auto reason : {errc::peer_tcp, errc::peer_deferred, errc::peer_timeout}) {
        const auto a = bench.make(Letter{.number = std::to_string(all.size())});
        REQUIRE(bench.accept(a).has_value());
        all.push_back(bench.delivery(a.id));
        REQUIRE(bench(bench.ledger->begin(all.back(), 1)).has_value());
        REQUIRE(
            bench(bench.ledger->settle(all.back(), 1, outcome(Verdict::deferred, reason), later)).has_value()
        );
    }
    CHECK(bench(bench.ledger->due({"national"}, 10)).value().due.empty());
    CHECK(bench(bench.ledger->hasten({"national"})).value() == 2);
    CHECK(ids(bench(bench.ledger->due({"national"}, 10)).value()) == std::vector{all[0], all[2]});
}

TEST_CASE("an operator steers all deliveries of an endpoint in one state, some at a time") {
    LedgerBench bench;
    REQUIRE(bench.open().has_value());
    for (int i = 0; i < 5; ++i)
        REQUIRE(bench.accept(bench.make(Letter{.number = std::to_string(i)})).has_value());
    const auto steer = [&](DeliveryState from, DeliveryState to) {
        return bench(bench.ledger->steer_all({"national"}, from, to, "uid:0", 3)).value().size();
    };
    CHECK(steer(DeliveryState::queued, DeliveryState::held) == 3);
    CHECK(steer(DeliveryState::queued, DeliveryState::held) == 2);
    CHECK(steer(DeliveryState::queued, DeliveryState::held) == 0);
    CHECK(bench(bench.ledger->due({"national"}, 10)).value().due.empty());
    CHECK(steer(DeliveryState::held, DeliveryState::cancelled) == 3);
    CHECK(!bench(bench.ledger->steer_all({"national"}, DeliveryState::held, DeliveryState::done, "x", 9)));
}

TEST_CASE("due: the deliveries of one thread leave in order, another thread does not wait for them") {
    LedgerBench bench;
    REQUIRE(bench.open().has_value());
    const auto letter = bench.make(Letter{});
    const auto other = bench.make(Letter{.number = "252"});
    REQUIRE(bench.accept(letter).has_value());
    REQUIRE(bench.accept(other).has_value());
    auto report = bench.make(test::Report{.endpoint = "national"});
    report.deliveries[0].passive = false;
    report.priority = 9;
    REQUIRE(bench.accept(report).has_value());
    const auto first = bench.delivery(letter.id);
    const auto second = bench.delivery(other.id);
    const auto after_first = bench.delivery(report.id);
    const auto due = [&] { return ids(bench(bench.ledger->due({"national"}, 10)).value()); };

    CHECK(due() == std::vector{first, second});
    REQUIRE(bench(bench.ledger->begin(first, 1)).has_value());
    CHECK(due() == std::vector{second});
    const auto later = bench.clock.now() + minutes{5};
    REQUIRE(bench(bench.ledger->settle(first, 1, outcome(Verdict::unknown), later)).has_value());
    CHECK(due() == std::vector{second});
    REQUIRE(bench(bench.ledger->settle(first, 1, outcome(Verdict::rejected), later)).has_value());
    CHECK(due() == std::vector{after_first, second});
}

TEST_CASE("due: what waits for its time is not there yet, and the next time is told") {
    Sending s;
    const auto later = s.bench.clock.now() + minutes{5};
    const auto other = s.bench.make(Letter{.number = "252", .priority = 1});
    REQUIRE(s.bench.accept(other).has_value());
    CHECK(s.settle(1, outcome(Verdict::deferred, errc::timed_out), later) == DeliveryState::queued);

    const auto now = s.bench(s.bench.ledger->due({"national"}, 10)).value();
    s.bench.clock.advance(minutes{5});
    const auto then = s.bench(s.bench.ledger->due({"national"}, 10)).value();

    CHECK(ids(now) == std::vector{s.bench.delivery(other.id)});
    CHECK(now.next == later);
    CHECK(ids(then) == std::vector{s.bench.delivery(other.id), s.id});
    CHECK(!then.next);
}

TEST_CASE("an operator holds, releases, retries and cancels, where the state allows it") {
    LedgerBench bench;
    REQUIRE(bench.open().has_value());
    const auto a = bench.make(Letter{});
    REQUIRE(bench.accept(a).has_value());
    const auto id = bench.delivery(a.id);
    const auto steer = [&](DeliveryState wanted) { return bench(bench.ledger->steer(id, wanted, "admin")); };
    const auto state = [&] { return bench.message(a.id).recipients[0].state; };

    CHECK(steer(DeliveryState::held).value() == DeliveryState::held);
    CHECK(bench(bench.ledger->due({"national"}, 10)).value().due.empty());
    CHECK(bench(bench.ledger->begin(id, 1)).error().code == errc::stale);
    CHECK(steer(DeliveryState::held).error().code == errc::stale);
    CHECK(steer(DeliveryState::queued).value() == DeliveryState::queued);
    CHECK(steer(DeliveryState::done).error().code == errc::stale);
    REQUIRE(bench(bench.ledger->begin(id, 1)).has_value());
    CHECK(steer(DeliveryState::cancelled).error().code == errc::stale);
    CHECK(steer(DeliveryState::held).error().code == errc::stale);
    REQUIRE(bench(bench.ledger->settle(id, 1, outcome(Verdict::rejected), {})).has_value());
    CHECK(steer(DeliveryState::queued).value() == DeliveryState::queued);
    CHECK(bench.message(a.id).recipients[0].reason.empty());
    CHECK(steer(DeliveryState::cancelled).value() == DeliveryState::cancelled);
    CHECK(steer(DeliveryState::queued).error().code == errc::stale);
    CHECK(state() == DeliveryState::cancelled);
    CHECK(bench(bench.ledger->steer({4711}, DeliveryState::held, "admin")).error().code == errc::not_found);
}

TEST_CASE("what an operator starts again after its life lives one more day") {
    Sending s;
    s.bench.clock.advance(hours{121});
    CHECK(s.settle(1, outcome(Verdict::deferred, errc::timed_out)) == DeliveryState::quarantined);

    REQUIRE(s.bench(s.bench.ledger->steer(s.id, DeliveryState::queued, "admin")).has_value());
    REQUIRE(s.bench(s.bench.ledger->begin(s.id, 2)).has_value());

    CHECK(s.settle(2, outcome(Verdict::deferred, errc::timed_out)) == DeliveryState::queued);
}

TEST_CASE("a held passive delivery is offered, with its event, when it is released") {
    LedgerBench bench;
    REQUIRE(bench.open().has_value());
    const auto a = bench.make(Letter{.endpoint = "unit", .passive = true, .held = true});
    REQUIRE(bench.accept(a).has_value());
    CHECK(bench.events("unit").empty());

    const auto state = bench(bench.ledger->steer(bench.delivery(a.id), DeliveryState::queued, "admin"));

    CHECK(state.value() == DeliveryState::offered);
    const auto events = bench.events("unit");
    REQUIRE(events.size() == 1);
    CHECK(events[0].type == "document.received");
    CHECK(events[0].message == a.id);
    CHECK(events[0].data == "{\"a\":1}");
    REQUIRE(bench(bench.ledger->acknowledge_events({"unit"}, 1, {})).has_value());
    CHECK(bench.message(a.id).recipients[0].state == DeliveryState::done);
}

TEST_CASE("the lanes show what is not done, by state, with the oldest and the next") {
    Sending s;
    const auto born = s.bench.clock.now();
    s.bench.clock.advance(minutes{1});
    const auto waiting = s.bench.make(Letter{.number = "252"});
    const auto taken_back = s.bench.make(Letter{.number = "253", .endpoint = "g97"});
    REQUIRE(s.bench.accept(waiting).has_value());
    REQUIRE(s.bench.accept(taken_back).has_value());
    const auto id = s.bench.delivery(taken_back.id);
    REQUIRE(s.bench(s.bench.ledger->steer(id, DeliveryState::cancelled, "admin")).has_value());

    const auto lanes = s.bench(s.bench.ledger->lanes()).value();

    REQUIRE(lanes.size() == 2);
    CHECK(lanes[0].endpoint == "g97");
    CHECK(lanes[0].by_state[6] == 1);
    CHECK(!lanes[0].oldest);
    CHECK(lanes[1].endpoint == "national");
    CHECK(lanes[1].by_state[0] == 1);
    CHECK(lanes[1].by_state[1] == 1);
    CHECK(lanes[1].oldest == born);
    CHECK(lanes[1].next_due == s.bench.clock.now());
}

TEST_SUITE_END();
