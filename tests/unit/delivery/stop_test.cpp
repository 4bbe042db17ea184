// Goal: stopping and a failing ledger leave no delivery that nobody knows about. Method: as in lane_test,
// with SQLite's file layer failing on request.
#include "tests/support/faulty_vfs.hpp"
#include "tests/unit/delivery/delivery_bench.hpp"

#include <doctest/doctest.h>

using namespace axis;
using namespace axis::test;
using model::DeliveryState;
using model::Verdict;

TEST_SUITE_BEGIN("delivery");

TEST_CASE("stop waits for the open attempt and begins nothing new") {
    LaneBench bench;
    REQUIRE(bench.open().has_value());
    bench.settings.attempts_max = 1;
    bench.outlet.takes = std::chrono::seconds{10};
    const auto one = bench.post(Letter{.number = "1"});
    const auto two = bench.post(Letter{.number = "2"});
    bench.start();

    bool stopped = false;
    bench.begin(bench.lanes->stop(std::chrono::hours{1}), stopped);
    CHECK_FALSE(stopped);
    bench.advance(std::chrono::seconds{10});

    CHECK(stopped);
    CHECK(bench.state(one) == DeliveryState::done);
    CHECK(bench.state(two) == DeliveryState::queued);
    CHECK(bench.outlet.sent.size() == 1);
}

TEST_CASE("an attempt cut off by stop stays open on disk and is a question at the next start") {
    LaneBench bench;
    REQUIRE(bench.open().has_value());
    bench.outlet.takes = std::chrono::hours{1};
    bench.start();
    const auto id = bench.post(Letter{});
    CHECK(bench.state(id) == DeliveryState::sending);

    bench.stop(std::chrono::milliseconds{0});
    CHECK(bench.outlet.open_now == 0);
    CHECK(bench.state(id) == DeliveryState::sending);
    bench.lanes.reset();
    REQUIRE(bench.open().has_value());
    CHECK(bench.state(id) == DeliveryState::reconciling);

    bench.outlet.takes = Duration{0};
    bench.start();
    CHECK(bench.outlet.asked.empty());  // the other side may still be taking it
    bench.live(std::chrono::seconds{15});
    CHECK(bench.outlet.asked.size() == 1);
    CHECK(bench.outlet.sent.size() == 1);
    CHECK(bench.state(id) == DeliveryState::done);
}

TEST_CASE("an outcome the ledger cannot write is written when it can again, without a second copy") {
    LaneBench bench;
    REQUIRE(bench.open().has_value());
    bench.outlet.before_answer = [&bench] {
        bench.disk.fail_call(1, SQLITE_IOERR, FaultyVfs::Lasting::until_mended);
    };
    bench.start();

    const auto id = bench.post(Letter{});
    CHECK(bench.outlet.sent.size() == 1);
    CHECK(bench.state(id) == DeliveryState::sending);
    bench.live(std::chrono::seconds{60});
    CHECK(bench.state(id) == DeliveryState::sending);

    bench.disk.mend();
    bench.live(std::chrono::seconds{30});
    CHECK(bench.state(id) == DeliveryState::done);
    CHECK(bench.outlet.sent.size() == 1);
}

TEST_CASE("nothing is sent while attempts cannot be written, and the lane does not spin") {
    LaneBench bench;
    REQUIRE(bench.open().has_value());
    const auto id = bench.post(Letter{});

    bench.disk.fail_call(1, SQLITE_IOERR, FaultyVfs::Lasting::until_mended);
    bench.start();
    bench.live(std::chrono::seconds{20});
    CHECK(bench.outlet.sent.empty());

    bench.disk.mend();
    bench.live(std::chrono::seconds{30});
    CHECK(bench.state(id) == DeliveryState::done);
    CHECK(bench.outlet.sent.size() == 1);
}

// A lane that does not wait here never gives its thread back: the test does not end then.
TEST_CASE("a lane with all places taken waits for an attempt to end when the time of another delivery comes"
) {
    LaneBench bench;
    REQUIRE(bench.open().has_value());
    bench.settings.attempts_max = 1;
    bench.outlet.answers = {outcome(Verdict::deferred, errc::timed_out)};
    bench.start();
    const auto later = bench.post(Letter{.number = "1"});
    bench.outlet.takes = std::chrono::hours{1};
    const auto open = bench.post(Letter{.number = "2"});
    REQUIRE(bench.state(open) == DeliveryState::sending);

    bench.advance(std::chrono::minutes{1});
    CHECK(bench.state(later) == DeliveryState::queued);
    bench.outlet.takes = Duration{0};
    bench.advance(std::chrono::hours{1});

    CHECK(bench.state(open) == DeliveryState::done);
    CHECK(bench.state(later) == DeliveryState::done);
}

TEST_CASE("so does one whose places for large deliveries are taken, when the time of a large one comes") {
    LaneBench bench;
    REQUIRE(bench.open().has_value());
    bench.settings.attempts_max = 2;  // one of them for large ones
    const std::string large(2 * model::large_bytes, 'x');
    bench.outlet.answers = {outcome(Verdict::deferred, errc::timed_out)};
    bench.start();
    const auto later = bench.post(Letter{.number = "1", .file = large});
    bench.outlet.takes = std::chrono::hours{1};
    const auto open = bench.post(Letter{.number = "2", .file = large + "y"});
    REQUIRE(bench.state(open) == DeliveryState::sending);

    bench.advance(std::chrono::minutes{1});
    CHECK(bench.state(later) == DeliveryState::queued);
    bench.outlet.takes = Duration{0};
    bench.advance(std::chrono::hours{1});

    CHECK(bench.state(open) == DeliveryState::done);
    CHECK(bench.state(later) == DeliveryState::done);
}

TEST_SUITE_END();
