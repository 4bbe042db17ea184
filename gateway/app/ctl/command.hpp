// axisctl's commands. Each returns the exit status: 0 done, 1 negative answer, 2 usage, 3 daemon unreachable.
#pragma once

#include "gateway/app/ctl/console.hpp"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace axis::ctl {

inline constexpr int done = 0, negative = 1, usage = 2, unreachable = 3;

struct Options {
    std::string config = "/etc/axisd/axisd.toml";
    std::string socket;  // empty: from the configuration
    std::string lang;    // vi | en; empty: from the environment
    bool json = false;
    bool vi() const;
    // The Vietnamese or the English text.
    std::string_view say(std::string_view vietnamese, std::string_view english) const {
        return vi() ? vietnamese : english;
    }
};

// What was chosen on the command line; set by the subcommand's callback.
using Run = std::function<int()>;

void add_daemon_commands(
    CLI::App& app, Options& options, Run& run
);  // status show why find queue retry hold release cancel drain poke
void add_config_commands(CLI::App& app, Options& options, Run& run);    // config init|check|explain|reference
void add_endpoint_commands(CLI::App& app, Options& options, Run& run);  // endpoint add|test, token new
void add_envelope_commands(
    CLI::App& app, Options& options, Run& run
);  // envelope check|show|to-package|rewrite|diff
void add_signature_commands(CLI::App& app, Options& o, Run& run);      // signature sign|verify|explain
void add_evidence_commands(CLI::App& app, Options& o, Run& run);       // evidence export|verify
void add_ledger_commands(CLI::App& app, Options& o, Run& run);         // ledger verify, backup
void add_audit_commands(CLI::App& app, Options& o, Run& run);          // audit export|verify
void add_reconcile_command(CLI::App& app, Options& o, Run& run);       // reconcile
void add_package_commands(CLI::App& app, Options& options, Run& run);  // package to-envelope|import

// `given`, or the configuration's state_dir.
Result<std::filesystem::path> state_dir_of(const Options& options, const std::string& given);
// The daemon's refusal, in the operator's language; a negative answer.
int print_problem(const Options& options, const Answer& answer);
int print_error(const Options& options, const Error& error);

}  // namespace axis::ctl
