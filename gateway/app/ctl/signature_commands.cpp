// signature verify|explain: verdicts on files, without a daemon; constant memory, no temporary files.
#include "gateway/app/ctl/command.hpp"
#include "gateway/app/ctl/files.hpp"
#include "gateway/app/ctl/pdf_signatures.hpp"
#include "gateway/base/log.hpp"
#include "gateway/base/text.hpp"
#include "gateway/signature/envelope_verifier.hpp"

#include <boost/asio/io_context.hpp>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <iostream>

namespace axis::ctl {

namespace {

using signature::Judgement;
using signature::Reason;

constexpr std::size_t piece_bytes = 64 * 1024;  // stays in the processor's cache

struct Questions {
    std::string trust = "/etc/axisd/trust";
    std::string at;
    std::vector<std::string> files;
};

Judgement refused(const Error& error) {
    Judgement out;
    out.reason = Reason::envelope_refused;
    out.detail = std::string{row(error.code).code} + " " + error.detail;
    return out;
}

std::string sender_of(const envelope::Read& read) {
    const auto* document = std::get_if<model::Document>(&read.content);
    return (document != nullptr ? document->from : std::get<model::Status>(read.content).from).code.text();
}

// The texts of an envelope file, by the place each has in it.
class FileTexts {
public:
    FileTexts(Fd fd, std::uint64_t begin, const std::vector<envelope::Hole>& holes)
        : fd_{std::move(fd)}, holes_{holes}, buffer_(piece_bytes, '\0') {
        for (const auto& hole : holes) {
            at_.push_back(begin + hole.offset);
            begin += hole.bytes;
        }
    }

    Result<> pass(std::size_t n, const signature::TextSink& sink) {
        auto at = at_.at(n);
        for (auto left = holes_.at(n).bytes; left > 0;) {
            const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(left, buffer_.size()));
            const auto got = ::pread(fd_.get(), buffer_.data(), want, static_cast<off_t>(at));
            if (got < 0 && errno == EINTR) continue;
            if (got <= 0) return Error{errc::io_failed, "the file changed while it was read"};
            auto passed = sink({buffer_.data(), static_cast<std::size_t>(got)});
            if (!passed) return passed;
            at += static_cast<std::uint64_t>(got);
            left -= static_cast<std::uint64_t>(got);
        }
        return {};
    }

private:
    Fd fd_;
    const std::vector<envelope::Hole>& holes_;
    std::vector<std::uint64_t> at_;
    std::string buffer_;
};

// First pass: scan and read, as for any message; second: only the texts, where the signature wants them.
Result<Judgement> judge_envelope(
    const std::string& path, const signature::TrustStore& trust, Time at, Random& random
) {
    envelope::Checker checker{random};
    auto fed = read_through(path, [&](std::string_view bytes) { return checker.feed(bytes); });
    if (!fed)
        return fed.error().code == errc::io_failed ? Result<Judgement>{fed.error()} : refused(fed.error());
    auto checked = checker.finish();
    if (!checked) return refused(checked.error());

    const auto& holes = checker.holes();
    auto whole = checker.skeleton().size();
    for (const auto& hole : holes) whole += hole.bytes;
    Fd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!fd) return Error{errc::io_failed, path + ": " + errno_text(errno)};
    FileTexts texts{
        std::move(fd), checked->bytes - whole, holes};  // what was dropped stood before everything
    signature::SplitEnvelope split{checker.skeleton(), {}, {}};
    for (const auto& hole : holes) split.offsets.push_back(hole.offset);
    split.text = [&texts](std::size_t n, const signature::TextSink& sink) { return texts.pass(n, sink); };
    const auto from = sender_of(checked->read);
    return signature::verify_envelope(split, {from, at, false}, trust, random);
}

std::string words(const Options& o, const Judgement& judgement) {
    const auto& reason = signature::row(judgement.reason);
    return std::string{o.vi() ? reason.vietnamese : reason.english} +
           (judgement.detail.empty() ? "" : ": " + judgement.detail);
}

// VERDICT code FILE who when [revocation=unknown] why
void print_line(const Options& o, const std::string& path, const Judgement& judgement) {
    const auto& reason = signature::row(judgement.reason);
    const bool known = judgement.revocation != signature::Revocation::unknown || !judgement.signer;
    std::cout << signature::name(reason.verdict) << " " << reason.code << " " << log::escaped(path) << " "
              << (judgement.signer ? log::escaped(judgement.signer->name) : "-") << " "
              << (judgement.claimed_at.empty() ? "-" : log::escaped(judgement.claimed_at)) << " "
              << (known ? "" : "revocation=unknown ") << words(o, judgement) << "\n";
}

