#include "tests/simulation/world.hpp"

#include <algorithm>

namespace axis::simulation {

namespace {

constexpr std::size_t handlers_at_once_max = 10'000;  // at one moment: more is a loop without end
constexpr std::size_t handlers_max = 100'000;         // in all: bounded work; a month takes some 12,000
constexpr std::size_t unwind_steps_max = 100'000;
constexpr Duration length_least{hours{24 * 30}};
constexpr Duration length_most{hours{24 * 45}};

}  // namespace

World::World(Plan plan)
    : plan_{std::move(plan)},
      time_{plan_.seed},
      disk_chance_{plan_.seed ^ 0x5eedu},
      storage_{plan_.directory, "memory-" + std::to_string(plan_.seed), disk_chance_, time_},
      national_{"national", true, time_, papers_},
      tinh_{"tinh", false, time_, papers_},
      begin_{time_.now()} {
    units_.reserve(3);
    units_.emplace_back("bo", "G98", time_, papers_);
    units_.emplace_back("cuc1", "G98.11", time_, papers_);
    units_.emplace_back("cuc2", "G98.12", time_, papers_);
}

World::~World() = default;

Unit& World::unit(const std::string& name) {
    return *std::find_if(units_.begin(), units_.end(), [&](const Unit& u) { return u.name() == name; });
}

double World::days() const {
    return std::chrono::duration<double, std::ratio<86400>>(time_.now() - begin_).count();
}

// The machine is switched on.
void World::start() {
    core_ = std::make_unique<Core>(storage_, time_.wall(), plan_.seed * 1000 + ++lives_, settings_);
    auto opened = core_->open();
    if (!opened) {
        time_.fail("the gateway does not start: " + to_string(opened.error()));
        core_.reset();
        return;
    }
    for (auto* one : {&national_, &tinh_}) core_->add(one->name(), one->line(core_->clock));
    for (auto& u : units_) u.connect(&*core_);
    disk_failed_ = false;
    if (lives_ > 1) check_survived();
    core_->start();
    time_.note("started", lives_);
}

// The machine loses its power, or (everything) only the process its life.
void World::crash(Leaves leaves) {
    steps_to_crash_ = 0;
    before_crash_ = deliveries();
    ++crashes_;
    time_.count(
        leaves == Leaves::nothing      ? "crash: nothing unsynced stays"
        : leaves == Leaves::everything ? "crash: the process alone"
                                       : "crash: part of the unsynced stays"
    );
    if (!core_->kill(unwind_steps_max)) time_.fail("a killed gateway does not come to rest");
    for (auto& u : units_) u.connect(nullptr);
    books_.reset();
    core_.reset();
    storage_.power_cut(leaves, time_);
    time_.note("crashed", crashes_);
    const auto off =
        time_.chance(700) ? time_.between(seconds{1}, seconds{8}) : time_.between(minutes{1}, hours{3});
    time_.after(off, [this] { start(); });
}

void World::turn_handlers() {
    for (std::size_t n = 0; core_ && core_->io.poll_one() > 0; ++n) {
        if (n > handlers_at_once_max || ++handlers_ > handlers_max) {
            time_.fail("the gateway does not come to rest");
            ended_ = true;
            return;
        }
        if (steps_to_collection_ > 0 && --steps_to_collection_ == 0) collect();
        // What the disk's death meets goes on for a moment without it.
        if (steps_to_crash_ > 0 && --steps_to_crash_ == 0) crash(crash_leaves_);
    }
}

// To the next moment at which anything happens. False: the end.
bool World::turn() {
    turn_handlers();
    if (ended_ || time_.broken.size() > 3) return false;
    auto next = time_.next();
    if (core_) {
        const auto wake = core_->clock.next_wake();
        if (wake != Time::max()) next = std::min(next, wake - time_.skew);
    }
    if (next > begin_ + length_most) {
        time_.fail("not everything came to its end");
        return false;
    }
    time_.move_to(next);
    if (core_) core_->clock.advance(time_.wall() - core_->clock.now());
    while (time_.next() <= time_.now()) time_.act();
    return true;
}

// As NTP would, by up to `skew_most` off the truth. Not while something is on its way into an axis: a step
// in just these seconds shortens the wait before "did it arrive?".
void World::set_clock() {
    if (national_.pending() + tinh_.pending() > 0) return;
    const auto skew = time_.between(-skew_most_, skew_most_);
    time_.count(skew > time_.skew ? "clock set forward" : "clock set back");
    const auto by = skew - time_.skew;
    time_.skew = skew;
    if (core_) core_->clock.advance(by);
    time_.note("clock", static_cast<std::uint64_t>(by.count()));
}

bool World::at_rest() {
    if (!core_ || core_->sessions.size() > 0) return false;
    const auto idle = std::all_of(units_.begin(), units_.end(), [](const Unit& u) { return u.idle(); });
    if (!idle || !national_.empty_box() || !tinh_.empty_box()) return false;
    for (const auto& row : ask("SELECT state, endpoint FROM delivery WHERE state IN (0, 1, 2, 3, 4)"))
        if (row[0] != "3" || (row[1] != "tinh" && skew_most_ <= minutes{5})) return false;
    return true;
}

void World::run() {
    plan();
    start();
    Time look_again = begin_ + length_least;
    while (turn()) {
        if (time_.now() < look_again) continue;
        if (at_rest()) break;
        look_again = time_.now() + hours{2};
    }
    if (!core_) return;
    if (time_.broken.empty()) check_end();
    if (!core_->kill(unwind_steps_max)) time_.fail("a stopped gateway does not come to rest");
    for (auto& u : units_) u.connect(nullptr);
    books_.reset();
    core_.reset();
    time_.note("end", messages_);
}

}  // namespace axis::simulation
