#include "gateway/app/worker_process.hpp"

#include "adapters/vxp/client.hpp"
#include "adapters/vxp/outlet.hpp"
#include "gateway/app/axis_link.hpp"
#include "gateway/app/queue_settings.hpp"
#include "gateway/base/log.hpp"
#include "gateway/base/within.hpp"
#include "gateway/delivery/remote_owner.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>
#include <unistd.h>

#include <array>
#include <csignal>

namespace axis::app {

namespace {

constexpr std::chrono::milliseconds stop_grace{20'000};
constexpr std::chrono::milliseconds no_grace{0};
constexpr Duration look_every{1'000};  // at a lease that ends without a word

std::string own_name() {
    std::array<char, 256> host{};
    ::gethostname(host.data(), host.size() - 1);
    return std::string{host.data()} + ":" + std::to_string(::getpid());
}

// One axis this process sends to.
struct Link {
    std::unique_ptr<vxp::Client> client;
    std::unique_ptr<vxp::Outlet> outlet;
};

}  // namespace

struct WorkerProcess::Impl {
    explicit Impl(settings::Settings s) : settings{std::move(s)} {}

    Result<> open_links();
    Result<> open_owner();
    void look();
    void begin_work();
    Task<> end_work(std::chrono::milliseconds grace);
    Task<> work();

    settings::Settings settings;
    asio::io_context io{1};
    SystemClock clock{io};
    std::vector<Link> links;
    std::vector<delivery::Line> lines;
    std::unique_ptr<delivery::RemoteOwner> owner;
    std::unique_ptr<delivery::Worker> worker;
    Wakeup changed{io};
    TaskGroup parts{io};
    bool stopping = false;
};

Result<> WorkerProcess::Impl::open_links() {
    for (const auto& endpoint : settings.endpoints) {
        if (!endpoint.vxp || endpoint.mode != settings::Mode::live) continue;
        const auto from = vxp_settings(settings, endpoint);
        vxp::ClientLimits limits;
        limits.http.connections_max = 2 * endpoint.max_concurrent;  // of both classes
        auto client = vxp::Client::open(io, clock, from, limits);
        if (!client) return client.error();
        Link link;
        link.client = std::move(*client);
        link.outlet = std::make_unique<vxp::Outlet>(*link.client, from.agency);
        lines.push_back({endpoint.name.text, endpoint.max_concurrent, link.outlet.get()});
        links.push_back(std::move(link));
    }
    return {};
}

Result<> WorkerProcess::Impl::open_owner() {
    const auto& from = settings.worker;
    http::Origin origin;
    origin.base_url = from.owner.empty() ? "http://localhost" : from.owner;
    if (from.owner.empty()) {
        origin.unix_socket = from.socket.string();
    } else {
        origin.ca_file = from.ca_file.string();
        origin.cert = from.cert.string();
        origin.key = from.key.string();
    }
    http::ClientLimits limits;
    limits.connections_max = worker_connections_max;
    auto client = http::Client::open(io, std::move(origin), limits);
    if (!client) return client.error();
    auto on_change = [this] { changed.notify(); };
    owner = std::make_unique<delivery::RemoteOwner>(io, clock, std::move(*client), own_name(), on_change);
    return {};
}

// References are taken only while the owner knows us: without it they would only lie here.
void WorkerProcess::Impl::begin_work() {
    auto brokered = brokered_settings(settings);
    brokered.broker.name = brokered.prefix + " worker " + own_name();
    auto standing = [](amqp::Standing now, const std::string& why) { amqp::report(now, why, "deliveries"); };
    worker = std::make_unique<delivery::Worker>(
        delivery::Worker::Parts{
            io,
            clock,
            *owner,
            brokered.broker,
            brokered.limits,
            delivery::queues_of(brokered, lines, true),
            standing},
        delivery::stations_of(brokered, lines)
    );
    parts.spawn("worker", worker->run());
}

Task<> WorkerProcess::Impl::end_work(std::chrono::milliseconds grace) {
    const auto ending = std::move(worker);
    if (!ending) co_return;
    co_await ending->stop(grace);
}

Task<> WorkerProcess::Impl::work() {
    parts.spawn("owner", owner->run());
    while (!stopping) {
        if (owner->ready() && !worker) begin_work();
        if (!owner->ready() && worker) co_await end_work(no_grace);
        co_await clock.wait(changed, clock.now() + look_every);
    }
    co_await end_work(stop_grace);
    co_await owner->go();
    owner->stop();
    co_await parts.join();
}

WorkerProcess::WorkerProcess(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
WorkerProcess::~WorkerProcess() = default;

Result<std::unique_ptr<WorkerProcess>> WorkerProcess::open(settings::Settings settings) {
    if (settings.queue.driver != settings::QueueDriver::rabbitmq)
        return Error{errc::config_value, "axisd --worker takes [queue] driver = \"rabbitmq\""};
    if (settings.worker.owner.empty() && settings.worker.socket.empty())
        return Error{errc::config_missing, "axisd --worker takes [worker] socket, or owner"};
    auto impl = std::make_unique<Impl>(std::move(settings));
    for (auto step : {&Impl::open_links, &Impl::open_owner}) {
        auto done = (*impl.*step)();
        if (!done) return done.error();
    }
    return std::unique_ptr<WorkerProcess>{new WorkerProcess{std::move(impl)}};
}

int WorkerProcess::run() {
    int status = 0;
    auto ended = [this, &status](std::exception_ptr error) {
        if (error) status = 1;
        impl_->io.stop();
    };
    asio::signal_set signals{impl_->io, SIGTERM, SIGINT};
    auto stop = [this](boost::system::error_code ec, int) {
        if (ec) return;
        impl_->stopping = true;
        impl_->changed.notify();
    };
    signals.async_wait(stop);
    asio::co_spawn(impl_->io, impl_->work(), ended);
    log::info("worker.started", "version", AXIS_VERSION);
    impl_->io.run();
    log::info("worker.stopped");
    return status;
}

}  // namespace axis::app
