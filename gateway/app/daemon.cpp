#include "gateway/app/daemon.hpp"

#include "adapters/rest/rest.hpp"
#include "gateway/app/admin.hpp"
#include "gateway/app/axis_link.hpp"
#include "gateway/app/checkpoints.hpp"
#include "gateway/app/daily_reconcile.hpp"
#include "gateway/app/health.hpp"
#include "gateway/app/queue_settings.hpp"
#include "gateway/app/retention.hpp"
#include "gateway/base/log.hpp"
#include "gateway/base/within.hpp"
#include "gateway/delivery/brokered.hpp"
#include "gateway/delivery/lanes.hpp"
#include "gateway/delivery/watch.hpp"
#include "gateway/intake/claims.hpp"
#include "gateway/intake/inquiries.hpp"
#include "gateway/intake/intake.hpp"
#include "gateway/intake/lookup.hpp"
#include "gateway/observe/metrics.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>

namespace axis::app {

namespace {

constexpr std::chrono::seconds stop_grace{20};
constexpr std::chrono::seconds keys_looked_at_every{2};
constexpr int crypto_nice = 5;  // signatures wait for answers, not the other way round

directory::Directory make_directory(const settings::Settings& s) {
    std::vector<directory::Agency> agencies;
    for (const auto& a : s.agencies) agencies.push_back({a.code, a.name, a.address, a.aliases});
    std::vector<directory::Endpoint> endpoints;
    for (const auto& e : s.endpoints)
        endpoints.push_back(
            {e.name,
             static_cast<directory::Mode>(e.mode),
             e.adapter == settings::Adapter::rest,
             e.codes,
             e.any_code}
        );
    return {s.gateway.agency, std::move(agencies), std::move(endpoints)};
}

std::optional<Time> day_of(const std::string& text) {
    Time day;
    return parse_time(text, day) ? std::optional{day} : std::nullopt;
}

intake::Settings intake_settings(const settings::Settings& s) {
    intake::Settings out;
    out.package.recipient_count_max = s.limits.recipients_max;
    out.package.file_count_max = s.limits.files_max;
    out.attachment.file_bytes_max = s.limits.file_bytes_max;
    out.receiver.attachment.file_bytes_max = s.limits.file_bytes_max;
    out.receiver.scan.envelope_bytes_max = s.limits.envelope_bytes_max;
    out.receiver.scan.hole_count_max = s.limits.files_max + 1;  // a statement beside them
    out.uploads_per_endpoint_max = s.limits.uploads_per_endpoint;
    out.delivery_life = s.limits.delivery_life;
    if (s.gateway.validate_outgoing) out.xsd = std::make_shared<envelope::Xsd>(envelope::Xsd::Which::emit);
    for (const auto& e : s.endpoints)
        out.profiles[e.name] = {
            {e.to_scope == settings::ToScope::all,
             e.trace == settings::Trace::append,
             e.signature == settings::SignatureProfile::enveloped,
             e.signature == settings::SignatureProfile::attached},
            static_cast<intake::Status01>(e.status_01),
            {static_cast<intake::Verify>(e.verify), day_of(e.weak_until)}};
    return out;
}

std::vector<rest::TokenEntry> tokens(const settings::Settings& s) {
    std::vector<rest::TokenEntry> out;
    for (const auto& e : s.endpoints)
        if (e.adapter == settings::Adapter::rest)
            out.push_back({e.name, e.token_sha256, e.mode == settings::Mode::off});
    return out;
}

constexpr std::size_t workers_per_machine = 4;  // each as many connections as it may have

http::ServerLimits server_limits(const settings::Settings& s, bool for_workers) {
    http::ServerLimits out;
    if (for_workers) out.connections_per_address_max = workers_per_machine * worker_connections_max;
    out.connections_max = s.limits.http_connections_max;
    out.header_bytes_max = s.limits.header_bytes_max;
    return out;
}

}  // namespace

struct Daemon::Impl {
    Impl(settings::Settings s, Signing made)
        : settings{std::move(s)}, signing{std::move(made)}, agencies{make_directory(settings)} {}

