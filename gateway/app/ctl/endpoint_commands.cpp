// endpoint add|test and token new: files under endpoints.d, and a probe of an axis layer by layer.
#include "adapters/vxp/probe.hpp"
#include "gateway/app/axis_link.hpp"
#include "gateway/app/ctl/command.hpp"
#include "gateway/base/digest.hpp"
#include "gateway/base/file.hpp"
#include "gateway/base/random.hpp"
#include "gateway/base/text.hpp"
#include "gateway/settings/settings.hpp"
#include "gateway/settings/text.hpp"

#include <boost/asio/co_spawn.hpp>

#include <filesystem>
#include <iostream>

namespace axis::ctl {

namespace {

namespace fs = std::filesystem;

fs::path endpoint_file(const Options& o, const std::string& name) {
    return fs::path{o.config}.parent_path() / "endpoints.d" / (name + ".toml");
}

// 256 random bits, shown once; only its digest is kept.
std::string new_token() {
    SystemRandom random;
    std::array<std::uint8_t, 32> bytes{};
    random.fill(bytes);
    return "axt_" + to_hex(bytes);
}

void show_token(const Options& o, const std::string& endpoint, const std::string& token) {
    if (o.json) {
        std::cout << "{\"endpoint\":" << json_quoted(endpoint) << ",\"token\":\"" << token
                  << "\",\"token_sha256\":\"" << sha256(token).hex() << "\"}\n";
        return;
    }
    std::cout << o.say(
                     "Mã truy cập (chỉ hiện một lần, giao cho phần mềm của đơn vị): ",
                     "Token (shown once, for the unit's software): "
                 )
              << token << "\n";
}

struct AddArguments {
    std::string name;
    std::string adapter = "rest";
    std::string mode = "live";
    settings::NewEndpoint facts;
};

int add(const Options& o, AddArguments a) {
    const auto file = endpoint_file(o, a.name);
    if (!model::EndpointName::parse(a.name)) {
        std::cerr << o.say(
                         "Tên điểm kết nối chỉ gồm a-z 0-9 - _: ", "Endpoint names are made of a-z 0-9 - _: "
                     )
                  << a.name << "\n";
        return usage;
    }
    if (fs::exists(file)) {
        std::cerr << file.string() << o.say(": đã có\n", ": exists\n");
        return negative;
    }
    std::string token;
    a.facts.adapter = a.adapter == "vxp" ? settings::Adapter::vxp : settings::Adapter::rest;
    a.facts.mode = a.mode == "off"     ? settings::Mode::off
                   : a.mode == "trial" ? settings::Mode::trial
                                       : settings::Mode::live;
    if (a.facts.adapter == settings::Adapter::rest) {
        token = new_token();
        a.facts.token_sha256 = {sha256(token).hex()};
    }
    std::error_code ec;
    fs::create_directories(file.parent_path(), ec);
    const auto written = write_file(
        file, settings::endpoint_text(a.facts, o.vi() ? settings::Language::vi : settings::Language::en), 0640
    );
    if (!written) return print_error(o, written.error());
    if (!o.json)
        std::cout << o.say("Đã tạo ", "Written: ") << file.string()
                  << o.say(
                         " (có hiệu lực khi khởi động lại axisd)\n", " (in force when axisd starts again)\n"
                     );
    if (!token.empty()) show_token(o, a.name, token);
    return done;
}

// A new token stands first in token_sha256, the old ones stay until they are taken out: rotation with
// overlap.
int token_new(const Options& o, const std::string& name) {
    const auto file = endpoint_file(o, name);
    auto text = read_file(file);
    if (!text) return print_error(o, text.error());
    const auto key = text->find("token_sha256");
    const auto bracket = key == std::string::npos ? key : text->find('[', key);
    if (bracket == std::string::npos) {
        std::cerr << file.string()
                  << o.say(": không có token_sha256 = [...]\n", ": no token_sha256 = [...]\n");
        return negative;
    }
    const auto token = new_token();
    const auto rest = trimmed(std::string_view{*text}.substr(bracket + 1));
    text->insert(bracket + 1, "\"" + sha256(token).hex() + "\"" + (rest.starts_with("]") ? "" : ", "));
    const auto written = write_file(file, *text, 0640);
    if (!written) return print_error(o, written.error());
    show_token(o, name, token);
    return done;
}

int print_steps(const Options& o, const std::vector<vxp::Step>& steps) {
    bool all = true;
    for (const auto& step : steps) {
        all = all && step.ok;
        if (!o.json)
            std::cout << (step.ok ? "  ok    " : "  FAIL  ") << step.step << ": " << step.detail << "\n";
    }
    if (o.json) {
        std::string out;
        for (const auto& step : steps)
            out += (out.empty() ? "" : ",") + std::string{"{\"step\":"} + json_quoted(step.step) +
                   ",\"ok\":" + (step.ok ? "true" : "false") + ",\"detail\":" + json_quoted(step.detail) +
                   "}";
        std::cout << "{\"ok\":" << (all ? "true" : "false") << ",\"steps\":[" << out << "]}\n";
    }
    return all ? done : negative;
}

int test(const Options& o, const std::string& name) {
    auto loaded = settings::load(o.config, o.vi() ? settings::Language::vi : settings::Language::en);
    if (!loaded) return print_error(o, loaded.error());
    for (const auto& endpoint : loaded->endpoints) {
        if (endpoint.name.text != name) continue;
        if (!endpoint.vxp) {
            std::cout
                << name
                << o.say(
                       ": điểm kết nối kiểu rest do phần mềm của đơn vị gọi vào, không có gì để thử từ đây\n",
                       ": a rest endpoint is called by the unit's software; nothing to test from here\n"
                   );
            return done;
        }
        asio::io_context io;
        SystemClock clock{io};
        std::optional<Result<std::vector<vxp::Step>>> steps;
        auto finished = [&steps](std::exception_ptr error, Result<std::vector<vxp::Step>> result) {
            if (error)
                steps.emplace(Error{errc::internal, "probe"});
            else
                steps.emplace(std::move(result));
        };
        asio::co_spawn(io, vxp::probe(io, clock, app::vxp_settings(*loaded, endpoint)), finished);
        io.run();
        return *steps ? print_steps(o, **steps) : print_error(o, steps->error());
    }
    std::cerr << o.say("Không có điểm kết nối ", "No endpoint ") << name << "\n";
    return negative;
}

}  // namespace

void add_endpoint_commands(CLI::App& app, Options& o, Run& run) {
    auto* endpoint = app.add_subcommand("endpoint", "counterparts")->require_subcommand(1);
    auto* adder =
        endpoint->add_subcommand("add", "write endpoints.d/NAME.toml; a rest endpoint gets a token");
    auto a = std::make_shared<AddArguments>();
    adder->add_option("NAME", a->name)->required();
    adder->add_option("--adapter", a->adapter)->check(CLI::IsMember({"rest", "vxp"}))->capture_default_str();
    adder->add_option("--codes", a->facts.codes, "agency codes, or '*' (vxp)")->required()->delimiter(',');
    adder->add_option("--mode", a->mode)
        ->check(CLI::IsMember({"off", "trial", "live"}))
        ->capture_default_str();
    adder->add_option("--base-url", a->facts.base_url, "vxp");
    adder->add_option("--system-id", a->facts.system_id, "vxp");
    adder->add_option("--secret-file", a->facts.secret_file, "vxp; mode 0600");
    adder->callback([&o, &run, a] { run = [&o, a] { return add(o, *a); }; });

    auto* tester = endpoint->add_subcommand(
        "test", "which layer works: name, TCP, TLS, HTTP, credentials; with a wrong key as control"
    );
    auto name = std::make_shared<std::string>();
    tester->add_option("NAME", *name)->required();
    tester->callback([&o, &run, name] { run = [&o, name] { return test(o, *name); }; });

    auto* token = app.add_subcommand("token", "access tokens of rest endpoints")->require_subcommand(1);
    auto* maker =
        token->add_subcommand("new", "a further token; old ones stay valid until taken out of the file");
    auto of = std::make_shared<std::string>();
    maker->add_option("ENDPOINT", *of)->required();
    maker->callback([&o, &run, of] { run = [&o, of] { return token_new(o, *of); }; });
}

}  // namespace axis::ctl
