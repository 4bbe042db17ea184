// LaneDriver: the driver of one lane over a queue of references. Thread: io.
//
//   offered --publish--> confirmed … --begun and settled by a worker--> answered
//      ^                     |
//      '--- nobody has begun it within `publish_again`, or the queue may have lost it
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
    LaneDriver(
        References& queue, Offers& offers, Clock& clock, model::EndpointName endpoint, Duration publish_again
    )
        : queue_{queue},
          offers_{offers},
          clock_{clock},
          endpoint_{std::move(endpoint)},
          publish_again_{publish_again} {}

    Task<Result<Attempted>> attempt(ledger::Due due) override;
    void withdraw() override;
    std::size_t places(std::size_t each) const override { return each * queue_.workers(); }
    bool ready() const override { return queue_.ready(); }

private:
    Task<Result<>> until_answered(Offer& offer, Reference reference, bool urgent);

    References& queue_;
    Offers& offers_;
    Clock& clock_;
    model::EndpointName endpoint_;
    Duration publish_again_;
    std::set<Reference> open_;
};

}  // namespace axis::delivery
