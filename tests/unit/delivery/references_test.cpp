// Goal: over a queue of references an attempt is begun once, whatever the queue does to them, and none is
// forgotten. Method: a lane with its ledger; the queue and the workers are played by the test.
#include "gateway/delivery/lane_driver.hpp"
#include "tests/unit/delivery/delivery_bench.hpp"

#include <doctest/doctest.h>

#include <deque>

using namespace axis;
using namespace axis::test;
using delivery::Reference;
using model::DeliveryState;
using model::Verdict;

namespace {

class PlayedQueue final : public delivery::References {
public:
    Task<Result<>> publish(const model::EndpointName&, Reference reference, bool urgent) override {
        published.push_back(reference);
        urgencies.push_back(urgent);
        if (!refuse) co_return Result<>{};
        co_return Error{*refuse};
    }
    bool ready() const override { return open; }
    std::size_t workers() const override { return 1; }

    std::vector<Reference> published;
    std::vector<bool> urgencies;
    std::optional<errc> refuse;
    bool open = true;
};

struct Bench : LaneBench {
    explicit Bench(std::size_t at_once = 4) {
        settings.attempts_max = at_once;
        if (!open()) throw std::runtime_error("no ledger");
        offers = std::make_unique<delivery::Offers>(io, clock, *ledger);
        driver = [this](const delivery::LaneSettings& lane, ports::Outlet&) {
            return std::make_unique<delivery::LaneDriver>(
                queue, *offers, clock, lane.endpoint, lane.attempts_max, publish_again
            );
        };
        start();
    }
    ~Bench() {
        stop(std::chrono::milliseconds{0});
        lanes.reset();
    }

    void post_many(int count) {
        for (int n = 0; n < count; ++n) {
            Letter letter;
            letter.number = std::to_string(300 + n);
            post(letter);
        }
    }
    bool take(Reference reference, const std::string& worker = "w1") {
        return now(offers->begin(worker, reference)).has_value();
    }
    // The worker's call ends when the lane has settled.
    Result<> settle_as(Reference reference, model::Outcome outcome, const std::string& worker = "w1") {
        auto answer = now(offers->settle(worker, reference, std::move(outcome)));
        settle();
        return answer;
    }

