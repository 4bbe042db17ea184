#include "gateway/delivery/lanes.hpp"

#include "gateway/base/within.hpp"

namespace axis::delivery {

void Lanes::add(LaneSettings settings, ports::Outlet& outlet) {
    const auto name = settings.endpoint;
    lanes_[name] = std::make_unique<Lane>(parts_, std::move(settings), outlet);
}

void Lanes::start() {
    for (auto& [name, lane] : lanes_) group_.spawn("lane " + name.text, lane->run());
}

void Lanes::poke(const model::EndpointName& endpoint, int priority) {
    const auto at = lanes_.find(endpoint);
    if (at != lanes_.end()) at->second->poke(priority);
}

void Lanes::poke_all() {
    for (auto& [name, lane] : lanes_) lane->poke();
}

void Lanes::look_again(const model::EndpointName& endpoint) {
    const auto at = lanes_.find(endpoint);
    if (at != lanes_.end()) at->second->look_again();
}

void Lanes::resume(const model::EndpointName& endpoint) {
    const auto at = lanes_.find(endpoint);
    if (at != lanes_.end()) at->second->resume();
}

std::optional<LaneState> Lanes::state(const model::EndpointName& endpoint) const {
    const auto at = lanes_.find(endpoint);
    return at == lanes_.end() ? std::nullopt : std::optional{at->second->state()};
}

Task<> Lanes::stop(std::chrono::milliseconds grace) {
    for (auto& [name, lane] : lanes_) lane->stop();
    group_.close();
    const bool ended = co_await within(grace, group_.join());
    if (ended) co_return;
    for (auto& [name, lane] : lanes_) lane->abort();
    co_await group_.join();
}

}  // namespace axis::delivery