    Result<> open_signatures();
    Result<> open_store();
    Result<> open_claims();
    amqp::OnCondition alarms_of(std::string subject);  // of one connection to RabbitMQ
    void open_queue();
    void open_software();
    Result<> open_links();
    Result<> open_servers();
    void tell(const std::vector<model::EndpointName>& listeners);
    Task<> work();
    Task<> watch_keys();
    Task<> stop();

    settings::Settings settings;
    Signing signing;
    directory::Directory agencies;
    asio::io_context io{1};
    SystemClock clock{io};
    SystemRandom random;
    observe::Alarms alarms{clock};
    observe::Metrics metrics;

    Pool store{"store", 1};
    Pool readers{"readers", 2};
    Pool files{"files", 2};
    Pool crypto{"crypto", Pool::cores(), crypto_nice};
    std::unique_ptr<intake::Inquiries> inquiries;
    std::optional<intake::Signatures> signatures;

    std::unique_ptr<ledger::Ledger> ledger;
    std::unique_ptr<spool::Spool> spool;
    std::unique_ptr<intake::Content> content;
    std::unique_ptr<intake::Lookup> lookup;
    std::unique_ptr<intake::Intake> intake;
    std::unique_ptr<intake::Claims> claims;
    std::unique_ptr<delivery::Brokered> brokered;  // outlives the lanes
    std::unique_ptr<delivery::Lanes> lanes;
    std::unique_ptr<delivery::Watch> watch;
    std::vector<std::unique_ptr<AxisLink>> links;
    std::unique_ptr<Health> health;
    std::unique_ptr<Checkpoints> checkpoints;
    std::unique_ptr<Retention> retention;
    std::unique_ptr<DailyReconcile> reconcile;
    std::unique_ptr<rest::Api> api;
    std::unique_ptr<software::Adapter> software;  // none unless a unit has queues
    std::unique_ptr<Admin> admin;
    std::vector<std::unique_ptr<http::Server>> servers;
    TaskGroup parts{io};
    bool failed = false;
};

Result<> Daemon::Impl::open_signatures() {
    auto alarm = [this](bool raised, std::string_view address, std::string_view text) {
        alarms.set(raised, "signature.authority_silent", address, text);
    };
    auto addresses = signing.trust ? signing.trust->responders() : std::vector<std::string>{};
    intake::TimeStamps stamps{settings.signature.tsa_url, settings.signature.tsa_required};
    if (!stamps.address.empty()) addresses.push_back(stamps.address);
    stamps.alarm = [this](bool missing, std::string_view why) {
        alarms.set(missing, "signature.time_stamp_missing", settings.signature.tsa_url, why);
    };
    auto opened = intake::Inquiries::open(io, clock, addresses, std::move(alarm));
    if (!opened) return opened.error();
    inquiries = std::move(*opened);
    signatures.emplace(intake::SignatureParts{
        crypto, random, clock, signing.trust, signing.keys, inquiries.get(), std::move(stamps)});
    return {};
}

Result<> Daemon::Impl::open_store() {
    ledger::Limits limits;
    limits.waiting_deliveries_max = static_cast<std::int64_t>(settings.limits.waiting_deliveries_max);
    limits.waiting_per_endpoint_max = static_cast<std::int64_t>(settings.limits.waiting_per_endpoint_max);
    // Workers of the axisd before us send as long as their lease lasts.
    if (has_desk(settings)) limits.recovered_wait += delivery::DeskLimits{}.lost_after;
    auto opened =
        ledger::Ledger::open(settings.gateway.state_dir / "ledger.db", clock, store, readers, limits);
    if (!opened) return opened.error();
    ledger = std::move(*opened);
    spool::Limits spool_limits;
    spool_limits.reserve_bytes = settings.limits.disk_reserve_bytes / 2;  // the rest is for what is small
    auto opened_spool =
        spool::Spool::open(settings.gateway.state_dir / "spool", spool_limits, spool::posix_disk());
    if (!opened_spool) return opened_spool.error();
    spool = std::move(*opened_spool);

    content = std::make_unique<intake::Content>(*ledger, *spool, files);
    lookup = std::make_unique<intake::Lookup>(io, *ledger, *content, clock);
    auto wake_up = [this](const ledger::Accepted& accepted) {
        for (const auto& endpoint : accepted.lanes) lanes->poke(endpoint, accepted.priority);
        tell(accepted.listeners);
    };
    intake = std::make_unique<intake::Intake>(
        intake::Parts{*ledger, *spool, agencies, clock, random, files, wake_up, &*signatures},
        intake_settings(settings)
    );
    HealthLimits health_limits;
    health_limits.disk_reserve_bytes = settings.limits.disk_reserve_bytes;
    auto unmanned = [this] { return brokered && brokered->unmanned(); };
    health = std::make_unique<Health>(
        clock, *ledger, *spool, files, *intake, alarms, std::move(unmanned), health_limits
    );
    checkpoints = std::make_unique<Checkpoints>(CheckpointParts{
        *ledger,
        clock,
        crypto,
        files,
        alarms,
        signing.keys,
        settings.gateway.agency.text(),
        settings.gateway.state_dir / checkpoint_file_name,
        settings.audit.checkpoint_every});
    retention = std::make_unique<Retention>(RetentionParts{
        *ledger, *spool, clock, files, alarms, settings.retention});
    return {};
}

Result<> Daemon::Impl::open_claims() {
    intake::ClaimLimits limits;
    limits.file_bytes_max = settings.limits.file_bytes_max;
    limits.disk_reserve_bytes = settings.limits.disk_reserve_bytes / 2;  // as for texts
    auto admit = [this](const model::EndpointName& endpoint) { return intake->admit_upload(endpoint); };
    auto opened = intake::Claims::open(
        settings.gateway.state_dir / "claims", limits, intake::ClaimParts{clock, random, files, admit}
    );
    if (!opened) return opened.error();
    claims = std::move(*opened);
    return {};
}

amqp::OnCondition Daemon::Impl::alarms_of(std::string subject) {
    return [this, subject = std::move(subject)](std::string_view name, bool raised, std::string text) {
        alarms.set(raised, name, subject, text);
    };
}

void Daemon::Impl::open_queue() {
    if (settings.queue.driver == settings::QueueDriver::embedded) return;
    auto stream = [this](ledger::StoredEnvelope stored) { return content->envelope(std::move(stored)); };
    auto changed = [this] { lanes->poke_all(); };
    const auto hosts = host_names(settings.queue);
    brokered = std::make_unique<delivery::Brokered>(
        delivery::BrokeredParts{
            io, clock, random, *ledger, stream, changed, alarms_of(hosts), alarms_of("worker: " + hosts)},
        brokered_settings(settings)
    );
}

void Daemon::Impl::open_software() {
    auto wanted = software_settings(settings);
    if (wanted.endpoints.empty()) return;
    auto condition = alarms_of("document software: " + host_names(settings.queue));
    software = std::make_unique<software::Adapter>(
        software::AdapterParts{io, clock, files, *intake, *lookup, *claims, std::move(condition)},
        std::move(wanted)
    );
}

Result<> Daemon::Impl::open_links() {
    open_queue();
    auto stream = [this](ledger::StoredEnvelope stored) { return content->envelope(std::move(stored)); };
    auto tell_all = [this](const std::vector<model::EndpointName>& listeners) { tell(listeners); };
    auto alarm = [this](bool raised, std::string_view name, std::string_view subject, std::string_view text) {
        alarms.set(raised, name, subject, text);
    };
    auto count = [this](std::string_view endpoint, std::string_view verdict) {
        metrics.attempt_settled(endpoint, verdict);
    };
    delivery::LaneParts lane_parts{io, *ledger, clock, random, stream, tell_all, alarm, count, {}};
    if (brokered)
        lane_parts.driver = [this](const delivery::LaneSettings& lane, ports::Outlet& outlet) {
            return brokered->lane(lane.endpoint, lane.attempts_max, outlet);
        };
    lanes = std::make_unique<delivery::Lanes>(lane_parts);
    delivery::WatchSettings watched;
    watched.late = settings.limits.delivery_warning;
    watched.freed = [this](const model::EndpointName& endpoint) { lanes->poke(endpoint); };
    for (const auto& endpoint : settings.endpoints) watched.endpoints.push_back(endpoint.name);
    watch = std::make_unique<delivery::Watch>(lane_parts, std::move(watched));
    for (const auto& endpoint : settings.endpoints) {
        if (!endpoint.vxp || endpoint.mode == settings::Mode::off) continue;
        if (endpoint.mode == settings::Mode::trial) {  // what is accepted for it waits in the ledger
            log::warn("endpoint.trial", "endpoint", endpoint.name, "effect", "nothing is sent or fetched");
            continue;
        }
        auto link = AxisLink::open(
            io, clock, vxp_settings(settings, endpoint), endpoint.max_concurrent + 2, *intake, alarms
        );
        if (!link) return link.error();
        delivery::LaneSettings lane;
        lane.endpoint = endpoint.name;
        lane.attempts_max = endpoint.max_concurrent;
        lane.on_unknown = endpoint.vxp->on_unknown == settings::OnUnknown::resend
                              ? delivery::OnUnknown::resend
                              : delivery::OnUnknown::hold;
        lanes->add(std::move(lane), *(*link)->outlet);
        links.push_back(std::move(*link));
    }
    ReconcileParts comparing{*ledger, *intake, clock, alarms, links, {}};
    for (const auto& endpoint : settings.endpoints)
        if (endpoint.vxp && endpoint.mode == settings::Mode::live)
            comparing.hours[endpoint.name] = endpoint.vxp->reconcile_hour;
    reconcile = std::make_unique<DailyReconcile>(std::move(comparing));
    return {};
}

Result<> Daemon::Impl::open_servers() {
    rest::Limits limits;
    limits.package_bytes_max = settings.limits.package_bytes_max;
    limits.file_count_max = settings.limits.files_max;
    limits.upload_bytes_max = settings.limits.envelope_bytes_max;
    api = std::make_unique<rest::Api>(*intake, *lookup, *claims, files, clock, limits, tokens(settings));
    open_software();
    admin = std::make_unique<Admin>(AdminParts{
        settings,
        agencies,
        *ledger,
        *intake,
        *lookup,
        *content,
        *lanes,
        brokered.get(),
        software.get(),
        *health,
        *reconcile,
        alarms,
        metrics,
        clock,
        links,
        clock.now()});

    const auto serve = [this](http::Listen listen, const char* what, http::Handler handler) -> Result<> {
        const auto bounds = server_limits(settings, !listen.tls_client_ca.empty());
        auto server = http::Server::open(io, std::move(listen), bounds, random, std::move(handler));
        if (!server) return server.error();
        log::info("listening", "what", what, "address", (*server)->bound());
        servers.push_back(std::move(*server));
        return {};
    };
    auto opened =
        serve({"unix:" + settings.admin.socket.string(), {}, {}}, "admin", [this](http::Exchange& e) {
            return admin->handle_socket(e);
        });
    if (opened && !settings.admin.listen.empty())
        opened = serve({settings.admin.listen, {}, {}}, "health", [this](http::Exchange& e) {
            return admin->handle_health(e);
        });
    if (opened && !settings.api.listen.empty())
        opened = serve(
            {settings.api.listen, settings.api.tls_cert.string(), settings.api.tls_key.string()},
            "api",
            [this](http::Exchange& e) { return api->handle(e); }
        );
    const auto& worker = settings.worker;
    const auto desk = [this](http::Exchange& e) { return brokered->desk()->handle(e); };
    if (opened && brokered && !worker.socket.empty())
        opened = serve({"unix:" + worker.socket.string(), {}, {}}, "workers", desk);
    if (opened && brokered && !worker.listen.empty())
        opened = serve(
            {worker.listen, worker.cert.string(), worker.key.string(), worker.ca_file.string()},
            "workers",
            desk
        );
    return opened;
}

void Daemon::Impl::tell(const std::vector<model::EndpointName>& listeners) {
    for (const auto& endpoint : listeners) lookup->wake(endpoint);
}

// The daemon's life: every long-lived part beside the others until a signal comes.
Task<> Daemon::Impl::work() {
    lanes->start();
    if (brokered) brokered->start();
    if (software) software->start();
    parts.spawn("health", health->run());
    parts.spawn("watch", watch->run());
    parts.spawn("checkpoints", checkpoints->run());
    parts.spawn("retention", retention->run());
    parts.spawn("claims", claims->run());
    parts.spawn("reconcile", reconcile->run());
    if (signing.process) parts.spawn("keys", watch_keys());
    for (auto& link : links) parts.spawn("feed " + link->settings.endpoint.text, link->feed->run());
    TaskGroup serving{io};
    for (auto& server : servers) serving.spawn("server", server->run());

    asio::signal_set signals{io, SIGTERM, SIGINT};
    co_await signals.async_wait(asio::use_awaitable);
    log::info("gateway.stopping");
    auto again = [this](boost::system::error_code ec, int) {
        if (!ec)
            for (auto& server : servers) server->abort();
    };
    signals.async_wait(again);
    co_await stop();
    const bool ended = co_await within(stop_grace, serving.join());
    if (!ended) {
        for (auto& server : servers) server->abort();
        co_await serving.join();
    }
}

// Without its keys axisd could only refuse: it ends, and systemd starts both processes anew.
Task<> Daemon::Impl::watch_keys() {
    for (;;) {
        watch_signing(signing, clock.now(), alarms);
        if (signing.process->lost() && !failed) {
            failed = true;
            std::raise(SIGTERM);
        }
        co_await clock.sleep_for(keys_looked_at_every);
    }
}

Task<> Daemon::Impl::stop() {
    intake->close_admission(errc::stopping);
    for (auto& server : servers) server->stop();
    lookup->stop();
    for (auto& link : links) link->feed->stop();
    if (software) co_await software->stop(stop_grace);
    co_await lanes->stop(stop_grace);
    const std::chrono::milliseconds no_grace(0);
    if (brokered) co_await brokered->stop(no_grace);
    co_await checkpoints->make();
    parts.cancel();
    co_await parts.join();
    for (auto& link : links) link->client.reset();
}

Daemon::Daemon(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
Daemon::~Daemon() = default;

Result<std::unique_ptr<Daemon>> Daemon::open(settings::Settings settings, Signing signing) {
    auto impl = std::make_unique<Impl>(std::move(settings), std::move(signing));
    for (auto step :
         {&Impl::open_signatures,
          &Impl::open_store,
          &Impl::open_claims,
          &Impl::open_links,
          &Impl::open_servers}) {
        auto done = (*impl.*step)();
        if (!done) return done.error();
    }
    return std::unique_ptr<Daemon>{new Daemon{std::move(impl)}};
}

int Daemon::run() {
    int status = 0;
    auto ended = [this, &status](std::exception_ptr error) {
        if (error) {
            try {
                std::rethrow_exception(error);
            } catch (const std::exception& e) {
                log::error("gateway.failed", "reason", e.what());
            }
            status = 1;
        }
        if (impl_->failed) status = 1;
        impl_->io.stop();
    };
    asio::co_spawn(impl_->io, impl_->work(), ended);
    log::info("gateway.started", "agency", impl_->settings.gateway.agency, "version", AXIS_VERSION);
    impl_->io.run();
    log::info("gateway.stopped");
    return status;
}

}  // namespace axis::app
