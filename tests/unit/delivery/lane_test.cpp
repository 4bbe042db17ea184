// Goal: what each answer of the other side makes of a delivery. Method: a real ledger, a scripted outlet, a
// clock moved by hand; checks look at the ledger.
#include "tests/unit/delivery/delivery_bench.hpp"

#include <doctest/doctest.h>

using namespace axis;
using namespace axis::test;
using model::DeliveryState;
using model::Verdict;

TEST_SUITE_BEGIN("delivery");

TEST_CASE("an accepted delivery is done, knows the other side's id, and its sender is told") {
    LaneBench bench;
    REQUIRE(bench.open().has_value());
    bench.outlet.answers = {outcome(Verdict::accepted, errc::none, "AXIS-7")};
    bench.start();

    const auto id = bench.post(Letter{});

    CHECK(bench.state(id) == DeliveryState::done);
    CHECK(bench.recipient(id).remote_id == "AXIS-7");
    REQUIRE(bench.outlet.sent.size() == 1);
    CHECK(bench.outlet.sent[0].message == id);
    CHECK(bench.outlet.sent[0].attempt == 1);
    CHECK(bench.outlet.sent[0].from == "G99");
    CHECK(bench.outlet.sent[0].to == std::vector<std::string>{"G98"});
    CHECK(bench.outlet.sent[0].number == "251/BTN-VP");
    CHECK(bench.outlet.texts[0] == "<edXML>" + id.text() + "</edXML>");
    CHECK(bench.told == std::vector<std::string>{"btn"});
    CHECK(bench.counts["accepted"] == 1);
}

TEST_CASE("a deferred delivery waits twice as long each time and sends the same bytes again") {
    LaneBench bench;
    REQUIRE(bench.open().has_value());
    bench.outlet.answers = {
        outcome(Verdict::deferred, errc::peer_unreachable),
        outcome(Verdict::deferred, errc::peer_unreachable)};
    bench.start();

    const auto id = bench.post(Letter{});
    CHECK(bench.state(id) == DeliveryState::queued);
    CHECK(bench.recipient(id).reason == "peer.unreachable");
    const auto first = bench.recipient(id).due - bench.clock.now();
    CHECK(first >= Duration{4000});
    CHECK(first <= Duration{6000});

    bench.advance(first - Duration{1});
    CHECK(bench.outlet.sent.size() == 1);
    bench.advance(Duration{1});
    CHECK(bench.outlet.sent.size() == 2);
    const auto second = bench.recipient(id).due - bench.clock.now();
    CHECK(second >= Duration{8000});
    CHECK(second <= Duration{12000});

    bench.advance(second);
    CHECK(bench.state(id) == DeliveryState::done);
    REQUIRE(bench.outlet.texts.size() == 3);
    CHECK(bench.outlet.texts[2] == bench.outlet.texts[0]);
    CHECK(bench.outlet.sent[2].attempt == 3);
}

TEST_CASE("an unauthorised answer pauses the lane, raises an alarm, and the pause ends by itself") {
    LaneBench bench;
    REQUIRE(bench.open().has_value());
    bench.settings.attempts_max = 1;
    bench.outlet.answers = {outcome(Verdict::unauthorised, errc::peer_unauthorised)};
    const auto one = bench.post(Letter{.number = "1"});
    const auto two = bench.post(Letter{.number = "2"});

    bench.start();
    CHECK((bench.lanes->state(bench.national)->halt == delivery::Halt::paused));
    CHECK(bench.alarms["axis.unauthorised national"]);
    bench.live(bench.settings.pause - Duration{1});
    CHECK(bench.outlet.sent.size() == 1);
    CHECK(bench.state(one) == DeliveryState::queued);

    bench.advance(Duration{1});
    CHECK(bench.state(one) == DeliveryState::done);
    CHECK(bench.state(two) == DeliveryState::done);
    CHECK_FALSE(bench.alarms["axis.unauthorised national"]);
}

TEST_CASE("an operator's resume ends a pause at once, for the refused delivery too") {
    LaneBench bench;
    REQUIRE(bench.open().has_value());
    bench.outlet.answers = {outcome(Verdict::unauthorised, errc::peer_unauthorised)};
    bench.start();
    const auto id = bench.post(Letter{});
    REQUIRE((bench.lanes->state(bench.national)->halt == delivery::Halt::paused));

    bench.lanes->resume(bench.national);
    bench.settle();

    CHECK_FALSE((bench.lanes->state(bench.national)->halt == delivery::Halt::paused));
    CHECK(bench.state(id) == DeliveryState::done);
}

TEST_CASE("a rejected delivery goes to quarantine and delays no other; an accepted retry clears its alarm") {
    LaneBench bench;
    REQUIRE(bench.open().has_value());
    bench.settings.attempts_max = 1;
    bench.outlet.answers = {outcome(Verdict::rejected, errc::peer_rejected)};
    const auto poison = bench.post(Letter{.number = "1"});
    const auto other = bench.post(Letter{.number = "2"});

    bench.start();
    CHECK(bench.state(poison) == DeliveryState::quarantined);
    CHECK(bench.state(other) == DeliveryState::done);
    const auto alarm = "delivery.quarantined " + to_string(bench.recipient(poison).delivery);
    CHECK(bench.alarms.at(alarm));

    bench.steer(poison, DeliveryState::queued);
    CHECK(bench.state(poison) == DeliveryState::done);
    CHECK_FALSE(bench.alarms.at(alarm));
}

