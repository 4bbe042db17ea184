// Intake, the side an axis adapter feeds: ports::Arrivals.
#include "gateway/base/crash_point.hpp"
#include "gateway/base/log.hpp"
#include "gateway/base/offload.hpp"
#include "gateway/base/text.hpp"
#include "gateway/exchange/matching.hpp"
#include "gateway/intake/compose.hpp"
#include "gateway/intake/intake.hpp"
#include "gateway/intake/reports.hpp"
#include "gateway/intake/ways.hpp"
#include "gateway/signature/attached/statement.hpp"

#include <algorithm>

namespace axis::intake {

namespace {

constexpr std::size_t gather_bytes = 256 * 1024;  // one hop to the files pool per so many bytes

ports::Known known_as(const std::vector<ledger::IncomingView>& views, const std::string& doc_id) {
    for (const auto& view : views) {
        if (view.doc_id != doc_id) continue;
        switch (view.state) {
            case ledger::IncomingState::stored:
                return ports::Known::stored;
            case ledger::IncomingState::acknowledged:
                return ports::Known::acknowledged;
            case ledger::IncomingState::quarantined:
                return ports::Known::quarantined;
            case ledger::IncomingState::listed:
                return ports::Known::fresh;
        }
    }
    return ports::Known::fresh;
}

// What the envelope says it is must be what the axis listed it as.
Result<> check_kind(const envelope::Read& read, model::MessageKind listed) {
    const bool status = std::holds_alternative<model::Status>(read.content);
    if (status == (listed == model::MessageKind::status)) return {};
    return Error{
        errc::envelope_structure, status ? "a status listed as a document" : "a document listed as a status"};
}

std::string sender_of(const envelope::Read& read) {
    const auto* document = std::get_if<model::Document>(&read.content);
    return (document != nullptr ? document->from : std::get<model::Status>(read.content).from).code.text();
}

// Fills recipients and ways of a document that came from outside; none of ours is a reason to set it aside.
Result<> fill_document(
    ledger::Acceptance& a,
    model::Document document,
    const Findings& findings,
    const directory::Directory& directory
) {
    auto local = route_local(directory, document.to);
    if (local.recipients.empty()) return Error{errc::recipient_unknown, "no recipient is ours"};
    a.from_key = directory.key(document.from.code);
    a.digest = model::business_digest(document, issuer_of(document, directory));
    a.priority = document.other.priority.value_or(0);
    a.recipients = recipients_of(local.recipients, directory);
    for (const auto& way : local.ways) a.deliveries.push_back(delivery_of(way, document, a.recipients));
    a.event_text = received_event(a.id, document, event_members(findings));
    a.document = std::move(document);
    return {};
}

void fill_status(ledger::Acceptance& a, model::Status status, const directory::Directory& directory) {
    a.from_key = directory.key(status.from.code);
    const auto& addressee = status.response_for.organ;
    auto way = directory.local_route(addressee.empty() ? directory.own() : addressee);
    if (!way) way = directory.local_route(directory.own());
    model::Organization organization;
    organization.code = addressee.empty() ? directory.own() : addressee;
    a.recipients = {{organization, directory.key(organization.code)}};
    if (way) {
        ledger::NewDelivery delivery;
        delivery.endpoint = way->name;
        delivery.passive = way->passive;
        delivery.held = way->mode == directory::Mode::off;
        delivery.recipients = {0};
        delivery.event_type =
            status.code == model::status_code::take_back ? "document.recall_requested" : "status.received";
        delivery.event_data = status_event(a.id, status, true);
        a.deliveries = {std::move(delivery)};
    }
    ledger::NewStatus entry{status, keys_of(status, directory), std::nullopt};
    a.status = std::move(entry);
}

}  // namespace

class Intake::EnvelopeArrival final : public ports::Arrival {
public:
    EnvelopeArrival(
        Intake& intake,
        model::EndpointName endpoint,
        std::string doc_id,
        model::MessageKind kind,
        std::shared_ptr<void> slot,
        std::unique_ptr<Turns::Turn> turn
    )
        : intake_{intake},
          endpoint_{std::move(endpoint)},
          doc_id_{std::move(doc_id)},
          kind_{kind},
          slot_{std::move(slot)},
          turn_{std::move(turn)},
          receiver_{intake.parts_.spool, intake.parts_.random, intake.settings_.receiver} {}

