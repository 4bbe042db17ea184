// envelope check|show|to-package|rewrite|diff: constant memory, no temporary files, no daemon.
#include "gateway/app/ctl/command.hpp"
#include "gateway/app/ctl/comparison.hpp"
#include "gateway/app/ctl/convert.hpp"
#include "gateway/app/ctl/files.hpp"
#include "gateway/app/ctl/stated_classes.hpp"
#include "gateway/base/log.hpp"
#include "gateway/base/text.hpp"
#include "gateway/package/package.hpp"

#include <iostream>

namespace axis::ctl {

namespace {

std::string summary(const envelope::Checked& checked) {
    if (const auto* status = std::get_if<model::Status>(&checked.read.content))
        return "status " + status->code + " from=" + status->from.code.text() +
               " about=" + log::escaped(status->response_for.code);
    const auto& d = std::get<model::Document>(checked.read.content);
    return "document " + log::escaped(d.full_number()) + " from=" + d.from.code.text() +
           " to=" + std::to_string(d.to.size()) + " files=" + std::to_string(d.attachments.size()) +
           " bytes=" + std::to_string(checked.bytes);
}

// ok …  |  refused CODE where why
void print_line(const Options& o, const std::string& path, const Result<envelope::Checked>& result) {
    if (o.json) {
        std::cout << "{\"file\":" << json_quoted(path) << ",\"ok\":" << (result ? "true" : "false");
        if (!result) {
            const auto error = result.error();
            std::cout << ",\"code\":" << json_quoted(row(error.code).code)
                      << ",\"detail\":" << json_quoted(error.detail);
        }
        std::cout << "}\n";
    } else if (result) {
        std::cout << "ok " << path << " " << summary(*result) << "\n";
        for (const auto& seen : result->observations)
            std::cout << "   note " << seen.code << ": " << seen.text << "\n";
    } else {
        const auto error = result.error();
        std::cout << "refused " << row(error.code).code << " " << path << ":" << error.detail << " "
                  << (o.vi() ? row(error.code).text : row(error.code).title) << "\n";
    }
}

void print_content(const Options& o, const envelope::Checked& checked) {
    if (const auto* document = std::get_if<model::Document>(&checked.read.content)) {
        std::cout << package::to_json(*document, "") << "\n";
        return;
    }
    const auto& status = std::get<model::Status>(checked.read.content);
    auto text = package::to_json(status);
    const auto label =
        o.vi() ? model::status_code::label(status.code) : model::status_code::label_en(status.code);
    text.insert(text.size() - 1, ",\"label\":" + json_quoted(label));
    std::cout << text << "\n";
}

int run_all(
    const Options& o, const std::vector<std::string>& files, bool show, const envelope::Xsd* xsd = nullptr
) {
    SystemRandom random;
    int worst = done;
    for (const auto& file : files) {
        const auto result = check_file(file, random, xsd);
        if (!result) worst = negative;
        if (show && result)
            print_content(o, *result);
        else
            print_line(o, file, result);
    }
    return worst;
}

int run_to_package(
    const Options& o, const std::string& file, const std::string& folder, const StatedClasses& classes
) {
    SystemRandom random;
    const auto paths = to_package(file, folder, classes.stated(), random);
    if (!paths) return print_error(o, paths.error());
    for (const auto& path : *paths) std::cout << path << "\n";
    if (!classes.stated())
        std::cerr << o.say(
            "package.json chưa có độ mật, hạn chế công bố, tố cáo: bản tin không ghi, người gửi phải tự "
            "khai\n",
            "package.json has no security class, restriction, denunciation: no envelope says them, state "
            "them\n"
        );
    return done;
}

void add_check_and_show(CLI::App& envelope, Options& o, Run& run) {
    for (const bool show : {false, true}) {
        auto* command = show ? envelope.add_subcommand("show", "what an envelope says, as JSON")
                             : envelope.add_subcommand("check", "a line a file; exit 1 if any is refused");
        auto files = std::make_shared<std::vector<std::string>>();
        auto with_xsd = std::make_shared<bool>(false);
        command->add_option("FILE", *files)->required();
        if (!show)
            command->add_flag("--xsd", *with_xsd, "refuse what does not fit schemas/edxml-102-accept.xsd");
        command->callback([&o, &run, files, show, with_xsd] {
            run = [&o, files, show, with_xsd] {
                const auto xsd =
                    *with_xsd ? std::make_unique<envelope::Xsd>(envelope::Xsd::Which::accept) : nullptr;
                return run_all(o, *files, show, xsd.get());
            };
        });
    }
}

}  // namespace

void add_envelope_commands(CLI::App& app, Options& o, Run& run) {
    auto* envelope = app.add_subcommand("envelope", "edXML files")->require_subcommand(1);
    add_check_and_show(*envelope, o, run);

    struct Paths {
        std::string in, other, out;
        StatedClasses classes;
    };
    auto* package = envelope->add_subcommand("to-package", "package.json and the files");
    auto unpack = std::make_shared<Paths>();
    package->add_option("FILE", unpack->in)->required();
    package->add_option("-o,--out", unpack->out, "folder; nothing in it is overwritten")->required();
    unpack->classes.add_to(*package);
    package->callback([&o, &run, unpack] {
        run = [&o, unpack] { return run_to_package(o, unpack->in, unpack->out, unpack->classes); };
    });

    auto* strict = envelope->add_subcommand("rewrite", "the same in the strict form");
    auto again = std::make_shared<Paths>();
    strict->add_option("FILE", again->in)->required();
    strict->add_option("-o,--out", again->out, "new file; standard output when not given");
    strict->callback([&o, &run, again] {
        run = [&o, again] {
            SystemRandom random;
            const auto written = rewrite(again->in, again->out, random);
            return written ? done : print_error(o, written.error());
        };
    });

    auto* diff = envelope->add_subcommand(
        "diff", "what the second says otherwise; exit 0 same meaning, 1 another, 2 trouble"
    );
    auto pair = std::make_shared<Paths>();
    diff->add_option("A", pair->in)->required();
    diff->add_option("B", pair->other)->required();
    diff->callback([&o, &run, pair] {
        run = [&o, pair] { return compare_envelopes(o, pair->in, pair->other); };
    });
}

}  // namespace axis::ctl
