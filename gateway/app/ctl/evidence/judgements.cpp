#include "gateway/app/ctl/evidence/judgements.hpp"

#include "gateway/app/ctl/evidence/archive.hpp"
#include "gateway/app/ctl/members.hpp"
#include "gateway/app/ctl/signed_file.hpp"
#include "gateway/base/text.hpp"
#include "gateway/envelope/attachment.hpp"
#include "gateway/ledger/records.hpp"
#include "gateway/signature/pdf/pdf_verifier.hpp"

#include <boost/json.hpp>
#include <fcntl.h>

#include <fstream>
#include <set>

namespace axis::ctl {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using signature::Certificate;

// A trust folder: certificates of the evidence; anchors of the reader's own folder, else of the evidence.
class TrustFolder {
public:
    TrustFolder(const Case& evidence, fs::path folder) : evidence_{evidence}, folder_{std::move(folder)} {}

    Result<> fill() {
        std::error_code failure;
        fs::create_directory(folder_, failure);
        if (failure) return Error{errc::io_failed, folder_.string() + ": " + failure.message()};
        for (const auto& judgement : evidence_.facts.judgements) {
            json::error_code ec;
            for (auto& one : rests_on(json::parse(judgement.facts, ec))) rested_.push_back(std::move(one));
        }
        std::set<std::string> intermediates;
        for (const auto& one : rested_)
            for (const auto& der : one.chain) intermediates.insert(der);
        for (const auto& der : intermediates) {
            const auto certificate = Certificate::from_der(der);
            const bool anchor = certificate && certificate->self_signed() && certificate->is_authority();
            if (anchor && !evidence_.trust.empty()) continue;
            write(sha256(der).hex() + ".der", der);
        }
        for (const auto& material : evidence_.facts.materials)
            if (material.kind == "crl" || material.kind == "ocsp")
                fs::copy_file(
                    evidence_.folder / material.file(),
                    folder_ / (material.sha256.hex() + "." + material.kind),
                    fs::copy_options::overwrite_existing,
                    failure
                );
        evidence_.trust.empty() ? as_recorded() : as_the_reader_says();
        return {};
    }

private:
    void write(const std::string& name, std::string_view bytes) {
        std::ofstream{folder_ / name, std::ios::binary} << bytes;
    }

    // Single certificates were trusted by themselves (pinned), others spoke for the sender by a binding.
    void as_recorded() {
        std::string anchors, bindings;
        std::set<std::string> done;
        for (const auto& one : rested_) {
            const auto leaf = sha256(one.chain.front()).hex();
            if (!done.insert(leaf).second) continue;
            const auto last = Certificate::from_der(one.chain.back());
            if (one.chain.size() == 1 && last && !last->self_signed())
                anchors += "[[anchor]]\nfile = \"" + leaf + ".der\"\n";
            if (one.bound)
                bindings += "[[binding]]\nagency = " + json_quoted(evidence_.facts.from) +
                            "\ncertificate_sha256 = \"" + leaf + "\"\n";
        }
        if (!anchors.empty()) write("trust.toml", anchors);
        if (!bindings.empty()) write("bindings.toml", bindings);
    }

    // Not the reader's lists: what is asked is what could be known then.
    void as_the_reader_says() {
        std::error_code failure;
        for (const auto& entry : fs::directory_iterator{evidence_.trust, failure}) {
            const auto extension = entry.path().extension();
            if (extension != ".crl" && extension != ".ocsp" && entry.is_regular_file(failure))
                fs::copy_file(
                    entry.path(),
                    folder_ / entry.path().filename(),
                    fs::copy_options::overwrite_existing,
                    failure
                );
        }
    }

    const Case& evidence_;
    fs::path folder_;
    std::vector<RestsOn> rested_;
};

struct Outcome {
    std::string verdict, code, signer;
    bool without_texts = false;
};

Outcome outcome_of(const signature::Judgement& judgement) {
    const auto& reason = signature::row(judgement.reason);
    return {
        std::string{signature::name(reason.verdict)},
        std::string{reason.code},
        judgement.signer ? judgement.signer->name : "",
        false};
}

class Again {
public:
    Again(const Case& evidence, const signature::TrustStore& trust) : evidence_{evidence}, trust_{trust} {}