    Task<Result<>> feed(std::string_view bytes) override {
        buffer_ += bytes;
        if (buffer_.size() < gather_bytes) co_return Result<>{};
        auto work = [this] { return flush(); };
        auto fed = co_await offload(intake_.parts_.files, std::move(work));
        co_return fed;
    }

    Task<Result<ports::Arrived>> finish() override {
        auto work = [this]() -> Result<Received> {
            auto flushed = flush();
            if (!flushed) return flushed.error();
            return receiver_.finish();
        };
        auto received = co_await offload(intake_.parts_.files, std::move(work));
        if (!received) co_return received.error();
        auto arrived =
            co_await intake_.accept_arrival(endpoint_, doc_id_, kind_, std::move(*received), *turn_);
        turn_->pass();
        co_return arrived;
    }

private:
    Result<> flush() {
        auto fed = receiver_.feed(buffer_);
        buffer_.clear();
        return fed;
    }

    Intake& intake_;
    model::EndpointName endpoint_;
    std::string doc_id_;
    model::MessageKind kind_;
    std::shared_ptr<void> slot_;
    std::unique_ptr<Turns::Turn> turn_;
    EnvelopeReceiver receiver_;
    std::string buffer_;
};

Task<Result<std::vector<ports::Known>>> Intake::known(
    model::EndpointName endpoint, std::vector<std::string> doc_ids
) {
    auto views = co_await parts_.ledger.incoming(std::move(endpoint), doc_ids);
    if (!views) co_return views.error();
    std::vector<ports::Known> out;
    for (const auto& id : doc_ids) out.push_back(known_as(*views, id));
    co_return out;
}

Result<std::unique_ptr<ports::Arrival>> Intake::open(
    model::EndpointName endpoint, std::string doc_id, model::MessageKind kind
) {
    if (closed() != errc::none && kind == model::MessageKind::document) return Error{closed()};
    if (statuses_closed_ != errc::none) return Error{statuses_closed_};
    auto slot = take_slot(endpoint, settings_.arrivals_open_max);
    if (!slot) return Error{errc::overloaded, "arrivals from " + endpoint.text};
    auto turn = turns_[endpoint].take();
    auto arrival = std::make_unique<EnvelopeArrival>(
        *this, std::move(endpoint), std::move(doc_id), kind, std::move(slot), std::move(turn)
    );
    return std::unique_ptr<ports::Arrival>{std::move(arrival)};
}

// Gives the deliveries that a lane will send on their own bytes: the sender's, with our TraceHeader.
Task<Result<>> Intake::relay_onwards(ledger::Acceptance& a, const Received& received) {
    if (!received.read || received.read->xmldsig) co_return Result<>{};
    if (received.read->dialect != envelope::Dialect::qcvn_2016) co_return Result<>{};
    const auto relays = [this](const ledger::NewDelivery& d) {
        return !d.passive && profile(d.endpoint).rendition.append_trace;
    };
    if (std::none_of(a.deliveries.begin(), a.deliveries.end(), relays)) co_return Result<>{};
    auto work = [&received, header = model::TraceHeader{parts_.directory.own(), to_envelope_text(a.at)}] {
        return relay(received.envelope, received.texts, header);
    };
    auto relayed = co_await offload(parts_.files, std::move(work));
    if (!relayed) co_return relayed.error();
    for (auto& delivery : a.deliveries)
        if (relays(delivery)) delivery.rendition = *relayed;
    co_return Result<>{};
}

Result<> Intake::fill(
    ledger::Acceptance& a, std::variant<model::Document, model::Status> content, const Findings& findings
) const {
    a.judgements = records_of(findings);
    if (auto* document = std::get_if<model::Document>(&content))
        return fill_document(a, std::move(*document), findings, parts_.directory);
    fill_status(a, std::get<model::Status>(std::move(content)), parts_.directory);
    return {};
}

Task<Result<ports::Arrived>> Intake::accept_arrival(
    model::EndpointName endpoint,
    std::string doc_id,
    model::MessageKind listed,
    Received received,
    Turns::Turn& turn
) {
    ledger::IncomingRef ref{endpoint, doc_id};
    auto fits = received.read ? check_kind(*received.read, listed) : Result<>{received.refused};
    auto a = base_acceptance(endpoint.text, "axis:" + endpoint.text);
    if (fits) {
        auto* document = std::get_if<model::Document>(&received.read->content);
        std::vector<model::Attachment> statements;
        if (document != nullptr) statements = signature::take_statements(*document);
        Seen seen{received.envelope, received.texts, sender_of(*received.read), received.read->has_signature};
        seen.document = document;
        seen.statements = &statements;
        auto findings = co_await judged(std::move(seen), endpoint, a.at);
        if (findings) {
            fits = fill(a, std::move(received.read->content), *findings);
        } else if (findings.error().code == errc::signature_refused) {
            fits = findings.error();
        } else {
            co_return findings.error();
        }
    }
    if (!fits) {
        auto aside = co_await set_aside(std::move(ref), listed, std::move(received), fits.error());
        co_return aside;
    }
    if (!a.status) {
        auto relayed = co_await relay_onwards(a, received);
        if (!relayed) co_return relayed.error();
    }
    a.incoming = std::move(ref);
    a.match = exchange::match_status;
    a.blobs = new_blobs(received.texts);
    a.envelope = std::move(received.envelope);
    auto made = co_await sign(a, received.texts);
    if (!made) co_return made.error();
    const auto id = a.id;
    auto accepted = co_await commit(std::move(a), std::move(received.texts), &turn);
    crash_point("after_fetch");
    if (!accepted) co_return accepted.error();
    const bool stored = accepted->how == ledger::Accepted::How::stored;
    log::info(
        stored ? "message.received" : "message.duplicate",
        "msg",
        stored ? id : accepted->id,
        "endpoint",
        endpoint,
        "remote",
        doc_id
    );
    ports::Arrived out{
        stored ? ports::Arrived::How::stored : ports::Arrived::How::duplicate, accepted->id, {}};
    if (stored) co_await report_stored(std::move(*accepted));
    co_return out;
}

Task<Result<ports::Arrived>> Intake::set_aside(
    ledger::IncomingRef ref, model::MessageKind kind, Received received, Error why
) {
    std::optional<ledger::StoredEnvelope> envelope;
    std::vector<ledger::NewBlob> blobs;
    if (received.scanned) {
        auto published = co_await publish(received.texts);
        if (!published) co_return published.error();
        blobs = new_blobs(received.texts);
        envelope = std::move(received.envelope);
    }
    log::warn(
        "message.quarantined",
        "endpoint",
        ref.endpoint,
        "remote",
        ref.doc_id,
        "reason",
        row(why.code).code,
        "detail",
        why.detail
    );
    auto kept = co_await parts_.ledger.quarantine(
        std::move(ref), kind, why, std::move(envelope), std::move(blobs), std::move(received.raw_head)
    );
    if (!kept) co_return kept.error();
    co_return ports::Arrived{ports::Arrived::How::quarantined, {}, std::move(why)};
}

Task<Result<>> Intake::acknowledged(model::EndpointName endpoint, std::vector<std::string> doc_ids) {
    crash_point("after_ack");
    auto done = co_await parts_.ledger.acknowledged(std::move(endpoint), std::move(doc_ids));
    co_return done;
}

Task<Result<>> Intake::polled(model::EndpointName endpoint) {
    auto done = co_await parts_.ledger.polled(std::move(endpoint));
    co_return done;
}

}  // namespace axis::intake
