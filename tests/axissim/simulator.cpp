#include "tests/axissim/simulator.hpp"

#include "gateway/base/file.hpp"
#include "gateway/base/log.hpp"
#include "gateway/base/task_group.hpp"

#include <libxml/parser.h>

#include <array>
#include <system_error>

namespace axis::sim {

namespace {

http::ServerLimits limits() {
    http::ServerLimits limits;
    limits.header_bytes_max =
        256 * 1024;  // each parameter travels twice: 300 recipients make 11 KB (axis-api.md)
    return limits;
}

bool usable_as_file_name(std::string_view id) {
    if (id.empty() || id.front() == '.') return false;
    return id.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") ==
           std::string_view::npos;
}

Result<Secret> kept_secret(const std::filesystem::path& state, const std::string& id, Random& random) {
    const auto path = state / "secrets" / id;
    if (!std::filesystem::exists(path)) {
        std::error_code ec;
        std::filesystem::create_directories(path.parent_path(), ec);
        std::array<std::uint8_t, 32> bytes{};
        random.fill(bytes);
        auto written = write_file(path, to_hex(bytes) + "\n", 0600);
        if (!written) return written.error();
        log::info("axissim.secret_made", "system", id, "file", path.string());
    }
    return Secret::from_file(path);
}

void fill_defaults(Settings& settings) {
    if (settings.systems.empty()) settings.systems.push_back({"vxp.g98", {"G98", "G98.11", "G98.12"}, {}});
    if (!settings.partners.empty()) return;
    settings.partners.push_back({"G99", "Bộ Mô phỏng Tiếp nhận", Behaviour::accept});
    settings.partners.push_back({"G97", "Bộ Mô phỏng Từ chối", Behaviour::refuse});
}

}  // namespace

struct Simulator::Impl {
    Impl(asio::io_context& io, Clock& c, Random& random, Settings& s, std::unique_ptr<Store> st, Directory d)
        : clock{c},
          store{std::move(st)},
          directory{std::move(d)},
          office{*store, directory},
          partners{io, *store, directory, office, clock, random, files, s.partner_delay},
          vxp{{*store, directory, office, faults, clock, random, files}, s.vxp},
          control{{*store, directory, faults, partners, vxp}},
          tasks{io} {}

    Result<> fill(Settings& settings, Random& random);
    Task<> serve(http::Exchange& exchange);

    Clock& clock;
    Pool files{"axissim.files", 1};
    std::unique_ptr<Store> store;
    Directory directory;
    Faults faults;
    PostOffice office;
    Partners partners;
    VxpServer vxp;
    Control control;
    TaskGroup tasks;
    std::unique_ptr<http::Server> server;
};

Result<> Simulator::Impl::fill(Settings& settings, Random& random) {
    const auto now = clock.now();
    directory.add_configured(std::string{centre_code}, "Trục liên thông mô phỏng", {}, now);
    for (auto& system : settings.systems) {
        if (!usable_as_file_name(system.id)) return Error{errc::config_value, "system id " + system.id};
        auto secret = system.secret.empty() ? kept_secret(settings.state, system.id, random)
                                            : Result<Secret>{system.secret};
        if (!secret) return secret.error();
        directory.add_system(system.id, std::move(*secret));
        for (const auto& code : system.codes)
            directory.add_configured(code, "Đơn vị Thử nghiệm " + code, system.id, now);
    }
    for (const auto& partner : settings.partners) {
        directory.add_configured(partner.code, partner.name, partner.system(), now);
        partners.add(partner);
    }
    for (const auto& code : settings.locked) directory.lock(code);
    return {};
}

Task<> Simulator::Impl::serve(http::Exchange& exchange) {
    const auto& segments = exchange.request().target.segments;
    const bool ours = !segments.empty() && segments.front() == "sim";
    if (ours)
        co_await control.serve(exchange);
    else
        co_await vxp.serve(exchange);
}

Result<std::unique_ptr<Simulator>> Simulator::open(
    asio::io_context& io, Clock& clock, Random& random, Settings settings
) {
    xmlInitParser();  // before the files thread uses it
    fill_defaults(settings);
    auto store = Store::open(settings.state, clock, random);
    if (!store) return store.error();
    auto directory = Directory::open(settings.state);
    if (!directory) return directory.error();
    auto impl = std::make_unique<Impl>(io, clock, random, settings, std::move(*store), std::move(*directory));
    auto filled = impl->fill(settings, random);
    if (!filled) return filled.error();

    auto* const whole = impl.get();
    impl->office.on_accepted([whole](const Message& message) { whole->partners.notice(message); });
    impl->partners.resume();
    const auto handler = [whole](http::Exchange& exchange) { return whole->serve(exchange); };
    auto server = http::Server::open(io, {settings.listen, {}, {}}, limits(), random, handler);
    if (!server) return server.error();
    impl->server = std::move(*server);
    return std::unique_ptr<Simulator>{new Simulator{std::move(impl)}};
}

Simulator::Simulator(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
Simulator::~Simulator() = default;

Task<> Simulator::run() {
    impl_->tasks.spawn("axissim.partners", impl_->partners.run());
    co_await impl_->server->run();
    impl_->tasks.cancel();
    co_await impl_->tasks.join();
}

void Simulator::stop() {
    impl_->server->stop();
}

void Simulator::abort() {
    impl_->server->abort();
}

std::string Simulator::bound() const {
    return impl_->server->bound();
}

Store& Simulator::store() {
    return *impl_->store;
}

}  // namespace axis::sim
