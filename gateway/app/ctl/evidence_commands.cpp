// evidence export|verify.
#include "gateway/app/ctl/command.hpp"
#include "gateway/app/ctl/evidence/evidence.hpp"
#include "gateway/app/ctl/findings.hpp"
#include "gateway/app/ctl/message_id.hpp"
#include "gateway/base/text.hpp"

#include <iostream>

namespace axis::ctl {

namespace {

int save(const Options& o, const std::string& text, const std::string& out) {
    std::string id;
    const int resolved = resolve(o, text, id);
    if (resolved != done) return resolved;
    const auto exported = export_evidence(Console{socket_of(o)}, id, out);
    if (!exported) return print_error(o, exported.error());
    if (o.json) {
        std::cout << "{\"file\":" << json_quoted(out) << ",\"message\":" << json_quoted(id)
                  << ",\"whole\":" << (exported->whole ? "true" : "false")
                  << ",\"judgements\":" << exported->parts << "}\n";
        return done;
    }
    std::cout << out << ": " << id << ", " << exported->parts << o.say(" kết luận về chữ ký", " judgements")
              << (exported->whole
                      ? ""
                      : o.say("; các tệp của bản tin không còn lưu", "; the message's texts are gone"))
              << "\n";
    return done;
}

int check(const Options& o, const std::string& file, const std::string& trust) {
    const auto findings = verify_evidence(file, trust);
    if (!findings) return print_error(o, findings.error());
    return print_findings(
        o,
        *findings,
        {o.say("Bằng chứng khớp", "The evidence holds"), o.say("KHÔNG khớp", "The evidence does NOT hold")}
    );
}

}  // namespace

void add_evidence_commands(CLI::App& app, Options& o, Run& run) {
    auto* evidence =
        app.add_subcommand("evidence", "what verdicts on signatures rest on")->require_subcommand(1);
    auto* save_command = evidence->add_subcommand("export", "one ZIP that is checked offline, years later");
    auto id = std::make_shared<std::string>();
    auto out = std::make_shared<std::string>();
    save_command->add_option("ID", *id, "message id, unique prefix of it, or số ký hiệu")->required();
    save_command->add_option("-o,--out", *out, "new file")->required();
    save_command->callback([&o, &run, id, out] { run = [&o, id, out] { return save(o, *id, *out); }; });

    auto* check_command = evidence->add_subcommand("verify", "everything in it again; exit 0 when it holds");
    auto file = std::make_shared<std::string>();
    auto trust = std::make_shared<std::string>();
    check_command->add_option("FILE", *file)->required();
    check_command->add_option("--trust", *trust, "folder of certificates you trust");
    check_command->callback([&o, &run, file, trust] {
        run = [&o, file, trust] { return check(o, *file, *trust); };
    });
}

}  // namespace axis::ctl
