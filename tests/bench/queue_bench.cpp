// queue_bench: how many messages a broker confirms in a second through amqp::Connection, so many in flight; a
// line of JSON.
//
//   queue_bench PORT USER PASSWORD_FILE COUNT BYTES IN_FLIGHT
#include "gateway/amqp/connection.hpp"
#include "gateway/base/task_group.hpp"
#include "tests/bench/pieces.hpp"
#include "tests/bench/rows.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>

using namespace axis;
using axis::bench::must;

namespace {

const std::string queue = "axisd.bench";
constexpr std::chrono::seconds connect_wait{20};

struct Plan {
    std::size_t count = 0;
    std::size_t bytes = 0;
    std::size_t in_flight = 0;
};

Task<> publish(amqp::Connection& broker, const Plan& plan, std::size_t& left) {
    while (left > 0) {
        --left;
        amqp::Message message;
        message.body.assign(plan.bytes, 'x');
        auto taken = co_await broker.publish(queue, std::move(message));
        must(taken.has_value(), taken ? "" : to_string(taken.error()));
    }
}

Task<> measure(asio::io_context& io, Clock& clock, amqp::Broker where, Plan plan) {
    Wakeup opened{io};
    amqp::Listener listener;
    listener.standing = [&opened](amqp::Standing, const std::string&) { opened.notify(); };
    amqp::Connection broker{io, clock, std::move(where), {}, {{queue, 0, {}, 0}}, std::move(listener)};
    co_await clock.wait(opened, clock.now() + connect_wait);
    must(broker.standing() == amqp::Standing::open, "no broker");
    TaskGroup group{io};
    std::size_t left = plan.count;
    const auto began = std::chrono::steady_clock::now();
    for (std::size_t n = 0; n < plan.in_flight; ++n) group.spawn("publish", publish(broker, plan, left));
    co_await group.join();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    bench::Rows rows;
    rows.add("rate", static_cast<double>(plan.count) / took.count());
    rows.print();
    broker.stop();
}

}  // namespace

int main(int argc, char** argv) {
    try {
        must(argc == 7, "see the head of queue_bench.cpp");
        const auto number = [&](int i) {
            return static_cast<std::size_t>(std::strtoull(argv[i], nullptr, 10));
        };
        amqp::Broker where;
        where.hosts = {{"localhost", static_cast<std::uint16_t>(number(1))}};
        where.user = argv[2];
        auto password = Secret::from_file(argv[3]);
        must(password.has_value(), "no password");
        where.password = std::move(*password);
        asio::io_context io{1};
        SystemClock clock{io};
        TaskGroup all{io};
        all.spawn("bench", measure(io, clock, std::move(where), {number(4), number(5), number(6)}));
        io.run();
    } catch (const std::exception& e) {
        std::fprintf(stderr, "queue_bench: %s\n", e.what());
        return 1;
    }
    return 0;
}
