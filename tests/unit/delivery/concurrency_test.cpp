// Goal: what is learnt of an endpoint outlives the coming and going of workers.
#include "gateway/delivery/concurrency.hpp"

#include <doctest/doctest.h>

using namespace axis;
using delivery::Concurrency;

TEST_SUITE_BEGIN("delivery");

TEST_CASE("a second worker doubles what an untroubled endpoint gets, and takes it away again") {
    Concurrency concurrency{8};

    concurrency.limit(16);
    CHECK(concurrency.allowed() == 16);
    concurrency.limit(8);
    CHECK(concurrency.allowed() == 8);
}

TEST_CASE("an endpoint in trouble does not get more because a worker came") {
    Concurrency concurrency{8};
    const Time now{Duration{1'000}};

    concurrency.troubled(now, now);
    CHECK(concurrency.allowed() == 4);
    concurrency.limit(16);
    CHECK(concurrency.allowed() == 4);
    for (int n = 0; n < 200; ++n) concurrency.answered();
    CHECK(concurrency.allowed() == 16);
}
