// axisd: the gateway daemon.
#include "gateway/app/daemon.hpp"
#include "gateway/app/worker_process.hpp"
#include "gateway/base/log.hpp"
#include "gateway/ledger/ledger_file.hpp"
#include "gateway/settings/settings.hpp"

#include <CLI/CLI.hpp>
#include <malloc.h>
#include <sys/stat.h>

#include <csignal>
#include <iostream>

namespace {

// 2: nothing was started because of the configuration; systemd must not try again by itself (axisd.service).
int report(const axis::Error& error) {
    for (const auto& fault : error.faults)
        std::cerr << fault.pointer << ": " << axis::row(fault.code).code << ": " << fault.detail << "\n";
    if (error.faults.empty()) std::cerr << "axisd: " << axis::to_string(error) << "\n";
    return 1;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App cli{"axisd: document-exchange gateway"};
    std::string config = "/etc/axisd/axisd.toml";
    bool check = false;
    bool worker = false;
    cli.add_option("-c,--config", config, "configuration file")->capture_default_str();
    cli.add_flag(
        "--check", check, "check the configuration and the ledger, say what a start would do, and end"
    );
    cli.add_flag("--worker", worker, "send for the axisd that has the ledger, out of RabbitMQ's queues");
    cli.set_version_flag("--version", AXIS_VERSION);
    CLI11_PARSE(cli, argc, argv);

    std::signal(SIGPIPE, SIG_IGN);
    umask(0027);              // ledger and spool are nobody else's to read
    mallopt(M_ARENA_MAX, 2);  // few threads, long life: more arenas only keep memory
    mallopt(M_TRIM_THRESHOLD, 1024 * 1024);
    mallopt(M_MMAP_THRESHOLD, 128 * 1024);
    try {
        auto settings = axis::settings::load(config);
        if (!settings) {
            report(settings.error());
            return 2;
        }
        if (check) {
            const auto signing = axis::app::check_signing(*settings);
            if (!signing) {
                report(signing.error());
                return 2;
            }
            const auto ledger = axis::ledger::foreseen(settings->gateway.state_dir / "ledger.db");
            if (!ledger) return report(ledger.error());
            std::cout << config << ": ok\n" << *ledger << "\n";
            return 0;
        }
        axis::log::set_level(settings->log_level);
        if (worker) {
            auto process = axis::app::WorkerProcess::open(std::move(*settings));
            if (!process) {
                report(process.error());
                return 2;
            }
            return (*process)->run();
        }
        auto signing = axis::app::open_signing(*settings);  // its process is forked before there are threads
        if (!signing) {
            report(signing.error());
            return 2;
        }
        axis::app::fence_off_keys(*signing, *settings);
        auto daemon = axis::app::Daemon::open(std::move(*settings), std::move(*signing));
        if (!daemon) return report(daemon.error());
        return (*daemon)->run();
    } catch (const std::exception& e) {
        std::cerr << "axisd: " << e.what() << "\n";
        return 1;
    }
}
