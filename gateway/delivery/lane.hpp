// Lane: the queue of one endpoint, at work. A window of due deliveries is taken from the ledger, each is
// attempted once at a time, its outcome settled, the next time decided.
//
//   wait for work or time → window → per delivery:  driver: begin (on disk) → outlet.deliver → settle → learn
//                                    reconciling:   open_attempt → outlet.reconcile → settle → learn
//   learn: how many at once (concurrency), whether at all (breaker)
//
// The end of an attempt makes the lane look at the ledger when it held back the next one of its document.
// Promises: no attempt without its row on disk; the same bytes at every attempt; deliveries of one document
// in commit order (the ledger's window sees to it); a failure of one delivery delays no other. An
// unauthorised answer pauses the lane. Thread: io.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/base/task_group.hpp"
#include "gateway/delivery/backoff.hpp"
#include "gateway/delivery/breaker.hpp"
#include "gateway/delivery/concurrency.hpp"
#include "gateway/delivery/embedded.hpp"
#include "gateway/delivery/window.hpp"
#include "gateway/ledger/ledger.hpp"
#include "gateway/ports/outlet.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <set>
#include <string>

namespace axis::delivery {

enum class OnUnknown { hold, resend };

struct LaneSettings {
    model::EndpointName endpoint;
    std::size_t attempts_max = 4;  // open at once
    std::size_t window_max = 64;   // due deliveries taken from the ledger at once, of each size
    Backoff backoff;
    BreakerLimits breaker;
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
    StreamOf stream;
    std::function<void(const std::vector<model::EndpointName>& listeners)> tell;
    std::function<void(bool raised, std::string_view alarm, std::string_view subject, std::string_view text)>
        alarm;
    std::function<void(std::string_view endpoint, std::string_view verdict)> count;
    // Of a lane; empty: embedded.
    std::function<std::unique_ptr<Driver>(const LaneSettings& lane, ports::Outlet& outlet)> driver{};
};

// Why a lane sends nothing now.
enum class Halt { none, held, paused, unreachable, no_worker };
std::string_view name(Halt halt);

struct LaneState {
    Halt halt = Halt::none;
    Time until{};             // paused, unreachable: when it is tried again
    std::size_t open = 0;     // attempts, and questions
    std::size_t allowed = 0;  // at once, as the endpoint bears it
};

class Lane {
public:
    Lane(LaneParts parts, LaneSettings settings, ports::Outlet& outlet);

    Task<> run();  // until stop()
    // New work of this priority, or an operator's wish.
    void poke(int priority = 0);
    void look_again(
    );              // what stands in memory may not hold any more: an operator held the lane or released it
    void stop();    // begins nothing new; run() returns when the open attempts have ended
    void abort();   // cancels open attempts: they stay `sending` and are reconciled at the next start
    void resume();  // ends a pause, and tries an endpoint that did not answer
    LaneState state() const;
    std::size_t open_attempts() const { return attempts_.size(); }

private:
    Task<Time> step();
    Task<> fill(Time now);
    Task<Result<>> refill(Size size);
    Task<> attempt(ledger::Due due, Size size);
    Task<> reconcile(ledger::Due due, Size size);
    enum class Asked { sent, reconciled };
    // Is the ledger to be looked at again? Not when it is over and nothing waited for it.
    Task<bool> settle(ledger::Attempt attempt, model::Outcome outcome, Asked how);
    enum class Sign { none, answered, busy, silent };
    static Sign sign_of(const model::Outcome& outcome, Asked how);
    Task<> learn(model::DeliveryId delivery, Time begun, Sign sign, std::string why);
    bool may_start() const;
    std::size_t allowed() const { return concurrency_.allowed(); }
    std::size_t places() const;
    Room room() const;
    void start(Size size);
    void leave(const ledger::Due& due, Size size, bool look);
    Time blocked_until() const { return std::max({paused_until_, trouble_until_, breaker_.until()}); }
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
    std::unique_ptr<Driver> driver_;
    Wakeup wakeup_;
    TaskGroup attempts_;
    Window window_;
    Breaker breaker_;
    Concurrency concurrency_;
    bool held_ = false;
    std::set<model::DeliveryId> open_;
    Time paused_until_{};
    Time trouble_until_{};  // the ledger failed
    bool stopping_ = false;
};

}  // namespace axis::delivery
