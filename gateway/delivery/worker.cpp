#include "gateway/delivery/worker.hpp"

#include "gateway/base/crash_point.hpp"
#include "gateway/base/finally.hpp"
#include "gateway/base/log.hpp"
#include "gateway/base/mutation.hpp"
#include "gateway/base/within.hpp"
#include "gateway/delivery/embedded.hpp"

#include <algorithm>

namespace axis::delivery {

namespace {

constexpr std::chrono::seconds owner_trouble_wait{1};
constexpr std::size_t acknowledged_together_max = 4;

std::size_t most_at_once(const std::vector<Station>& stations) {
    std::size_t count = 0;
    for (const auto& station : stations) count += station.at_once;
    return count;
}

// Of the prefetch a quarter at most: what is not told holds up what comes next.
amqp::Limits acknowledging_together(amqp::Limits limits, const std::vector<Station>& stations) {
    auto together = acknowledged_together_max;
    for (const auto& station : stations) together = std::min(together, station.at_once / 2);
    limits.acknowledge_together = std::max<std::size_t>(1, together);
    return limits;
}

}  // namespace

Worker::Worker(Parts parts, std::vector<Station> stations)
    : clock_{parts.clock},
      owner_{parts.owner},
      attempts_{parts.io, 3 * most_at_once(stations)},  // with those that are over, but not left yet
      connection_{
          parts.io,
          parts.clock,
          std::move(parts.broker),
          acknowledging_together(parts.limits, stations),
          std::move(parts.queues),
          {std::move(parts.standing), [this](amqp::Received message) { received(std::move(message)); }, {}}} {
    for (const auto& station : stations) {
        auto& places = places_[station.outlet];
        places.outlet = station.outlet;
        places.at_once = station.at_once;
        queues_[station.queue] = {&places, station.urgent ? &places.urgent : &places.normal};
    }
}

Worker::~Worker() {
    connection_.stop();
}

Task<> Worker::run() {
    co_await connection_.run();
}

void Worker::received(amqp::Received received) {
    const auto at = queues_.find(received.queue);
    // Given back it would come again at once, to us, and soon count as a dead letter: the end of the
    // connection gives it back, once.
    if (stopping_) return;
    if (at == queues_.end()) return connection_.give_back(received.receipt);
    const auto [places, waiting] = at->second;
    const auto of_a_life_before = [&](const auto& one) { return one.receipt.life != received.receipt.life; };
    std::erase_if(*waiting, of_a_life_before);  // handed out again
    waiting->push_back(std::move(received));
    start(*places);
}

void Worker::start(Places& places) {
    while (!stopping_ && places.taken < places.at_once) {
        auto& waiting = places.urgent.empty() ? places.normal : places.urgent;
        if (waiting.empty()) return;
        auto next = std::move(waiting.front());
        waiting.pop_front();
        const auto receipt = next.receipt;
        auto name = "reference " + next.message.id;
        ++places.taken;
        if (attempts_.spawn(std::move(name), attempt(std::move(next), places))) continue;
        --places.taken;
        return connection_.give_back(receipt);
    }
}

Task<> Worker::attempt(amqp::Received received, Places& places) {
    const Finally place{[this, &places] {
        --places.taken;
        start(places);
    }};
    const auto reference = reference_of(received.message.body);
    if (!reference) {
        log::warn("queue.not_a_reference", "queue", received.queue, "id", received.message.id);
        connection_.reject(received.receipt);
        co_return;
    }
    if (mutated(Mutation::ack_before_settle)) connection_.acknowledge(received.receipt);
    co_await make(*reference, *places.outlet);
    connection_.acknowledge(received.receipt);
}

// Until the owner's word on it: given back it would come again at once, and in the end count as a dead
// letter.
Task<> Worker::make(Reference reference, ports::Outlet& outlet) {
    crash_point("worker_received");
    auto begun = co_await owner_.begin(reference);
    while (!begun && begun.error().code != errc::stale && !stopping_) {
        co_await clock_.sleep_for(owner_trouble_wait);
        begun = co_await owner_.begin(reference);
    }
    if (!begun) co_return;
    crash_point("worker_begun");
    auto sending = outlet.deliver(std::move(begun->dispatch), *begun->envelope);
    const auto outcome = co_await ask(std::move(sending));
    crash_point("worker_sent");
    auto settled = co_await owner_.settle(reference, outcome);
    while (!settled && settled.error().code != errc::stale && !stopping_) {
        co_await clock_.sleep_for(owner_trouble_wait);
        settled = co_await owner_.settle(reference, outcome);
    }
    crash_point("worker_settled");
}

Task<> Worker::stop(std::chrono::milliseconds grace) {
    stopping_ = true;
    attempts_.close();
    const bool ended = co_await within(grace, attempts_.join());
    if (!ended) {
        attempts_.cancel();
        co_await attempts_.join();
    }
    connection_.stop();
}

}  // namespace axis::delivery
