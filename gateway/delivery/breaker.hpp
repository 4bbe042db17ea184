// Breaker: whether an endpoint is worth trying (circuit breaker). Pure; any thread.
//
//   closed ──no answer, several times in a row, for several deliveries──► open ──its time──► probing
//     ▲                                                                    ▲                  │   │
//     │                                                                    └──no answer, wait─┘   │
//     └────────────────────────────────any answer─────────────────────────────────────────────────┘
//
// A refusal is an answer. One delivery alone never opens it: what is poison to the other side must not stop
// the others. While it is open nothing is attempted, so that an outage of days costs an attempt now and then
// and not one of every delivery.
#pragma once

#include "gateway/delivery/backoff.hpp"
#include "gateway/model/ids.hpp"

#include <cstddef>
#include <set>

namespace axis::delivery {

struct BreakerLimits {
    int failures = 5;            // in a row
    std::size_t deliveries = 3;  // among them at least
    Backoff wait{std::chrono::seconds{5}, std::chrono::minutes{5}};
};

class Breaker {
public:
    explicit Breaker(BreakerLimits limits = {}) : limits_{limits} {}

    // True: it was not closed, and is now.
    bool answered();
    // True: it has just opened, for the first time or again.
    bool failed(model::DeliveryId delivery, Time now, Random& random);
    // An operator knows better: the next attempt is a probe.
    void try_now() { until_ = {}; }

    bool closed() const { return trips_ == 0; }
    Time until() const { return until_; }  // nothing is attempted before
    // One attempt at a time finds out.
    bool allows(std::size_t open_attempts, Time now) const {
        return closed() || (until_ <= now && open_attempts == 0);
    }

private:
    BreakerLimits limits_;
    int failures_ = 0;
    std::set<model::DeliveryId> deliveries_;  // at most limits_.deliveries of them
    int trips_ = 0;                           // 0: closed
    Time until_{};
};

}  // namespace axis::delivery
