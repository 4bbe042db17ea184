#include "gateway/intake/intake.hpp"

#include "gateway/base/crash_point.hpp"
#include "gateway/base/log.hpp"
#include "gateway/base/offload.hpp"
#include "gateway/exchange/matching.hpp"
#include "gateway/intake/compose.hpp"
#include "gateway/intake/reports.hpp"
#include "gateway/intake/ways.hpp"

#include <algorithm>

namespace axis::intake {

namespace {

ports::RecipientReceipt receipt_line(
    const std::string& code, model::DeliveryState state, const std::string& status
) {
    return {
        code,
        std::string{model::name(state)},
        status.empty() ? std::nullopt : std::optional{status},
        model::label(state, status)};
}

bool on_disk(const std::vector<spool::Staged>& texts) {
    return std::any_of(texts.begin(), texts.end(), [](const auto& text) { return !text.is_inline(); });
}

}  // namespace

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
    if (parts_.wake) parts_.wake(accepted.lanes, accepted.listeners);
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
    ledger::Acceptance acceptance, std::vector<spool::Staged> texts
) {
    auto published = co_await publish(texts);
    if (!published) co_return published.error();
    crash_point("after_spool");
    auto accepted = co_await parts_.ledger.accept(std::move(acceptance));
    crash_point("after_commit");
    if (accepted) wake(*accepted);
    co_return accepted;
}

Result<std::unique_ptr<ports::PackageUpload>> Intake::open_upload(
    ports::Caller caller, std::optional<std::string> idempotency_key
) {
    if (closed_ != errc::none) return Error{closed_};
    auto slot = take_slot(caller.endpoint, settings_.uploads_per_endpoint_max);
    if (!slot) return Error{errc::overloaded, "uploads of " + caller.endpoint.text};
    UploadContext context{
        parts_.directory, parts_.spool, parts_.random, settings_.package, settings_.attachment};
    auto upload = std::make_unique<PackageUpload>(context, caller.endpoint, std::move(slot));
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

    auto receipt = fill_submission(a, *prepared, upload->idempotency_key);
    if (dry_run) co_return receipt;

    a.blobs = new_blobs(prepared->texts);
    a.envelope = std::move(prepared->envelope);
    a.document = std::move(prepared->document);
    const auto id = a.id;
    if (on_disk(prepared->texts)) {
        auto known = co_await known_request(a);
        if (!known) co_return known.error();
    }
    auto accepted = co_await commit(std::move(a), std::move(prepared->texts));
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
        upload->endpoint(),
        "recipients",
        receipt.recipients.size()
    );
    receipt.id = id.text();
    receipt.warnings = accepted->warnings;
    co_await report_stored(std::move(*accepted));
    co_return receipt;
}

