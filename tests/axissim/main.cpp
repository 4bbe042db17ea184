// The program axissim: the simulated document axis. One line on stdout when it listens; events on stderr.
#include "gateway/base/log.hpp"
#include "gateway/base/task_group.hpp"
#include "tests/axissim/command_line.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <csignal>
#include <exception>
#include <iostream>

using namespace axis;

namespace {

constexpr std::chrono::seconds patience{1};  // for handlers that still run at a stop

Task<> stop_on_signal(asio::signal_set& signals, Clock& clock, sim::Simulator& simulator) {
    co_await signals.async_wait(asio::use_awaitable);
    log::info("axissim.stopping");
    simulator.stop();
    co_await clock.sleep_for(patience);
    simulator.abort();
}

Task<> run(asio::io_context& io, asio::signal_set& signals, Clock& clock, sim::Simulator& simulator) {
    TaskGroup helpers{io};
    helpers.spawn("axissim.signals", stop_on_signal(signals, clock, simulator));
    co_await simulator.run();
    helpers.cancel();
    co_await helpers.join();
}

int serve(sim::Settings settings) {
    asio::io_context io;
    SystemClock clock{io};
    SystemRandom random;
    auto simulator = sim::Simulator::open(io, clock, random, std::move(settings));
    if (!simulator) {
        std::cerr << "axissim: " << simulator.error() << '\n';
        return 1;
    }
    asio::signal_set signals{io, SIGTERM, SIGINT};  // before the line: who reads it may signal at once
    std::cout << "axissim listening on http://" << (*simulator)->bound() << " (simulation, not the real axis)"
              << std::endl;
    std::exception_ptr failed;
    asio::co_spawn(io, run(io, signals, clock, **simulator), [&failed](std::exception_ptr e) { failed = e; });
    io.run();
    if (failed) std::rethrow_exception(failed);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        auto line = sim::parse_command_line(argc, argv);
        if (line.exit_code) return *line.exit_code;
        return serve(std::move(line.settings));
    } catch (const std::exception& e) {
        std::cerr << "axissim: " << e.what() << '\n';
        return 1;
    }
}
