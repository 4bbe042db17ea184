#include "gateway/intake/intake.hpp"

#include "gateway/base/crash_point.hpp"
#include "gateway/base/log.hpp"
#include "gateway/base/offload.hpp"
#include "gateway/base/text.hpp"
#include "gateway/exchange/matching.hpp"
#include "gateway/intake/compose.hpp"
#include "gateway/intake/reports.hpp"
#include "gateway/intake/ways.hpp"
#include "gateway/policy/policy.hpp"

#include <algorithm>

namespace axis::intake {

namespace {

bool on_disk(const std::vector<spool::Staged>& texts) {
    return std::any_of(texts.begin(), texts.end(), [](const auto& text) { return !text.is_inline(); });
}

}  // namespace

ports::RecipientReceipt Intake::receipt_line(
    const std::string& code, model::DeliveryState state, const std::string& status
) {
    return {
        code,
        std::string{model::name(state)},
        status.empty() ? std::nullopt : std::optional{status},
        model::label(state, status)};
}

Intake::Intake(Parts parts, Settings settings)
    : parts_{std::move(parts)},
      settings_{std::move(settings)},
      uploads_{std::make_shared<std::map<model::EndpointName, std::size_t>>()} {}
Intake::~Intake() = default;

const EndpointProfile& Intake::profile(const model::EndpointName& endpoint) const {
    static const EndpointProfile usual;
    const auto at = settings_.profiles.find(endpoint);
    return at == settings_.profiles.end() ? usual : at->second;
}

// Held by an upload while it lives; nothing when the endpoint has too many.
std::shared_ptr<void> Intake::take_slot(const model::EndpointName& endpoint, std::size_t max) {
    auto& count = (*uploads_)[endpoint];
    if (count >= max) return nullptr;
    ++count;
    auto release = [uploads = uploads_, endpoint](void*) { --(*uploads)[endpoint]; };
    return {static_cast<void*>(uploads_.get()), std::move(release)};
}

Result<std::shared_ptr<void>> Intake::admit_upload(const model::EndpointName& endpoint) {
    if (closed() != errc::none) return Error{closed()};
    auto slot = take_slot(endpoint, settings_.uploads_per_endpoint_max);
    if (!slot) return Error{errc::overloaded, "uploads of " + endpoint.text};
    return slot;
}

ledger::Acceptance Intake::base_acceptance(std::string origin, std::string actor) {
    ledger::Acceptance a;
    a.at = parts_.clock.now();
    a.id = model::MessageId::make(a.at, parts_.random);
    a.origin = std::move(origin);
    a.actor = std::move(actor);
    a.life_until = a.at + settings_.delivery_life;
    return a;
}

void Intake::wake(const ledger::Accepted& accepted) {
    if (parts_.wake) parts_.wake(accepted);
}

// `texts` outlives the call: the caller's frame holds it. Small texts cost no hop to the pool.
Task<Result<>> Intake::publish(std::vector<spool::Staged>& texts) {
    if (!on_disk(texts)) co_return Result<>{};
    auto work = [&texts]() -> Result<> {
        for (auto& text : texts) {
            auto published = text.publish();
            if (!published) return published;
        }
        return {};
    };
    auto published = co_await offload(parts_.files, std::move(work));
    co_return published;
}

Task<Result<ledger::Accepted>> Intake::commit(
    ledger::Acceptance acceptance, std::vector<spool::Staged> texts, Turns::Turn* turn
) {
    auto published = co_await publish(texts);
    if (!published) co_return published.error();
    crash_point("after_spool");
    if (turn != nullptr) {
        co_await turn->come();
        turn->pass();  // the next line hands the job to the writer before anybody else runs
    }
    auto accepted = co_await parts_.ledger.accept(std::move(acceptance));
    crash_point("after_commit");
    if (accepted) wake(*accepted);
    co_return accepted;
}

Result<std::unique_ptr<ports::PackageUpload>> Intake::open_upload(
    ports::Caller caller, std::optional<std::string> idempotency_key
) {
    auto slot = admit_upload(caller.endpoint);
    if (!slot) return slot.error();
    UploadContext context{
        parts_.directory,
        parts_.spool,
        parts_.random,
        settings_.package,
        settings_.attachment,
        settings_.xsd.get()};
    auto upload = std::make_unique<PackageUpload>(context, caller.endpoint, std::move(*slot));
    upload->idempotency_key = std::move(idempotency_key);
    return std::unique_ptr<ports::PackageUpload>{std::move(upload)};
}

Task<Result<ports::Receipt>> Intake::submit(std::unique_ptr<ports::PackageUpload> port_upload, bool dry_run) {
    auto* upload = dynamic_cast<PackageUpload*>(port_upload.get());
    AXIS_ASSERT(upload != nullptr);
    auto a = base_acceptance(upload->endpoint().text, "endpoint:" + upload->endpoint().text);
    auto prepare = [this, upload, at = a.at] {
        return upload->prepare(at, [this](const model::EndpointName& endpoint) {
            return profile(endpoint).rendition;
        });
    };
    auto prepared = co_await offload(parts_.files, std::move(prepare));
    if (!prepared) co_return prepared.error();

    Findings findings;
    auto files = co_await files_judged(prepared->document, prepared->texts, upload->endpoint(), a.at);
    if (!files) co_return files.error();
    findings.files = std::move(*files);
    auto receipt = co_await accept_document(
        std::move(a), std::move(*prepared), upload->idempotency_key, std::move(findings), dry_run
    );
    co_return receipt;
}

// What a package and a ready envelope have in common: one commit, and what is told of it.
Task<Result<ports::Receipt>> Intake::accept_document(
    ledger::Acceptance a,
    Prepared prepared,
    std::optional<std::string> idempotency_key,
    Findings findings,
    bool dry_run
) {
    auto receipt = fill_submission(a, prepared, idempotency_key, findings);
    if (dry_run) co_return receipt;

    a.blobs = new_blobs(prepared.texts);
    a.envelope = std::move(prepared.envelope);
    a.document = std::move(prepared.document);
    const auto id = a.id;
    const auto origin = a.origin;
    if (on_disk(prepared.texts)) {
        auto known = co_await known_request(a);
        if (!known) co_return known.error();
    }
    auto made = co_await sign(a, prepared.texts);
    if (!made) co_return made.error();
    auto accepted = co_await commit(std::move(a), std::move(prepared.texts));
    if (!accepted) co_return accepted.error();
    if (accepted->how != ledger::Accepted::How::stored) {
        const auto known_as = accepted->id;
        auto earlier = co_await receipt_of(known_as, std::move(*accepted));
        co_return earlier;
    }
    log::info(
        "message.accepted",
        "msg",
        id,
        "doc",
        receipt.document_id,
        "from",
        origin,
        "recipients",
        receipt.recipients.size()
    );
    receipt.id = id.text();
    receipt.warnings = accepted->warnings;
    co_await report_stored(std::move(*accepted));
    co_return receipt;
}

Result<std::unique_ptr<ports::EnvelopeUpload>> Intake::open_envelope(
    ports::Caller caller, std::optional<std::string> idempotency_key, ports::Declared declared
) {
    if (closed() != errc::none) return Error{closed()};
    model::Package gate;
    const auto security_class = package::security_class_named(declared.security_class);
    if (!security_class) return Error{errc::http_parameter, "security_class"};
    gate.security_class = *security_class;
    gate.restricted_publication = declared.restricted_publication;
    gate.denunciation = declared.denunciation;
    auto allowed = policy::admit(gate);
    if (!allowed) return allowed.error();
    auto slot = take_slot(caller.endpoint, settings_.uploads_per_endpoint_max);
    if (!slot) return Error{errc::overloaded, "uploads of " + caller.endpoint.text};
    auto upload = std::make_unique<EnvelopeUpload>(
        parts_.directory, parts_.spool, parts_.random, settings_.receiver, caller.endpoint, std::move(slot)
    );
    upload->idempotency_key = std::move(idempotency_key);
    return std::unique_ptr<ports::EnvelopeUpload>{std::move(upload)};
}

Task<Result<ports::Receipt>> Intake::submit(
    std::unique_ptr<ports::EnvelopeUpload> port_upload, bool dry_run
) {
    auto* upload = dynamic_cast<EnvelopeUpload*>(port_upload.get());
    AXIS_ASSERT(upload != nullptr);
    auto a = base_acceptance(upload->endpoint().text, "endpoint:" + upload->endpoint().text);
    auto prepare = [this, upload, at = a.at] {
        return upload->prepare(at, [this](const model::EndpointName& endpoint) {
            return profile(endpoint).rendition;
        });
    };
    auto ready = co_await offload(parts_.files, std::move(prepare));
    if (!ready) co_return ready.error();
    if (ready->status) {
        auto reported = co_await accept_status(std::move(a), std::move(*ready), upload->endpoint(), dry_run);
        co_return reported;
    }
    auto& prepared = *ready->document;
    Seen seen{prepared.envelope, prepared.texts, prepared.document.from.code.text(), ready->has_signature};
    seen.document = &prepared.document;
    seen.statements = &prepared.statements;
    auto findings = co_await judged(std::move(seen), upload->endpoint(), a.at);
    if (!findings) co_return findings.error();
    auto receipt = co_await accept_document(
        std::move(a), std::move(prepared), upload->idempotency_key, std::move(*findings), dry_run
    );
    co_return receipt;
}

Task<Result<Findings>> Intake::judged(Seen seen, model::EndpointName endpoint, Time at) {
    auto findings = unjudged(seen);
    const auto policy = profile(endpoint).verify;
    const auto* document = seen.document;
    const auto& texts = seen.texts;
    if (parts_.signatures != nullptr) {
        auto made = co_await parts_.signatures->judge(std::move(seen), policy.verify, at);
        if (!made) co_return made.error();
        findings = std::move(*made);
    }
    auto fits = admit(findings, policy, at);
    if (!fits) co_return fits.error();
    if (document == nullptr) co_return findings;
    auto files = co_await files_judged(*document, texts, endpoint, at);
    if (!files) co_return files.error();
    findings.files = std::move(*files);
    co_return findings;
}

Task<Result<std::vector<FileJudgement>>> Intake::files_judged(
    const model::Document& document,
    const std::vector<spool::Staged>& texts,
    model::EndpointName endpoint,
    Time at
) {
    if (parts_.signatures == nullptr) co_return std::vector<FileJudgement>{};
    const auto verify = profile(endpoint).verify.verify;
    auto judged = co_await parts_.signatures->judge_files(document, texts, parts_.spool, verify, at);
    co_return judged;
}

// For every delivery whose endpoint wants signed envelopes or statements; both arguments outlive the call.
Task<Result<>> Intake::sign(ledger::Acceptance& a, std::vector<spool::Staged>& texts) {
    if (parts_.signatures == nullptr) co_return Result<>{};
    auto wants = [this](const model::EndpointName& endpoint) { return profile(endpoint).rendition.sign; };
    auto made = co_await parts_.signatures->sign(a, texts, std::move(wants));
    if (!made) co_return made.error();
    auto also = [this](const model::EndpointName& endpoint) { return profile(endpoint).rendition.attach; };
    auto attached = co_await parts_.signatures->attach(a, texts, parts_.spool, std::move(also));
    co_return attached;
}

// Everything of the acceptance but what is stored, and what the caller is told of it.
ports::Receipt Intake::fill_submission(
    ledger::Acceptance& a,
    Prepared& prepared,
    const std::optional<std::string>& idempotency_key,
    const Findings& findings
) {
    const auto& document = prepared.document;
    ports::Receipt receipt;
    receipt.external_id = prepared.external_id;
    receipt.document_id = document.document_id;
    a.external_id = prepared.external_id;
    a.from_key = parts_.directory.key(document.from.code);
    a.digest = model::business_digest(document, issuer_of(document, parts_.directory));
    a.priority = document.other.priority.value_or(0);
    a.recipients = recipients_of(document.to, parts_.directory);
    a.match = exchange::match_status;
    if (idempotency_key)
        a.idempotency = {*idempotency_key, prepared.content};
    else if (!prepared.external_id.empty())
        a.idempotency = {prepared.external_id, prepared.content};
    receipt.recipients.resize(a.recipients.size());
    a.judgements = records_of(findings);
    if (std::any_of(findings.files.begin(), findings.files.end(), broken))
        a.warnings.emplace_back("attachment.signature_broken");
    receipt.warnings = a.warnings;
    for (auto& way : prepared.ways) {
        auto delivery = delivery_of(way.way, document, a.recipients);
        delivery.rendition = std::move(way.rendition);
        const auto state = delivery.passive ? model::DeliveryState::offered : model::DeliveryState::queued;
        for (const auto ordinal : delivery.recipients)
            receipt.recipients[ordinal] =
                receipt_line(a.recipients[ordinal].organization.code.text(), state, "");
        a.deliveries.push_back(std::move(delivery));
    }
    const auto passive = [](const auto& d) { return d.passive; };
    if (std::any_of(a.deliveries.begin(), a.deliveries.end(), passive))
        a.event_text = received_event(a.id, document, event_members(findings));
    return receipt;
}

// A key with other content is refused before its texts are published: what is refused leaves nothing. Texts
// inside the ledger need no such look: the commit itself refuses.
Task<Result<>> Intake::known_request(const ledger::Acceptance& acceptance) {
    if (!acceptance.idempotency) co_return Result<>{};
    auto key = *acceptance.idempotency;
    auto known = co_await parts_.ledger.replay(acceptance.origin, std::move(key));
    if (!known) co_return known.error();
    co_return Result<>{};
}

Task<Result<ports::Receipt>> Intake::receipt_of(model::MessageId id, ledger::Accepted accepted) {
    auto view = co_await parts_.ledger.message(id);
    if (!view) co_return view.error();
    if (!*view) co_return Error{errc::internal, "accepted message vanished"};
    ports::Receipt receipt;
    receipt.id = id.text();
    receipt.external_id = (*view)->external_id;
    receipt.document_id = (*view)->document_id;
    receipt.warnings = accepted.warnings;
    receipt.replayed = true;
    for (const auto& r : (*view)->recipients)
        receipt.recipients.push_back(receipt_line(r.code, r.state, r.status));
    co_return receipt;
}

}  // namespace axis::intake
