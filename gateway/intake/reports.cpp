#include "gateway/intake/reports.hpp"

#include "gateway/base/json_object.hpp"
#include "gateway/base/text.hpp"
#include "gateway/intake/compose.hpp"

#include <algorithm>

namespace axis::intake {

namespace {

std::string staff_json(const model::Staff& staff) {
    return JsonObject{}
        .given("department", staff.department)
        .given("staff", staff.staff)
        .given("email", staff.email)
        .given("mobile", staff.mobile)
        .done();
}

std::string reference_json(const model::DocumentReference& reference) {
    return JsonObject{}
        .given("organ", reference.organ.text())
        .given("code", reference.code)
        .given("document_id", reference.document_id)
        .given("date", reference.date.dashed())
        .done();
}

}  // namespace

std::optional<directory::Endpoint> way_back(
    const directory::Directory& directory, const model::AgencyCode& addressee, const std::string& origin
) {
    if (auto routed = directory.route(addressee)) return *routed;
    if (auto local = directory.local_route(addressee)) return local;
    const auto name = model::EndpointName::parse(origin);
    const auto* endpoint = name ? directory.endpoint(*name) : nullptr;
    return endpoint ? std::optional{*endpoint} : std::nullopt;
}

std::string status_event(const model::MessageId& id, const model::Status& status, bool with_reference) {
    JsonObject out;
    out.given("status_id", id.text())
        .given("from", status.from.code.text())
        .given("from_name", status.from.name)
        .given("code", status.code)
        .given("label", model::status_code::label(status.code))
        .given("label_en", model::status_code::label_en(status.code))
        .given("description", status.description)
        .given("at", status.at ? to_local_text(*status.at) : status.timestamp);
    if (!status.staff.empty()) out.raw("staff", staff_json(status.staff));
    if (with_reference) out.raw("response_for", reference_json(status.response_for));
    return out.done();
}

model::StatusKeys keys_of(const model::Status& status, const directory::Directory& directory) {
    const auto& reference = status.response_for;
    return {
        status.code,
        directory.key(status.from.code),
        directory.key(reference.organ),
        nfc(trimmed(reference.document_id)),
        nfc(trimmed(reference.code)),
        reference.date.dashed()};
}

namespace {

// The document is known, whatever its id and number: only whose row it is remains to be found.
std::optional<model::Match> match_recipient(
    const model::StatusKeys& keys, const std::vector<model::Candidate>& candidates
) {
    const auto& recipient = keys.code == model::status_code::take_back ? keys.organ_key : keys.from_key;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        const auto& served = candidates[i].recipient_keys;
        const auto at = std::find(served.begin(), served.end(), recipient);
        if (at != served.end()) return model::Match{i, static_cast<std::size_t>(at - served.begin())};
    }
    return std::nullopt;
}

}  // namespace

Result<> fill_report(
    ledger::Acceptance& a,
    Report report,
    const ledger::MessageView& about,
    const directory::Directory& directory,
    const envelope::Xsd* xsd
) {
    auto& status = report.status;
    if (status.from.name.empty()) status.from.name = directory.name_of(status.from.code);
    status.response_for = {
        report.addressee.code, about.number, about.document_id, model::Date::read(about.issued)};
    auto envelope = compose(status, xsd);
    if (!envelope) return envelope.error();
    a.envelope = std::move(*envelope);
    a.from_key = directory.key(status.from.code);
    a.recipients = {{report.addressee, directory.key(report.addressee.code)}};
    a.match = match_recipient;
    if (const auto way = way_back(directory, report.addressee.code, about.origin)) {
        ledger::NewDelivery delivery;
        delivery.endpoint = way->name;
        delivery.passive = way->passive;
        delivery.held = way->mode == directory::Mode::off;
        delivery.recipients = {0};
        delivery.event_type =
            status.code == model::status_code::take_back ? "document.recall_requested" : "status.received";
        delivery.event_data = status_event(a.id, status, false);
        a.deliveries = {std::move(delivery)};
    }
    ledger::NewStatus entry{status, keys_of(status, directory), about.id};
    a.status = std::move(entry);
    return {};
}

}  // namespace axis::intake
