// What an axis listed: fetched once, acknowledged after commit, poison set aside with its raw bytes.
#include "gateway/ledger/use_cases.hpp"

namespace axis::ledger {

namespace {

IncomingView view_of(const Sql::Query& q) {
    return {
        q.text(0),
        static_cast<model::MessageKind>(q.integer(1)),
        static_cast<IncomingState>(q.integer(2)),
        q.maybe_message(3),
        q.text(4),
        q.text(5),
        q.time(6)};
}

}  // namespace

std::vector<IncomingView> incoming(
    Sql& sql, const model::EndpointName& endpoint, const std::vector<std::string>& doc_ids
) {
    std::vector<IncomingView> out;
    for (const auto& id : doc_ids) {
        auto q = sql.query(
            "SELECT doc_id, kind, state, message, reason, detail, at FROM incoming WHERE endpoint = ? AND "
            "doc_id = ?",
            endpoint.text,
            id
        );
        if (q.next()) out.push_back(view_of(q));
    }
    return out;
}

void store_incoming(
    Sql& sql,
    const IncomingRef& ref,
    model::MessageKind kind,
    std::optional<model::MessageId> message,
    Time at
) {
    sql.run(
        "INSERT INTO incoming(endpoint, doc_id, kind, state, message, at) VALUES(?,?,?,1,?,?) ON CONFLICT DO "
        "NOTHING",
        ref.endpoint.text,
        ref.doc_id,
        static_cast<int>(kind),
        message,
        at
    );
}

Result<> acknowledged(
    Sql& sql, Time at, const model::EndpointName& endpoint, const std::vector<std::string>& doc_ids
) {
    for (const auto& id : doc_ids) {
        std::optional<model::MessageId> message;
        {
            auto q = sql.query(
                "SELECT message FROM incoming WHERE endpoint = ? AND doc_id = ? AND state = 1",
                endpoint.text,
                id
            );
            if (!q.next()) continue;
            message = q.maybe_message(0);
        }
        sql.run(
            "UPDATE incoming SET state = 2, at = ? WHERE endpoint = ? AND doc_id = ?", at, endpoint.text, id
        );
        journal(sql, at, "axis:" + endpoint.text, "incoming.acknowledged", message, {}, "{}");
    }
    return {};
}

Result<> quarantine(
    Sql& sql,
    Time at,
    const IncomingRef& ref,
    model::MessageKind kind,
    const Error& why,
    const std::optional<StoredEnvelope>& envelope,
    const std::vector<NewBlob>& blobs,
    const std::string& raw_head
) {
    if (sql.query("SELECT 1 FROM incoming WHERE endpoint = ? AND doc_id = ?", ref.endpoint.text, ref.doc_id)
            .next())
        return {};
    const auto kept = envelope ? std::optional{insert_envelope(sql, *envelope, at, blobs)} : std::nullopt;
    const auto raw = raw_head.empty() ? std::nullopt : std::optional{as_blob(raw_head)};
    sql.run(
        "INSERT INTO incoming(endpoint, doc_id, kind, state, envelope, raw, reason, detail, at) "
        "VALUES(?,?,?,3,?,?,?,?,?)",
        ref.endpoint.text,
        ref.doc_id,
        static_cast<int>(kind),
        kept,
        raw,
        row(why.code).code,
        why.detail,
        at
    );
    journal(
        sql,
        at,
        "axis:" + ref.endpoint.text,
        "incoming.quarantined",
        {},
        {},
        "{\"reason\":\"" + std::string{row(why.code).code} + "\"}"
    );
    return {};
}

Result<> polled(Sql& sql, const model::EndpointName& endpoint, Time at) {
    sql.run(
        "INSERT INTO endpoint_state(endpoint, polled) VALUES(?, ?) ON CONFLICT(endpoint) DO UPDATE SET "
        "polled = excluded.polled",
        endpoint.text,
        at
    );
    return {};
}

std::vector<IncomingView> quarantined(Sql& sql, std::size_t limit) {
    std::vector<IncomingView> out;
    auto q = sql.query(
        "SELECT doc_id, kind, state, message, reason, detail, at FROM incoming WHERE state = 3 ORDER BY at "
        "DESC LIMIT ?",
        limit
    );
    while (q.next()) out.push_back(view_of(q));
    return out;
}

}  // namespace axis::ledger
