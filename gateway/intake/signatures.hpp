// Signatures of envelopes on their way through: what comes in is judged by the endpoint's policy, what goes
// out is signed by its profile (architecture D13).
//
//   Seen ─► [revocation open? ask the listed responders] ─► judge ─► Judgement ─► admit (policy) ─►
//   acceptance:
//           journal, event, table judgement
//   acceptance ─► sign [─► time stamp]: each delivery of an endpoint that wants it gets a rendition of its
//   own
//
// Thread: io; the work itself in the crypto pool, several at a time.
#pragma once

#include "gateway/base/pool.hpp"
#include "gateway/base/random.hpp"
#include "gateway/base/task.hpp"
#include "gateway/intake/file_signatures.hpp"
#include "gateway/intake/inquiries.hpp"
#include "gateway/intake/statements.hpp"
#include "gateway/ledger/records.hpp"
#include "gateway/signature/key_ring.hpp"
#include "gateway/signature/trust_store.hpp"
#include "gateway/spool/spool.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace axis::intake {

enum class Verify { ignore, prefer, require };

struct VerifyPolicy {
    Verify verify = Verify::prefer;
    std::optional<Time> weak_until;  // before it, weak counts as valid
};

// An envelope that was read.
struct Seen {
    const ledger::StoredEnvelope& envelope;
    const std::vector<spool::Staged>& texts;
    std::string from;  // the sender's code as it was read
    bool has_signature = false;
    // Of a document: without its statements, and these.
    const model::Document* document = nullptr;
    const std::vector<model::Attachment>* statements = nullptr;

    bool has_statement() const { return statements != nullptr && !statements->empty(); }
};

// All that was found about the signatures of one message.
struct Findings {
    signature::Judgement envelope;
    std::optional<signature::Judgement> attached;  // there is a statement
    std::vector<FileJudgement> files;
};

struct TimeStamps {
    std::string address;    // of the authority, known to the inquiries; empty: none is asked for
    bool required = false;  // rather nothing is sent than something without
    std::function<void(bool missing, std::string_view why)> alarm{};
};

struct SignatureParts {
    Pool& crypto;
    Random& random;
    const Clock& clock;
    std::shared_ptr<const signature::TrustStore> trust;  // nothing: no signature is verified
    std::shared_ptr<const signature::KeyRing> keys;      // nothing: none is made
    Inquiries* inquiries = nullptr;                      // nothing: nobody is asked
    TimeStamps time_stamps{};
};

class Signatures {
public:
    explicit Signatures(SignatureParts parts) : parts_{std::move(parts)} {}

    // Envelope and statement. Errors are ours (a text cannot be read). Waits for responders
    // InquiryLimits::wait at most; without their answer the revocation is unknown, with the reason in the
    // check. What `seen` refers to outlives the call.
    Task<Result<Findings>> judge(Seen seen, Verify verify, Time at) const;
    // References outlive the call; nothing is looked at when `verify` says ignore. Waits for responders as
    // judge() does, once for all files.
    Task<Result<std::vector<FileJudgement>>> judge_files(
        const model::Document& document,
        const std::vector<spool::Staged>& texts,
        const spool::Spool& spool,
        Verify verify,
        Time at
    ) const;

    using Wants = std::function<bool(const model::EndpointName&)>;
    // Signed renditions for the deliveries that a lane sends and whose endpoint wants them; an envelope that
    // somebody signed already stays as it is. signer.failed; signature.time_stamp_missing where a time stamp
    // is required, else the alarm. Waits for it InquiryLimits::answer_wait at most. Both outlive the call.
    Task<Result<>> sign(ledger::Acceptance& a, const std::vector<spool::Staged>& texts, Wants wants) const;
    // The same with statements (statements.hpp); their texts, staged in `spool`, go behind `texts`. Only what
    // begins here: of what others sent, nothing is ours to attest.
    Task<Result<>> attach(
        ledger::Acceptance& a, std::vector<spool::Staged>& texts, spool::Spool& spool, Wants wants
    ) const;

private:
    Result<Findings> judge_now(const Seen& seen, Time at) const;
    std::vector<signature::OcspQuery> open_questions(const Seen& seen, Time at) const;
    Result<signature::KeySource*> key_at(Time at) const;
    bool may_ask() const { return parts_.inquiries != nullptr && !parts_.trust->responders().empty(); }
    Task<> ask(const std::vector<signature::OcspQuery>& open) const;
    struct Made;
    Task<Result<Made>> signed_form(
        const ledger::StoredEnvelope& base, const std::vector<spool::Staged>& texts, Time at
    ) const;
    Task<Result<std::optional<WithStatement>>> attached_form(
        const ledger::StoredEnvelope& base,
        const std::vector<spool::Staged>& texts,
        const ledger::Acceptance& a,
        spool::Spool& spool
    ) const;
    Task<Result<>> stamp(signature::SignedSkeleton& made) const;
    Task<> ask_each(const std::vector<signature::OcspQuery>& open, std::size_t& done) const;

    SignatureParts parts_;
};

// What is known before anything is looked at.
Findings unjudged(const Seen& seen);

// signature.refused with the reason's code, where the policy wants more than was found: one of the two, of
// the envelope or attached, has to hold. The files' own do not count.
Result<> admit(const Findings& findings, const VerifyPolicy& policy, Time at);

// For the ledger: everything an officer needs. For the event: what software shows.
std::vector<ledger::NewJudgement> records_of(const Findings& findings);
// "signature":…, "attached_signature":…, a "…_detail" for each, "file_signatures":…
std::string event_members(const Findings& findings);

}  // namespace axis::intake