TEST_CASE("deliveries of one document leave in order: the second waits for the first") {
    LaneBench bench;
    REQUIRE(bench.open().has_value());
    bench.outlet.answers = {outcome(Verdict::deferred, errc::peer_unreachable)};
    bench.start();
    bench.post(Letter{});
    auto recall = bench.make(Report{
        .from = "G99",
        .organ = "G98",
        .code = "13",
        .text = "thu hồi",
        .origin = "btn",
        .endpoint = "national"});
    recall.deliveries[0].passive = false;

    bench.post(std::move(recall));
    bench.post(Letter{.number = "99"});
    REQUIRE(bench.outlet.sent.size() == 2);
    CHECK(bench.outlet.sent[1].number == "99/BTN-VP");

    bench.live(std::chrono::seconds{6});
    REQUIRE(bench.outlet.sent.size() == 4);
    CHECK(bench.outlet.sent[2].kind == model::MessageKind::document);
    CHECK(bench.outlet.sent[3].kind == model::MessageKind::status);
}

TEST_CASE("never more attempts are open than allowed, and all deliveries get their turn") {
    LaneBench bench;
    REQUIRE(bench.open().has_value());
    bench.settings.attempts_max = 2;
    bench.settings.window_max = 3;
    bench.outlet.takes = std::chrono::seconds{10};
    std::vector<model::MessageId> ids;
    for (int n = 1; n <= 9; ++n) ids.push_back(bench.post(Letter{.number = std::to_string(n)}));

    bench.start();
    CHECK(bench.outlet.open_now == 2);
    bench.live(std::chrono::seconds{50});

    CHECK(bench.outlet.open_most == 2);
    CHECK(bench.outlet.sent.size() == 9);
    for (const auto& id : ids) CHECK(bench.state(id) == DeliveryState::done);
}

TEST_CASE("a delivery that falls due while all places are taken waits for a place, and the io thread goes on"
) {
    LaneBench bench;
    REQUIRE(bench.open().has_value());
    bench.settings.attempts_max = 1;
    bench.outlet.takes = std::chrono::seconds{30};
    bench.outlet.answers = {outcome(Verdict::deferred, errc::peer_unreachable)};
    bench.start();
    const auto first = bench.post(Letter{.number = "1"});
    const auto second = bench.post(Letter{.number = "2"});
    bench.advance(std::chrono::seconds{30});
    CHECK(bench.recipient(first).due - bench.clock.now() <= std::chrono::seconds{6});

    bench.advance(std::chrono::seconds{10});  // the first is due, the second has the place

    CHECK(bench.numbers() == std::vector<std::string>{"1/BTN-VP", "2/BTN-VP"});
    bench.advance(std::chrono::seconds{20});
    bench.advance(std::chrono::seconds{30});
    CHECK(bench.state(first) == DeliveryState::done);
    CHECK(bench.state(second) == DeliveryState::done);
}

TEST_CASE("a large delivery that falls due while the places for large ones are taken waits for one of them") {
    LaneBench bench;
    REQUIRE(bench.open().has_value());
    bench.settings.attempts_max = 2;
    bench.outlet.takes = std::chrono::seconds{30};
    bench.outlet.answers = {outcome(Verdict::deferred, errc::peer_unreachable)};
    bench.start();
    const std::string megabyte(1 << 20, 'a');
    const auto first = bench.post(Letter{.number = "1", .file = megabyte});
    const auto second = bench.post(Letter{.number = "2", .file = megabyte + "b"});
    bench.advance(std::chrono::seconds{30});
    REQUIRE(bench.outlet.open_now == 1);

    bench.advance(std::chrono::seconds{10});  // the first is due; a place is free, but not for a large one

    CHECK(bench.outlet.open_now == 1);
    bench.advance(std::chrono::seconds{20});
    bench.advance(std::chrono::seconds{30});
    CHECK(bench.state(first) == DeliveryState::done);
    CHECK(bench.state(second) == DeliveryState::done);
}

TEST_CASE("a held delivery is not begun, and goes when it is released") {
    LaneBench bench;
    REQUIRE(bench.open().has_value());
    bench.start();
    const auto id = bench.post(Letter{.held = true});
    CHECK(bench.outlet.sent.empty());

    bench.steer(id, DeliveryState::queued);

    CHECK(bench.state(id) == DeliveryState::done);
}

TEST_CASE("on real pools every delivery is attempted exactly once") {
    LaneBench bench{2};
    REQUIRE(bench.open().has_value());
    std::vector<model::MessageId> ids;
    for (int n = 1; n <= 30; ++n) ids.push_back(bench.post(Letter{.number = std::to_string(n)}));

    bench.start();
    while (bench.told.size() < ids.size()) {
        bench.io.restart();
        bench.io.run_one();
    }

    for (const auto& id : ids) CHECK(bench.state(id) == DeliveryState::done);
    CHECK(bench.outlet.sent.size() == ids.size());
    CHECK(bench.outlet.open_most <= bench.settings.attempts_max);
}

TEST_SUITE_END();
