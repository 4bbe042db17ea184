#include "tests/axissim/command_line.hpp"

#include "gateway/base/text.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <iostream>

namespace axis::sim {

namespace {

struct Raw {
    std::string listen = "127.0.0.1:0";
    std::string state;
    std::vector<std::string> systems;
    std::vector<std::string> secret_files;
    std::vector<std::string> partners;
    std::vector<std::string> locked;
    std::int64_t partner_delay_ms = 200;
    std::string attest = "on";
    unsigned auth_failure_status = 200;
    std::string language = "vi";
};

std::vector<std::string> split(std::string_view text, char by) {
    std::vector<std::string> out;
    while (!text.empty()) {
        const auto end = std::min(text.find(by), text.size());
        if (const auto item = trimmed(text.substr(0, end)); !item.empty()) out.emplace_back(item);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

// "KEY=VALUE"; both must be there.
std::optional<std::pair<std::string, std::string>> pair_of(const std::string& text) {
    const auto at = text.find('=');
    if (at == 0 || at == std::string::npos || at + 1 == text.size()) return std::nullopt;
    return std::pair{text.substr(0, at), text.substr(at + 1)};
}

Result<Partner> partner_of(const std::string& text) {
    const auto pair = pair_of(text);
    if (!pair) return Error{errc::config_value, "--partner " + text};
    const auto colon = pair->second.find(':');
    const auto behaviour = behaviour_named(pair->second.substr(0, colon));
    if (!behaviour) return Error{errc::config_value, "--partner " + text};
    auto name =
        colon == std::string::npos ? "Cơ quan mô phỏng " + pair->first : pair->second.substr(colon + 1);
    return Partner{pair->first, std::move(name), *behaviour};
}

Result<> read_systems(const Raw& raw, Settings& out) {
    for (const auto& text : raw.systems) {
        const auto pair = pair_of(text);
        if (!pair) return Error{errc::config_value, "--system " + text};
        out.systems.push_back({pair->first, split(pair->second, ','), {}});
    }
    if (out.systems.empty()) out.systems.push_back({"vxp.g98", {"G98", "G98.11", "G98.12"}, {}});
    for (const auto& text : raw.secret_files) {
        const auto pair = pair_of(text);
        const auto at = std::find_if(out.systems.begin(), out.systems.end(), [&pair](const SystemSetting& s) {
            return pair && s.id == pair->first;
        });
        if (at == out.systems.end()) return Error{errc::config_value, "--secret-file " + text};
        auto secret = Secret::from_file(pair->second);
        if (!secret) return secret.error();
        at->secret = std::move(*secret);
    }
    return {};
}

Result<Settings> settings_of(const Raw& raw) {
    Settings out;
    out.listen = raw.listen;
    out.state = raw.state;
    out.locked = raw.locked;
    out.partner_delay = Duration{raw.partner_delay_ms};
    out.vxp.attest_no_docid = raw.attest == "on";
    out.vxp.auth_failure_status = raw.auth_failure_status;
    auto systems = read_systems(raw, out);
    if (!systems) return systems.error();
    for (const auto& text : raw.partners) {
        auto partner = partner_of(text);
        if (!partner) return partner.error();
        out.partners.push_back(std::move(*partner));
    }
    return out;
}

void define(CLI::App& app, Raw& raw) {
    app.add_option("--listen", raw.listen, "address and port; loopback only")->capture_default_str();
    app.add_option("--state", raw.state, "directory that keeps what was received")->required();
    app.add_option(
        "--system", raw.systems, "ID=CODE,CODE… a connected system and its agency codes; repeatable"
    );
    app.add_option(
        "--secret-file", raw.secret_files, "ID=PATH the secret of a system (mode 0600); else one is made"
    );
    app.add_option("--partner", raw.partners, "CODE=none|arrive|accept|refuse|finish[:NAME]; repeatable");
    app.add_option(
        "--locked", raw.locked, "CODE an agency that refuses everything (ErrorCode 23); repeatable"
    );
    app.add_option("--partner-delay-ms", raw.partner_delay_ms, "wait before each answer of a partner")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    app.add_option(
           "--attest-no-docid", raw.attest, "getSentEdocList without docId: on lists all, off answers FAIL"
    )
        ->check(CLI::IsMember({"on", "off"}))
        ->capture_default_str();
    app.add_option("--auth-failure-status", raw.auth_failure_status, "HTTP status of a refused signature")
        ->check(CLI::IsMember({200u, 401u}))
        ->capture_default_str();
    app.add_option("--lang", raw.language, "language of messages on stderr")
        ->check(CLI::IsMember({"vi", "en"}))
        ->capture_default_str();
}

std::string explained(const Error& error, bool english) {
    const auto& entry = row(error.code);
    return std::string{"axissim: "} + std::string{english ? entry.title : entry.text} + " (" + error.detail +
           ")";
}

}  // namespace

CommandLine parse_command_line(int argc, char** argv) {
    CLI::App app{
        "axissim: trục liên thông văn bản mô phỏng / a simulated document axis (VXP protocol)", "axissim"};
    Raw raw;
    define(app, raw);
    CommandLine line;
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        const int code = app.exit(e);
        line.exit_code = code == 0 ? 0 : 2;
        return line;
    }
    auto settings = settings_of(raw);
    if (!settings) {
        std::cerr << explained(settings.error(), raw.language == "en") << '\n';
        line.exit_code = 2;
        return line;
    }
    line.settings = std::move(*settings);
    return line;
}

}  // namespace axis::sim
