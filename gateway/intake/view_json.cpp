#include "gateway/intake/view_json.hpp"

#include "gateway/base/text.hpp"

namespace axis::intake {

namespace {

class Object {
public:
    Object& text(std::string_view name, std::string_view value) { return raw(name, json_quoted(value)); }
    Object& maybe(std::string_view name, std::string_view value) {
        return raw(name, value.empty() ? "null" : json_quoted(value));
    }
    Object& number(std::string_view name, std::int64_t value) { return raw(name, std::to_string(value)); }
    Object& raw(std::string_view name, std::string_view json) {
        out_ += (out_.size() > 1 ? ",\"" : "\"") + std::string{name} + "\":";
        out_ += json;
        return *this;
    }
    std::string done() { return std::move(out_) + "}"; }

private:
    std::string out_{"{"};
};

std::string time_or_null(Time t) {
    return t == Time{} ? "null" : json_quoted(to_local_text(t));
}

std::string recipient_json(const ledger::RecipientView& r, bool operator_view) {
    Object o;
    o.text("code", r.code)
        .text("name", r.name)
        .text("delivery", model::name(r.state))
        .maybe("status", r.status);
    o.text("label", model::label(r.state, r.status)).text("label_en", model::label_en(r.state, r.status));
    o.raw("status_at", time_or_null(r.status_at))
        .maybe("description", r.status_text)
        .maybe("reason", r.reason);
    if (operator_view) {
        o.text("endpoint", r.endpoint).number("delivery_id", r.delivery.value).number("attempts", r.attempts);
        o.maybe("detail", r.detail).maybe("remote_id", r.remote_id).raw("due", time_or_null(r.due));
    }
    return o.done();
}

std::string file_json(const ledger::AttachmentView& f, std::size_t n, const model::MessageId& id) {
    Object o;
    o.number("n", static_cast<std::int64_t>(n)).text("name", f.name).maybe("description", f.description);
    o.number("bytes", static_cast<std::int64_t>(f.file_bytes)).text("sha256", f.file_sha256.hex());
    o.text("url", "/v1/messages/" + id.text() + "/attachments/" + std::to_string(n));
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
        files += (i > 0 ? "," : "") + file_json(view.attachments[i], i + 1, view.id);
    Object o;
    o.text("id", view.id.text()).text("kind", model::name(view.kind));
    o.raw("from", Object{}.text("code", view.from_code).text("name", view.from_name).done());
    if (all) o.maybe("external_id", view.external_id);
    o.text("document_id", view.document_id).text("number", view.number).text("issued", view.issued);
    if (view.kind == model::MessageKind::document)
        o.text("subject", view.subject).number("priority", view.priority);
    else
        o.text("code", view.status_code)
            .text("description", view.status_text)
            .maybe("about", view.about ? view.about->text() : "");
    o.raw("accepted_at", time_or_null(view.accepted))
        .raw("recipients", recipients + "]")
        .raw("files", files + "]");
    if (viewer.empty()) o.text("origin", view.origin);
    return o.done();
}

std::string to_json(const ledger::EventView& event, const std::string& endpoint) {
    return Object{}
        .number("seq", event.seq)
        .text("id", endpoint + "-" + std::to_string(event.seq))
        .text("type", event.type)
        .raw("time", json_quoted(to_local_text(event.at)))
        .text("message_id", event.message.text())
        .raw("data", event.data)
        .done();
}

}  // namespace axis::intake
