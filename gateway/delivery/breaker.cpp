#include "gateway/delivery/breaker.hpp"

namespace axis::delivery {

bool Breaker::answered() {
    const bool was_closed = closed();
    failures_ = 0;
    deliveries_.clear();
    trips_ = 0;
    until_ = {};
    return !was_closed;
}

bool Breaker::failed(model::DeliveryId delivery, Time now, Random& random) {
    if (closed()) {
        failures_ += 1;
        if (deliveries_.size() < limits_.deliveries) deliveries_.insert(delivery);
        if (failures_ < limits_.failures || deliveries_.size() < limits_.deliveries) return false;
    } else if (now < until_) {
        return false;  // attempts that were open when it opened
    }
    trips_ += 1;
    until_ = now + limits_.wait.after(trips_, random);
    return true;
}

}  // namespace axis::delivery
