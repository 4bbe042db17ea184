// Concurrency: how many attempts an endpoint bears at once. One more for every round of answers, half after a
// failure or a plea for patience (additive increase, multiplicative decrease), but never less than two: a
// single attempt that hangs must not hold all others. Pure; any thread.
#pragma once

#include "gateway/base/clock.hpp"

#include <algorithm>
#include <cstddef>

namespace axis::delivery {

class Concurrency {
public:
    explicit Concurrency(std::size_t most)
        : most_{static_cast<double>(most)}, least_{std::min(most_, 2.0)}, allowed_{most_} {}

    // More workers bear more, fewer less; what is learnt of the endpoint stays.
    void limit(std::size_t most) {
        const bool full = allowed_ >= most_;
        most_ = static_cast<double>(most);
        least_ = std::min(most_, 2.0);
        allowed_ = full ? most_ : std::clamp(allowed_, least_, most_);
    }
    void answered() { allowed_ = std::min(most_, allowed_ + 1 / allowed_); }
    // Attempts that were open together fail together: only one begun since the last cut counts.
    void troubled(Time begun, Time now) {
        if (begun < cut_at_) return;
        cut_at_ = now;
        allowed_ = std::max(least_, allowed_ / 2);
    }
    std::size_t allowed() const { return static_cast<std::size_t>(allowed_); }

private:
    double most_;
    double least_;
    double allowed_;
    Time cut_at_{};
};

}  // namespace axis::delivery
