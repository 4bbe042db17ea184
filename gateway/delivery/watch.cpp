#include "gateway/delivery/watch.hpp"

#include "gateway/base/log.hpp"

#include <array>

namespace axis::delivery {

namespace {

using model::DeliveryState;

constexpr std::array watched{
    DeliveryState::queued, DeliveryState::reconciling, DeliveryState::offered, DeliveryState::held};

}  // namespace

Task<> Watch::run() {
    for (;;) {
        co_await look();
        co_await parts_.clock.sleep_for(settings_.every);
    }
}

Task<> Watch::look() {
    for (const auto& endpoint : settings_.endpoints)
        for (const auto state : watched) co_await look_at(endpoint, state);
}

Task<> Watch::look_at(model::EndpointName endpoint, DeliveryState state) {
    auto& seen = seen_[{endpoint, state}];
    const auto late = settings_.late == Duration{0} ? Time{} : parts_.clock.now() - settings_.late;
    auto found = co_await parts_.ledger.look_after(endpoint, state, seen, settings_.slice, late);
    if (!found) {
        log::error("watch.failed", "endpoint", endpoint, "reason", to_string(found.error()));
        co_return;
    }
    seen = found->last;
    if (found->warned > 0) log::warn("delivery.delayed", "endpoint", endpoint, "count", found->warned);
    for (const auto id : found->expired) {
        log::warn("delivery.expired", "endpoint", endpoint, "delivery", id);
        if (parts_.alarm)
            parts_.alarm(true, "delivery.quarantined", to_string(id), "past its life, to " + endpoint.text);
    }
    if (settings_.freed && !found->expired.empty()) settings_.freed(endpoint);
    if (parts_.tell && !found->listeners.empty()) parts_.tell(found->listeners);
}

}  // namespace axis::delivery
