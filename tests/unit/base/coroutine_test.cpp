// Goal: the tools every coroutine stands on: clock, pool, offload, within, task group. Method: private
// io_contexts.
#include "gateway/base/log.hpp"
#include "gateway/base/offload.hpp"
#include "gateway/base/task_group.hpp"
#include "gateway/base/turns.hpp"
#include "gateway/base/within.hpp"
#include "tests/support/run.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <thread>
#include <vector>

using namespace axis;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("base/coroutines");

namespace {

Task<int> answer(Pool& pool, std::thread::id& ran_on) {
    auto work = [&ran_on] {
        ran_on = std::this_thread::get_id();
        return 42;
    };
    const int value = co_await offload(pool, std::move(work));
    co_return value;
}

Task<> never(Clock& clock) {
    co_await clock.sleep_until(Time::max());
}

Task<> note(Clock& clock, Duration after, std::vector<int>& order, int n) {
    co_await clock.sleep_for(after);
    order.push_back(n);
}

}  // namespace

TEST_CASE("offloaded work runs on the pool and its result comes home") {
    Pool pool{"test", 1};
    std::thread::id ran_on;

    const int value = test::run(answer(pool, ran_on));

    CHECK(value == 42);
    CHECK(ran_on != std::this_thread::get_id());
}

TEST_CASE("the inline form of a pool runs the work in the caller") {
    Pool pool{"inline", 0};
    std::thread::id ran_on;

    CHECK(test::run(answer(pool, ran_on)) == 42);
    CHECK(ran_on == std::this_thread::get_id());
}

TEST_CASE("an exception of offloaded work is thrown where it is awaited") {
    Pool pool{"test", 1};
    const auto fail = [](Pool& p) -> Task<> {
        auto work = []() -> int { throw std::runtime_error("boom"); };
        co_await offload(p, work);
    };

    CHECK_THROWS_WITH(test::run(fail(pool)), "boom");
}

TEST_CASE("a pool finishes what was posted before it ends") {
    int done = 0;
    {
        Pool pool{"test", 1};
        for (int i = 0; i < 100; ++i) pool.post([&done] { ++done; });
    }
    CHECK(done == 100);
}

TEST_CASE("sleepers of a manual clock wake in the order of their times, and only when it moves") {
    asio::io_context io;
    ManualClock clock{io, Time{1h}};
    TaskGroup group{io};
    std::vector<int> order;
    group.spawn("late", note(clock, 20s, order, 2));
    group.spawn("early", note(clock, 10s, order, 1));

    io.poll();
    CHECK(order.empty());
    CHECK(clock.next_wake() == Time{1h} + 10s);
    clock.advance(10s);
    io.restart();
    io.poll();
    CHECK(order == std::vector{1});
    clock.advance(10s);
    io.restart();
    io.poll();
    CHECK(order == std::vector{1, 2});
}

TEST_CASE("a wakeup ends the wait before its time, also when it came first") {
    asio::io_context io;
    ManualClock clock{io, Time{1h}};
    Wakeup wakeup{io};
    const auto wait = [](Clock& c, Wakeup& w) -> Task<> { co_await c.wait(w, Time::max()); };

    wakeup.notify();
    test::run(io, wait(clock, wakeup));

    CHECK(clock.next_wake() == Time::max());
}

TEST_CASE("within gives nothing when the limit comes first and ends the loser") {
    asio::io_context io;
    SystemClock clock{io};
    bool finished = true;
    const auto limited = [](Clock& c, bool& out) -> Task<> {
        const bool done = co_await within(5ms, never(c));
        out = done;
    };

    test::run(io, limited(clock, finished));

    CHECK_FALSE(finished);
}

TEST_CASE("a task group cancels and awaits what it holds") {
    asio::io_context io;
    ManualClock clock{io, Time{1h}};
    TaskGroup group{io, 2};

    CHECK(group.spawn("one", never(clock)));
    CHECK(group.spawn("two", never(clock)));
    CHECK_FALSE(group.spawn("one too many", never(clock)));
    io.poll();
    group.cancel();
    test::run(io, group.join());

    CHECK(group.size() == 0);
    CHECK_FALSE(group.spawn("too late", never(clock)));
}

TEST_CASE("a task that throws is logged by name and the others go on") {
    asio::io_context io;
    ManualClock clock{io, Time{1h}};
    TaskGroup group{io};
    std::string failed;
    auto before =
        log::watch([&failed](log::Level, std::string_view event, const std::vector<log::Field>& fields) {
            if (event == "task.failed") failed = fields.at(0).value;
        });
    const auto thrower = []() -> Task<> {
        throw std::runtime_error("boom");
        co_return;
    };

    group.spawn("thrower", thrower());
    group.spawn("sleeper", never(clock));
    io.poll();

    CHECK(failed == "thrower");
    CHECK(group.size() == 1);
    group.cancel();
    test::run(io, group.join());
    log::watch(std::move(before));
}

TEST_CASE("turns come in the order in which they were taken; dropped or cancelled, one holds nobody up") {
    asio::io_context io;
    TaskGroup group{io};
    TaskGroup cancelled{io};
    Turns turns;
    std::vector<int> came;
    const auto taker = [&came](std::unique_ptr<Turns::Turn> turn, int number) -> Task<> {
        co_await turn->come();
        came.push_back(number);
    };
    auto dropped = turns.take();
    auto kept = turns.take();
    cancelled.spawn("1", taker(turns.take(), 1));
    auto second = turns.take();
    auto third = turns.take();
    group.spawn("3", taker(std::move(third), 3));
    group.spawn("2", taker(std::move(second), 2));
    io.poll();

    dropped.reset();
    asio::post(io, [&] { cancelled.cancel(); });
    io.poll();
    CHECK(came.empty());
    CHECK(cancelled.size() == 0);
    kept->pass();
    test::run(io, group.join());

    CHECK(came == std::vector{2, 3});
}

TEST_SUITE_END();
