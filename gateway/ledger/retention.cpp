// Retention: what is over loses its payload when its time is over; facts, markup, digests, judgements and the
// journal stay, since evidence rests on them.
#include "gateway/base/text.hpp"
#include "gateway/ledger/use_cases.hpp"

#include <set>

namespace axis::ledger {

namespace {

struct Over {
    model::MessageId id;
    Time accepted{};
    std::int64_t envelope = 0;
    bool finished = false;
};

std::vector<Over> messages_before(
    Sql& sql, model::MessageKind kind, Time before, const PurgeCursor& after, std::size_t limit
) {
    std::vector<Over> out;
    auto q = sql.query(
        "SELECT m.id, m.accepted_at, m.envelope, NOT EXISTS (SELECT 1 FROM delivery d WHERE d.message = m.id "
        "AND "
        "d.state NOT IN (6, 7)) FROM message m WHERE m.purged IS NULL AND m.kind = ? AND (m.accepted_at, "
        "m.id) > "
        "(?, ?) AND m.accepted_at < ? ORDER BY m.accepted_at, m.id LIMIT ?",
        static_cast<int>(kind),
        after.at,
        after.message,
        before,
        limit
    );
    while (q.next()) out.push_back({q.message(0), q.time(1), q.integer(2), q.integer(3) != 0});
    return out;
}

void add_texts(Sql& sql, std::int64_t envelope, std::set<Sha256>& texts) {
    auto q = sql.query("SELECT blob FROM hole WHERE envelope = ?", envelope);
    while (q.next()) texts.insert(q.digest(0));
}

// A copy made for one hop, or what could not be read: nothing refers to its markup.
void drop_markup(Sql& sql, std::int64_t envelope, Time now) {
    sql.run("DELETE FROM hole WHERE envelope = ?", envelope);
    sql.run("UPDATE envelope SET purged = ?, skeleton = x'' WHERE id = ?", now, envelope);
}

// Those that no envelope needs any more; what lies in the spool is the caller's to remove, after the commit.
std::uint64_t drop_texts(Sql& sql, const std::set<Sha256>& texts, Time now, Purged& out) {
    std::uint64_t bytes = 0;
    for (const auto& text : texts) {
        if (sql.query(
                   "SELECT 1 FROM hole h JOIN envelope e ON e.id = h.envelope WHERE h.blob = ? AND e.purged "
                   "IS "
                   "NULL",
                   text
            )
                .next())
            continue;
        bool in_spool = false;
        {
            auto q =
                sql.query("SELECT bytes, text IS NULL FROM blob WHERE sha256 = ? AND purged IS NULL", text);
            if (!q.next()) continue;
            bytes += static_cast<std::uint64_t>(q.integer(0));
            in_spool = q.integer(1) != 0;
        }
        sql.run("UPDATE blob SET purged = ?, text = NULL WHERE sha256 = ?", now, text);
        if (in_spool) out.in_spool.push_back(text);
    }
    return bytes;
}

void purge_message(Sql& sql, const Over& m, Time now, Purged& out) {
    std::set<Sha256> texts;
    std::vector<std::int64_t> copies;
    {
        auto q = sql.query(
            "SELECT DISTINCT envelope FROM delivery WHERE message = ? AND envelope <> ?", m.id, m.envelope
        );
        while (q.next()) copies.push_back(q.integer(0));
    }
    add_texts(sql, m.envelope, texts);
    for (const auto copy : copies) {
        add_texts(sql, copy, texts);
        drop_markup(sql, copy, now);
    }
    sql.run("UPDATE envelope SET purged = ? WHERE id = ?", now, m.envelope);
    sql.run("UPDATE message SET purged = ? WHERE id = ?", now, m.id);
    const auto bytes = drop_texts(sql, texts, now, out);
    journal(
        sql,
        now,
        "gateway",
        "message.purged",
        m.id,
        {},
        "{\"texts\":" + std::to_string(texts.size()) + ",\"bytes\":" + std::to_string(bytes) + "}"
    );
    ++out.count;
}

Purged purge_messages(
    Sql& sql, model::MessageKind kind, Time before, const PurgeCursor& after, std::size_t limit, Time now
) {
    Purged out;
    const auto found = messages_before(sql, kind, before, after, limit);
    for (const auto& m : found)
        if (m.finished) purge_message(sql, m, now, out);
    out.more = found.size() == limit;
    if (!found.empty()) out.next = {found.back().accepted, found.back().id, {}, 0};
    return out;
}

Purged purge_set_aside(Sql& sql, Time before, std::size_t limit, Time now) {
    struct Row {
        std::string endpoint, doc_id;
        std::optional<std::int64_t> envelope;
    };
    std::vector<Row> rows;
    {
        auto q = sql.query(
            "SELECT i.endpoint, i.doc_id, i.envelope FROM incoming i WHERE i.state = 3 AND i.at < ? AND "
            "(i.raw IS "
            "NOT NULL OR EXISTS (SELECT 1 FROM envelope e WHERE e.id = i.envelope AND e.purged IS NULL)) "
            "ORDER "
            "BY i.at LIMIT ?",
            before,
            limit
        );
        while (q.next())
            rows.push_back({q.text(0), q.text(1), q.is_null(2) ? std::nullopt : std::optional{q.integer(2)}});
    }
    Purged out;
    std::set<Sha256> texts;
    for (const auto& row : rows) {
        if (row.envelope) {
            add_texts(sql, *row.envelope, texts);
            drop_markup(sql, *row.envelope, now);
        }
        sql.run("UPDATE incoming SET raw = NULL WHERE endpoint = ? AND doc_id = ?", row.endpoint, row.doc_id);
        journal(
            sql, now, "gateway", "incoming.purged", {}, {}, "{\"doc_id\":" + json_quoted(row.doc_id) + "}"
        );
        ++out.count;
    }
    drop_texts(sql, texts, now, out);
    out.more = rows.size() == limit;
    return out;
}

// One endpoint after the other; events are told in the order of time, so that the first young one ends it.
Purged purge_events(Sql& sql, Time before, const PurgeCursor& after, std::size_t limit) {
    Purged out;
    std::string endpoint;
    std::int64_t acked = 0;
    {
        auto q = sql.query(
            "SELECT endpoint, acked FROM endpoint_state WHERE endpoint >= ? ORDER BY endpoint LIMIT 1",
            after.endpoint
        );
        if (!q.next()) return out;
        endpoint = q.text(0);
        acked = q.integer(1);
    }
    const auto from = endpoint == after.endpoint ? after.seq : 0;
    std::vector<std::int64_t> old;
    std::set<std::int64_t> shared;
    std::size_t seen = 0;
    std::int64_t last = from;
    bool young = false;
    {
        auto q = sql.query(
            "SELECT seq, at, type, text FROM event WHERE endpoint = ? AND seq > ? AND seq <= ? ORDER BY seq "
            "LIMIT ?",
            endpoint,
            from,
            acked,
            limit
        );
        while (!young && q.next()) {
            ++seen;
            last = q.integer(0);
            young = q.time(1) >= before;
            // A document that comes later is still told of its status by this row.
            if (young || q.text(2) == "status.unmatched") continue;
            old.push_back(last);
            if (!q.is_null(3)) shared.insert(q.integer(3));
        }
    }
    for (const auto seq : old) sql.run("DELETE FROM event WHERE endpoint = ? AND seq = ?", endpoint, seq);
    for (const auto text : shared)
        sql.run(
            "DELETE FROM event_text WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM event WHERE text = ?1)", text
        );
    out.count = old.size();
    const bool whole = young || seen < limit;
    out.next.endpoint = whole ? endpoint + '\0' : endpoint;  // the next name in order
    out.next.seq = whole ? 0 : last;
    out.more = true;
    return out;
}

}  // namespace

Purged purge(Sql& sql, const PurgeOrder& order, Time now) {
    Purged out;
    switch (order.what) {
        case Retained::documents:
            out = purge_messages(
                sql, model::MessageKind::document, order.before, order.after, order.limit, now
            );
            break;
        case Retained::statuses:
            out =
                purge_messages(sql, model::MessageKind::status, order.before, order.after, order.limit, now);
            break;
        case Retained::events:
            out = purge_events(sql, order.before, order.after, order.limit);
            break;
        case Retained::set_aside:
            out = purge_set_aside(sql, order.before, order.limit, now);
            break;
    }
    // Some pages go back to the file system with each piece of work.
    if (out.count > 0) sql.run("PRAGMA incremental_vacuum(500)");
    return out;
}

}  // namespace axis::ledger
