#include "gateway/ledger/delivery_row.hpp"

#include "gateway/base/text.hpp"

namespace axis::ledger {

using model::DeliveryState;

std::optional<DeliveryRow> delivery_row(Sql& sql, model::DeliveryId id) {
    auto q = sql.query(
        "SELECT message, endpoint, state, attempts, due, life_until, priority, envelope FROM delivery WHERE "
        "id = ?",
        id.value
    );
    if (!q.next()) return std::nullopt;
    return DeliveryRow{
        q.message(0),
        q.text(1),
        static_cast<DeliveryState>(q.integer(2)),
        static_cast<int>(q.integer(3)),
        q.time(4),
        q.time(5),
        static_cast<int>(q.integer(6)),
        q.integer(7)};
}

void move_to(
    Sql& sql,
    model::DeliveryId id,
    DeliveryState state,
    Time due,
    Time now,
    std::string_view reason,
    std::string_view detail
) {
    sql.run(
        "UPDATE delivery SET state = ?, due = ?, changed = ?, reason = ?, detail = ? WHERE id = ?",
        static_cast<int>(state),
        due,
        now,
        reason,
        detail,
        id.value
    );
}

bool is_final(DeliveryState state) {
    return state == DeliveryState::done || state == DeliveryState::quarantined;
}

void tell_sender(
    Sql& sql,
    Time now,
    model::DeliveryId id,
    const DeliveryRow& row,
    DeliveryState state,
    std::string_view reason,
    std::vector<model::EndpointName>& listeners
) {
    std::string origin;
    std::string external_id;
    {
        auto q = sql.query("SELECT origin, external_id FROM message WHERE id = ? AND kind = 0", row.message);
        if (!q.next()) return;
        origin = q.text(0);
        external_id = q.text(1);
    }
    const auto passive_origin = model::EndpointName::parse(origin);
    if (!passive_origin ||
        sql.query("SELECT 1 FROM incoming WHERE message = ? AND endpoint = ?", row.message, origin).next())
        return;
    std::string codes;
    {
        auto q = sql.query("SELECT code FROM recipient WHERE delivery = ? ORDER BY ordinal", id.value);
        while (q.next()) codes += (codes.empty() ? "" : ",") + json_quoted(q.text(0));
    }
    const auto data = "{\"recipients\":[" + codes + "],\"delivery\":" + json_quoted(model::name(state)) +
                      ",\"label\":" + json_quoted(model::label(state, "")) +
                      ",\"reason\":" + json_quoted(reason) + ",\"external_id\":" + json_quoted(external_id) +
                      (is_final(state) ? "" : ",\"ends\":" + json_quoted(to_local_text(row.life_until))) +
                      "}";
    const auto type = is_final(state) ? "recipient.changed" : "recipient.delayed";
    add_event(sql, *passive_origin, type, now, row.message, data, listeners);
}

}  // namespace axis::ledger