    Result<Finding> judge(const RecordedJudgement& recorded) {
        Finding out;
        out.what = name_of(recorded.part);
        if (recorded.verdict == "not_checked") {
            out.outcome = Finding::Outcome::unknown;
            out.detail = "was not looked at when the message was accepted";
            return out;
        }
        if (recorded.part != ledger::part_envelope && !evidence_.whole)
            return remains(recorded, std::move(out));
        auto now = recorded.part == ledger::part_envelope   ? envelope()
                   : recorded.part == ledger::part_attached ? attached()
                                                            : file(recorded.part);
        if (!now) return now.error();
        const bool same = now->verdict == recorded.verdict && now->code == recorded.code;
        const bool lost = now->without_texts && content_broken(recorded);
        out.outcome = same   ? Finding::Outcome::holds
                      : lost ? Finding::Outcome::unknown
                             : Finding::Outcome::differs;
        out.detail = now->verdict + " " + now->code + (now->signer.empty() ? "" : " " + now->signer);
        if (!same) out.detail += ", recorded: " + recorded.verdict + " " + recorded.code;
        if (now->without_texts) out.detail += " (the texts are gone: their digest is taken as recorded)";
        return out;
    }

private:
    static std::string name_of(int part) {
        if (part == ledger::part_envelope) return "signature";
        if (part == ledger::part_attached) return "attached signature";
        return "signature in file " + std::to_string(part);
    }

    // What only the texts could show.
    static bool content_broken(const RecordedJudgement& recorded) {
        return recorded.code == "signature.digest" || recorded.code == "signature.transit";
    }

    Result<Outcome> envelope() {
        if (evidence_.whole) {
            const auto path = (evidence_.folder / "message/envelope.xml").string();
            auto judged = judge_envelope(path, trust_, evidence_.facts.accepted_at, random_);
            return judged ? Result<Outcome>{outcome_of(judged->envelope)} : judged.error();
        }
        const auto skeleton = read_file(evidence_.folder / "message/skeleton.xml", markup_bytes_max);
        if (!skeleton) return skeleton.error();
        signature::SplitEnvelope split{*skeleton, {}, {}};
        for (const auto& hole : evidence_.facts.envelope.holes) {
            if (hole.offset > skeleton->size())
                return Error{errc::evidence_refused, "a hole beyond the markup"};
            split.offsets.push_back(hole.offset);
        }
        split.text = [](std::size_t, const signature::TextSink&) -> Result<> {
            return Error{errc::blob_missing};
        };
        signature::Question question{evidence_.facts.from, evidence_.facts.accepted_at, false};
        question.texts_gone = true;
        auto judged = signature::verify_envelope(split, question, trust_, random_);
        if (!judged) return judged.error();
        auto out = outcome_of(*judged);
        out.without_texts = true;
        return out;
    }

    Result<Outcome> attached() {
        const auto path = (evidence_.folder / "message/envelope.xml").string();
        auto judged = judge_envelope(path, trust_, evidence_.facts.accepted_at, random_);
        if (!judged) return judged.error();
        if (!judged->attached) return Error{errc::evidence_refused, "no statement is attached"};
        return outcome_of(*judged->attached);
    }

    // Without the file: each signed message against the digest it was held against.
    Result<Finding> remains(const RecordedJudgement& recorded, Finding out) {
        out.outcome = Finding::Outcome::unknown;
        out.detail = recorded.verdict + " " + recorded.code + " as recorded, its file is gone";
        json::error_code ec;
        const auto facts = json::parse(recorded.facts, ec);
        bool differs = false;
        for (const auto& one : list(facts, "signatures")) {
            const auto now = remaining(one);
            if (now.empty()) continue;
            out.detail += "; " + member(one, "field") + ": " + now;
            // What only the file could show may have made it worse than this.
            differs |= member(one, "verdict") == "valid" && !now.starts_with("valid ");
        }
        if (differs) out.outcome = Finding::Outcome::differs;
        return out;
    }