void print_json(const std::string& path, const Judgement& judgement) {
    const auto& reason = signature::row(judgement.reason);
    std::cout << "{\"file\":" << json_quoted(path)
              << ",\"verdict\":" << json_quoted(signature::name(reason.verdict))
              << ",\"code\":" << json_quoted(reason.code) << ",\"detail\":" << json_quoted(judgement.detail)
              << ",\"algorithm\":" << json_quoted(judgement.algorithm)
              << ",\"claimed_at\":" << json_quoted(judgement.claimed_at)
              << ",\"revocation\":" << json_quoted(signature::name(judgement.revocation)) << ",\"signer\":";
    if (judgement.signer)
        std::cout << "{\"name\":" << json_quoted(judgement.signer->name)
                  << ",\"organisation\":" << json_quoted(judgement.signer->organisation)
                  << ",\"issuer\":" << json_quoted(judgement.signer->issuer)
                  << ",\"serial\":" << json_quoted(judgement.signer->serial)
                  << ",\"sha256\":" << json_quoted(judgement.signer->sha256.hex()) << "}";
    else
        std::cout << "null";
    std::cout << ",\"checks\":[";
    for (std::size_t i = 0; i < judgement.checks.size(); ++i) {
        const auto& check = judgement.checks[i];
        std::cout << (i > 0 ? "," : "") << "{\"name\":" << json_quoted(check.name)
                  << ",\"outcome\":" << json_quoted(signature::name(check.outcome))
                  << ",\"detail\":" << json_quoted(check.detail) << "}";
    }
    std::cout << "]}\n";
}

void print_explained(const Options& o, const std::string& path, const Judgement& judgement) {
    print_line(o, path, judgement);
    if (judgement.signer) {
        const auto& s = *judgement.signer;
        std::cout << o.say("  người ký: ", "  signer: ") << log::escaped(s.name) << ", "
                  << log::escaped(s.organisation) << "\n"
                  << o.say("  cấp bởi: ", "  issued by: ") << log::escaped(s.issuer) << ", "
                  << to_local_text(s.not_before).substr(0, 10) << " … "
                  << to_local_text(s.not_after).substr(0, 10) << ", SHA-256 " << s.sha256.hex() << "\n";
        std::cout << o.say(
            "  bao trùm: toàn bộ bản tin, kể cả mọi tệp\n  không bao trùm: phần tử Signature, chú thích "
            "XML\n",
            "  covers: the whole message with all its files\n  does not cover: the element Signature, "
            "comments\n"
        );
    }
    for (const auto& check : judgement.checks)
        std::cout << "  " << signature::name(check.outcome) << " " << check.name
                  << (check.detail.empty() ? "" : ": ") << log::escaped(check.detail) << "\n";
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
    SystemRandom random;
    int worst = done;
    for (const auto& file : questions.files) {
        if (is_pdf_file(file)) {
            const auto valid = report_pdf(o, file, *trust, at, explain);
            if (!valid) return print_error(o, valid.error());
            if (!*valid) worst = negative;
            continue;
        }
        const auto judgement = judge_envelope(file, *trust, at, random);
        if (!judgement) return print_error(o, judgement.error());
        if (judgement->verdict() != signature::Verdict::valid) worst = negative;
        if (o.json)
            print_json(file, *judgement);
        else if (explain)
            print_explained(o, file, *judgement);
        else
            print_line(o, file, *judgement);
    }
    return worst;
}

}  // namespace

void add_signature_commands(CLI::App& app, Options& o, Run& run) {
    auto* signature = app.add_subcommand("signature", "signatures of files")->require_subcommand(1);
    for (const bool explain : {false, true}) {
        auto* command =
            explain ? signature->add_subcommand("explain", "what is covered, each check and its outcome")
                    : signature->add_subcommand("verify", "a line a file; exit 0 only when all are valid");
        auto questions = std::make_shared<Questions>();
        command->add_option("--trust", questions->trust, "folder of trusted certificates and lists")
            ->capture_default_str();
        command->add_option("--at", questions->at, "when they have to hold; now when not given");
        command->add_option("FILE", questions->files)->required();
        command->callback([&o, &run, questions, explain] {
            run = [&o, questions, explain] { return run_questions(o, *questions, explain); };
        });
    }
}

}  // namespace axis::ctl
