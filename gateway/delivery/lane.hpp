// Lane: the queue of one endpoint, at work. A window of due deliveries is taken from the ledger, each is
// attempted once at a time, its outcome settled, the next time decided.
//
//   wait for work or time → window → per delivery:  begin (on disk) → outlet.deliver → settle
//                                    reconciling:   open_attempt → outlet.reconcile → settle
//
// Every end of an attempt pokes the lane: it may have held back the next one of its document.
// Promises: no attempt without its row on disk; the same bytes at every attempt; deliveries of one document
// in commit order (the ledger's window sees to it); a failure of one delivery delays no other. An
// unauthorised answer pauses the lane. Thread: io.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/base/task_group.hpp"
#include "gateway/delivery/backoff.hpp"
#include "gateway/ledger/ledger.hpp"
#include "gateway/ports/outlet.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>

namespace axis::delivery {

enum class OnUnknown { hold, resend };

struct LaneSettings {
    model::EndpointName endpoint;
    std::size_t attempts_max = 4;  // open at once
    std::size_t window_max = 64;   // due deliveries taken from the ledger at once
    Backoff backoff;
    Duration pause{std::chrono::minutes{5}};  // after an unauthorised answer
    Duration reconcile_first{std::chrono::seconds{15}};
    Duration unknown_alarm_after{std::chrono::minutes{15}};
    OnUnknown on_unknown = OnUnknown::hold;
    Duration idle_look{std::chrono::minutes{5}};  // at the ledger, though nobody woke the lane
};

// What lanes share. `stream` gives the exact bytes of a rendition.
struct LaneParts {
    asio::io_context& io;
    ledger::Ledger& ledger;
    Clock& clock;
    Random& random;
    std::function<std::unique_ptr<ports::ByteStream>(ledger::StoredEnvelope)> stream;
    std::function<void(const std::vector<model::EndpointName>& listeners)> tell;
    std::function<void(bool raised, std::string_view alarm, std::string_view subject, std::string_view text)>
        alarm;
    std::function<void(std::string_view endpoint, std::string_view verdict)> count;
};

class Lane {
public:
    Lane(LaneParts parts, LaneSettings settings, ports::Outlet& outlet);

    Task<> run();   // until stop()
    void poke();    // new work, or an operator's wish
    void stop();    // begins nothing new; run() returns when the open attempts have ended
    void abort();   // cancels open attempts: they stay `sending` and are reconciled at the next start
    void resume();  // ends a pause
    bool paused() const { return paused_until_ > parts_.clock.now(); }
    std::size_t open_attempts() const { return attempts_.size(); }

private:
    Task<Time> step();
    Task<Result<>> refill();
    Task<> attempt(ledger::Due due);
    Task<> reconcile(ledger::Due due);
    enum class Asked { sent, reconciled };
    Task<model::Outcome> ask(Task<model::Outcome> outlet);
    Task<> settle(ledger::Attempt attempt, model::Outcome outcome, Asked how);
    bool may_start() const;
    void start_first();
    Time blocked_until() const { return std::max(paused_until_, trouble_until_); }
    void trouble(const Error& error);
    void pause(const model::Outcome& outcome);
    Time next_due(const ledger::Attempt& attempt, const model::Outcome& outcome, Asked how);
    void alarm(const ledger::Attempt& attempt, const model::Outcome& outcome, model::DeliveryState state);
    void note(
        const ledger::Attempt& attempt,
        const model::Outcome& outcome,
        const ledger::Settled& settled,
        Time next
    );

    LaneParts parts_;
    LaneSettings settings_;
    ports::Outlet& outlet_;
    Wakeup wakeup_;
    TaskGroup attempts_;
    std::deque<ledger::Due> window_;
    Time look_at_{};     // ask the ledger at the latest then
    bool poked_ = true;  // the ledger may know more than the window
    std::set<model::DeliveryId> open_;
    Time paused_until_{};
    Time trouble_until_{};  // the ledger failed
    bool stopping_ = false;
};

ports::Dispatch dispatch_of(const ledger::Attempt& attempt);

}  // namespace axis::delivery
