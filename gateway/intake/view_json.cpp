#include "gateway/intake/view_json.hpp"

#include "gateway/base/json_object.hpp"
#include "gateway/ledger/records.hpp"

namespace axis::intake {

namespace {

std::string recipient_json(const ledger::RecipientView& r, bool operator_view) {
    JsonObject o;
    o.text("code", r.code)
        .text("name", r.name)
        .text("delivery", model::name(r.state))
        .maybe("status", r.status);
    o.text("label", model::label(r.state, r.status)).text("label_en", model::label_en(r.state, r.status));
    o.time("status_at", r.status_at).maybe("description", r.status_text).maybe("reason", r.reason);
    if (operator_view) {
        o.text("endpoint", r.endpoint).number("delivery_id", r.delivery.value).number("attempts", r.attempts);
        o.maybe("detail", r.detail).maybe("remote_id", r.remote_id).time("due", r.due);
    }
    return o.done();
}

std::string judgement_json(const ledger::JudgementView& j) {
    return JsonObject{}.text("verdict", j.verdict).text("code", j.code).raw("facts", j.facts).done();
}

// Of the envelope, of the attached statement, or of file n.
const ledger::JudgementView* judgement_of(const ledger::MessageView& view, int part) {
    for (const auto& j : view.judgements)
        if (j.part == part) return &j;
    return nullptr;
}

std::string file_json(const ledger::MessageView& view, std::size_t n) {
    const auto& f = view.attachments[n - 1];
    JsonObject o;
    o.number("n", static_cast<std::int64_t>(n)).text("name", f.name).maybe("description", f.description);
    o.number("bytes", static_cast<std::int64_t>(f.file_bytes)).text("sha256", f.file_sha256.hex());
    o.text("url", "/v1/messages/" + view.id.text() + "/attachments/" + std::to_string(n));
    if (const auto* found = judgement_of(view, static_cast<int>(n)))
        o.raw("signature", judgement_json(*found));
    return o.done();
}

}  // namespace

bool visible_to(const ledger::MessageView& view, const std::string& viewer) {
    if (viewer.empty() || view.origin == viewer) return true;
    for (const auto& r : view.recipients)
        if (r.endpoint == viewer) return true;
    return false;
}

std::string to_json(const ledger::MessageView& view, const std::string& viewer) {
    const bool all = viewer.empty() || view.origin == viewer;
    std::string recipients{"["};
    for (const auto& r : view.recipients)
        if (all || r.endpoint == viewer)
            recipients += (recipients.size() > 1 ? "," : "") + recipient_json(r, viewer.empty());
    std::string files{"["};
    for (std::size_t i = 0; i < view.attachments.size(); ++i)
        files += (i > 0 ? "," : "") + file_json(view, i + 1);
    JsonObject o;
    o.text("id", view.id.text()).text("kind", model::name(view.kind));
    o.raw("from", JsonObject{}.text("code", view.from_code).text("name", view.from_name).done());
    if (all) o.maybe("external_id", view.external_id);
    o.text("document_id", view.document_id).text("number", view.number).text("issued", view.issued);
    if (view.kind == model::MessageKind::document)
        o.text("subject", view.subject).number("priority", view.priority);
    else
        o.text("code", view.status_code)
            .text("description", view.status_text)
            .maybe("about", view.about ? view.about->text() : "");
    if (const auto* found = judgement_of(view, ledger::part_envelope))
        o.raw("signature", judgement_json(*found));
    if (const auto* found = judgement_of(view, ledger::part_attached))
        o.raw("attached_signature", judgement_json(*found));
    o.time("accepted_at", view.accepted);
    if (view.purged) o.time("purged_at", view.purged);
    o.raw("recipients", recipients + "]").raw("files", files + "]");
    if (viewer.empty()) o.text("origin", view.origin);
    return o.done();
}

std::string to_json(const ledger::EventView& event, const std::string& endpoint) {
    return JsonObject{}
        .number("seq", event.seq)
        .text("id", endpoint + "-" + std::to_string(event.seq))
        .text("type", event.type)
        .time("time", event.at)
        .text("message_id", event.message.text())
        .raw("data", event.data)
        .done();
}

}  // namespace axis::intake
