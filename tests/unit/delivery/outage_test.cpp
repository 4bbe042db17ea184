// Goal: an endpoint that is away costs little, and what waits for it arrives afterwards, the urgent first;
// its sender hears in time. Method: a real ledger, a scripted outlet, a clock moved by hand.
#include "gateway/delivery/watch.hpp"
#include "tests/unit/delivery/delivery_bench.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

using namespace axis;
using namespace axis::test;
using namespace std::chrono_literals;
using delivery::Halt;
using model::DeliveryState;
using model::Verdict;

TEST_SUITE_BEGIN("delivery");

namespace {

struct OutageBench : LaneBench {
    bool away = false;
    std::set<std::string> poison;  // numbers

    OutageBench() {
        REQUIRE(open().has_value());
        outlet.answer = [this](const ports::Dispatch& dispatch) {
            if (away) return outcome(Verdict::deferred, errc::peer_tcp);
            if (poison.contains(dispatch.number)) return outcome(Verdict::unknown, errc::peer_timeout);
            return outcome(Verdict::accepted, errc::none, "remote");
        };
    }
    model::MessageId put(int number, int priority = 0, const std::string& origin = "btn") {
        return post(Letter{.origin = origin, .number = std::to_string(number), .priority = priority});
    }
    std::vector<ledger::EventView> events() { return now(ledger->events({"btn"}, 0, 1000)).value(); }
    delivery::Watch watch(Duration late, std::size_t slice = 2) {
        auto tell = [this](const std::vector<model::EndpointName>& names) {
            for (const auto& name : names) told.push_back(name.text);
        };
        auto alarm = [this](bool raised, std::string_view name, std::string_view subject, std::string_view) {
            alarms[std::string{name} + " " + std::string{subject}] = raised;
        };
        return {{io, *ledger, clock, random, {}, tell, alarm, {}}, {{national}, late, 1min, slice}};
    }
    void look(delivery::Watch& watch) {
        bool done = false;
        begin(watch.look(), done);
        REQUIRE(done);
    }
};

}  // namespace

TEST_CASE("an outage of three days costs an attempt now and then; afterwards all arrives, the urgent first") {
    OutageBench bench;
    bench.away = true;
    std::vector<model::MessageId> ids;
    for (int n = 1; n <= 40; ++n) ids.push_back(bench.put(n));
    bench.start();
    CHECK(bench.lanes->state(bench.national)->halt == Halt::unreachable);
    CHECK(bench.alarms.at("lane.unreachable national"));

    bench.live(72h);
    CHECK(bench.outlet.sent.size() < 72 * 60 / 4 + 60);
    for (const auto& id : ids) CHECK(bench.state(id) == DeliveryState::queued);
    ids.push_back(bench.put(99, 3));

    bench.away = false;
    const auto before = bench.outlet.sent.size();
    bench.live(6min);
    for (const auto& id : ids) CHECK(bench.state(id) == DeliveryState::done);
    CHECK(bench.outlet.sent.size() == before + ids.size());
    CHECK(bench.outlet.sent[before].number == "99/BTN-VP");
    CHECK(bench.lanes->state(bench.national)->halt == Halt::none);
    CHECK_FALSE(bench.alarms.at("lane.unreachable national"));
}

TEST_CASE("one poisonous delivery delays no other, however often it fails") {
    OutageBench bench;
    bench.poison = {"1/BTN-VP"};
    bench.outlet.fact = [](const ports::Dispatch&) { return outcome(Verdict::deferred, errc::peer_unknown); };
    bench.start();
    const auto poison = bench.put(1);
    for (int hour = 0; hour < 24; ++hour) {
        bench.live(1h);
        const auto id = bench.put(100 + hour);
        CHECK(bench.state(id) == DeliveryState::done);
    }
    CHECK(bench.state(poison) != DeliveryState::done);
    CHECK(bench.lanes->state(bench.national)->halt == Halt::none);
}

TEST_CASE("an urgent document overtakes ten thousand that were queued before it") {
    OutageBench bench;
    bench.settings.attempts_max = 2;
    bench.outlet.takes = 1s;
    for (int n = 1; n <= 10'000; ++n) bench.put(n);
    bench.start();
    bench.advance(1s);
    const auto before = bench.outlet.sent.size();
    bench.put(77'777, 3);
    bench.advance(1s);
    REQUIRE(bench.outlet.sent.size() <= before + 2 * bench.settings.attempts_max);
    const auto all = bench.numbers();
    CHECK(std::count(all.begin(), all.end(), "77777/BTN-VP") == 1);
}

TEST_CASE("a sender with a thousand documents does not keep another's waiting") {
    OutageBench bench;
    bench.settings.attempts_max = 1;
    bench.settings.window_max = 8;
    bench.outlet.takes = 1s;
    for (int n = 1; n <= 1000; ++n) bench.put(n, 0, "btn");
    bench.start();
    for (int n = 2001; n <= 2003; ++n) bench.put(n, 0, "cuc");
    bench.live(20s);
    const auto all = bench.numbers();
    for (int n = 2001; n <= 2003; ++n)
        CHECK(std::count(all.begin(), all.end(), std::to_string(n) + "/BTN-VP") == 1);
}

TEST_CASE("an operator holds a whole lane; nothing is begun until it is released, also after a restart") {
    OutageBench bench;
    bench.start();
    const auto hold = [&](bool held) {
        REQUIRE(bench.now(bench.ledger->hold_lane(bench.national, held, "uid:0")).has_value());
        bench.lanes->look_again(bench.national);
        bench.settle();
    };
    hold(true);
    const auto id = bench.put(1);
    bench.live(1h);
    CHECK(bench.outlet.sent.empty());
    CHECK(bench.lanes->state(bench.national)->halt == Halt::held);
    bench.stop(0ms);
    bench.lanes.reset();
    bench.start();
    bench.live(1h);
    CHECK(bench.outlet.sent.empty());
    hold(false);
    CHECK(bench.state(id) == DeliveryState::done);
    CHECK(bench.lanes->state(bench.national)->halt == Halt::none);
}

TEST_CASE("the sender of what waits for long is told once; past its life it goes to quarantine and he hears"
) {
    OutageBench bench;
    bench.away = true;
    for (int n = 1; n <= 5; ++n) bench.put(n);
    auto watch = bench.watch(4h);
    bench.clock.advance(3h);
    bench.look(watch);
    CHECK(bench.events().empty());
    bench.clock.advance(61min);
    for (int i = 0; i < 6; ++i) bench.look(watch);
    auto told = bench.events();
    REQUIRE(told.size() == 5);
    CHECK(told[0].type == "recipient.delayed");
    const auto data = boost::json::parse(told[0].data);
    CHECK(data.at("delivery").as_string() == "queued");
    CHECK(data.at("reason").as_string() == "delivery.delayed");
    CHECK(data.at("ends").as_string().size() == to_local_text(bench.clock.now()).size());
    CHECK(bench.told.back() == "btn");

    auto again = bench.watch(4h);  // as after a restart
    for (int i = 0; i < 6; ++i) bench.look(again);
    CHECK(bench.events().size() == 5);

    bench.clock.advance(120h);
    for (int i = 0; i < 6; ++i) bench.look(again);
    told = bench.events();
    REQUIRE(told.size() == 10);
    CHECK(boost::json::parse(told[9].data).at("reason").as_string() == "delivery.expired");
    const auto lanes = bench.now(bench.ledger->lanes()).value();
    CHECK(lanes.at(0).by_state.at(static_cast<std::size_t>(DeliveryState::quarantined)) == 5);
}

TEST_SUITE_END();
