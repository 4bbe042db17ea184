// signature sign|verify|explain: files, without a daemon; constant memory, no temporary files.
#include "gateway/app/ctl/command.hpp"
#include "gateway/app/ctl/files.hpp"
#include "gateway/app/ctl/pdf_signatures.hpp"
#include "gateway/app/ctl/signed_file.hpp"
#include "gateway/base/log.hpp"
#include "gateway/base/text.hpp"
#include "gateway/envelope/attach.hpp"
#include "gateway/envelope/relay.hpp"
#include "gateway/signature/envelope_signer.hpp"
#include "gateway/signature/key_source.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <iostream>

namespace axis::ctl {

namespace {

using signature::Judgement;

struct SignTask {
    signature::KeyLocation key;
    std::string profile = "enveloped";
    std::string in, out;
};

struct Questions {
    std::string trust = "/etc/axisd/trust";
    std::string at;
    std::string profile = "edxml";
    std::vector<std::string> files;
};

// A text by its number in the envelope that is written.
using PassText = std::function<Result<>(std::size_t n, const signature::TextSink& sink)>;

Result<> write_envelope(
    std::string_view skeleton,
    const std::vector<std::size_t>& offsets,
    const PassText& text,
    const std::string& path
) {
    auto out = NewFile::create(path);
    if (!out) return out.error();
    std::size_t done = 0;
    for (std::size_t n = 0; n < offsets.size(); ++n) {
        auto written = out->write(skeleton.substr(done, offsets[n] - done));
        if (written) written = text(n, [&](std::string_view piece) { return out->write(piece); });
        if (!written) return written;
        done = offsets[n];
    }
    auto written = out->write(skeleton.substr(done));
    if (!written) return written;
    auto closed = out->close();
    if (closed) out->keep();
    return closed;
}

Result<> sign_around(EnvelopeFile& file, signature::KeySource& key, const SignTask& task, Time at) {
    SystemRandom random;
    const auto place = envelope::signature_place(file.split().skeleton);
    if (!place) return place.error();
    const auto out = signature::sign_envelope(file.split(), *place, key, at, random);
    if (!out) return out.error();
    return write_envelope(out->skeleton, out->offsets, file.split().text, task.out);
}

Result<> sign_beside(EnvelopeFile& file, signature::KeySource& key, const SignTask& task, Time at) {
    SystemRandom random;
    const auto* document = file.document();
    if (document == nullptr) return Error{errc::envelope_structure, "nothing is attached to a status"};
    auto without = *document;
    if (!signature::take_statements(without).empty()) return Error{errc::signature_exists, ""};
    const auto statement = signature::sign_statement(signature::statement_of(*document), key, at);
    if (!statement) return statement.error();
    const auto added = envelope::encoded_file(signature::statement_file_name, statement->skeleton, random);
    const auto out =
        envelope::append_attachment(file.split().skeleton, file.split().offsets, added.attachment);
    if (!out) return out.error();
    const auto pass = [&](std::size_t n, const signature::TextSink& sink) {
        return n == out->hole ? sink(added.text) : file.pass_text(n < out->hole ? n : n - 1, sink);
    };
    return write_envelope(out->skeleton, out->offsets, pass, task.out);
}

Result<> sign_file(const SignTask& task, Time at) {
    SystemRandom random;
    auto key = signature::open_key(task.key);
    if (!key) return key.error();
    EnvelopeFile file{random};
    auto opened = file.open(task.in);
    if (!opened) return opened;
    return task.profile == "attached" ? sign_beside(file, **key, task, at)
                                      : sign_around(file, **key, task, at);
}

std::string words(const Options& o, const Judgement& judgement) {
    const auto& reason = signature::row(judgement.reason);
    return std::string{o.vi() ? reason.vietnamese : reason.english} +
           (judgement.detail.empty() ? "" : ": " + shown(judgement.detail));
}

// VERDICT code FILE who when [proven=when] [revocation=unknown] why
void print_line(const Options& o, const std::string& path, const Judgement& judgement) {
    const auto& reason = signature::row(judgement.reason);
    const bool known = judgement.revocation != signature::Revocation::unknown || !judgement.signer;
    std::cout << signature::name(reason.verdict) << " " << reason.code << " " << log::escaped(path) << " "
              << (judgement.signer ? log::escaped(judgement.signer->name) : "-") << " "
              << (judgement.claimed_at.empty() ? "-" : log::escaped(judgement.claimed_at)) << " "
              << (judgement.proven_at ? "proven=" + to_local_text(*judgement.proven_at) + " " : "")
              << (known ? "" : "revocation=unknown ") << words(o, judgement) << "\n";
}

std::string signer_json(const signature::Signer& signer) {
    return "{\"name\":" + json_quoted(signer.name) + ",\"organisation\":" + json_quoted(signer.organisation) +
           ",\"issuer\":" + json_quoted(signer.issuer) + ",\"serial\":" + json_quoted(signer.serial) +
           ",\"sha256\":" + json_quoted(signer.sha256.hex()) + "}";
}

std::string members_json(const Judgement& judgement) {
    const auto& reason = signature::row(judgement.reason);
    std::string checks;
    for (const auto& check : judgement.checks)
        checks += (checks.empty() ? "" : ",") + std::string{"{\"name\":"} + json_quoted(check.name) +
                  ",\"outcome\":" + json_quoted(signature::name(check.outcome)) +
                  ",\"detail\":" + json_quoted(check.detail) + "}";
    return "\"verdict\":" + json_quoted(signature::name(reason.verdict)) +
           ",\"code\":" + json_quoted(reason.code) + ",\"detail\":" + json_quoted(judgement.detail) +
           ",\"algorithm\":" + json_quoted(judgement.algorithm) +
           ",\"claimed_at\":" + json_quoted(judgement.claimed_at) + ",\"proven_at\":" +
           (judgement.proven_at ? json_quoted(to_local_text(*judgement.proven_at)) : "null") +
           ",\"revocation\":" + json_quoted(signature::name(judgement.revocation)) +
           ",\"signer\":" + (judgement.signer ? signer_json(*judgement.signer) : "null") + ",\"checks\":[" +
           checks + "]";
}

void print_json(const std::string& path, const EnvelopeJudgement& judgement) {
    std::cout << "{\"file\":" << json_quoted(path) << "," << members_json(judgement.envelope);
    if (judgement.attached) std::cout << ",\"attached\":{" << members_json(*judgement.attached) << "}";
    std::cout << "}\n";
}

enum class Covers { any, envelope, statement };

void print_cover(const Options& o, Covers covers) {
    if (covers == Covers::envelope)
        std::cout << o.say(
            "  bao trùm: toàn bộ bản tin, kể cả mọi tệp\n  không bao trùm: phần tử Signature, chú thích "
            "XML\n",
            "  covers: the whole message with all its files\n  does not cover: the element Signature, "
            "comments\n"
        );
    if (covers == Covers::statement)
        std::cout << o.say(
            "  bao trùm: các thông tin ghi trong tệp chữ ký, và từng tệp của văn bản\n"
            "  không bao trùm: vết chuyển tiếp (TraceHeader), tên và địa chỉ cơ quan\n",
            "  covers: what the statement says of the document, and each of its files\n"
            "  does not cover: trace headers, names and addresses of agencies\n"
        );
}

void print_explained(const Options& o, const std::string& path, const Judgement& judgement, Covers covers) {
    print_line(o, path, judgement);
    if (judgement.signer) {
        const auto& s = *judgement.signer;
        std::cout << o.say("  người ký: ", "  signer: ") << log::escaped(s.name) << ", "
                  << log::escaped(s.organisation) << "\n"
                  << o.say("  cấp bởi: ", "  issued by: ") << log::escaped(s.issuer) << ", "
                  << to_local_text(s.not_before).substr(0, 10) << " … "
                  << to_local_text(s.not_after).substr(0, 10) << ", SHA-256 " << s.sha256.hex() << "\n";
        if (judgement.proven_at)
            std::cout << o.say("  đã có lúc (dấu thời gian): ", "  there by a time stamp, proven: ")
                      << to_local_text(*judgement.proven_at) << "\n";
        print_cover(o, covers);
    }
    for (const auto& check : judgement.checks)
        std::cout << "  " << signature::name(check.outcome) << " " << check.name
                  << (check.detail.empty() ? "" : ": " + shown(check.detail)) << "\n";
}

// What cannot be in doubt which of the two it is of: PATH, and PATH#axisd-signature.xml.
void report(
    const Options& o, const std::string& path, const EnvelopeJudgement& judgement, bool envelope, bool explain
) {
    if (o.json) return print_json(path, judgement);
    const auto one = [&](const std::string& name, const Judgement& each, Covers covers) {
        if (explain)
            print_explained(o, name, each, covers);
        else
            print_line(o, name, each);
    };
    one(path, judgement.envelope, envelope ? Covers::envelope : Covers::any);
    if (judgement.attached)
        one(path + "#" + std::string{signature::statement_file_name}, *judgement.attached, Covers::statement);
}

Result<EnvelopeJudgement> judge_file(
    const Questions& questions, const std::string& path, const signature::TrustStore& trust, Time at
) {
    SystemRandom random;
    if (questions.profile != "xmldsig") return judge_envelope(path, trust, at, random);
    auto judged = judge_document(path, trust, at);
    if (!judged) return judged.error();
    return EnvelopeJudgement{std::move(*judged), {}};
}

int run_questions(const Options& o, const Questions& questions, bool explain) {
    asio::io_context io;
    auto at = SystemClock{io}.now();
    if (!questions.at.empty() && !parse_time(questions.at, at)) {
        std::cerr << "--at " << questions.at << o.say(": không phải thời điểm\n", ": not a time\n");
        return usage;
    }
    auto trust = signature::TrustStore::load(questions.trust);
    if (!trust) return print_error(o, trust.error());
    int worst = done;
    for (const auto& file : questions.files) {
        if (is_pdf_file(file)) {
            const auto valid = report_pdf(o, file, *trust, at, explain);
            if (!valid) return print_error(o, valid.error());
            if (!*valid) worst = negative;
            continue;
        }
        const auto judgement = judge_file(questions, file, *trust, at);
        if (!judgement) return print_error(o, judgement.error());
        if (!judgement->valid()) worst = negative;
        report(o, file, *judgement, questions.profile == "edxml", explain);
    }
    return worst;
}

void add_sign(CLI::App& signature, Options& o, Run& run) {
    auto* command = signature.add_subcommand("sign", "an envelope, in the form that verify accepts");
    auto task = std::make_shared<SignTask>();
    auto* key = command->add_option("--key", task->key.key_file, "PEM file of the private key, mode 0600");
    auto* uri =
        command->add_option("--pkcs11", task->key.pkcs11_uri_file, "file with the URI of a key in a token");
    auto* module = command->add_option("--module", task->key.pkcs11_module, "the token's PKCS#11 module");
    auto* pin = command->add_option("--pin", task->key.pkcs11_pin_file, "file with its PIN, mode 0600");
    key->excludes(uri);
    uri->needs(module)->needs(pin);
    command->add_option("--cert", task->key.cert_file, "PEM: its certificate, then intermediates")
        ->required();
    command->add_option("--profile", task->profile, "around the whole, or as one attachment more")
        ->check(CLI::IsMember({"enveloped", "attached"}))
        ->capture_default_str();
    command->add_option("FILE", task->in)->required();
    command->add_option("-o,--out", task->out, "new file")->required();
    command->callback([&o, &run, task] {
        run = [&o, task] {
            if (task->key.key_file.empty() && task->key.pkcs11_uri_file.empty()) {
                std::cerr << o.say("thiếu --key hoặc --pkcs11\n", "--key or --pkcs11 is missing\n");
                return usage;
            }
            asio::io_context io;
            const auto out = sign_file(*task, SystemClock{io}.now());
            return out ? done : print_error(o, out.error());
        };
    });
}

}  // namespace

void add_signature_commands(CLI::App& app, Options& o, Run& run) {
    auto* signature = app.add_subcommand("signature", "signatures of files")->require_subcommand(1);
    add_sign(*signature, o, run);
    for (const bool explain : {false, true}) {
        auto* command =
            explain ? signature->add_subcommand("explain", "what is covered, each check and its outcome")
                    : signature->add_subcommand("verify", "a line a file; exit 0 only when all are valid");
        auto questions = std::make_shared<Questions>();
        command->add_option("--trust", questions->trust, "folder of trusted certificates and lists")
            ->capture_default_str();
        command->add_option("--at", questions->at, "when they have to hold; now when not given");
        command->add_option("--profile", questions->profile, "what the files are: envelopes, or any XML")
            ->check(CLI::IsMember({"edxml", "xmldsig"}))
            ->capture_default_str();
        command->add_option("FILE", questions->files)->required();
        command->callback([&o, &run, questions, explain] {
            run = [&o, questions, explain] { return run_questions(o, *questions, explain); };
        });
    }
}

}  // namespace axis::ctl
