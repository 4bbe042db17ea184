#include "tests/simulation/core.hpp"

#include <boost/asio/co_spawn.hpp>

namespace axis::simulation {

directory::Directory ministry() {
    using directory::Endpoint;
    const auto code = [](const char* text) { return *model::AgencyCode::parse(text); };
    std::vector<directory::Agency> agencies;
    for (const auto* text : {"G98", "G98.11", "G98.12", "G97", "G99"})
        agencies.push_back({code(text), std::string{"Bộ Mô phỏng "} + text, "", {}});
    const auto live = directory::Mode::live;
    return {
        code("G98"),
        agencies,
        {Endpoint{{"bo"}, live, true, {code("G98")}, false},
         Endpoint{{"cuc1"}, live, true, {code("G98.11")}, false},
         Endpoint{{"cuc2"}, live, true, {code("G98.12")}, false},
         Endpoint{{"tinh"}, live, false, {code("G97")}, false},
         Endpoint{{"national"}, live, false, {}, true}}};
}

Core::Core(Storage& disk, Time wall, std::uint64_t seed, CoreSettings s)
    : clock{io, wall}, storage{disk}, settings{s}, random{seed}, agencies{ministry()} {}

Core::~Core() {
    if (alive_) io.stop();
}

Result<> Core::open() {
    auto opened = ledger::Ledger::open(
        storage.ledger_file(), clock, store, readers, settings.ledger, storage.ledger.name()
    );
    if (!opened) return opened.error();
    ledger = std::move(*opened);
    auto opened_spool = spool::Spool::open(storage.spool_directory(), settings.spool, storage.spool);
    if (!opened_spool) return opened_spool.error();
    spool = std::move(*opened_spool);
    content = std::make_unique<intake::Content>(*ledger, *spool, files);
    lookup = std::make_unique<intake::Lookup>(io, *ledger, *content, clock);
    auto wake = [this](const ledger::Accepted& accepted) {
        for (const auto& name : accepted.lanes) lanes->poke(name, accepted.priority);
        for (const auto& name : accepted.listeners) lookup->wake(name);
    };
    intake::Settings s;
    s.delivery_life = settings.delivery_life;
    intake = std::make_unique<intake::Intake>(
        intake::Parts{*ledger, *spool, agencies, clock, random, files, wake}, std::move(s)
    );
    auto stream = [this](ledger::StoredEnvelope stored) { return content->envelope(std::move(stored)); };
    auto tell = [this](const std::vector<model::EndpointName>& listeners) {
        for (const auto& name : listeners) lookup->wake(name);
    };
    delivery::LaneParts parts{io, *ledger, clock, random, stream, tell, {}, {}, {}};
    if (settings.over_broker) {
        auto changed = [this] { lanes->poke_all(); };
        auto count = [this](std::string_view fault) { storage.world().count(fault); };
        broker = std::make_unique<ReferenceBroker>(ReferenceBrokerParts{
            io, clock, random, *ledger, stream, changed, count});
        parts.driver = [this](const delivery::LaneSettings& lane, ports::Outlet& outlet) {
            return broker->lane(lane, outlet);
        };
    }
    lanes = std::make_unique<delivery::Lanes>(parts);
    delivery::WatchSettings watched;
    watched.every = settings.watch_every;
    watched.freed = [this](const model::EndpointName& endpoint) { lanes->poke(endpoint); };
    for (const auto& endpoint : agencies.endpoints()) watched.endpoints.push_back(endpoint.name);
    watch = std::make_unique<delivery::Watch>(parts, std::move(watched));
    return {};
}

void Core::add(std::string name, std::unique_ptr<vxp::Calls> calls) {
    auto& link = links.emplace_back();
    link.name = name;
    link.calls = std::move(calls);
    link.outlet = std::make_unique<vxp::Outlet>(*link.calls, "G98");
    vxp::Settings feed;
    feed.endpoint = {name};
    feed.poll = settings.poll;
    link.feed = std::make_unique<vxp::Feed>(io, clock, *link.calls, *intake, feed, vxp::OnCondition{});
    delivery::LaneSettings lane;
    lane.endpoint = {name};
    lane.attempts_max = settings.attempts_max;
    lane.window_max = settings.window_max;
    lane.backoff = settings.backoff;
    lane.unknown_alarm_after = hours{30};  // asked every ten hours at the latest
    lane.idle_look = hours{24};            // whoever forgets to wake a lane is found out
    lanes->add(std::move(lane), *link.outlet);
}

void Core::start() {
    lanes->start();
    feeds.spawn("watch", watch->run());
    for (auto& link : links) feeds.spawn("feed " + link.name, link.feed->run());
}

void Core::poke(const std::string& endpoint) {
    for (auto& link : links)
        if (link.name == endpoint) link.feed->poke();
}

Task<> Core::unwind() {
    for (auto& link : links) link.feed->stop();
    lookup->stop();
    feeds.cancel();
    sessions.cancel();
    if (broker) broker->cancel();
    const std::chrono::milliseconds no_grace{0};
    co_await lanes->stop(no_grace);
    if (broker) co_await broker->join();
    co_await feeds.join();
    co_await sessions.join();
}

bool Core::kill(std::size_t steps_max) {
    storage.ledger.die(0);
    alive_ = false;
    bool ended = false;
    asio::co_spawn(io, unwind(), [&ended](std::exception_ptr) { ended = true; });
    for (std::size_t step = 0; step < steps_max && !ended; ++step) io.poll_one();
    while (ended && io.poll_one() > 0) {
    }
    if (!ended) io.stop();
    return ended;
}

}  // namespace axis::simulation
