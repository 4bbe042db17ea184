// Core: the gateway's object graph as gateway/app builds it, on virtual time and inline pools: ledger, spool,
// intake, lookup, lanes, and for each axis the real outlet and feed over calls the world answers.
//
// kill() is the crash: the disk is dead from that moment, whoever still waits is cancelled, nothing it does
// counts. Thread: one; io is driven by the world.
#pragma once

#include "adapters/vxp/feed.hpp"
#include "adapters/vxp/outlet.hpp"
#include "gateway/delivery/lanes.hpp"
#include "gateway/delivery/watch.hpp"
#include "gateway/intake/intake.hpp"
#include "gateway/intake/lookup.hpp"
#include "tests/simulation/reference_broker.hpp"
#include "tests/simulation/storage.hpp"

#include <boost/asio/executor_work_guard.hpp>

#include <map>
#include <memory>
#include <vector>

namespace axis::simulation {

struct CoreSettings {
    std::size_t attempts_max = 4;
    std::size_t window_max = 64;
    delivery::Backoff backoff{seconds{5}, hours{2}};
    Duration poll{hours{12}};
    Duration watch_every{hours{6}};
    Duration delivery_life{hours{96}};
    ledger::Limits ledger;
    spool::Limits spool{2048};
    bool over_broker = false;  // [queue] driver
};

class Core {
public:
    // An axis as the core meets it.
    struct Link {
        std::string name;
        delivery::OnUnknown on_unknown = delivery::OnUnknown::hold;
        std::unique_ptr<vxp::Calls> calls;
        std::unique_ptr<vxp::Outlet> outlet;
        std::unique_ptr<vxp::Feed> feed;
    };

    Core(Storage& storage, Time wall, std::uint64_t seed, CoreSettings settings);
    ~Core();
    Core(const Core&) = delete;
    Core& operator=(const Core&) = delete;

    Result<> open();
    void add(std::string name, std::unique_ptr<vxp::Calls> calls);  // before start()
    void start();

    // A caller's request. It ends unfinished when the core is killed.
    void spawn(std::string name, Task<> session) { sessions.spawn(std::move(name), std::move(session)); }
    void poke(const std::string& endpoint);
    // False: it did not come to rest within `steps_max` handlers.
    bool kill(std::size_t steps_max);
    bool alive() const { return alive_; }

    asio::io_context io{1};
    ManualClock clock;
    Storage& storage;
    CoreSettings settings;
    SeededRandom random;
    Pool store{"store", 0};
    Pool readers{"readers", 0};
    Pool files{"files", 0};
    directory::Directory agencies;
    std::unique_ptr<ledger::Ledger> ledger;
    std::unique_ptr<spool::Spool> spool;
    std::unique_ptr<intake::Content> content;
    std::unique_ptr<intake::Lookup> lookup;
    std::unique_ptr<intake::Intake> intake;
    std::vector<Link> links;
    std::unique_ptr<ReferenceBroker> broker;  // outlives the lanes
    std::unique_ptr<delivery::Lanes> lanes;
    std::unique_ptr<delivery::Watch> watch;
    TaskGroup sessions{io};
    TaskGroup feeds{io};

private:
    Task<> unwind();

    asio::executor_work_guard<asio::io_context::executor_type> busy_{io.get_executor()};
    bool alive_ = true;
};

// G98 with two departments, fetched by their software; G97 is reached by the axis "tinh", all others by
// "national".
directory::Directory ministry();

}  // namespace axis::simulation
