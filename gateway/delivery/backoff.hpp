// When to try again: doubling from first to max, with jitter so that lanes do not march in step. Pure; any
// thread.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/base/random.hpp"

namespace axis::delivery {

struct Backoff {
    Duration first{std::chrono::seconds{5}};
    Duration max{std::chrono::minutes{15}};

    // After attempt number `attempt` (from 1) failed: between 80 and 120 % of first × 2^(attempt−1), at most
    // max.
    Duration after(int attempt, Random& random) const;
    // Between 80 and 120 % of `wait`.
    static Duration spread(Duration wait, Random& random);
};

}  // namespace axis::delivery
