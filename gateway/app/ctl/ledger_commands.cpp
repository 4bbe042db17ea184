// ledger verify, backup.
#include "gateway/app/ctl/command.hpp"
#include "gateway/app/ctl/store/backup.hpp"
#include "gateway/app/ctl/store/store_check.hpp"
#include "gateway/base/clock.hpp"
#include "gateway/base/json_object.hpp"
#include "gateway/settings/settings.hpp"

#include <iostream>

namespace axis::ctl {

Result<std::filesystem::path> state_dir_of(const Options& o, const std::string& given) {
    if (!given.empty()) return std::filesystem::path{given};
    auto settings = settings::load(o.config, o.vi() ? settings::Language::vi : settings::Language::en);
    if (!settings) return settings.error();
    return settings->gateway.state_dir;
}

namespace {

std::string as_json(const std::vector<StoreFinding>& findings) {
    std::vector<std::string> out;
    for (const auto& f : findings)
        out.push_back(JsonObject{}.text("what", f.what).text("detail", f.detail).done());
    return json_array(out);
}

void print_json(const StoreReport& r) {
    std::cout << JsonObject{}
                     .boolean("whole", r.finding_count == 0)
                     .number("version", r.version)
                     .number("messages", r.messages)
                     .number("texts", r.texts)
                     .number("journal_rows", r.journal_rows)
                     .maybe("journal_hash", r.last_hash)
                     .number("finding_count", static_cast<std::int64_t>(r.finding_count))
                     .raw("findings", as_json(r.findings))
                     .number("note_count", static_cast<std::int64_t>(r.note_count))
                     .raw("notes", as_json(r.notes))
                     .done()
              << "\n";
}

void print(const Options& o, const StoreReport& r) {
    for (const auto& f : r.findings) std::cout << "DIFFERS " << f.what << ": " << f.detail << "\n";
    for (const auto& f : r.notes) std::cout << "note " << f.what << ": " << f.detail << "\n";
    const auto hidden = r.finding_count + r.note_count - r.findings.size() - r.notes.size();
    if (hidden > 0) std::cout << "… " << hidden << "\n";
    std::cout << r.messages << o.say(" bản tin, ", " messages, ") << r.texts << o.say(" tệp, ", " texts, ")
              << r.journal_rows << o.say(" dòng nhật ký", " journal rows") << ": "
              << (r.finding_count == 0 ? o.say("nguyên vẹn", "whole") : o.say("KHÔNG nguyên vẹn", "NOT whole")
                 )
              << "\n";
    if (!r.last_hash.empty())
        std::cout << o.say("Băm cuối của nhật ký: ", "Last hash of the journal: ") << r.last_hash << "\n";
}

int verify(const Options& o, const std::string& state, bool digests) {
    const auto folder = state_dir_of(o, state);
    if (!folder) return print_error(o, folder.error());
    const auto report = check_store(*folder, digests);
    if (!report) return print_error(o, report.error());
    if (o.json)
        print_json(*report);
    else
        print(o, *report);
    return report->finding_count == 0 ? done : negative;
}

int back_up(const Options& o, const std::string& state, const std::string& directory, bool always_copy) {
    const auto folder = state_dir_of(o, state);
    if (!folder) return print_error(o, folder.error());
    asio::io_context io;
    const auto told = make_backup({*folder, directory, always_copy}, SystemClock{io}.now());
    if (!told) return print_error(o, told.error());
    if (o.json)
        std::cout << JsonObject{}
                         .text("directory", directory)
                         .number("ledger_bytes", told->ledger_bytes)
                         .number("linked", told->linked)
                         .number("copied", told->copied)
                         .number("reconciling", told->reconciling)
                         .number("journal_row", told->journal_row)
                         .maybe("journal_hash", told->journal_hash)
                         .done()
                  << "\n";
    else
        std::cout << directory << o.say(": đã sao lưu và kiểm tra. ", ": backed up and verified. ")
                  << told->linked << o.say(" tệp liên kết, ", " texts linked, ") << told->copied
                  << o.say(
                         " tệp chép. Tệp cấu hình và khoá không có trong đó.\n",
                         " copied. Configuration and keys are not in it.\n"
                     );
    return done;
}

}  // namespace

void add_ledger_commands(CLI::App& app, Options& o, Run& run) {
    auto* ledger = app.add_subcommand("ledger", "the ledger and its texts as files")->require_subcommand(1);
    auto* check = ledger->add_subcommand(
        "verify", "pages, references, the journal's chain, texts on disk; beside a running axisd or without"
    );
    auto state = std::make_shared<std::string>();
    auto digests = std::make_shared<bool>(false);
    check->add_option(
        "--state", *state, "folder to look at, such as a backup; else state_dir of the configuration"
    );
    check->add_flag("--digests", *digests, "read every text and hash it");
    auto* backup =
        app.add_subcommand("backup", "ledger and texts as a new folder, beside a running axisd or without");
    auto directory = std::make_shared<std::string>();
    auto copy = std::make_shared<bool>(false);
    backup->add_option("DIR", *directory, "new folder; best on another disk")->required();
    backup->add_option("--state", *state, "folder to back up; else state_dir of the configuration");
    backup->add_flag("--copy", *copy, "copy texts also where they could be linked");
    backup->callback([&o, &run, state, directory, copy] {
        run = [&o, state, directory, copy] { return back_up(o, *state, *directory, *copy); };
    });
    check->callback([&o, &run, state, digests] {
        run = [&o, state, digests] { return verify(o, *state, *digests); };
    });
}

}  // namespace axis::ctl
