#include "tests/simulation/reference_broker.hpp"

#include "gateway/base/finally.hpp"

namespace axis::simulation {

namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Duration publish_again{minutes{2}};
constexpr Duration trip{milliseconds{50}};
constexpr Duration looks_again{seconds{30}};
constexpr Duration busy{seconds{2}};

constexpr unsigned away_per_mille = 15;
constexpr unsigned wiped_per_mille = 400;         // of the times it is away
constexpr unsigned taken_though_per_mille = 300;  // of what was refused
constexpr unsigned doubled_per_mille = 60;
constexpr unsigned late_per_mille = 30;
constexpr unsigned lost_per_mille = 15;
constexpr unsigned death_per_mille = 20;

}  // namespace

ReferenceBroker::ReferenceBroker(ReferenceBrokerParts parts)
    : parts_{std::move(parts)},
      offers_{parts_.io, parts_.clock, parts_.ledger},
      crew_{Member{parts_.io}, Member{parts_.io}},
      own_{parts_.io} {
    for (auto& member : crew_) member.name = "worker " + std::to_string(++names_);
}

Duration ReferenceBroker::up_to(Duration most) {
    return Duration{
        static_cast<Duration::rep>(parts_.random.below(static_cast<std::uint64_t>(most.count()) + 1))};
}

std::unique_ptr<delivery::Driver> ReferenceBroker::lane(
    const delivery::LaneSettings& lane, ports::Outlet& outlet
) {
    outlets_[lane.endpoint] = &outlet;
    places_[lane.endpoint] = lane.attempts_max;
    return std::make_unique<delivery::LaneDriver>(
        *this, offers_, parts_.clock, lane.endpoint, lane.attempts_max, publish_again
    );
}

void ReferenceBroker::cancel() {
    for (auto& member : crew_) member.attempts->cancel();
    own_.cancel();
}

Task<> ReferenceBroker::join() {
    for (auto& member : crew_) co_await member.attempts->join();
    for (auto& dead : graves_) co_await dead->join();
    co_await own_.join();
}

Task<Result<>> ReferenceBroker::publish(
    const model::EndpointName& endpoint, delivery::Reference reference, bool /*urgent*/
) {
    const Letter letter{endpoint, reference};
    co_await parts_.clock.sleep_for(up_to(trip));
    if (!away_ && chance(away_per_mille)) go_away();
    if (away_) {
        if (chance(taken_though_per_mille)) keep(letter);
        co_return Error{errc::broker_down, "away"};
    }
    if (chance(lost_per_mille)) {
        parts_.count("broker: a reference lost");
        co_return Result<>{};
    }
    keep(letter);
    if (chance(doubled_per_mille)) {
        parts_.count("broker: a reference doubled");
        keep(letter);
    }
    co_return Result<>{};
}

void ReferenceBroker::keep(Letter letter) {
    const auto after = chance(late_per_mille) ? up_to(minutes{10}) : up_to(trip);
    own_.spawn("reference", hand_out(std::move(letter), after, disk_));
}

Task<> ReferenceBroker::hand_out(Letter letter, Duration after, std::uint64_t disk) {
    co_await parts_.clock.sleep_for(after);
    while (away_) co_await parts_.clock.sleep_for(looks_again);
    if (disk != disk_) co_return;
    const auto which = parts_.random.below(crew_.size());
    auto& member = crew_.at(which);
    if ((*member.open)[letter.endpoint] >= places_.at(letter.endpoint)) {
        own_.spawn("reference", hand_out(std::move(letter), up_to(busy), disk));
        co_return;
    }
    if (chance(death_per_mille)) own_.spawn("death", die(which, up_to(seconds{8})));
    member.attempts->spawn("attempt", attempt(member.name, member.open, std::move(letter)));
}

// As delivery/worker.cpp does it.
Task<> ReferenceBroker::attempt(std::string worker, std::shared_ptr<Open> open, Letter letter) {
    auto& taken = ++(*open)[letter.endpoint];
    const Finally place{[&taken] { --taken; }};
    auto begun = co_await offers_.begin(worker, letter.reference);
    if (!begun) co_return;
    const auto stream = parts_.stream(begun->envelope);
    auto dispatch = delivery::dispatch_of(*begun);
    auto sending = outlets_.at(letter.endpoint)->deliver(std::move(dispatch), *stream);
    auto outcome = co_await delivery::ask(std::move(sending));
    co_await offers_.settle(worker, letter.reference, std::move(outcome));
}

// Its lease is over before the owner takes it for lost: both at once here. What it had comes back, and is
// stale or begun.
Task<> ReferenceBroker::die(std::size_t which, Duration after) {
    co_await parts_.clock.sleep_for(after);
    parts_.count("broker: a worker died");
    auto& member = crew_.at(which);
    auto& dead = *graves_.emplace_back(std::move(member.attempts));
    const auto name = std::exchange(member.name, "worker " + std::to_string(++names_));
    member.attempts = std::make_unique<TaskGroup>(parts_.io);
    member.open = std::make_shared<Open>();
    dead.cancel();
    co_await dead.join();
    offers_.lost(name, "killed");
}

void ReferenceBroker::go_away() {
    parts_.count("broker: away");
    away_ = true;
    if (chance(wiped_per_mille)) {
        parts_.count("broker: wiped");
        ++disk_;
    }
    parts_.changed();
    own_.spawn("back", come_back(up_to(minutes{20})));
}

Task<> ReferenceBroker::come_back(Duration after) {
    co_await parts_.clock.sleep_for(after);
    away_ = false;
    offers_.publish_again();
    parts_.changed();
}

}  // namespace axis::simulation