// Everything of the acceptance but what is stored, and what the caller is told of it.
ports::Receipt Intake::fill_submission(
    ledger::Acceptance& a, Prepared& prepared, const std::optional<std::string>& idempotency_key
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
    for (auto& way : prepared.ways) {
        auto delivery = delivery_of(way.way, a.id, document, a.recipients, "absent");
        delivery.rendition = std::move(way.rendition);
        const auto state = delivery.passive ? model::DeliveryState::offered : model::DeliveryState::queued;
        for (const auto ordinal : delivery.recipients)
            receipt.recipients[ordinal] =
                receipt_line(a.recipients[ordinal].organization.code.text(), state, "");
        a.deliveries.push_back(std::move(delivery));
    }
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

namespace {

// Who may report what: a recipient through its own endpoint, or (13) the sender; 13 goes to each recipient.
Result<std::vector<model::Organization>> addressees(
    const ledger::MessageView& about, const model::Status& status, const directory::Directory& directory
) {
    const auto from = directory.key(status.from.code);
    if (status.code == model::status_code::take_back) {
        if (from != about.from_key) return Error{errc::status_not_yours, status.from.code.text()};
        std::vector<model::Organization> out;
        for (const auto& r : about.recipients) {
            model::Organization organization;
            organization.code = *model::AgencyCode::parse(r.code);
            organization.name = r.name;
            out.push_back(std::move(organization));
        }
        return out;
    }
    for (const auto& r : about.recipients) {
        if (r.key != from) continue;
        model::Organization issuer;
        issuer.code = *model::AgencyCode::parse(about.from_code);
        issuer.name = about.from_name;
        return std::vector{issuer};
    }
    return Error{errc::status_not_yours, status.from.code.text()};
}

bool takes_part(const ledger::MessageView& view, const model::EndpointName& endpoint) {
    if (view.origin == endpoint.text) return true;
    for (const auto& r : view.recipients)
        if (r.endpoint == endpoint.text) return true;
    return false;
}

// Its own agencies, and the units below them for which it was given the message (Directory::local_route).
bool speaks_for(
    const directory::Directory& directory,
    const model::AgencyCode& code,
    const ledger::MessageView& view,
    const model::EndpointName& endpoint
) {
    if (directory.belongs_to(code, endpoint)) return true;
    for (const auto& r : view.recipients)
        if (r.endpoint == endpoint.text && r.key == directory.key(code)) return true;
    return false;
}

}  // namespace

Task<Result<std::vector<ports::StatusReceipt>>> Intake::report(
    ports::Caller caller, model::MessageId about, std::string json
) {
    if (statuses_closed_ != errc::none) co_return Error{statuses_closed_};
    auto view = co_await parts_.ledger.message(about);
    if (!view) co_return view.error();
    if (!*view || !takes_part(**view, caller.endpoint)) co_return Error{errc::not_found, about.text()};
    if ((*view)->kind != model::MessageKind::document)
        co_return Error{errc::message_not_document, about.text()};
    auto status = package::parse_status(json);
    if (!status) co_return status.error();
    if (!speaks_for(parts_.directory, status->from.code, **view, caller.endpoint))
        co_return Error{errc::agency_not_yours, status->from.code.text()};
    auto to = addressees(**view, *status, parts_.directory);
    if (!to) co_return to.error();

    std::vector<ports::StatusReceipt> out;
    for (auto& addressee : *to) {
        auto a = base_acceptance(caller.endpoint.text, "endpoint:" + caller.endpoint.text);
        Report report{*status, addressee};
        if (!report.status.at) report.status.at = a.at;
        report.status.timestamp = to_envelope_text(*report.status.at);
        auto filled = fill_report(a, std::move(report), **view, parts_.directory);
        if (!filled) co_return filled.error();
        std::vector<spool::Staged> no_texts;
        auto accepted = co_await commit(std::move(a), std::move(no_texts));
        if (!accepted) co_return accepted.error();
        log::info(
            "status.accepted",
            "msg",
            about,
            "status",
            status->code,
            "from",
            status->from.code,
            "to",
            addressee.code
        );
        out.push_back({accepted->id.text(), addressee.code.text()});
    }
    co_return out;
}

// Status 01 for each recipient whose software now has the document (architecture D9).
Task<Result<std::vector<ledger::Acceptance>>> Intake::arrivals_of(std::vector<ledger::HandOver> hand_overs) {
    std::vector<ledger::Acceptance> out;
    for (const auto& hand_over : hand_overs) {
        auto view = co_await parts_.ledger.message(hand_over.message);
        if (!view) co_return view.error();
        if (!*view) continue;
        for (const auto& code : hand_over.recipients) {
            auto a = base_acceptance("", "gateway");
            Report report;
            report.status.from.code = *model::AgencyCode::parse(code);
            report.status.code = model::status_code::arrived;
            report.status.description = "Phần mềm QLVB đã nhận, văn thư chưa xử lý";
            report.status.at = a.at;
            report.status.timestamp = to_envelope_text(a.at);
            report.addressee.code = *model::AgencyCode::parse((*view)->from_code);
            report.addressee.name = (*view)->from_name;
            auto filled = fill_report(a, std::move(report), **view, parts_.directory);
            // Without this 01, rather than an endpoint that can acknowledge nothing any more.
            if (!filled) {
                log::error("status.failed", "msg", hand_over.message, "reason", to_string(filled.error()));
                continue;
            }
            out.push_back(std::move(a));
        }
    }
    co_return out;
}

namespace {

// One acknowledgement of an endpoint at a time: two at once would both report the same hand-overs.
class Turn {
public:
    Turn(std::set<model::EndpointName>& busy, const model::EndpointName& endpoint)
        : busy_{busy}, endpoint_{endpoint}, taken_{busy.insert(endpoint).second} {}
    ~Turn() {
        if (taken_) busy_.erase(endpoint_);
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    bool taken() const { return taken_; }

private:
    std::set<model::EndpointName>& busy_;
    model::EndpointName endpoint_;
    bool taken_;
};

}  // namespace

Task<Result<>> Intake::acknowledge_events(ports::Caller caller, std::int64_t through) {
    if (statuses_closed_ != errc::none) co_return Error{statuses_closed_};
    const Turn turn{acknowledging_, caller.endpoint};
    if (!turn.taken()) co_return Error{errc::overloaded, "another acknowledgement is at work"};
    const bool arrivals_wanted = profile(caller.endpoint).status_01 == Status01::on_handover;
    for (bool last = false; !last;) {
        auto hand_overs =
            co_await parts_.ledger.hand_overs(caller.endpoint, through, settings_.hand_overs_per_commit);
        if (!hand_overs) co_return hand_overs.error();
        last = hand_overs->size() < settings_.hand_overs_per_commit;
        const auto step = last ? through : hand_overs->back().seq;
        std::vector<ledger::Acceptance> arrivals;
        if (arrivals_wanted) {
            auto made = co_await arrivals_of(std::move(*hand_overs));
            if (!made) co_return made.error();
            arrivals = std::move(*made);
        }
        auto accepted = co_await parts_.ledger.acknowledge_events(caller.endpoint, step, std::move(arrivals));
        if (!accepted) co_return accepted.error();
        for (const auto& a : *accepted) wake(a);
    }
    co_return Result<>{};
}

// status_01 = on_store: the gateway says 01 as soon as it has the document, for endpoints configured so.
Task<> Intake::report_stored(ledger::Accepted accepted) {
    for (const auto& endpoint : accepted.listeners) {
        if (profile(endpoint).status_01 != Status01::on_store) continue;
        auto view = co_await parts_.ledger.message(accepted.id);
        if (!view || !*view || (*view)->kind != model::MessageKind::document) co_return;
        ledger::HandOver hand_over{0, {}, accepted.id, {}};
        for (const auto& r : (*view)->recipients)
            if (r.endpoint == endpoint.text) hand_over.recipients.push_back(r.code);
        std::vector<ledger::HandOver> one{hand_over};
        auto arrivals = co_await arrivals_of(std::move(one));
        if (!arrivals) co_return;
        for (auto& a : *arrivals) {
            std::vector<spool::Staged> no_texts;
            co_await commit(std::move(a), std::move(no_texts));
        }
    }
}

}  // namespace axis::intake