    std::string remaining(const json::value& one) const {
        const auto sha256 = Sha256::from_hex(member(one, "message_sha256"));
        if (!sha256) return {};
        const auto message =
            read_file(evidence_.folder / MaterialFile{*sha256, "cms"}.file(), markup_bytes_max);
        signature::PdfRemains left{message ? *message : "", bytes_of(member(one, "covered"))};
        left.time_stamp = member(one, "time_stamp") == "true";
        Time at{};
        const bool proven = parse_time(member(one, "proven_at"), at);
        if (!proven || left.time_stamp) at = evidence_.facts.accepted_at;
        const auto judged = signature::judge_remains(left, at, proven && !left.time_stamp, trust_);
        const auto now = outcome_of(judged);
        return now.verdict + " " + now.code + (now.signer.empty() ? "" : " " + now.signer);
    }

    static std::string bytes_of(const std::string& hex) {
        std::string out;
        for (std::size_t at = 0; at + 1 < hex.size(); at += 2)
            out += static_cast<char>(std::strtoul(hex.substr(at, 2).c_str(), nullptr, 16));
        return out;
    }

    Result<Outcome> file(int part) {
        const auto n = static_cast<std::size_t>(part - 1);
        if (n >= evidence_.facts.files.size())
            return Error{errc::evidence_refused, "no file " + std::to_string(part)};
        const auto& facts = evidence_.facts.files[n];
        const auto path = evidence_.folder / ("file-" + std::to_string(part));
        auto decoded = decode(n, facts, path);
        if (!decoded) return decoded.error();
        const Fd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
        if (!fd) return Error{errc::io_failed, path.string()};
        auto judged = signature::verify_pdf(
            signature::file_source(fd, facts.bytes), evidence_.facts.accepted_at, trust_
        );
        if (!judged) return judged.error();
        const auto& reason = signature::row(judged->reason);
        return Outcome{
            std::string{signature::name(reason.verdict)}, std::string{reason.code}, signers(*judged), false};
    }

    static std::string signers(const signature::PdfJudgement& judgement) {
        std::string out;
        for (const auto& one : judgement.signatures)
            if (!one.time_stamp && one.judgement.signer)
                out += (out.empty() ? "" : " + ") + one.judgement.signer->name;
        return out;
    }

    Result<> decode(std::size_t n, const EvidenceFile& facts, const fs::path& path) {
        using Decoder = envelope::AttachmentDecoder;
        if (!message_) {
            message_ = std::make_unique<EnvelopeFile>(random_);
            auto opened = message_->open((evidence_.folder / "message/envelope.xml").string());
            if (!opened) return opened;
        }
        auto file = NewFile::create(path.string());
        if (!file) return file.error();
        Decoder decoder{
            facts.wrapped ? Decoder::Mode::unwrap : Decoder::Mode::plain,
            {},
            [&file](std::string_view bytes) { return file->write(bytes); }};
        auto passed = message_->pass_file(n, [&](std::string_view piece) { return decoder.update(piece); });
        if (passed) passed = decoder.finish();
        if (passed) passed = file->close();
        if (!passed) return passed;
        file->keep();
        if (decoder.file_sha256() != facts.sha256)
            return Error{
                errc::evidence_refused, "file " + std::to_string(n + 1) + " is not the one recorded"};
        return {};
    }

    static constexpr std::size_t markup_bytes_max = 256 * 1024 * 1024;

    const Case& evidence_;
    const signature::TrustStore& trust_;
    SystemRandom random_;
    std::unique_ptr<EnvelopeFile> message_;
};

}  // namespace

Result<std::vector<Finding>> judge_again(const Case& evidence) {
    std::vector<Finding> out;
    if (evidence.facts.judgements.empty()) return out;
    const auto folder = evidence.folder / "trust";
    auto filled = TrustFolder{evidence, folder}.fill();
    if (!filled) return filled.error();
    auto trust = signature::TrustStore::load(folder);
    if (!trust) {
        out.push_back({Finding::Outcome::unknown, "trust", trust.error().detail});
        return out;
    }
    if (evidence.trust.empty())
        out.push_back(
            {Finding::Outcome::unknown,
             "trust",
             "the authorities are those of the evidence: name your own by --trust"}
        );
    Again again{evidence, *trust};
    for (const auto& recorded : evidence.facts.judgements) {
        auto finding = again.judge(recorded);
        if (!finding) return finding.error();
        out.push_back(std::move(*finding));
    }
    return out;
}

}  // namespace axis::ctl
