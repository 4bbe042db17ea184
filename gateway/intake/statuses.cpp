// Intake, the side of statuses: what software reports, and what the gateway says by itself.
#include "gateway/base/log.hpp"
#include "gateway/base/text.hpp"
#include "gateway/intake/intake.hpp"
#include "gateway/intake/reports.hpp"

#include <algorithm>

namespace axis::intake {

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
        auto filled = fill_report(a, std::move(report), **view, parts_.directory, settings_.xsd.get());
        if (!filled) co_return filled.error();
        std::vector<spool::Staged> no_texts;
        auto made = co_await sign(a, no_texts);
        if (!made) co_return made.error();
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

// The document a status envelope speaks of, among those the endpoint sent or received.
Task<Result<ledger::MessageView>> Intake::document_of(model::Status status, model::EndpointName endpoint) {
    const auto& reference = status.response_for;
    if (reference.code.empty()) co_return Error{errc::envelope_field, "ResponseFor/Code is missing"};
    ledger::Filter filter;
    filter.number = reference.code;
    filter.endpoint = endpoint.text;
    auto views = co_await parts_.ledger.find(std::move(filter));
    if (!views) co_return views.error();
    const auto wanted = nfc(trimmed(reference.document_id));
    for (auto& view : *views) {
        if (view.kind != model::MessageKind::document) continue;
        if (wanted.empty() || nfc(trimmed(view.document_id)) == wanted) co_return std::move(view);
    }
    co_return Error{errc::not_found, reference.code};
}

// A status in its own envelope: checked like report(), relayed as it was written.
Task<Result<ports::Receipt>> Intake::accept_status(
    ledger::Acceptance a, EnvelopeUpload::Ready ready, model::EndpointName endpoint, bool dry_run
) {
    if (statuses_closed_ != errc::none) co_return Error{statuses_closed_};
    const auto status = *ready.status;
    const std::vector<spool::Staged> no_files;
    Seen seen{ready.status_envelope, no_files, status.from.code.text(), ready.has_signature};
    auto findings = co_await judged(std::move(seen), endpoint, a.at);
    if (!findings) co_return findings.error();
    auto view = co_await document_of(status, endpoint);
    if (!view) co_return view.error();
    auto to = addressees(*view, status, parts_.directory);
    if (!to) co_return to.error();
    const auto organ = parts_.directory.key(status.response_for.organ);
    const auto named = std::find_if(to->begin(), to->end(), [&](const model::Organization& organization) {
        return to->size() == 1 || parts_.directory.key(organization.code) == organ;
    });
    if (named == to->end()) co_return Error{errc::status_not_yours, status.response_for.organ.text()};
    const auto addressee = named->code.text();
    auto filled = fill_report(a, Report{status, *named}, *view, parts_.directory, settings_.xsd.get());
    if (!filled) co_return filled.error();
    a.envelope = std::move(ready.status_envelope);
    a.judgements = records_of(*findings);

    ports::Receipt receipt;
    receipt.document_id = view->document_id;
    const auto state = a.deliveries.empty() || a.deliveries.front().passive ? model::DeliveryState::offered
                                                                            : model::DeliveryState::queued;
    receipt.recipients.push_back(receipt_line(addressee, state, status.code));
    if (dry_run) co_return receipt;
    std::vector<spool::Staged> no_texts;
    auto made = co_await sign(a, no_texts);
    if (!made) co_return made.error();
    auto accepted = co_await commit(std::move(a), std::move(no_texts));
    if (!accepted) co_return accepted.error();
    receipt.id = accepted->id.text();
    receipt.replayed = accepted->how != ledger::Accepted::How::stored;
    log::info(
        "status.accepted", "msg", view->id, "status", status.code, "from", status.from.code, "to", addressee
    );
    co_return receipt;
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
            auto filled = fill_report(a, std::move(report), **view, parts_.directory, settings_.xsd.get());
            // Without this 01, rather than an endpoint that can acknowledge nothing any more.
            if (!filled) {
                log::error("status.failed", "msg", hand_over.message, "reason", to_string(filled.error()));
                continue;
            }
            std::vector<spool::Staged> no_texts;
            auto made = co_await sign(a, no_texts);
            if (!made) co_return made.error();
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
