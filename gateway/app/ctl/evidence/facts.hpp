// EvidenceFacts: evidence.json, and how the envelope is cut as it says. Values; any thread.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/base/digest.hpp"
#include "gateway/base/error.hpp"
#include "gateway/ledger/journal_chain.hpp"
#include "gateway/ledger/records.hpp"

#include <boost/json/value.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace axis::ctl {

struct JournalEntry {
    std::int64_t seq = 0;
    Time at{};
    std::string actor, kind, message, delivery, facts;
    Sha256 before, hash;
    ledger::ChainFields fields() const { return {seq, at, actor, kind, message, delivery, facts}; }
};

struct RecordedJudgement {
    int part = 0;  // as the ledger counts them: envelope, attached statement, file n
    std::string verdict, code;
    std::string facts;  // JSON, to the byte
};

// The certificates and the binding one signature's judgement rests on.
struct RestsOn {
    std::vector<std::string> chain;  // DER, leaf first; never empty
    bool bound = false;              // it spoke for the sender
};
// Of a judgement's facts: its own, or those of each signature in a file.
std::vector<RestsOn> rests_on(const boost::json::value& facts);

struct MaterialFile {
    Sha256 sha256;
    std::string kind;
    std::string file() const { return "materials/" + sha256.hex() + "." + kind; }
};

struct EvidenceFile {  // an attachment
    std::string name;
    bool wrapped = false;
    Sha256 sha256;  // of the file itself
    std::uint64_t bytes = 0;
};

struct EvidenceFacts {
    std::string message;
    std::string from;  // the sender's code
    Time accepted_at{};
    struct {
        Sha256 sha256;
        std::uint64_t bytes = 0;
        std::vector<ledger::StoredHole> holes;
    } envelope;
    std::vector<EvidenceFile> files;
    std::vector<RecordedJudgement> judgements;
    std::vector<MaterialFile> materials;
    std::vector<JournalEntry> journal;

    // evidence.refused: not the format axisd-evidence-1.
    static Result<EvidenceFacts> parse(std::string_view json);

    // Of this message: the rows of a document tell of its statuses too.
    bool is_acceptance(const JournalEntry& entry) const;
    // What the journal's word on the acceptance and the rest do not agree in; nothing when they do.
    std::string contradiction(const JournalEntry& accepted, const Sha256& markup) const;
};

// Cuts an envelope that comes in pieces into markup and texts; O(markup) memory.
class Cutter {
public:
    explicit Cutter(const std::vector<ledger::StoredHole>& holes) : holes_{holes} {}
    void take(std::string_view bytes);
    const std::string& markup() const { return markup_; }
    bool texts_hold() const { return hole_ == holes_.size() && good_; }

private:
    const std::vector<ledger::StoredHole>& holes_;
    std::string markup_;
    std::size_t hole_ = 0;
    std::uint64_t in_text_ = 0;
    Sha256Hasher hasher_;
    bool good_ = true;
};

}  // namespace axis::ctl
