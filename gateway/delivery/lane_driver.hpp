// LaneDriver: the driver of one lane over a queue of references. Thread: io.
//
//   offered --publish--> confirmed … --begun and settled by a worker--> answered
//      ^                     |
//      '--- nobody has begun it within `publish_again`, or the queue may have lost it
//
// A worker is handed as many again as it may have under way, and begins them as places become free: on the
// way to it, through the broker's log, they would keep its places empty. What waits for that is published
// again the later.
#pragma once

#include "gateway/delivery/driver.hpp"
#include "gateway/delivery/offers.hpp"

#include <set>

namespace axis::delivery {

// The queues as the driver sees them.
class References {
public:
    virtual ~References() = default;
    virtual Task<Result<>> publish(const model::EndpointName& endpoint, Reference reference, bool urgent) = 0;
    virtual bool ready() const = 0;           // it takes references, and somebody takes them out
    virtual std::size_t workers() const = 0;  // who do
};

class LaneDriver final : public Driver {
public:
    // `at_once`: attempts in one worker.
    LaneDriver(
        References& queue,
        Offers& offers,
        Clock& clock,
        model::EndpointName endpoint,
        std::size_t at_once,
        Duration publish_again
    )
        : queue_{queue},
          offers_{offers},
          clock_{clock},
          endpoint_{std::move(endpoint)},
          at_once_{at_once},
          publish_again_{publish_again} {}

    Task<Result<Attempted>> attempt(ledger::Due due) override;
    void withdraw() override;
    std::size_t places() const override { return at_once_ * queue_.workers(); }
    std::size_t ahead() const override { return places(); }
    std::size_t waiting() const override;
    bool ready() const override { return queue_.ready(); }

private:
    Task<Result<>> until_answered(Offer& offer, Reference reference, bool urgent);

    References& queue_;
    Offers& offers_;
    Clock& clock_;
    model::EndpointName endpoint_;
    std::size_t at_once_;
    Duration publish_again_;
    std::set<Reference> open_;
};

}  // namespace axis::delivery
