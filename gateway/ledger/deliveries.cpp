// The life of a delivery (model/delivery.hpp draws it): attempts are on disk before their first byte leaves.
#include "gateway/base/text.hpp"
#include "gateway/ledger/use_cases.hpp"

#include <limits>

namespace axis::ledger {

namespace {

using model::DeliveryState;
using model::Verdict;

constexpr std::size_t detail_bytes_max = 1000;

struct Row {
    model::MessageId message;
    std::string endpoint;
    DeliveryState state = DeliveryState::queued;
    int attempts = 0;
    Time due{};
    Time life_until{};
    int priority = 0;
    std::int64_t envelope = 0;
};

std::optional<Row> row_of(Sql& sql, model::DeliveryId id) {
    auto q = sql.query(
        "SELECT message, endpoint, state, attempts, due, life_until, priority, envelope FROM delivery WHERE "
        "id = ?",
        id.value
    );
    if (!q.next()) return std::nullopt;
    return Row{
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
Next next_state(const Row& row, const model::Outcome& outcome, Time now, Time next_due) {
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

// The sender's software hears when the transport's state of its recipients becomes final.
void tell_sender(
    Sql& sql,
    Time now,
    model::DeliveryId id,
    const Row& row,
    DeliveryState state,
    std::string_view reason,
    std::vector<model::EndpointName>& listeners
) {
    if (state != DeliveryState::done && state != DeliveryState::quarantined) return;
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
                      "}";
    add_event(sql, *passive_origin, "recipient.changed", now, row.message, data, listeners);
}

Attempt describe(Sql& sql, model::DeliveryId id, const Row& row, int number, Time begun) {
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
bool offer(Sql& sql, Time now, model::DeliveryId id, const Row& row) {
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

// The levels of due(): each is one range of the index delivery_due, whatever waits beside it.
std::optional<std::int64_t> priority_below(
    Sql& sql, const model::EndpointName& lane, DeliveryState state, std::int64_t bound
) {
    auto q = sql.query(
        "SELECT max(priority) FROM delivery WHERE endpoint = ? AND state = ? AND state IN (0, 3) AND "
        "priority < ?",
        lane.text,
        static_cast<int>(state),
        bound
    );
    return q.next() && !q.is_null(0) ? std::optional{q.integer(0)} : std::nullopt;
}

// A delivery waits for the one before it in its thread.
void add_level(
    Sql& sql,
    const model::EndpointName& lane,
    DeliveryState state,
    std::int64_t priority,
    Time now,
    std::size_t limit,
    Window& out
) {
    auto q = sql.query(
        "SELECT d.id, d.attempts, d.due FROM delivery d WHERE d.endpoint = ? AND d.state = ? AND d.state IN "
        "(0, 3) AND d.priority = ?"
        " AND d.due <= ? AND NOT EXISTS (SELECT 1 FROM delivery e WHERE e.endpoint = d.endpoint AND e.thread "
        "= d.thread AND e.id < d.id"
        " AND e.state IN (0, 1, 3)) ORDER BY d.due, d.id LIMIT ?",
        lane.text,
        static_cast<int>(state),
        priority,
        now,
        limit - out.due.size()
    );
    while (q.next())
        out.due.push_back(
            {{q.integer(0)}, static_cast<int>(q.integer(1)), q.time(2), static_cast<int>(priority), state}
        );
    auto next = sql.query(
        "SELECT min(due) FROM delivery WHERE endpoint = ? AND state = ? AND state IN (0, 3) AND priority = ? "
        "AND due > ?",
        lane.text,
        static_cast<int>(state),
        priority,
        now
    );
    if (next.next() && !next.is_null(0) && (!out.next || next.time(0) < *out.next)) out.next = next.time(0);
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

Window due(Sql& sql, const model::EndpointName& lane, Time now, std::size_t limit) {
    Window out;
    // Reconciling first: an open question is older than any new work.
    for (const auto state : {DeliveryState::reconciling, DeliveryState::queued}) {
        auto priority = priority_below(sql, lane, state, std::numeric_limits<std::int64_t>::max());
        for (; priority; priority = priority_below(sql, lane, state, *priority))
            add_level(sql, lane, state, *priority, now, limit, out);
    }
    return out;
}

Result<Attempt> begin(Sql& sql, Time now, model::DeliveryId id, int attempt) {
    const auto row = row_of(sql, id);
    if (!row || row->state != DeliveryState::queued || row->attempts + 1 != attempt)
        return Error{errc::stale, "delivery " + to_string(id)};
    sql.run(
        "UPDATE delivery SET state = ?, attempts = ?, changed = ? WHERE id = ?",
        static_cast<int>(DeliveryState::sending),
        attempt,
        now,
        id.value
    );
    sql.run("INSERT INTO attempt(delivery, number, begun) VALUES(?,?,?)", id.value, attempt, now);
    return describe(sql, id, *row, attempt, now);
}

Result<Attempt> open_attempt(Sql& sql, model::DeliveryId id) {
    const auto row = row_of(sql, id);
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
    const auto row = row_of(sql, id);
    if (!row) return Error{errc::not_found, "delivery " + to_string(id)};
    const bool open = row->state == DeliveryState::sending || row->state == DeliveryState::reconciling;
    if (!open || row->attempts != attempt) return Settled{row->state, {}};

    const auto next = next_state(*row, outcome, now, next_due);
    const auto reason = next.reason == errc::none ? std::string_view{} : axis::row(next.reason).code;
    const auto detail = clipped(outcome.detail);
    Settled out{next.state, {}};
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
    if (next.state != row->state) tell_sender(sql, now, id, *row, next.state, reason, out.listeners);
    return out;
}

Result<DeliveryState> steer(
    Sql& sql, Time now, model::DeliveryId id, DeliveryState wanted, const std::string& actor
) {
    const auto row = row_of(sql, id);
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

// The other side may still be taking what the dead process had sent: asked at once it says "not there", and a
// second copy would go. As long as a lane waits after a connection that broke.
constexpr Duration recovered_wait{std::chrono::seconds{15}};

int recover(Sql& sql, Time now) {
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
            now + recovered_wait,
            now,
            axis::row(errc::peer_unknown).code,
            "the gateway stopped during the attempt"
        );
        journal(sql, now, "gateway", "delivery.recovered", message, model::DeliveryId{id});
    }
    return static_cast<int>(open.size());
}

}  // namespace axis::ledger
