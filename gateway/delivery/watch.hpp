// Watch: looks after deliveries that wait, whatever their lane does: past its life one goes to quarantine,
// and the sender of one that has waited for long is told once. A slice of each endpoint's queue at a time, so
// that a backlog of millions is no burden. Thread: io.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/delivery/lane.hpp"

#include <map>
#include <utility>
#include <vector>

namespace axis::delivery {

struct WatchSettings {
    std::vector<model::EndpointName> endpoints;
    Duration late{std::chrono::hours{4}};  // 0: nobody is told
    Duration every{std::chrono::minutes{1}};
    std::size_t slice = 2'000;  // deliveries of one endpoint and state at a time
    // Something went out of this lane: what waited behind it may go.
    std::function<void(const model::EndpointName&)> freed{};
};

class Watch {
public:
    Watch(LaneParts parts, WatchSettings settings)
        : parts_{std::move(parts)}, settings_{std::move(settings)} {}

    Task<> run();   // until cancelled
    Task<> look();  // one slice of every queue

private:
    Task<> look_at(model::EndpointName endpoint, model::DeliveryState state);

    LaneParts parts_;
    WatchSettings settings_;
    std::map<std::pair<model::EndpointName, model::DeliveryState>, model::DeliveryId> seen_;
};

}  // namespace axis::delivery
