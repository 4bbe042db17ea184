// Commands over the configuration files; no daemon needed.
#include "gateway/app/ctl/command.hpp"
#include "gateway/app/signing.hpp"
#include "gateway/base/file.hpp"
#include "gateway/base/text.hpp"
#include "gateway/settings/settings.hpp"
#include "gateway/settings/text.hpp"

#include <filesystem>
#include <iostream>

namespace axis::ctl {

namespace {

settings::Language language(const Options& o) {
    return o.vi() ? settings::Language::vi : settings::Language::en;
}

int check(const Options& o) {
    const auto loaded = settings::load(o.config, language(o));
    if (!loaded) return print_error(o, loaded.error());
    const auto signing = app::check_signing(*loaded);
    if (!signing) return print_error(o, signing.error());
    if (o.json)
        std::cout << "{\"ok\":true,\"endpoints\":" << loaded->endpoints.size() << "}\n";
    else
        std::cout << o.config << ": " << o.say("đúng", "ok") << " (" << loaded->endpoints.size()
                  << o.say(" điểm kết nối", " endpoints") << ")\n";
    return done;
}

int init(const Options& o, const settings::NewGateway& facts) {
    const std::filesystem::path file{o.config};
    if (std::filesystem::exists(file)) {
        std::cerr << o.config << o.say(": đã có, không ghi đè\n", ": exists, not overwritten\n");
        return negative;
    }
    std::error_code ec;
    std::filesystem::create_directories(file.parent_path() / "endpoints.d", ec);
    auto complete = facts;
    if (complete.state_dir.empty()) complete.state_dir = "/var/lib/axisd";
    const auto written = write_file(file, settings::init_text(complete, language(o)));
    if (!written) return print_error(o, written.error());
    std::filesystem::create_directories(complete.state_dir, ec);
    std::filesystem::permissions(complete.state_dir, std::filesystem::perms{0750}, ec);
    std::cout << o.say("Đã tạo ", "Written: ") << o.config
              << o.say(". Tiếp theo: axisctl endpoint add …\n", ". Next: axisctl endpoint add …\n");
    return done;
}

}  // namespace

void add_config_commands(CLI::App& app, Options& o, Run& run) {
    auto* config = app.add_subcommand("config", "configuration files")->require_subcommand(1);
    config->add_subcommand("check", "every fault at once")->callback([&] { run = [&] { return check(o); }; });

    auto* create = config->add_subcommand("init", "write a fresh, commented axisd.toml");
    auto facts = std::make_shared<settings::NewGateway>();
    create->add_option("--agency", facts->agency, "the ministry's code (mã định danh)")->required();
    create->add_option("--name", facts->agency_name, "the ministry's name");
    create->add_option("--state-dir", facts->state_dir, "default /var/lib/axisd");
    create->callback([&o, &run, facts] { run = [&o, facts] { return init(o, *facts); }; });

    auto* explain = config->add_subcommand("explain", "what a key means");
    auto key = std::make_shared<std::string>();
    explain->add_option("KEY", *key)->required();
    explain->callback([&o, &run, key] {
        run = [&o, key] {
            const auto text = settings::explain(*key, language(o));
            if (!text) return print_error(o, text.error());
            std::cout << *text;
            return done;
        };
    });
    config->add_subcommand("reference", "every key")->callback([&] {
        run = [&] {
            std::cout << settings::print_reference(language(o));
            return done;
        };
    });
}

}  // namespace axis::ctl