    static constexpr Duration publish_again{60'000};
    PlayedQueue queue;
    std::unique_ptr<delivery::Offers> offers;
};

}  // namespace

TEST_SUITE_BEGIN("delivery");

TEST_CASE("a reference is published, begun by a worker, and its outcome settled") {
    Bench bench;
    const auto id = bench.post(Letter{});

    REQUIRE(bench.queue.published.size() == 1);
    const auto reference = bench.queue.published[0];
    CHECK(bench.state(id) == DeliveryState::queued);
    CHECK(bench.take(reference));
    CHECK(bench.state(id) == DeliveryState::sending);
    CHECK(bench.settle_as(reference, outcome(Verdict::accepted, errc::none, "AXIS-1")));
    CHECK(bench.state(id) == DeliveryState::done);
    CHECK(bench.recipient(id).remote_id == "AXIS-1");
    CHECK(bench.offers->offered() + bench.offers->begun() == 0);
}

TEST_CASE("a reference that comes twice is begun once, and settled once") {
    Bench bench;
    const auto id = bench.post(Letter{});
    const auto reference = bench.queue.published.at(0);

    CHECK(bench.take(reference));
    CHECK_FALSE(bench.take(reference, "w2"));
    CHECK(bench.settle_as(reference, outcome(Verdict::accepted), "w2").error().code == errc::stale);
    CHECK(bench.state(id) == DeliveryState::sending);
    CHECK(bench.settle_as(reference, outcome(Verdict::accepted)));
    CHECK(bench.settle_as(reference, outcome(Verdict::rejected)).error().code == errc::stale);
    CHECK_FALSE(bench.take(reference));
    CHECK(bench.state(id) == DeliveryState::done);
}

TEST_CASE("what the broker has lost is published again, on a new connection at once, else after a while") {
    Bench bench;
    bench.post(Letter{});
    REQUIRE(bench.queue.published.size() == 1);

    bench.offers->publish_again();
    bench.settle();
    CHECK(bench.queue.published.size() == 2);
    bench.live(Bench::publish_again - Duration{1});
    CHECK(bench.queue.published.size() == 2);
    bench.live(Duration{1});
    CHECK(bench.queue.published.size() == 3);
    CHECK(bench.queue.published[2] == bench.queue.published[0]);
    CHECK(bench.take(bench.queue.published[2]));
    bench.live(3 * Bench::publish_again);
    CHECK(bench.queue.published.size() == 3);
}

TEST_CASE("a broker that takes nothing costs no attempt, and the lane goes on when it is back") {
    Bench bench;
    bench.queue.open = false;
    const auto id = bench.post(Letter{});
    CHECK(bench.queue.published.empty());
    CHECK(bench.lanes->state(bench.national)->halt == delivery::Halt::no_worker);
    CHECK(bench.clock.next_wake() > bench.clock.now());  // it does not ask in a circle

    bench.queue.open = true;
    bench.queue.refuse = errc::broker_down;
    bench.queue.published.clear();
    bench.lanes->poke_all();
    for (int n = 0; n < 3; ++n) bench.io.poll_one();
    bench.queue.open = false;  // its standing follows the refusal
    bench.settle();
    CHECK(bench.state(id) == DeliveryState::queued);

    bench.queue.open = true;
    bench.queue.refuse.reset();
    bench.lanes->poke_all();
    bench.settle();
    CHECK(bench.take(bench.queue.published.back()));
    CHECK(bench.state(id) == DeliveryState::sending);
}

TEST_CASE("a worker that is lost leaves a question, not a second sending") {
    Bench bench;
    const auto id = bench.post(Letter{});
    const auto reference = bench.queue.published.at(0);
    CHECK(bench.take(reference));

    bench.offers->lost("w2", "somebody else");
    bench.settle();
    CHECK(bench.state(id) == DeliveryState::sending);
    bench.offers->lost("w1", "killed");
    bench.settle();

    CHECK(bench.state(id) == DeliveryState::reconciling);
    CHECK(bench.settle_as(reference, outcome(Verdict::accepted)).error().code == errc::stale);
    CHECK(bench.queue.published.size() == 1);
    bench.outlet.facts = {outcome(Verdict::accepted, errc::none, "AXIS-2")};
    bench.live(bench.settings.reconcile_first);
    CHECK(bench.state(id) == DeliveryState::done);
}

TEST_CASE("a held lane takes its offers back: an old reference begins nothing") {
    Bench bench;
    const auto id = bench.post(Letter{});
    const auto reference = bench.queue.published.at(0);

    bench.now(bench.ledger->hold_lane(bench.national, true, "operator:test")).value();
    bench.lanes->look_again(bench.national);
    bench.settle();
    CHECK_FALSE(bench.take(reference));
    CHECK(bench.state(id) == DeliveryState::queued);

    bench.now(bench.ledger->hold_lane(bench.national, false, "operator:test")).value();
    bench.lanes->look_again(bench.national);
    bench.settle();
    CHECK(bench.take(bench.queue.published.back()));
}

TEST_CASE("a taken-back document begins nothing") {
    Bench bench;
    const auto id = bench.post(Letter{});
    const auto reference = bench.queue.published.at(0);

    bench.now(bench.ledger->steer(bench.recipient(id).delivery, DeliveryState::cancelled, "operator:test"))
        .value();

    CHECK_FALSE(bench.take(reference));
    bench.settle();
    CHECK(bench.state(id) == DeliveryState::cancelled);
    CHECK(bench.offers->offered() == 0);
}

TEST_CASE("a dead letter ends in our quarantine, an old copy of it changes nothing") {
    Bench bench;
    const auto id = bench.post(Letter{});
    const auto reference = bench.queue.published.at(0);
    bool done = false;

    bench.begin(bench.offers->give_up(reference), done);
    CHECK(done);
    CHECK(bench.state(id) == DeliveryState::quarantined);
    CHECK(bench.recipient(id).reason == "queue.dead_letter");
    bench.begin(bench.offers->give_up(reference), done);
    CHECK(bench.state(id) == DeliveryState::quarantined);
}

TEST_CASE("as many again are handed over ahead, and are not published again while all places are taken") {
    Bench bench{2};
    bench.post_many(6);
    REQUIRE(bench.queue.published.size() == 4);

    CHECK(bench.take(bench.queue.published[0]));
    bench.live(Bench::publish_again);
    CHECK(bench.queue.published.size() == 4 + 3);  // one worker has a free place, and none of them
    CHECK(bench.take(bench.queue.published[1]));
    bench.live(3 * Bench::publish_again);
    CHECK(bench.queue.published.size() == 4 + 3);
    CHECK(bench.lanes->state(bench.national)->open == 2);

    CHECK(bench.settle_as(bench.queue.published[0], outcome(Verdict::accepted)));
    CHECK(bench.queue.published.size() == 4 + 3 + 1);
    CHECK(bench.take(bench.queue.published[2]));
}

TEST_CASE("an endpoint that asks for patience is handed nothing ahead, and gets back what was not begun") {
    Bench bench{8};
    bench.post_many(20);
    REQUIRE(bench.queue.published.size() == 16);
    for (std::size_t n = 0; n < 3; ++n) REQUIRE(bench.take(bench.queue.published[n]));

    CHECK(bench.settle_as(bench.queue.published[0], outcome(Verdict::deferred, errc::peer_deferred)));

    const auto state = bench.lanes->state(bench.national).value();
    CHECK(state.allowed == 4);
    CHECK(state.open == 2);
    CHECK(bench.offers->offered() == 2);
}

TEST_CASE("what is urgent goes to the queue of its class") {
    Bench bench;
    bench.post(Letter{});
    Letter urgent;
    urgent.number = "252";
    urgent.priority = 2;
    bench.post(urgent);

    CHECK(bench.queue.urgencies == std::vector<bool>{false, true});
}
