// Goal: when an endpoint is left in peace, and how much it is given at once. Method: the pure rules, time as
// a number.
#include "gateway/delivery/breaker.hpp"

#include "gateway/delivery/concurrency.hpp"
#include "gateway/delivery/window.hpp"

#include <doctest/doctest.h>

using namespace axis;
using namespace axis::delivery;
using namespace std::chrono_literals;
using model::DeliveryId;

TEST_SUITE_BEGIN("delivery");

namespace {

const Time start{std::chrono::sys_days{std::chrono::year{2026} / 11 / 26}};

struct Endpoint {
    SeededRandom random{5};
    Breaker breaker;
    Time now = start;

    bool fail(std::int64_t delivery) { return breaker.failed(DeliveryId{delivery}, now, random); }
    void open() {
        for (int i = 1; i <= 5; ++i) fail(i);
        REQUIRE_FALSE(breaker.closed());
    }
};

ledger::Due due(std::int64_t id, int priority = 0) {
    return {{id}, 0, start, priority, model::DeliveryState::queued};
}

}  // namespace

TEST_CASE("five failures in a row of three deliveries open it, fewer do not") {
    Endpoint e;
    for (int i = 0; i < 4; ++i) CHECK_FALSE(e.fail(i));
    CHECK(e.breaker.allows(3, e.now));
    CHECK(e.fail(4));
    CHECK_FALSE(e.breaker.closed());
    CHECK_FALSE(e.breaker.allows(0, e.now));
}

TEST_CASE("one poisonous delivery, or two, never open it") {
    Endpoint e;
    for (int i = 0; i < 100; ++i) CHECK_FALSE(e.fail(i % 2));
    CHECK(e.breaker.closed());
}

TEST_CASE("an answer in between begins the count anew") {
    Endpoint e;
    for (int i = 0; i < 4; ++i) e.fail(i);
    CHECK_FALSE(e.breaker.answered());
    for (int i = 0; i < 4; ++i) CHECK_FALSE(e.fail(i));
    CHECK(e.breaker.closed());
}

TEST_CASE("after its wait one attempt finds out; without an answer the waits double up to five minutes") {
    Endpoint e;
    e.open();
    Duration last{0};
    for (int trip = 0; trip < 12; ++trip) {
        CHECK_FALSE(e.fail(77));  // it was under way when it opened
        const auto wait = e.breaker.until() - e.now;
        CHECK(wait >= last * 3 / 4);
        CHECK(wait <= Duration{6min});
        last = wait;
        e.now = e.breaker.until();
        CHECK(e.breaker.allows(0, e.now));
        CHECK_FALSE(e.breaker.allows(1, e.now));
        CHECK(e.fail(trip));
    }
    CHECK(last >= Duration{4min});
    e.now = e.breaker.until();
    CHECK(e.breaker.answered());
    CHECK(e.breaker.closed());
    CHECK(e.breaker.allows(3, e.now));
}

TEST_CASE("an operator's wish makes the next attempt a probe") {
    Endpoint e;
    e.open();
    e.breaker.try_now();
    CHECK(e.breaker.allows(0, e.now));
    CHECK_FALSE(e.breaker.closed());
}

TEST_CASE("what an endpoint bears is halved once for what fails together, and grows by one a round") {
    Concurrency c{8};
    CHECK(c.allowed() == 8);
    const auto begun = start;
    for (int i = 0; i < 8; ++i) c.troubled(begun, start + 1s);
    CHECK(c.allowed() == 4);
    for (int i = 0; i < 20; ++i) c.troubled(start + 1s + i * 2s, start + 2s + i * 2s);
    CHECK(c.allowed() == 2);  // one that hangs must not hold all others
    for (int i = 0; i < 3; ++i) c.answered();
    CHECK(c.allowed() == 3);
    Concurrency one{1};
    one.troubled(start, start + 1s);
    CHECK(one.allowed() == 1);
    for (int i = 0; i < 100; ++i) c.answered();
    CHECK(c.allowed() == 8);
}

