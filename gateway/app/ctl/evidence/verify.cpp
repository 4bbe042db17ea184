#include "gateway/app/ctl/evidence/archive.hpp"
#include "gateway/app/ctl/evidence/evidence.hpp"
#include "gateway/app/ctl/evidence/judgements.hpp"
#include "gateway/base/text.hpp"
#include "gateway/ledger/journal_chain.hpp"

#include <algorithm>

namespace axis::ctl {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t facts_bytes_max = 256 * 1024 * 1024;

class Verifier {
public:
    Verifier(WorkFolder folder, Extracted files) : folder_{std::move(folder)}, files_{std::move(files)} {}

    Result<std::vector<Finding>> all(const std::string& trust) {
        auto read = read_evidence();
        if (!read) return read.error();
        check_sums();
        whole_ = files_.count("message/envelope.xml") > 0;
        auto checked = check_envelope();
        if (!checked) return checked.error();
        check_journal();
        auto judged = judge_again({folder_.path(), evidence_, whole_, trust});
        if (!judged) return judged.error();
        for (auto& finding : *judged) findings_.push_back(std::move(finding));
        return std::move(findings_);
    }

private:
    void tell(Finding::Outcome outcome, std::string what, std::string detail) {
        findings_.push_back({outcome, std::move(what), std::move(detail)});
    }
    void holds(std::string what, std::string detail) {
        tell(Finding::Outcome::holds, std::move(what), std::move(detail));
    }
    void differs(std::string what, std::string detail) {
        tell(Finding::Outcome::differs, std::move(what), std::move(detail));
    }

    Result<> read_evidence() {
        auto text = read_file(folder_.path() / "evidence.json", facts_bytes_max);
        if (!text) return Error{errc::evidence_refused, "evidence.json is not there"};
        auto parsed = EvidenceFacts::parse(*text);
        if (!parsed) return parsed.error();
        evidence_ = std::move(*parsed);
        return {};
    }

    // The list and what is there are the same files with the same digests.
    void check_sums() {
        const auto text = read_file(folder_.path() / "SHA256SUMS");
        if (!text) return differs("files", "SHA256SUMS is not there");
        std::size_t listed = 0;
        for (std::string_view rest{*text}; !rest.empty();) {
            const auto line = rest.substr(0, rest.find('\n'));
            rest.remove_prefix(std::min(rest.size(), line.size() + 1));
            const auto sha256 = Sha256::from_hex(line.substr(0, 64));
            const auto name = line.size() > 66 ? std::string{line.substr(66)} : std::string{};
            const auto file = files_.find(name);
            if (!sha256 || file == files_.end() || file->second != *sha256)
                return differs("files", "not as SHA256SUMS says: " + json_quoted(name));
            ++listed;
        }
        if (listed + 1 != files_.size()) return differs("files", "some are not in SHA256SUMS");
        for (const auto& material : evidence_.materials)
            if (const auto file = files_.find(material.file());
                file == files_.end() || file->second != material.sha256)
                return differs("files", material.file() + " is not what it is called");
        holds("files", std::to_string(files_.size()) + " files as listed");
    }

    // The whole is what the ledger noted; without its texts it is the markup and the table of holes.
    Result<> check_envelope() {
        const auto skeleton = read_file(folder_.path() / "message/skeleton.xml", facts_bytes_max);
        if (!skeleton) return Error{errc::evidence_refused, "message/skeleton.xml is not there"};
        markup_ = ledger::markup_sha256(*skeleton, evidence_.envelope.holes);
        if (!whole_) {
            tell(
                Finding::Outcome::unknown, "envelope", "its texts are not kept any more; the markup is here"
            );
            return {};
        }
        if (files_.at("message/envelope.xml") != evidence_.envelope.sha256) {
            differs("envelope", "not the bytes the ledger noted");
            return {};
        }
        auto same = parts_are_the_same(*skeleton);
        if (!same) return same.error();
        if (*same)
            holds(
                "envelope",
                std::to_string(evidence_.envelope.bytes) + " bytes, SHA-256 " +
                    evidence_.envelope.sha256.hex()
            );
        else
            differs("envelope", "markup and texts are not those of the ledger");
        return {};
    }

    Result<bool> parts_are_the_same(std::string_view skeleton) {
        Cutter cutter{evidence_.envelope.holes};
        auto read = read_through(
            (folder_.path() / "message/envelope.xml").string(),
            [&cutter](std::string_view bytes) -> Result<> {
                cutter.take(bytes);
                return {};
            }
        );
        if (!read) return read.error();
        return cutter.markup() == skeleton && cutter.texts_hold();
    }

    void check_journal() {
        const JournalEntry* accepted = nullptr;
        for (const auto& entry : evidence_.journal) {
            if (ledger::chained(entry.before, entry.fields()) != entry.hash)
                return differs(
                    "journal", "entry " + std::to_string(entry.seq) + " is not what its hash was made over"
                );
            if (evidence_.is_acceptance(entry)) accepted = &entry;
        }
        if (accepted == nullptr) return differs("journal", "nothing says that the message was accepted");
        const auto why = evidence_.contradiction(*accepted, markup_);
        if (!why.empty()) return differs("journal", why);
        holds(
            "journal",
            std::to_string(evidence_.journal.size()) + " entries; number " + std::to_string(accepted->seq) +
                " names envelope and judgements, its hash " + accepted->hash.hex()
        );
    }

    WorkFolder folder_;
    Extracted files_;
    EvidenceFacts evidence_;
    bool whole_ = false;
    Sha256 markup_;
    std::vector<Finding> findings_;
};

}  // namespace

std::string_view name(Finding::Outcome outcome) {
    return outcome == Finding::Outcome::holds     ? "holds"
           : outcome == Finding::Outcome::unknown ? "unknown"
                                                  : "DIFFERS";
}

Result<std::vector<Finding>> verify_evidence(const std::string& archive, const std::string& trust) {
    auto folder = WorkFolder::create();
    if (!folder) return folder.error();
    auto files = extract(archive, folder->path());
    if (!files) return files.error();
    return Verifier{std::move(*folder), std::move(*files)}.all(trust);
}

}  // namespace axis::ctl
