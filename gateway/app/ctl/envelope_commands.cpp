// envelope check|show: a line a file, constant memory, no temporary files, no daemon.
#include "gateway/app/ctl/command.hpp"
#include "gateway/base/file.hpp"
#include "gateway/base/log.hpp"
#include "gateway/base/text.hpp"
#include "gateway/envelope/check.hpp"
#include "gateway/package/package.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <iostream>

namespace axis::ctl {

namespace {

Result<envelope::Checked> check_file(const std::string& path, Random& random) {
    const Fd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!fd) return Error{errc::io_failed, errno_text(errno)};
    envelope::Checker checker{random};
    std::string buffer(256 * 1024, '\0');
    for (;;) {
        const auto n = ::read(fd.get(), buffer.data(), buffer.size());
        if (n < 0) return Error{errc::io_failed, errno_text(errno)};
        if (n == 0) return checker.finish();
        auto fed = checker.feed({buffer.data(), static_cast<std::size_t>(n)});
        if (!fed) return fed.error();
    }
}

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
    const auto& s = std::get<model::Status>(checked.read.content);
    std::cout << "{\"from\":" << json_quoted(s.from.code.text()) << ",\"code\":" << json_quoted(s.code)
              << ",\"label\":"
              << json_quoted(
                     o.vi() ? model::status_code::label(s.code) : model::status_code::label_en(s.code)
                 )
              << ",\"description\":" << json_quoted(s.description) << ",\"at\":" << json_quoted(s.timestamp)
              << ",\"response_for\":{\"organ\":" << json_quoted(s.response_for.organ.text())
              << ",\"code\":" << json_quoted(s.response_for.code)
              << ",\"document_id\":" << json_quoted(s.response_for.document_id)
              << ",\"date\":" << json_quoted(s.response_for.date.dashed()) << "}}\n";
}

int run_all(const Options& o, const std::vector<std::string>& files, bool show) {
    SystemRandom random;
    int worst = done;
    for (const auto& file : files) {
        const auto result = check_file(file, random);
        if (!result) worst = negative;
        if (show && result)
            print_content(o, *result);
        else
            print_line(o, file, result);
    }
    return worst;
}

}  // namespace

void add_envelope_commands(CLI::App& app, Options& o, Run& run) {
    auto* envelope = app.add_subcommand("envelope", "edXML files")->require_subcommand(1);
    for (const bool show : {false, true}) {
        auto* command = show ? envelope->add_subcommand("show", "what an envelope says, as JSON")
                             : envelope->add_subcommand("check", "a line a file; exit 1 if any is refused");
        auto files = std::make_shared<std::vector<std::string>>();
        command->add_option("FILE", *files)->required();
        command->callback([&o, &run, files, show] {
            run = [&o, files, show] { return run_all(o, *files, show); };
        });
    }
}

}  // namespace axis::ctl
