// axisctl: the operator's tool.
#include "gateway/app/ctl/command.hpp"

#include <cstdlib>
#include <iostream>

namespace axis::ctl {

bool Options::vi() const {
    if (!lang.empty()) return lang == "vi";
    for (const auto* name : {"LC_ALL", "LC_MESSAGES", "LANG"})
        if (const char* value = std::getenv(name); value && *value)
            return std::string_view{value}.starts_with("vi");
    return false;
}

int print_error(const Options& options, const Error& error) {
    for (const auto& fault : error.faults)
        std::cerr << fault.pointer << ": " << row(fault.code).code << ": " << fault.detail << "\n";
    if (error.faults.empty())
        std::cerr << (options.vi() ? row(error.code).text : row(error.code).title) << " ("
                  << row(error.code).code << ") " << error.detail << "\n";
    return negative;
}

}  // namespace axis::ctl

int main(int argc, char** argv) {
    using namespace axis::ctl;
    CLI::App app{"axisctl: operate axisd. Exit: 0 done, 1 negative answer, 2 usage, 3 daemon unreachable"};
    Options options;
    Run run;
    app.add_option("-c,--config", options.config, "configuration file")->capture_default_str();
    app.add_option("--socket", options.socket, "the daemon's admin socket");
    app.add_option("--lang", options.lang, "vi or en")->check(CLI::IsMember({"vi", "en"}));
    app.add_flag("--json", options.json, "answers as JSON");
    app.set_version_flag("--version", AXIS_VERSION);
    app.require_subcommand(1);
    app.fallthrough();
    add_daemon_commands(app, options, run);
    add_config_commands(app, options, run);
    add_endpoint_commands(app, options, run);
    add_envelope_commands(app, options, run);
    add_package_commands(app, options, run);
    add_signature_commands(app, options, run);
    add_evidence_commands(app, options, run);
    add_ledger_commands(app, options, run);
    add_audit_commands(app, options, run);
    add_reconcile_command(app, options, run);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        const int status = app.exit(e);
        return status == 0 ? 0 : usage;
    }
    try {
        return run();
    } catch (const std::exception& e) {
        std::cerr << "axisctl: " << e.what() << "\n";
        return negative;
    }
}
