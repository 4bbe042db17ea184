// The life of a delivery (model/delivery.hpp draws it): attempts are on disk before their first byte leaves.
#include "gateway/base/mutation.hpp"
#include "gateway/base/text.hpp"
#include "gateway/ledger/delivery_row.hpp"

namespace axis::ledger {

namespace {

using model::DeliveryState;
using model::Verdict;

constexpr std::size_t detail_bytes_max = 1000;

std::string clipped(std::string_view text) {
    if (text.size() <= detail_bytes_max) return std::string{text};
    auto end = detail_bytes_max;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    return std::string{text.substr(0, end)};
}

struct Next {
    DeliveryState state;
    Time due;
    errc reason;
};

// What an outcome makes of the delivery; past its life nothing is tried again.
Next next_state(const DeliveryRow& row, const model::Outcome& outcome, Time now, Time next_due) {
    switch (outcome.verdict) {
        case Verdict::accepted:
            return {DeliveryState::done, now, errc::none};
        case Verdict::rejected:
            return {DeliveryState::quarantined, now, outcome.reason};
        case Verdict::unknown:
            return {DeliveryState::reconciling, next_due, outcome.reason};
        case Verdict::deferred:
        case Verdict::unauthorised:
            break;
    }
    if (now >= row.life_until) return {DeliveryState::quarantined, now, errc::delivery_expired};
    return {DeliveryState::queued, next_due, outcome.reason};
}

Attempt describe(Sql& sql, model::DeliveryId id, const DeliveryRow& row, int number, Time begun) {
    Attempt out;
    out.delivery = id;
    out.number = number;
    out.message = row.message;
    out.endpoint = {row.endpoint};
    out.due = row.due;
    out.begun = begun;
    out.life_until = row.life_until;
    out.priority = row.priority;
    {
        auto q = sql.query(
            "SELECT kind, accepted_at, from_code, document_id, number, subject FROM message WHERE id = ?",
            row.message
        );
        if (!q.next()) throw SQLite::Exception("delivery without message");
        out.kind = static_cast<model::MessageKind>(q.integer(0));
        out.accepted = q.time(1);
        out.from = q.text(2);
        out.document_id = q.text(3);
        out.number_text = q.text(4);
        out.subject = q.text(5);
    }
    auto r = sql.query("SELECT code FROM recipient WHERE delivery = ? ORDER BY ordinal", id.value);
    while (r.next()) out.to.push_back(r.text(0));
    out.envelope = envelope_of(sql, row.envelope).value();
    return out;
}

// A released passive delivery is fetched, not sent: its event is given now.
bool offer(Sql& sql, Time now, model::DeliveryId id, const DeliveryRow& row) {
    model::MessageId thread;
    std::string type;
    std::string data;
    {
        auto q = sql.query(
            "SELECT thread, event_type, event_data FROM delivery WHERE id = ? AND event_type <> ''", id.value
        );
        if (!q.next()) return false;
        thread = q.message(0);
        type = q.text(1);
        data = q.text(2);
    }
    move_to(sql, id, DeliveryState::offered, now, now, "", "");
    Accepted ignored;  // whoever steers wakes the endpoint of the delivery
    add_event(sql, {row.endpoint}, type, now, thread, id, data, ignored);
    return true;
}

void open_row(Sql& sql, model::DeliveryId id, int attempt, Time now) {
    sql.run(
        "UPDATE delivery SET state = ?, attempts = ?, changed = ? WHERE id = ?",
        static_cast<int>(DeliveryState::sending),
        attempt,
        now,
        id.value
    );
    sql.run("INSERT INTO attempt(delivery, number, begun) VALUES(?,?,?)", id.value, attempt, now);
}

// A delivery waits for the one before it in its thread.
bool next_waits(Sql& sql, model::DeliveryId id) {
    auto q = sql.query(
        "SELECT 1 FROM delivery d JOIN delivery e ON e.endpoint = d.endpoint AND e.thread = d.thread AND "
        "e.id > d.id"
        " AND e.state IN (0, 1, 3) WHERE d.id = ? LIMIT 1",
        id.value
    );
    return q.next();
}

bool may_steer(DeliveryState from, DeliveryState to) {
    switch (to) {
        case DeliveryState::queued:
            return from == DeliveryState::held || from == DeliveryState::quarantined ||
                   from == DeliveryState::queued || from == DeliveryState::reconciling;
        case DeliveryState::held:
            return from == DeliveryState::queued;
        case DeliveryState::cancelled:
            return from == DeliveryState::queued || from == DeliveryState::held ||
                   from == DeliveryState::quarantined;
        default:
            return false;
    }
}

}  // namespace

Result<Attempt> begin(Sql& sql, Time now, model::DeliveryId id, int attempt) {
    const auto row = delivery_row(sql, id);
    if (!row || row->state != DeliveryState::queued || row->attempts + 1 != attempt)
        return Error{errc::stale, "delivery " + to_string(id)};
    if (!mutated(Mutation::attempt_after_send)) open_row(sql, id, attempt, now);
    return describe(sql, id, *row, attempt, now);
}

Result<Attempt> open_attempt(Sql& sql, model::DeliveryId id) {
    const auto row = delivery_row(sql, id);
    if (!row) return Error{errc::not_found, "delivery " + to_string(id)};
    Time begun{};
    auto q =
        sql.query("SELECT begun FROM attempt WHERE delivery = ? AND number = ?", id.value, row->attempts);
    if (q.next()) begun = q.time(0);
    return describe(sql, id, *row, row->attempts, begun);
}

Result<Settled> settle(
    Sql& sql, Time now, model::DeliveryId id, int attempt, const model::Outcome& outcome, Time next_due
) {
    if (mutated(Mutation::attempt_after_send) && delivery_row(sql, id)->attempts < attempt)
        open_row(sql, id, attempt, now);
    const auto row = delivery_row(sql, id);
    if (!row) return Error{errc::not_found, "delivery " + to_string(id)};
    const bool open = row->state == DeliveryState::sending || row->state == DeliveryState::reconciling;
    if (!open || row->attempts != attempt) return Settled{row->state, {}};

    const auto next = next_state(*row, outcome, now, next_due);
    const auto reason = next.reason == errc::none ? std::string_view{} : axis::row(next.reason).code;
    const auto detail = clipped(outcome.detail);
    Settled out{next.state, {}};
    if (mutated(Mutation::settle_lost)) return out;
    move_to(sql, id, next.state, next.due, now, reason, detail);
    if (!outcome.remote_id.empty())
        sql.run("UPDATE delivery SET remote_id = ? WHERE id = ?", outcome.remote_id, id.value);
    sql.run(
        "UPDATE attempt SET settled = ?, verdict = ?, reason = ?, detail = ? WHERE delivery = ? AND number = "
        "?",
        now,
        model::name(outcome.verdict),
        reason,
        detail,
        id.value,
        attempt
    );
    journal(
        sql,
        now,
        "axis:" + row->endpoint,
        "delivery." + std::string{model::name(outcome.verdict)},
        row->message,
        id,
        "{\"attempt\":" + std::to_string(attempt) + ",\"reason\":" + json_quoted(reason) +
            ",\"remote_id\":" + json_quoted(outcome.remote_id) + "}"
    );
    if (is_final(next.state) && next.state != row->state)
        tell_sender(sql, now, id, *row, next.state, reason, out.listeners);
    out.next_waits = !is_final(next.state) || next_waits(sql, id);
    return out;
}

Result<DeliveryState> steer(
    Sql& sql, Time now, model::DeliveryId id, DeliveryState wanted, const std::string& actor
) {
    const auto row = delivery_row(sql, id);
    if (!row) return Error{errc::not_found, "delivery " + to_string(id)};
    if (!may_steer(row->state, wanted))
        return Error{
            errc::stale, "delivery " + to_string(id) + " is " + std::string{model::name(row->state)}};
    if (wanted == DeliveryState::queued && offer(sql, now, id, *row))
        wanted = DeliveryState::offered;
    else
        move_to(sql, id, wanted, now, now, "", "");
    // A delivery past its life that an operator starts again gets a new one of a day at least.
    if (wanted == DeliveryState::queued)
        sql.run(
            "UPDATE delivery SET life_until = max(life_until, ?) WHERE id = ?",
            now + std::chrono::hours{24},
            id.value
        );
    journal(
        sql,
        now,
        actor,
        "delivery." + std::string{model::name(wanted)},
        row->message,
        id,
        "{\"was\":" + json_quoted(model::name(row->state)) + "}"
    );
    return wanted;
}

Result<std::vector<model::DeliveryId>> steer_all(
    Sql& sql,
    Time now,
    const model::EndpointName& lane,
    DeliveryState from,
    DeliveryState wanted,
    const std::string& actor,
    std::size_t limit
) {
    std::vector<model::DeliveryId> ids;
    {
        auto q = sql.query(
            "SELECT id FROM delivery WHERE endpoint = ? AND state = ? AND state <> 7 ORDER BY id LIMIT ?",
            lane.text,
            static_cast<int>(from),
            limit
        );
        while (q.next()) ids.push_back({q.integer(0)});
    }
    for (const auto id : ids) {
        auto steered = steer(sql, now, id, wanted, actor);
        if (!steered) return steered.error();
    }
    return ids;
}

int recover(Sql& sql, Time now, Duration wait) {
    std::vector<std::pair<std::int64_t, model::MessageId>> open;
    {
        auto q = sql.query("SELECT id, message FROM delivery WHERE state = 1 AND state <> 7");
        while (q.next()) open.emplace_back(q.integer(0), q.message(1));
    }
    for (const auto& [id, message] : open) {
        move_to(
            sql,
            {id},
            DeliveryState::reconciling,
            now + wait,
            now,
            axis::row(errc::peer_unknown).code,
            "the gateway stopped during the attempt"
        );
        journal(sql, now, "gateway", "delivery.recovered", message, model::DeliveryId{id});
    }
    return static_cast<int>(open.size());
}

}  // namespace axis::ledger
