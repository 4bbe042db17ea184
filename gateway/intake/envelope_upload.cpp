#include "gateway/intake/envelope_upload.hpp"

#include "gateway/intake/compose.hpp"
#include "gateway/signature/attached/statement.hpp"

namespace axis::intake {

namespace {

// What schemas/package.schema.json requires, said of the envelope.
Result<> check_complete(const model::Document& document) {
    std::vector<Fault> faults;
    const auto want = [&](bool there, std::string_view element) {
        if (!there) faults.push_back({std::string{element}, errc::field_missing, ""});
    };
    want(!document.to.empty(), "MessageHeader/To");
    want(!document.document_id.empty(), "MessageHeader/DocumentId");
    want(!document.number.empty(), "MessageHeader/Code/CodeNumber");
    want(!document.notation.empty(), "MessageHeader/Code/CodeNotation");
    want(document.issued.day.has_value(), "MessageHeader/PromulgationInfo/PromulgationDate");
    want(!document.subject.empty(), "MessageHeader/Subject");
    const bool is_new = document.business.type == model::BusinessType::new_document;
    want(!is_new || !document.attachments.empty(), "AttachmentEncoded/Attachment");
    if (faults.empty()) return {};
    auto detail = faults.front().pointer + " is missing";
    return Error{errc::envelope_field, std::move(detail), std::move(faults)};
}

}  // namespace

EnvelopeUpload::EnvelopeUpload(
    const directory::Directory& directory,
    spool::Spool& spool,
    Random& random,
    ReceiverLimits limits,
    model::EndpointName endpoint,
    std::shared_ptr<void> slot
)
    : directory_{directory},
      endpoint_{std::move(endpoint)},
      slot_{std::move(slot)},
      receiver_{spool, random, limits} {}

Result<EnvelopeUpload::Ready> EnvelopeUpload::prepare(Time now, const Profiles& profile) {
    auto received = receiver_.finish();
    if (!received) return received.error();
    if (!received->read) return received->refused;
    const auto& read = *received->read;
    if (read.dialect != envelope::Dialect::qcvn_2016)
        return Error{errc::envelope_unknown, std::string{name(read.dialect)} + " is read, not sent"};
    Ready out;
    out.content = received->envelope.sha256;
    out.has_signature = read.has_signature;
    const auto& from = std::holds_alternative<model::Document>(read.content)
                           ? std::get<model::Document>(read.content).from
                           : std::get<model::Status>(read.content).from;
    if (!directory_.belongs_to(from.code, endpoint_)) return Error{errc::agency_not_yours, from.code.text()};
    if (auto* status = std::get_if<model::Status>(&received->read->content)) {
        out.status = std::move(*status);
        out.status_envelope = std::move(received->envelope);
        return out;
    }
    auto document = prepare_document(std::move(*received), now, profile);
    if (!document) return document.error();
    out.document = std::move(*document);
    return out;
}

Result<Prepared> EnvelopeUpload::prepare_document(Received received, Time now, const Profiles& profile) {
    Prepared out;
    out.document = std::get<model::Document>(std::move(received.read->content));
    out.statements = signature::take_statements(out.document);
    auto complete = check_complete(out.document);
    if (!complete) return complete.error();
    auto ways = route_all(directory_, out.document.to);
    if (!ways) return ways.error();
    std::optional<ledger::StoredEnvelope> traced;
    for (auto& way : *ways) {
        PreparedWay prepared{std::move(way), {}};
        const auto& endpoint = prepared.way.endpoint;
        if (!endpoint.passive && !received.read->xmldsig && profile(endpoint.name).append_trace) {
            if (!traced) {
                auto relayed =
                    relay(received.envelope, received.texts, {directory_.own(), to_envelope_text(now)});
                if (!relayed) return relayed.error();
                traced = std::move(*relayed);
            }
            prepared.rendition = *traced;
        }
        out.ways.push_back(std::move(prepared));
    }
    out.content = received.envelope.sha256;
    out.envelope = std::move(received.envelope);
    out.texts = std::move(received.texts);
    return out;
}

}  // namespace axis::intake
