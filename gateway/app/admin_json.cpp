#include "gateway/app/admin_json.hpp"

#include "gateway/base/text.hpp"
#include "gateway/intake/view_json.hpp"

namespace axis::app {

std::string to_json(const ledger::LaneView& lane, const Halted& halted) {
    JsonObject counts;
    for (std::size_t i = 0; i < lane.by_state.size(); ++i)
        if (lane.by_state[i] > 0)
            counts.number(model::name(static_cast<model::DeliveryState>(i)), lane.by_state[i]);
    return JsonObject{}
        .text("endpoint", lane.endpoint)
        .raw("deliveries", counts.done())
        .time("oldest", lane.oldest)
        .time("next_due", lane.next_due)
        .maybe("halted", halted.why)
        .time("halted_until", halted.until)
        .done();
}

namespace {

JsonObject queue_object(const amqp::QueueLook& look) {
    JsonObject out;
    out.text("name", look.name).number("waiting", look.waiting).number("consumers", look.consumers);
    return out;
}

}  // namespace

std::string to_json(const software::Adapter& software) {
    std::vector<std::string> queues;
    for (const auto& look : software.queues()) queues.push_back(queue_object(look).done());
    return JsonObject{}
        .text("standing", amqp::name(software.standing()))
        .raw("queues", json_array(queues))
        .done();
}

std::string to_json(const delivery::Brokered& brokered) {
    std::vector<std::string> queues;
    for (const auto& queue : brokered.queues())
        queues.push_back(queue_object(queue.look).text("endpoint", queue.endpoint).done());
    return JsonObject{}
        .text("standing", amqp::name(brokered.standing()))
        .number("workers", static_cast<std::int64_t>(brokered.workers()))
        .number("offered", static_cast<std::int64_t>(brokered.offers().offered()))
        .number("begun", static_cast<std::int64_t>(brokered.offers().begun()))
        .raw("queues", json_array(queues))
        .done();
}

std::string to_json(const ledger::IncomingView& v) {
    return JsonObject{}
        .text("remote_id", v.doc_id)
        .text("kind", model::name(v.kind))
        .text("reason", v.reason)
        .text("detail", v.detail)
        .time("at", v.at)
        .done();
}

std::string to_json(const ledger::Story& story) {
    std::vector<std::string> journal;
    for (const auto& j : story.journal)
        journal.push_back(JsonObject{}
                              .number("seq", j.seq)
                              .time("at", j.at)
                              .text("actor", j.actor)
                              .text("kind", j.kind)
                              .raw("delivery_id", j.delivery ? std::to_string(j.delivery->value) : "null")
                              .raw("facts", j.facts)
                              .done());
    std::vector<std::string> attempts;
    for (const auto& a : story.attempts)
        attempts.push_back(JsonObject{}
                               .number("delivery_id", a.delivery.value)
                               .text("endpoint", a.endpoint)
                               .number("number", a.number)
                               .time("begun", a.begun)
                               .time("settled", a.settled)
                               .maybe("verdict", a.verdict)
                               .maybe("reason", a.reason)
                               .maybe("detail", a.detail)
                               .done());
    return JsonObject{}.raw("journal", json_array(journal)).raw("attempts", json_array(attempts)).done();
}

std::string to_json(const observe::Alarm& alarm) {
    std::string_view meaning;
    std::string_view action;
    for (const auto& row : observe::alarm_catalogue()) {
        if (row.name != alarm.name) continue;
        meaning = row.meaning;
        action = row.action_vi;
    }
    return JsonObject{}
        .text("name", alarm.name)
        .text("subject", alarm.subject)
        .text("text", alarm.text)
        .time("since", alarm.since)
        .text("meaning", meaning)
        .text("action", action)
        .done();
}

namespace {

std::string envelope_json(const ledger::StoredEnvelope& envelope) {
    std::vector<std::string> holes;
    for (const auto& hole : envelope.holes)
        holes.push_back(JsonObject{}
                            .number("offset", static_cast<std::int64_t>(hole.offset))
                            .text("sha256", hole.blob.hex())
                            .number("bytes", static_cast<std::int64_t>(hole.bytes))
                            .boolean("has_cr", hole.has_cr)
                            .done());
    return JsonObject{}
        .text("sha256", envelope.sha256.hex())
        .number("bytes", static_cast<std::int64_t>(envelope.bytes))
        .raw("holes", json_array(holes))
        .done();
}

std::string chained_json(const ledger::ChainedRow& chained) {
    const auto& row = chained.row;
    return JsonObject{}
        .number("seq", row.seq)
        .number("at_ms", row.at.time_since_epoch().count())
        .text("actor", row.actor)
        .text("kind", row.kind)
        .text("message", chained.message ? chained.message->text() : "")
        .text("delivery", row.delivery ? to_string(*row.delivery) : "")
        .text("facts", row.facts)
        .text("before", chained.before.hex())
        .text("hash", chained.hash.hex())
        .done();
}

}  // namespace

std::string to_json(const ledger::Evidence& evidence) {
    std::vector<std::string> judgements, materials, journal, files;
    for (const auto& j : evidence.message.judgements)
        judgements.push_back(JsonObject{}
                                 .number("part", j.part)
                                 .text("verdict", j.verdict)
                                 .text("code", j.code)
                                 .text("facts", j.facts)
                                 .done());
    for (const auto& m : evidence.materials)
        materials.push_back(JsonObject{}
                                .number("part", m.part)
                                .text("sha256", m.sha256.hex())
                                .text("kind", m.kind)
                                .number("bytes", static_cast<std::int64_t>(m.bytes))
                                .done());
    for (const auto& row : evidence.journal) journal.push_back(chained_json(row));
    for (const auto& f : evidence.message.attachments)
        files.push_back(JsonObject{}
                            .text("name", f.name)
                            .text("text_sha256", f.blob.hex())
                            .boolean("wrapped", f.wrapped)
                            .text("file_sha256", f.file_sha256.hex())
                            .number("file_bytes", static_cast<std::int64_t>(f.file_bytes))
                            .done());
    return JsonObject{}
        .raw("message", intake::to_json(evidence.message, ""))
        .number("accepted_ms", evidence.message.accepted.time_since_epoch().count())
        .raw("envelope", envelope_json(evidence.envelope))
        .raw("files", json_array(files))
        .raw("judgements", json_array(judgements))
        .raw("materials", json_array(materials))
        .raw("journal", json_array(journal))
        .done();
}

}  // namespace axis::app
