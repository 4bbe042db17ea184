// Health: what /livez, /readyz and the watch over disk and endpoints know. Truthful: a real commit with
// fsync, not a flag (architecture §4). The watch looks every few seconds, closes and opens admission, raises
// and clears alarms. Thread: io.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/base/pool.hpp"
#include "gateway/intake/intake.hpp"
#include "gateway/ledger/ledger.hpp"
#include "gateway/observe/alarms.hpp"
#include "gateway/spool/spool.hpp"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace axis::app {

struct HealthLimits {
    Duration look_every{std::chrono::seconds{5}};
    Duration commit_age_max{std::chrono::seconds{10}};
    Duration silent_after{std::chrono::minutes{15}};
    Duration late_after{std::chrono::hours{1}};
    Duration aside_shown{std::chrono::hours{24}};       // how long the alarm about a set-aside arrival stands
    Duration unmanned_after{std::chrono::seconds{30}};  // a worker that starts again is no trouble
    Duration collect_every{std::chrono::hours{1}};
    Duration damage_look_every{std::chrono::minutes{10}};  // reads the whole ledger
    std::uint64_t disk_reserve_bytes = 1024ull * 1024 * 1024;
};

class Health {
public:
    Health(
        Clock& clock,
        ledger::Ledger& ledger,
        spool::Spool& spool,
        Pool& files,
        intake::Intake& intake,
        observe::Alarms& alarms,
        std::function<bool()> unmanned,  // deliveries go to workers, and there is none
        HealthLimits limits
    )
        : clock_{clock},
          ledger_{ledger},
          spool_{spool},
          files_{files},
          intake_{intake},
          alarms_{alarms},
          unmanned_{std::move(unmanned)},
          limits_{limits},
          manned_at_{clock.now()} {}

    Task<> run();
    // Ready: commits work, disk above the reserve. `why` says what is not.
    bool ready(std::string& why) const;
    std::uint64_t free_bytes() const { return free_bytes_; }
    Duration commit_age() const { return clock_.now() - ledger_.last_commit(); }

private:
    Task<> look();
    Task<> look_at_damage();
    Task<> look_at_disk();
    Task<> look_at_queues();
    void look_at_workers();
    Task<> collect();
    Task<std::size_t> collect_in(std::uint8_t folder);
    errc reason_to_refuse(bool low) const;

    Clock& clock_;
    ledger::Ledger& ledger_;
    spool::Spool& spool_;
    Pool& files_;
    intake::Intake& intake_;
    observe::Alarms& alarms_;
    std::function<bool()> unmanned_;
    HealthLimits limits_;
    std::uint64_t free_bytes_ = 0;
    Time collected_{};
    Time damage_looked_at_{};
    Time manned_at_{};
    std::vector<std::string> silent_;
};

}  // namespace axis::app
