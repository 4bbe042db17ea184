// Intake: where the gateway takes responsibility. Implements ports::Intake and ports::Arrivals.
//
//   upload (files pool) → prepare → publish texts → ledger.accept (one commit) → lanes and listeners are
//   woken
//
// Promises: a positive answer comes after the commit; a refusal leaves nothing; the same key or the same act
// again has no second effect. Thread: io, with the blocking parts on the files pool.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/base/pool.hpp"
#include "gateway/base/turns.hpp"
#include "gateway/directory/directory.hpp"
#include "gateway/intake/envelope_receiver.hpp"
#include "gateway/intake/envelope_upload.hpp"
#include "gateway/intake/package_upload.hpp"
#include "gateway/intake/signatures.hpp"
#include "gateway/ledger/ledger.hpp"
#include "gateway/ports/arrivals.hpp"
#include "gateway/ports/intake.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <variant>

namespace axis::intake {

enum class Status01 { on_handover, on_store, software };

struct EndpointProfile {
    RenditionProfile rendition;
    Status01 status_01 = Status01::on_handover;
    VerifyPolicy verify;
};

struct Settings {
    package::Limits package;
    envelope::AttachmentLimits attachment;
    ReceiverLimits receiver;
    std::size_t uploads_per_endpoint_max = 8;
    std::size_t arrivals_open_max = 8;
    Duration delivery_life{std::chrono::hours{72}};
    std::size_t hand_overs_per_commit = 100;
    std::map<model::EndpointName, EndpointProfile> profiles;
    std::shared_ptr<const envelope::Xsd> xsd;  // everything we compose must fit it; nothing: not checked
};

struct Parts {
    ledger::Ledger& ledger;
    spool::Spool& spool;
    const directory::Directory& directory;
    Clock& clock;
    Random& random;
    Pool& files;
    std::function<void(const ledger::Accepted&)> wake;  // its lanes have work, its listeners events
    const Signatures* signatures = nullptr;             // nothing: none are verified, none are made
};

class Intake final : public ports::Intake, public ports::Arrivals {
public:
    Intake(Parts parts, Settings settings);
    ~Intake() override;

    // Why nothing new is taken (disk_full, stopping); none: open. Statuses and acknowledgements still pass.
    void close_admission(errc why) { closed_ = why; }
    errc closed() const { return closed_ != errc::none ? closed_ : draining_ ? errc::draining : errc::none; }
    // What is here is finished, nothing new is taken: an operator's wish, until the next start.
    void drain(bool wanted) { draining_ = wanted; }
    bool draining() const { return draining_; }
    // Why the endpoint may not upload now (see above; overloaded); else held by an upload while it lives.
    Result<std::shared_ptr<void>> admit_upload(const model::EndpointName& endpoint);
    // Below half the disk reserve statuses and acknowledgements are refused too (architecture D11).
    void close_statuses(errc why) { statuses_closed_ = why; }

    Result<std::unique_ptr<ports::PackageUpload>> open_upload(
        ports::Caller caller, std::optional<std::string> idempotency_key
    ) override;
    Task<Result<ports::Receipt>> submit(std::unique_ptr<ports::PackageUpload> upload, bool dry_run) override;
    Result<std::unique_ptr<ports::EnvelopeUpload>> open_envelope(
        ports::Caller caller, std::optional<std::string> idempotency_key, ports::Declared declared
    ) override;
    Task<Result<ports::Receipt>> submit(std::unique_ptr<ports::EnvelopeUpload> upload, bool dry_run) override;
    Task<Result<std::vector<ports::StatusReceipt>>> report(
        ports::Caller caller, model::MessageId about, std::string json
    ) override;
    Task<Result<>> acknowledge_events(ports::Caller caller, std::int64_t through) override;

    Task<Result<std::vector<ports::Known>>> known(
        model::EndpointName endpoint, std::vector<std::string> doc_ids
    ) override;
    Result<std::unique_ptr<ports::Arrival>> open(
        model::EndpointName endpoint, std::string doc_id, model::MessageKind kind
    ) override;
    Task<Result<>> acknowledged(model::EndpointName endpoint, std::vector<std::string> doc_ids) override;
    Task<Result<>> polled(model::EndpointName endpoint) override;

private:
    class EnvelopeArrival;
    friend class EnvelopeArrival;

    Task<Result<ports::Arrived>> accept_arrival(
        model::EndpointName endpoint,
        std::string doc_id,
        model::MessageKind listed,
        Received received,
        Turns::Turn& turn
    );
    Result<> fill(
        ledger::Acceptance& a, std::variant<model::Document, model::Status> content, const Findings& findings
    ) const;
    Task<Result<>> relay_onwards(ledger::Acceptance& a, const Received& received);
    Task<Result<ports::Arrived>> set_aside(
        ledger::IncomingRef ref, model::MessageKind kind, Received received, Error why
    );
    Task<Result<>> publish(std::vector<spool::Staged>& texts);
    // Where the order matters, a turn is waited for and passed on.
    Task<Result<ledger::Accepted>> commit(
        ledger::Acceptance acceptance, std::vector<spool::Staged> texts, Turns::Turn* turn = nullptr
    );
    ports::Receipt fill_submission(
        ledger::Acceptance& a,
        Prepared& prepared,
        const std::optional<std::string>& idempotency_key,
        const Findings& findings
    );
    Task<Result<ports::Receipt>> accept_document(
        ledger::Acceptance a,
        Prepared prepared,
        std::optional<std::string> idempotency_key,
        Findings findings,
        bool dry_run
    );
    // What is thought of the signature, when the endpoint's policy lets it in.
    Task<Result<Findings>> judged(Seen seen, model::EndpointName endpoint, Time at);
    // Of the signatures in its files; both references outlive the call.
    Task<Result<std::vector<FileJudgement>>> files_judged(
        const model::Document& document,
        const std::vector<spool::Staged>& texts,
        model::EndpointName endpoint,
        Time at
    );
    Task<Result<>> sign(ledger::Acceptance& a, std::vector<spool::Staged>& texts);
    Task<Result<ledger::MessageView>> document_of(model::Status status, model::EndpointName endpoint);
    Task<Result<ports::Receipt>> accept_status(
        ledger::Acceptance a, EnvelopeUpload::Ready ready, model::EndpointName endpoint, bool dry_run
    );
    Task<Result<>> known_request(const ledger::Acceptance& acceptance);
    static ports::RecipientReceipt receipt_line(
        const std::string& code, model::DeliveryState state, const std::string& status
    );
    Task<Result<ports::Receipt>> receipt_of(model::MessageId id, ledger::Accepted accepted);
    Task<Result<std::vector<ledger::Acceptance>>> arrivals_of(std::vector<ledger::HandOver> hand_overs);
    Task<> report_stored(ledger::Accepted accepted);
    const EndpointProfile& profile(const model::EndpointName& endpoint) const;
    ledger::Acceptance base_acceptance(std::string origin, std::string actor);
    void wake(const ledger::Accepted& accepted);
    std::shared_ptr<void> take_slot(const model::EndpointName& endpoint, std::size_t max);

    Parts parts_;
    Settings settings_;
    errc closed_ = errc::none;
    bool draining_ = false;
    errc statuses_closed_ = errc::none;
    std::set<model::EndpointName> acknowledging_;
    std::shared_ptr<std::map<model::EndpointName, std::size_t>> uploads_;
    std::map<model::EndpointName, Turns> turns_;  // of what arrives
};

}  // namespace axis::intake