TEST_CASE("large deliveries take half of the places, and neither kind waits for the other") {
    Window w;
    for (int i = 0; i < 10; ++i) {
        w.half(Size::large).due.push_back(due(i));
        w.half(Size::small).due.push_back(due(100 + i));
    }
    const auto take = [&](std::size_t allowed) {
        const auto size = w.next({allowed});
        REQUIRE(size.has_value());
        w.half(*size).due.pop_front();
        w.started(*size);
        return *size;
    };
    CHECK(take(4) == Size::large);
    CHECK(take(4) == Size::small);
    CHECK(take(4) == Size::small);
    CHECK(take(4) == Size::small);
    CHECK_FALSE(w.next({4}).has_value());
    w.half(Size::small).due.clear();
    w.ended(Size::small);
    CHECK(take(4) == Size::large);
    w.ended(Size::small);
    CHECK_FALSE(w.next({4}).has_value());  // a place for a small one
}

TEST_CASE("ahead go small ones only, and no question") {
    Window w;
    const delivery::Room room{4, 4};
    for (int i = 0; i < 10; ++i) w.half(Size::large).due.push_back(due(i));
    const auto start = [&](Size size) {
        REQUIRE(w.next(room) == size);
        w.half(size).due.pop_front();
        w.started(size);
    };
    start(Size::large);
    start(Size::large);
    CHECK_FALSE(w.next(room).has_value());

    for (int i = 0; i < 20; ++i) w.half(Size::small).due.push_back(due(100 + i));
    start(Size::small);
    start(Size::small);
    auto& front = w.half(Size::small).due.front();
    front.state = model::DeliveryState::reconciling;
    CHECK_FALSE(w.next(room).has_value());
    CHECK(w.look_at(room) == Time::max());  // it waits for a place, not for a time
    front.state = model::DeliveryState::queued;
    for (int i = 0; i < 4; ++i) start(Size::small);
    CHECK_FALSE(w.next(room).has_value());

    // Those that end leave their places to it, not to small ones that keep coming; beside it nothing goes
    // ahead.
    w.half(Size::large).due.front().state = model::DeliveryState::reconciling;
    for (int i = 0; i < 4; ++i) {
        w.ended(Size::small);
        CHECK_FALSE(w.next(room).has_value());
    }
    w.ended(Size::large);
    w.ended(Size::large);
    REQUIRE(w.next(room) == Size::large);
    w.half(Size::large).due.clear();
    w.started(Size::large, true);
    start(Size::small);
    CHECK_FALSE(w.next(room).has_value());
    w.ended(Size::large, true);
    for (int i = 0; i < 3; ++i) start(Size::small);
}

TEST_CASE("with one place the two kinds take turns") {
    Window w;
    for (int i = 0; i < 4; ++i) {
        w.half(Size::large).due.push_back(due(i));
        w.half(Size::small).due.push_back(due(100 + i));
    }
    std::string turns;
    for (int i = 0; i < 6; ++i) {
        const auto size = w.next({1}).value();
        turns += size == Size::large ? 'L' : 's';
        w.half(size).due.pop_front();
        w.started(size);
        w.ended(size);
    }
    CHECK(turns == "LsLsLs");
}

TEST_CASE("urgent work takes the place of what is less urgent in memory; questions stay") {
    Window w;
    auto& half = w.half(Size::small);
    half.due = {due(1), due(2, 3), due(3)};
    half.due.front().state = model::DeliveryState::reconciling;
    half.poked = false;
    w.poke(2);
    CHECK(half.due.size() == 2);
    CHECK(half.due.front().state == model::DeliveryState::reconciling);
    CHECK(half.due.back().priority == 3);
    CHECK(half.poked);
    w.half(Size::large).due = {due(9)};
    w.half(Size::small).due = {due(4, 1)};
    CHECK(w.next({4}) == Size::small);
}

TEST_SUITE_END();
