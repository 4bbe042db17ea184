// Rounds: which host of a broker is tried next, and when. Private to gateway/amqp; pure, one thread at a
// time.
//
//   lost → the next at once → the next at once → … all have failed: pause, doubled each round → the next …
#pragma once

#include <chrono>
#include <cstddef>

namespace axis::amqp {

class Rounds {
public:
    using Wait = std::chrono::milliseconds;

    Rounds(std::size_t hosts, Wait pause_min, Wait pause_max);

    std::size_t host() const { return host_; }
    // The life with host() is over: the next one's turn, after the wait that is answered. `forgives`: it was
    // so long that the failures before it no longer count.
    Wait ended(bool forgives);

private:
    std::size_t hosts_;
    Wait pause_min_, pause_max_;
    Wait pause_;
    std::size_t host_ = 0;
    std::size_t failed_ = 0;  // in this round
};

}  // namespace axis::amqp
