// Clock: the only way to know the time and the only way to wait (architecture D10).
// The daemon has a SystemClock; tests and the simulation move a ManualClock by hand.
// Thread: io, except now() which any thread may call.
#pragma once

#include "gateway/base/task.hpp"

#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <map>
#include <string>

namespace axis {

using Duration = std::chrono::milliseconds;
using Time = std::chrono::sys_time<Duration>;  // UTC; written with +07:00 at the edges

// Wakes one or more waiting tasks. A notify() with nobody waiting is remembered for the next wait.
class Wakeup {
public:
    explicit Wakeup(asio::io_context& io) : timer_{io} {}
    void notify();

private:
    friend class SystemClock;
    friend class ManualClock;
    asio::steady_timer timer_;
    bool pending_ = false;
};

class Clock {
public:
    virtual ~Clock() = default;
    virtual Time now() const = 0;
    // Since some moment; no correction of the time moves it, and it goes on while the machine sleeps.
    virtual Duration uptime() const = 0;
    // Returns at `when` or soon after; at once when it has passed. Throws only when cancelled.
    virtual Task<> sleep_until(Time when) = 0;
    // Returns when notified or at `when`, whichever comes first.
    virtual Task<> wait(Wakeup& wakeup, Time when) = 0;
    Task<> sleep_for(Duration d) { return sleep_until(now() + d); }
};

class SystemClock final : public Clock {
public:
    explicit SystemClock(asio::io_context& io) : io_{io} {}
    Time now() const override;
    Duration uptime() const override;
    Task<> sleep_until(Time when) override;
    Task<> wait(Wakeup& wakeup, Time when) override;

private:
    asio::io_context& io_;
};

// Time stands still until advance() is called; sleepers wake in the order of their times.
class ManualClock final : public Clock {
public:
    explicit ManualClock(asio::io_context& io, Time start) : io_{io}, now_{start} {}
    Time now() const override { return now_.load(); }
    Duration uptime() const override { return now_.load().time_since_epoch(); }
    Task<> sleep_until(Time when) override;
    Task<> wait(Wakeup& wakeup, Time when) override;

    void advance(Duration by);
    // The moment of the earliest sleeper, or Time::max() when nobody sleeps.
    Time next_wake() const;

private:
    struct Sleeper;
    asio::io_context& io_;
    std::atomic<Time> now_;
    std::multimap<Time, asio::steady_timer*> sleepers_;
};

// 2026-11-21T09:21:07.412+07:00, the form of every log line and report (QĐ 28/2018 Art 14.4: Vietnam time).
std::string to_local_text(Time t);
// 2026/11/21 09:21:07, the form of edXML time stamps, Vietnam time without designator.
std::string to_envelope_text(Time t);
// 2026/11/21 in Vietnam.
std::string to_envelope_date(Time t);
// "yyyy/MM/dd HH:mm:ss", "yyyy-MM-ddTHH:mm:ss[.fff][+07:00|Z]", "yyyy-MM-dd" or "yyyy/MM/dd" (midnight);
// local Vietnam time when no zone is given. False when it is none of these.
bool parse_time(std::string_view text, Time& out);

}  // namespace axis
