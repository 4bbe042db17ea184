#include "gateway/amqp/rounds.hpp"

#include "gateway/base/error.hpp"

#include <algorithm>

namespace axis::amqp {

Rounds::Rounds(std::size_t hosts, Wait pause_min, Wait pause_max)
    : hosts_{hosts}, pause_min_{pause_min}, pause_max_{pause_max}, pause_{pause_min} {
    AXIS_ASSERT(hosts > 0);
}

Rounds::Wait Rounds::ended(bool forgives) {
    host_ = (host_ + 1) % hosts_;
    if (forgives) {
        failed_ = 0;
        pause_ = pause_min_;
    }
    if (++failed_ < hosts_) return Wait{0};
    failed_ = 0;
    const auto wait = pause_;
    pause_ = std::min(2 * pause_, pause_max_);
    return wait;
}

}  // namespace axis::amqp
