// Goal: waits double between their limits and are spread. Method: many draws from a seed.
#include "gateway/delivery/backoff.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace axis;
using delivery::Backoff;

TEST_SUITE_BEGIN("delivery");

TEST_CASE("waits double from the first to the longest, each between 80 and 120 percent") {
    SeededRandom random{3};
    const Backoff backoff{std::chrono::seconds{5}, std::chrono::minutes{15}};
    Duration middle{5000};

    for (int attempt = 1; attempt <= 40; ++attempt) {
        Duration least = Duration::max();
        Duration most{0};
        for (int draw = 0; draw < 200; ++draw) {
            const auto wait = backoff.after(attempt, random);
            least = std::min(least, wait);
            most = std::max(most, wait);
        }

        CHECK(least >= middle * 8 / 10);
        CHECK(most <= middle * 12 / 10);
        CHECK(most - least > middle * 3 / 10);
        middle = std::min<Duration>(middle * 2, std::chrono::minutes{15});
    }
}

TEST_SUITE_END();
