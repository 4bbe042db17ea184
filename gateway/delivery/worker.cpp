#include "gateway/delivery/worker.hpp"

#include "gateway/base/crash_point.hpp"
#include "gateway/base/log.hpp"
#include "gateway/base/mutation.hpp"
#include "gateway/base/within.hpp"
#include "gateway/delivery/embedded.hpp"

namespace axis::delivery {

namespace {

constexpr std::chrono::seconds owner_trouble_wait{1};

std::size_t most_at_once(const std::vector<amqp::Queue>& queues) {
    std::size_t count = 0;
    for (const auto& queue : queues) count += queue.prefetch;
    return count;
}

}  // namespace

Worker::Worker(Parts parts, std::vector<Station> stations)
    : clock_{parts.clock},
      owner_{parts.owner},
      attempts_{parts.io, 2 * most_at_once(parts.queues)},
      connection_{
          parts.io,
          parts.clock,
          std::move(parts.broker),
          parts.limits,
          std::move(parts.queues),
          {std::move(parts.standing), [this](amqp::Received message) { received(std::move(message)); }, {}}} {
    for (const auto& station : stations) outlets_[station.queue] = station.outlet;
}

Worker::~Worker() {
    connection_.stop();
}

Task<> Worker::run() {
    co_await connection_.run();
}

void Worker::received(amqp::Received received) {
    const auto receipt = received.receipt;
    const auto at = outlets_.find(received.queue);
    // Given back it would come again at once, to us, and soon count as a dead letter: the end of the
    // connection gives it back, once.
    if (stopping_) return;
    if (at == outlets_.end()) return connection_.give_back(receipt);
    auto name = "reference " + received.message.id;
    if (!attempts_.spawn(std::move(name), attempt(std::move(received), *at->second)))
        connection_.give_back(receipt);
}

Task<> Worker::attempt(amqp::Received received, ports::Outlet& outlet) {
    const auto reference = reference_of(received.message.body);
    if (!reference) {
        log::warn("queue.not_a_reference", "queue", received.queue, "id", received.message.id);
        connection_.reject(received.receipt);
        co_return;
    }
    if (mutated(Mutation::ack_before_settle)) connection_.acknowledge(received.receipt);
    crash_point("worker_received");
    auto begun = co_await owner_.begin(*reference);
    // Given back it would come again at once, and in the end count as a dead letter: it stays here meanwhile.
    while (!begun && begun.error().code != errc::stale && !stopping_) {
        co_await clock_.sleep_for(owner_trouble_wait);
        begun = co_await owner_.begin(*reference);
    }
    if (begun) {
        crash_point("worker_begun");
        auto sending = outlet.deliver(std::move(begun->dispatch), *begun->envelope);
        const auto outcome = co_await ask(std::move(sending));
        crash_point("worker_sent");
        auto settled = co_await owner_.settle(*reference, outcome);
        while (!settled && settled.error().code != errc::stale && !stopping_) {
            co_await clock_.sleep_for(owner_trouble_wait);
            settled = co_await owner_.settle(*reference, outcome);
        }
        crash_point("worker_settled");
    }
    connection_.acknowledge(received.receipt);
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
