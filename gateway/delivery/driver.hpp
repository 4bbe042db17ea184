// Driver: how what a lane has chosen becomes an attempt ([queue] driver). `embedded`: here, in this process.
// `broker`: by whichever worker takes the reference out of the broker's queue. The lane chooses, settles and
// learns, whatever the driver. Thread: io.
#pragma once

#include "gateway/base/task.hpp"
#include "gateway/ledger/lane_records.hpp"
#include "gateway/model/delivery.hpp"

#include <cstddef>
#include <memory>

namespace axis::delivery {

inline constexpr std::size_t workers_max = 16;  // processes that send for one gateway

struct Attempted {
    ledger::Attempt attempt;
    model::Outcome outcome;
    std::shared_ptr<void> settled;  // dropped once the outcome is on disk
};

class Driver {
public:
    virtual ~Driver() = default;

    // begin (its row on disk) → send → what came of it. An error: nothing was begun, nothing was sent; stale:
    // it is no longer to be. Throws only when cancelled: what was begun stays `sending`.
    virtual Task<Result<Attempted>> attempt(ledger::Due due) = 0;
    // What was not begun comes back as stale: the lane is held, paused, in trouble, or ends.
    virtual void withdraw() {}
    // Attempts at once.
    virtual std::size_t places() const = 0;
    // More of them that may be handed over meanwhile, and wait for a place where they are begun.
    virtual std::size_t ahead() const { return 0; }
    // Handed over and not begun.
    virtual std::size_t waiting() const { return 0; }
    // False: nothing can be attempted now; the lane is poked when that changes.
    virtual bool ready() const { return true; }
};

}  // namespace axis::delivery
