// audit export|verify.
#include "gateway/app/ctl/command.hpp"
#include "gateway/app/ctl/findings.hpp"
#include "gateway/app/ctl/store/audit.hpp"
#include "gateway/base/json_object.hpp"

#include <iostream>

namespace axis::ctl {

namespace {

struct Arguments {
    std::string state, out, file, trust;
    std::vector<std::string> outside;
    std::int64_t first = 1, last = 0;
};

int save(const Options& o, const Arguments& a) {
    const auto folder = state_dir_of(o, a.state);
    if (!folder) return print_error(o, folder.error());
    const auto told = export_audit(*folder, a.first, a.last, a.out);
    if (!told) return print_error(o, told.error());
    if (o.json)
        std::cout << JsonObject{}
                         .text("file", a.out)
                         .number("rows", told->rows)
                         .number("checkpoints", told->checkpoints)
                         .text("hash", told->last_hash)
                         .done()
                  << "\n";
    else
        std::cout << a.out << ": " << told->rows << o.say(" dòng nhật ký, ", " rows, ") << told->checkpoints
                  << o.say(" mốc; băm cuối ", " checkpoints; last hash ") << told->last_hash << "\n";
    return done;
}

int check(const Options& o, const Arguments& a) {
    AuditQuestion question;
    question.export_file = a.file;
    question.outside = a.outside;
    question.trust = a.trust;
    if (a.file.empty()) {
        auto folder = state_dir_of(o, a.state);
        if (!folder) return print_error(o, folder.error());
        question.state_dir = std::move(*folder);
    }
    const auto findings = verify_audit(question);
    if (!findings) return print_error(o, findings.error());
    return print_findings(
        o,
        *findings,
        {o.say("Nhật ký khớp", "The journal holds"), o.say("Nhật ký KHÔNG khớp", "The journal does NOT hold")}
    );
}

}  // namespace

void add_audit_commands(CLI::App& app, Options& o, Run& run) {
    auto* audit =
        app.add_subcommand("audit", "the chained journal and its checkpoints")->require_subcommand(1);
    auto a = std::make_shared<Arguments>();

    auto* save_command = audit->add_subcommand("export", "rows and checkpoints as JSON lines");
    save_command->add_option("-o,--out", a->out, "new file")->required();
    save_command->add_option("--first", a->first, "first row")->capture_default_str();
    save_command->add_option("--last", a->last, "last row; 0: all there are")->capture_default_str();
    save_command->add_option(
        "--state", a->state, "folder of the ledger; else state_dir of the configuration"
    );
    save_command->callback([&o, &run, a] { run = [&o, a] { return save(o, *a); }; });

    auto* check_command = audit->add_subcommand("verify", "each row, each checkpoint; exit 0 when all holds");
    check_command->add_option("FILE", a->file, "an export; without: the ledger of this machine");
    check_command->add_option(
        "--state", a->state, "folder of the ledger; else state_dir of the configuration"
    );
    check_command->add_option(
        "--checkpoints", a->outside, "a copy of journal.checkpoints that was kept elsewhere"
    );
    check_command->add_option("--trust", a->trust, "folder of certificates you trust");
    check_command->callback([&o, &run, a] { run = [&o, a] { return check(o, *a); }; });
}

}  // namespace axis::ctl
