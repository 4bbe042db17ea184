#include "gateway/app/health.hpp"

#include "gateway/base/log.hpp"
#include "gateway/base/offload.hpp"

#include <algorithm>

namespace axis::app {

Task<> Health::run() {
    for (;;) {
        co_await look();
        if (clock_.now() - collected_ >= limits_.collect_every) co_await collect();
        co_await clock_.sleep_for(limits_.look_every);
    }
}

Task<> Health::look() {
    // Idle commits keep the answer of /readyz true; under load they are not needed. After a failed one it is
    // this commit that tells whether the disk is back.
    if (commit_age() >= limits_.look_every || !ledger_.healthy()) {
        auto touched = co_await ledger_.touch();
        if (!touched) log::warn("ledger.touch_failed", "reason", to_string(touched.error()));
    }
    alarms_.set(!ledger_.healthy(), "ledger.failed", "ledger", "the last commit failed");

    co_await look_at_damage();
    co_await look_at_disk();
    co_await look_at_queues();
    look_at_workers();
}

// A damaged page is looked for again now and then: what a disk or a controller showed once may have passed.
Task<> Health::look_at_damage() {
    if (ledger_.damaged() && clock_.now() - damage_looked_at_ >= limits_.damage_look_every) {
        damage_looked_at_ = clock_.now();
        auto whole = co_await ledger_.look_for_damage();
        if (!whole) log::error("ledger.damaged", "reason", to_string(whole.error()));
    }
    alarms_.set(ledger_.damaged(), "ledger.damaged", "ledger", "a page of the ledger cannot be read");
}

// What keeps new messages out, the graver reason first. A failed commit keeps documents out only: the next
// status or acknowledgement may be what heals it.
errc Health::reason_to_refuse(bool low) const {
    if (ledger_.damaged()) return errc::ledger_damaged;
    if (low) return errc::disk_full;
    return ledger_.healthy() ? errc::none : errc::io_failed;
}

Task<> Health::look_at_disk() {
    auto work = [this] { return spool_.free_bytes(); };
    auto free = co_await offload(files_, std::move(work));
    if (free) free_bytes_ = *free;
    const bool low = !free || free_bytes_ < limits_.disk_reserve_bytes;
    alarms_.set(
        low,
        "disk.low",
        "state_dir",
        "free bytes below the reserve of " + std::to_string(limits_.disk_reserve_bytes)
    );
    if (intake_.closed() != errc::stopping) intake_.close_admission(reason_to_refuse(low));
    const bool very_low = !free || free_bytes_ < limits_.disk_reserve_bytes / 2;
    const auto why = reason_to_refuse(very_low);
    intake_.close_statuses(why == errc::io_failed ? errc::none : why);
}

Task<> Health::look_at_queues() {
    const auto now = clock_.now();
    auto lanes = co_await ledger_.lanes();
    if (!lanes) co_return;
    for (const auto& lane : *lanes) {
        const auto waiting = lane.by_state[0] + lane.by_state[1] + lane.by_state[3];
        const bool late = waiting > 0 && lane.oldest && now - *lane.oldest > limits_.late_after;
        alarms_.set(late, "delivery.late", lane.endpoint, "something has waited for more than an hour");
    }
    auto aside = co_await ledger_.quarantined(1);
    const bool fresh = aside && !aside->empty() && now - aside->front().at < limits_.aside_shown;
    alarms_.set(fresh, "message.quarantined", "incoming", "set aside within the last day; see axisctl queue");

    auto silent = co_await ledger_.silent_endpoints(clock_.now() - limits_.silent_after);
    if (!silent) co_return;
    for (const auto& name : silent_)
        if (std::find(silent->begin(), silent->end(), name) == silent->end())
            alarms_.clear("endpoint.silent", name);
    for (const auto& name : *silent)
        alarms_.raise("endpoint.silent", name, "documents offered for more than 15 minutes were not fetched");
    silent_ = std::move(*silent);
}

void Health::look_at_workers() {
    const bool missing = unmanned_();
    if (!missing) manned_at_ = clock_.now();
    alarms_.set(
        missing && clock_.now() - manned_at_ >= limits_.unmanned_after,
        "worker.missing",
        "queue",
        "RabbitMQ is there, and for half a minute no worker has been"
    );
}

// Texts that a crash left published but unnamed, or that were purged: older than an hour and needed by no
// message (architecture D2). One two-digit folder after the other, whatever the spool holds.
Task<> Health::collect() {
    collected_ = clock_.now();
    std::size_t count = 0;
    for (unsigned folder = 0; folder < 256; ++folder) {
        const auto number = static_cast<std::uint8_t>(folder);
        const auto collected = co_await collect_in(number);
        count += collected;
    }
    if (count > 0) log::info("spool.collected", "texts", count);
}

Task<std::size_t> Health::collect_in(std::uint8_t folder) {
    constexpr std::uint64_t age_seconds = 3600;
    auto list = [this, folder]() -> Result<std::vector<Sha256>> {
        std::vector<Sha256> out;
        auto visited = spool_.each_in(folder, age_seconds, [&out](const Sha256& sha) { out.push_back(sha); });
        if (!visited) return visited.error();
        return out;
    };
    auto candidates = co_await offload(files_, std::move(list));
    if (!candidates || candidates->empty()) co_return 0;
    auto unknown = co_await ledger_.unknown_blobs(std::move(*candidates));
    if (!unknown || unknown->empty()) co_return 0;
    auto remove = [this, &unknown] {
        for (const auto& sha : *unknown) (void)spool_.remove(sha, age_seconds);
    };
    co_await offload(files_, remove);
    co_return unknown->size();
}

bool Health::ready(std::string& why) const {
    if (intake_.closed() == errc::stopping)
        why = "stopping";
    else if (!ledger_.healthy() || commit_age() > limits_.commit_age_max)
        why = "no commit for " + std::to_string(commit_age().count()) + " ms";
    else if (intake_.closed() != errc::none)
        why = std::string{row(intake_.closed()).code};
    return why.empty();
}

}  // namespace axis::app
