// Lanes: every lane of the gateway, started and stopped together. Thread: io.
#pragma once

#include "gateway/delivery/lane.hpp"

#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace axis::delivery {

class Lanes {
public:
    explicit Lanes(LaneParts parts) : parts_{std::move(parts)}, group_{parts_.io} {}

    // Before start(). The outlet must outlive the lanes.
    void add(LaneSettings settings, ports::Outlet& outlet);
    void start();
    void poke(const model::EndpointName& endpoint, int priority = 0);
    void poke_all();  // the driver can do what it could not, or no longer
    void look_again(const model::EndpointName& endpoint);
    void resume(const model::EndpointName& endpoint);
    // Nothing for an endpoint without a lane.
    std::optional<LaneState> state(const model::EndpointName& endpoint) const;
    // Begins nothing new, waits up to `grace` for open attempts, then cancels them: they are reconciled at
    // next start.
    Task<> stop(std::chrono::milliseconds grace);

private:
    LaneParts parts_;
    std::map<model::EndpointName, std::unique_ptr<Lane>> lanes_;
    TaskGroup group_;
};

}  // namespace axis::delivery
