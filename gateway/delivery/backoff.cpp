#include "gateway/delivery/backoff.hpp"

#include <algorithm>

namespace axis::delivery {

Duration Backoff::after(int attempt, Random& random) const {
    auto wait = first;
    for (int i = 1; i < attempt && wait < max; ++i) wait *= 2;
    return spread(std::min(wait, max), random);
}

Duration Backoff::spread(Duration wait, Random& random) {
    const auto fifth = wait.count() / 5;
    const auto extra = random.below(2 * static_cast<std::uint64_t>(fifth) + 1);
    return wait - Duration{fifth} + Duration{static_cast<Duration::rep>(extra)};
}

}  // namespace axis::delivery
