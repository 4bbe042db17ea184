// ReferenceBroker: a broker and two workers as the lanes meet them (delivery/lane_driver.hpp). References are
// lost, doubled, late and out of order; the broker is away, or wiped; a worker dies at any point, and its
// references come back. Thread: one.
#pragma once

#include "gateway/base/random.hpp"
#include "gateway/base/task_group.hpp"
#include "gateway/delivery/lane_driver.hpp"
#include "gateway/delivery/lanes.hpp"

#include <array>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string_view>

namespace axis::simulation {

struct ReferenceBrokerParts {
    asio::io_context& io;
    Clock& clock;
    Random& random;
    ledger::Ledger& ledger;
    delivery::StreamOf stream;
    std::function<void()> changed;  // poke the lanes
    std::function<void(std::string_view fault)> count;
};

inline constexpr std::size_t broker_workers = 2;

class ReferenceBroker final : public delivery::References {
public:
    explicit ReferenceBroker(ReferenceBrokerParts parts);

    std::unique_ptr<delivery::Driver> lane(const delivery::LaneSettings& lane, ports::Outlet& outlet);
    void cancel();  // everybody dies; inside a handler
    Task<> join();

    Task<Result<>> publish(const model::EndpointName& endpoint, delivery::Reference reference, bool urgent)
        override;
    bool ready() const override { return !away_; }
    std::size_t workers() const override { return crew_.size(); }

private:
    struct Letter {
        model::EndpointName endpoint;
        delivery::Reference reference;
    };
    using Open = std::map<model::EndpointName, std::size_t>;  // attempts
    struct Member {
        explicit Member(asio::io_context& io) : attempts{std::make_unique<TaskGroup>(io)} {}
        std::string name;
        std::shared_ptr<Open> open = std::make_shared<Open>();
        std::unique_ptr<TaskGroup> attempts;
    };

    bool chance(unsigned per_mille) { return parts_.random.below(1000) < per_mille; }
    Duration up_to(Duration most);
    void keep(Letter letter);
    Task<> hand_out(Letter letter, Duration after, std::uint64_t disk);
    Task<> attempt(std::string worker, std::shared_ptr<Open> open, Letter letter);
    Task<> die(std::size_t member, Duration after);
    void go_away();
    Task<> come_back(Duration after);

    ReferenceBrokerParts parts_;
    delivery::Offers offers_;
    std::map<model::EndpointName, ports::Outlet*> outlets_;
    std::map<model::EndpointName, std::size_t> places_;  // in each worker
    std::array<Member, broker_workers> crew_;
    std::list<std::unique_ptr<TaskGroup>> graves_;
    TaskGroup own_;
    bool away_ = false;
    std::uint64_t disk_ = 0;  // another one after a wipe: what lay on the old one is gone
    int names_ = 0;
};

}  // namespace axis::simulation
