// Timeline: the world's own time, its chance, its appointments, and what happened.
//
// True time never jumps; the gateway's wall clock is this plus `skew`. Everything that happens is noted: the
// hash of all notes is the same whenever the same seed is run. Thread: one.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/base/random.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace axis::simulation {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class Timeline {
public:
    using Act = std::function<void()>;

    explicit Timeline(std::uint64_t seed) : random{seed} {}

    Time now() const { return now_; }
    Time wall() const { return now_ + skew; }
    void at(Time when, Act act) { acts_.emplace(std::max(when, now_), std::move(act)); }
    void after(Duration wait, Act act) { at(now_ + wait, std::move(act)); }
    Time next() const { return acts_.empty() ? Time::max() : acts_.begin()->first; }
    void move_to(Time when) { now_ = std::max(now_, when); }
    void act() {
        auto first = acts_.extract(acts_.begin());
        move_to(first.key());
        first.mapped()();
    }

    bool chance(unsigned per_mille) { return random.below(1000) < per_mille; }
    std::size_t pick(std::size_t count) { return random.below(count); }
    Duration between(Duration least, Duration most) {
        const auto span = static_cast<std::uint64_t>((most - least).count()) + 1;
        return least + Duration{static_cast<Duration::rep>(random.below(span))};
    }

    // Faults and work by kind; `what` is a literal.
    void count(std::string_view what, std::uint64_t by = 1) { counts[what] += by; }
    // Into the trace.
    void note(std::string_view what, std::uint64_t number = 0) {
        mix(static_cast<std::uint64_t>(now_.time_since_epoch().count()));
        for (const char c : what) mix(static_cast<unsigned char>(c));
        mix(number);
        if (watcher) watcher(now_, what, number);
    }
    // An invariant does not hold.
    void fail(std::string what) {
        note("broken");
        if (broken.size() < broken_max) broken.push_back(std::move(what));
    }

    SeededRandom random;
    Duration skew{0};
    std::map<std::string_view, std::uint64_t> counts;
    std::vector<std::string> broken;
    std::uint64_t trace = 1469598103934665603ull;
    std::function<void(Time, std::string_view, std::uint64_t)> watcher;

private:
    static constexpr std::size_t broken_max = 20;

    void mix(std::uint64_t value) {
        for (int i = 0; i < 8; ++i, value >>= 8) trace = (trace ^ (value & 0xff)) * 1099511628211ull;
    }

    Time now_{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21}};
    std::multimap<Time, Act> acts_;
};

}  // namespace axis::simulation
