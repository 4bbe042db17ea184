// Goal: what may have arrived is asked for before it is sent again. Method: as in lane_test.
#include "tests/unit/delivery/delivery_bench.hpp"

#include <doctest/doctest.h>

using namespace axis;
using namespace axis::test;
using model::DeliveryState;
using model::Verdict;

namespace {

// A lane whose first attempt ended in the dark.
struct Dark {
    explicit Dark(
        std::vector<model::Outcome> facts, delivery::OnUnknown on_unknown = delivery::OnUnknown::hold
    ) {
        if (!bench.open()) throw std::runtime_error("no ledger");
        bench.settings.on_unknown = on_unknown;
        bench.outlet.answers = {outcome(Verdict::unknown, errc::peer_timeout)};
        bench.outlet.facts.assign(facts.begin(), facts.end());
        bench.start();
        id = bench.post(Letter{});
    }
    LaneBench bench;
    model::MessageId id;
};

model::Outcome cannot_tell() {
    return outcome(Verdict::unknown, errc::peer_unknown);
}

}  // namespace

TEST_SUITE_BEGIN("delivery");

TEST_CASE("an unknown outcome is asked for after a while, and yes ends it without a second copy") {
    Dark dark{{outcome(Verdict::accepted, errc::none, "AXIS-9")}};
    auto& bench = dark.bench;

    CHECK(bench.state(dark.id) == DeliveryState::reconciling);
    bench.advance(bench.settings.reconcile_first - Duration{1});
    CHECK(bench.outlet.asked.empty());
    bench.advance(Duration{1});

    REQUIRE(bench.outlet.asked.size() == 1);
    CHECK(bench.outlet.asked[0].attempt == 1);
    CHECK(bench.outlet.asked[0].begun == bench.outlet.sent[0].begun);
    CHECK(bench.state(dark.id) == DeliveryState::done);
    CHECK(bench.recipient(dark.id).remote_id == "AXIS-9");
    CHECK(bench.outlet.sent.size() == 1);
}

TEST_CASE("certainly not there: sent again at once, the second time later") {
    Dark dark{
        {outcome(Verdict::deferred, errc::peer_deferred), outcome(Verdict::deferred, errc::peer_deferred)}};
    auto& bench = dark.bench;
    bench.outlet.answers = {outcome(Verdict::unknown, errc::peer_timeout)};

    bench.advance(bench.settings.reconcile_first);
    CHECK(bench.outlet.sent.size() == 2);
    bench.advance(bench.settings.reconcile_first);
    CHECK(bench.outlet.asked.size() == 2);
    CHECK(bench.outlet.sent.size() == 2);

    bench.live(std::chrono::seconds{6});
    CHECK(bench.outlet.sent.size() == 3);
    CHECK(bench.state(dark.id) == DeliveryState::done);
}

TEST_CASE("what nobody can tell is held and asked for again, with an alarm when it is old") {
    Dark dark{std::vector<model::Outcome>(40, cannot_tell())};
    auto& bench = dark.bench;
    const auto alarm = "delivery.unknown " + to_string(bench.recipient(dark.id).delivery);

    bench.live(std::chrono::minutes{10});
    CHECK(bench.state(dark.id) == DeliveryState::reconciling);
    CHECK(bench.outlet.asked.size() >= 4);
    CHECK(bench.outlet.asked.size() <= 12);
    CHECK_FALSE(bench.alarms[alarm]);

    bench.live(std::chrono::minutes{11});
    CHECK(bench.alarms[alarm]);
    CHECK(bench.outlet.sent.size() == 1);

    bench.steer(dark.id, DeliveryState::queued);
    CHECK(bench.state(dark.id) == DeliveryState::done);
    CHECK_FALSE(bench.alarms[alarm]);
}

TEST_CASE("with on_unknown = resend it is sent again when nobody can tell") {
    Dark dark{{cannot_tell()}, delivery::OnUnknown::resend};

    dark.bench.advance(dark.bench.settings.reconcile_first);

    CHECK(dark.bench.outlet.asked.size() == 1);
    CHECK(dark.bench.outlet.sent.size() == 2);
    CHECK(dark.bench.state(dark.id) == DeliveryState::done);
    CHECK(dark.bench.counts["resent"] == 1);
}

TEST_CASE("with on_unknown = resend an endpoint that is away is asked when it is back, not sent to unasked") {
    const auto away = outcome(Verdict::unknown, errc::peer_tcp);
    Dark dark{{away, away, outcome(Verdict::accepted, errc::none, "AXIS-7")}, delivery::OnUnknown::resend};

    dark.bench.live(std::chrono::minutes{5});

    CHECK(dark.bench.outlet.asked.size() == 3);
    CHECK(dark.bench.outlet.sent.size() == 1);
    CHECK(dark.bench.state(dark.id) == DeliveryState::done);
    CHECK(dark.bench.recipient(dark.id).remote_id == "AXIS-7");
}

TEST_CASE("a question that is refused for our key pauses the lane and stays a question") {
    Dark dark{{outcome(Verdict::unauthorised, errc::peer_unauthorised)}, delivery::OnUnknown::resend};
    auto& bench = dark.bench;

    bench.advance(bench.settings.reconcile_first);
    CHECK(bench.state(dark.id) == DeliveryState::reconciling);
    CHECK((bench.lanes->state(bench.national)->halt == delivery::Halt::paused));
    CHECK(bench.outlet.sent.size() == 1);

    bench.live(bench.settings.pause);
    CHECK(bench.outlet.asked.size() == 2);
    CHECK(bench.state(dark.id) == DeliveryState::done);
}

TEST_CASE("an unknown status is sent again without a question") {
    LaneBench bench;
    REQUIRE(bench.open().has_value());
    bench.outlet.answers = {outcome(Verdict::unknown, errc::peer_timeout)};
    bench.start();
    auto status = bench.make(Report{.from = "G99", .organ = "G98", .origin = "btn", .endpoint = "national"});
    status.deliveries[0].passive = false;

    const auto id = bench.post(std::move(status));
    CHECK(bench.state(id) == DeliveryState::reconciling);
    bench.advance(bench.settings.reconcile_first);

    CHECK(bench.state(id) == DeliveryState::done);
    CHECK(bench.outlet.sent.size() == 2);
    CHECK(bench.outlet.asked.empty());
}

TEST_CASE("an outlet that throws leaves a question, not a delivery that is `sending` for ever") {
    LaneBench bench;
    REQUIRE(bench.open().has_value());
    bench.outlet.before_answer = [&bench] {
        bench.outlet.before_answer = nullptr;
        throw std::logic_error("a bug");
    };
    bench.start();

    const auto id = bench.post(Letter{});
    CHECK(bench.state(id) == DeliveryState::reconciling);
    bench.advance(bench.settings.reconcile_first);

    CHECK(bench.outlet.asked.size() == 1);
    CHECK(bench.state(id) == DeliveryState::done);
}

TEST_SUITE_END();
