// The queue of a lane: what may be attempted now and in which order, and what has waited too long.
#include "gateway/base/text.hpp"
#include "gateway/ledger/delivery_row.hpp"

#include <algorithm>
#include <limits>

namespace axis::ledger {

using model::DeliveryState;

namespace {

// A lane's queue is read as ranges of one index, whatever waits beside them: of a state and a size, each
// priority, and in it each sender.
struct Level {
    const model::EndpointName& lane;
    DeliveryState state;
    bool large;
    std::int64_t priority;
};

std::optional<std::int64_t> priority_below(Sql& sql, const Level& level) {
    auto q = sql.query(
        "SELECT max(priority) FROM delivery WHERE endpoint = ? AND state = ? AND state IN (0, 3) AND large = "
        "? AND priority < ?",
        level.lane.text,
        static_cast<int>(level.state),
        level.large,
        level.priority
    );
    return q.next() && !q.is_null(0) ? std::optional{q.integer(0)} : std::nullopt;
}

// In the order of their turns: the one after `after` first.
std::vector<std::string> senders(Sql& sql, const Level& level, const std::string& after) {
    std::vector<std::string> out;
    const char* next =
        "SELECT min(origin) FROM delivery WHERE endpoint = ? AND state = ? AND state IN (0, 3) AND large = ? "
        "AND priority = ? AND origin > ?";
    const char* first =
        "SELECT min(origin) FROM delivery WHERE endpoint = ? AND state = ? AND state IN (0, 3) AND large = ? "
        "AND priority = ? AND origin >= ?";
    const auto ask = [&](const char* text, const std::string& bound) -> std::optional<std::string> {
        auto q = sql.query(
            text, level.lane.text, static_cast<int>(level.state), level.large, level.priority, bound
        );
        return q.next() && !q.is_null(0) ? std::optional{q.text(0)} : std::nullopt;
    };
    for (auto one = ask(first, ""); one; one = ask(next, *one)) out.push_back(*one);
    const auto turn = std::upper_bound(out.begin(), out.end(), after);
    std::rotate(out.begin(), turn, out.end());
    return out;
}

// A delivery waits for the one before it in its thread.
std::vector<Due> due_of(
    Sql& sql, const Level& level, const std::string& sender, Time now, std::size_t limit
) {
    std::vector<Due> out;
    auto q = sql.query(
        "SELECT d.id, d.attempts, d.due FROM delivery d WHERE d.endpoint = ? AND d.state = ? AND d.state IN "
        "(0, 3) AND d.large = ? AND d.priority = ? AND d.origin = ?"
        " AND d.due <= ? AND NOT EXISTS (SELECT 1 FROM delivery e WHERE e.endpoint = d.endpoint AND e.thread "
        "= d.thread AND e.id < d.id"
        " AND e.state IN (0, 1, 3)) ORDER BY d.due, d.id LIMIT ?",
        level.lane.text,
        static_cast<int>(level.state),
        level.large,
        level.priority,
        sender,
        now,
        limit
    );
    while (q.next())
        out.push_back(
            {{q.integer(0)},
             static_cast<int>(q.integer(1)),
             q.time(2),
             static_cast<int>(level.priority),
             level.state}
        );
    return out;
}

void next_of(Sql& sql, const Level& level, const std::string& sender, Time now, Window& out) {
    auto q = sql.query(
        "SELECT min(due) FROM delivery WHERE endpoint = ? AND state = ? AND state IN (0, 3) AND large = ? "
        "AND "
        "priority = ? AND origin = ? AND due > ?",
        level.lane.text,
        static_cast<int>(level.state),
        level.large,
        level.priority,
        sender,
        now
    );
    if (q.next() && !q.is_null(0) && (!out.next || q.time(0) < *out.next)) out.next = q.time(0);
}

void add_level(
    Sql& sql, const Level& level, const std::string& after, Time now, std::size_t limit, Window& out
) {
    const auto all = senders(sql, level, after);
    const auto room = limit - out.due.size();
    const auto each = std::max<std::size_t>(1, room / std::max<std::size_t>(1, all.size()));
    std::vector<std::vector<Due>> found;
    for (std::size_t i = 0; i < all.size() && i < room; ++i)
        found.push_back(due_of(sql, level, all[i], now, each));
    const auto cut = [each](const auto& one) { return one.size() >= each; };
    out.more = out.more || found.size() < all.size() || std::any_of(found.begin(), found.end(), cut);
    bool any = true;
    for (std::size_t turn = 0; any; ++turn) {
        any = false;
        for (std::size_t i = 0; i < found.size() && out.due.size() < limit; ++i) {
            if (turn >= found[i].size()) continue;
            any = true;
            out.due.push_back(found[i][turn]);
            out.last = all[i];
        }
    }
    if (out.due.size() < limit)
        for (const auto& sender : all) next_of(sql, level, sender, now, out);
}

bool is_held(Sql& sql, const model::EndpointName& lane) {
    auto q = sql.query("SELECT held FROM endpoint_state WHERE endpoint = ?", lane.text);
    return q.next() && q.integer(0) != 0;
}

}  // namespace

Window due(Sql& sql, const model::EndpointName& lane, Time now, std::size_t limit, const Share& share) {
    Window out;
    out.last = share.after;
    out.held = is_held(sql, lane);
    if (out.held) return out;
    // Reconciling first: an open question is older than any new work.
    for (const auto state : {DeliveryState::reconciling, DeliveryState::queued}) {
        Level level{lane, state, share.large, std::numeric_limits<std::int64_t>::max()};
        for (auto priority = priority_below(sql, level); priority; priority = priority_below(sql, level)) {
            level.priority = *priority;
            add_level(sql, level, share.after, now, limit, out);
            out.more = out.more || out.due.size() >= limit;
            if (out.due.size() >= limit) return out;
        }
    }
    return out;
}

// Only few have been tried while their endpoint was away, so that this stays small.
std::size_t hasten(Sql& sql, Time now, const model::EndpointName& lane) {
    return static_cast<std::size_t>(sql.run(
        "UPDATE delivery SET due = ?, changed = ? WHERE endpoint = ? AND state = 0 AND state <> 7 AND due > "
        "? "
        "AND attempts > 0 AND reason LIKE 'peer.%' AND reason <> 'peer.deferred'",
        now,
        now,
        lane.text,
        now
    ));
}

void hold_lane(Sql& sql, Time now, const model::EndpointName& lane, bool held, const std::string& actor) {
    sql.run(
        "INSERT INTO endpoint_state(endpoint, held) VALUES(?, ?) ON CONFLICT(endpoint) DO UPDATE SET held = "
        "excluded.held",
        lane.text,
        held
    );
    journal(
        sql,
        now,
        actor,
        held ? "lane.held" : "lane.released",
        std::nullopt,
        std::nullopt,
        "{\"endpoint\":" + json_quoted(lane.text) + "}"
    );
}

LookedAfter look_after(
    Sql& sql,
    Time now,
    const model::EndpointName& lane,
    DeliveryState state,
    model::DeliveryId after,
    std::size_t limit,
    Time late
) {
    struct Waiting {
        model::DeliveryId id;
        DeliveryRow row;
        bool late;
    };
    std::vector<Waiting> found;
    LookedAfter out;
    std::size_t seen = 0;
    {
        auto q = sql.query(
            "SELECT id, message, created, life_until, warned FROM delivery WHERE endpoint = ? AND state = ? "
            "AND state <> 7 AND id > ? ORDER BY id LIMIT ?",
            lane.text,
            static_cast<int>(state),
            after.value,
            limit
        );
        for (; q.next(); ++seen) {
            out.last = {q.integer(0)};
            DeliveryRow row;
            row.message = q.message(1);
            row.endpoint = lane.text;
            row.state = state;
            row.life_until = q.time(3);
            const bool ends = state == DeliveryState::queued && row.life_until <= now;
            const bool tell = q.time(2) < late && q.integer(4) == 0;
            if (ends || tell) found.push_back({out.last, row, tell && !ends});
        }
    }
    if (seen < limit) out.last = {};
    for (const auto& [id, row, is_late] : found) {
        const auto reason = axis::row(is_late ? errc::delivery_delayed : errc::delivery_expired).code;
        if (is_late) {
            sql.run("UPDATE delivery SET warned = 1 WHERE id = ?", id.value);
            out.warned += 1;
        } else {
            move_to(sql, id, DeliveryState::quarantined, now, now, reason, "never taken by the endpoint");
            journal(sql, now, "gateway", "delivery.expired", row.message, id);
            out.expired.push_back(id);
        }
        const auto state_now = is_late ? state : DeliveryState::quarantined;
        tell_sender(sql, now, id, row, state_now, reason, out.listeners);
    }
    return out;
}

}  // namespace axis::ledger
