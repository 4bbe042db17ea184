#include "gateway/app/admin_json.hpp"

#include "gateway/base/text.hpp"

namespace axis::app {

std::string to_json(const ledger::LaneView& lane, std::string_view halted) {
    JsonObject counts;
    for (std::size_t i = 0; i < lane.by_state.size(); ++i)
        if (lane.by_state[i] > 0)
            counts.number(model::name(static_cast<model::DeliveryState>(i)), lane.by_state[i]);
    return JsonObject{}
        .text("endpoint", lane.endpoint)
        .raw("deliveries", counts.done())
        .time("oldest", lane.oldest)
        .time("next_due", lane.next_due)
        .maybe("halted", halted)
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

}  // namespace axis::app
