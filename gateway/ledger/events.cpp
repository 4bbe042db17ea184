// What an endpoint's software is told, and its acknowledgements. `seq` per endpoint is assigned in the
// commit.
#include "gateway/ledger/use_cases.hpp"

#include <algorithm>

namespace axis::ledger {

namespace {

std::int64_t next_seq(Sql& sql, const std::string& endpoint) {
    auto q = sql.query(
        "INSERT INTO endpoint_state(endpoint, seq) VALUES(?, 1) ON CONFLICT(endpoint) DO UPDATE SET seq = "
        "seq + 1 RETURNING seq",
        endpoint
    );
    q.next();
    const auto seq = q.integer(0);
    while (q.next()) {
    }
    return seq;
}

void insert_event(
    Sql& sql,
    const model::EndpointName& endpoint,
    std::string_view type,
    Time at,
    model::MessageId message,
    std::optional<std::int64_t> delivery,
    std::string_view data,
    std::optional<std::int64_t> text
) {
    const auto seq = next_seq(sql, endpoint.text);
    sql.run(
        "INSERT INTO event(endpoint, seq, type, at, message, delivery, data, text) VALUES(?,?,?,?,?,?,?,?)",
        endpoint.text,
        seq,
        type,
        at,
        message,
        delivery,
        data,
        text
    );
}

void add_once(std::vector<model::EndpointName>& list, const model::EndpointName& name) {
    if (std::find(list.begin(), list.end(), name) == list.end()) list.push_back(name);
}

void complete_offered(Sql& sql, Time at, const model::EndpointName& endpoint, std::int64_t through) {
    std::vector<std::pair<std::int64_t, model::MessageId>> done;
    {
        auto q = sql.query(
            "SELECT d.id, d.message FROM event e JOIN delivery d ON d.id = e.delivery WHERE e.endpoint = ? "
            "AND e.seq > "
            "coalesce((SELECT acked FROM endpoint_state WHERE endpoint = ?1), 0) AND e.seq <= ? AND d.state "
            "= 2 ORDER BY e.seq",
            endpoint.text,
            through
        );
        while (q.next()) done.emplace_back(q.integer(0), q.message(1));
    }
    for (const auto& [delivery, message] : done) {
        sql.run("UPDATE delivery SET state = 7, changed = ? WHERE id = ?", at, delivery);
        journal(
            sql, at, "endpoint:" + endpoint.text, "delivery.handed_over", message, model::DeliveryId{delivery}
        );
    }
}

}  // namespace

std::string with_members(std::string_view object, std::string_view members) {
    if (members.empty()) return std::string{object};
    std::string out{object.substr(0, object.rfind('}'))};
    if (out.find_first_not_of(" \t\r\n", 1) != std::string::npos) out += ",";
    return out + std::string{members} + "}";
}

std::string_view members_in(std::string_view object) {
    const auto begin = object.find('{') + 1;
    return object.substr(begin, object.rfind('}') - begin);
}

void add_event(
    Sql& sql,
    const model::EndpointName& endpoint,
    std::string_view type,
    Time at,
    model::MessageId message,
    std::optional<model::DeliveryId> delivery,
    std::string_view data,
    Accepted& out,
    std::optional<std::int64_t> text
) {
    insert_event(
        sql, endpoint, type, at, message, delivery ? std::optional{delivery->value} : std::nullopt, data, text
    );
    add_once(out.listeners, endpoint);
}

void add_event(
    Sql& sql,
    const model::EndpointName& endpoint,
    std::string_view type,
    Time at,
    model::MessageId message,
    std::string_view data,
    std::vector<model::EndpointName>& listeners
) {
    insert_event(sql, endpoint, type, at, message, std::nullopt, data, std::nullopt);
    add_once(listeners, endpoint);
}

Result<std::vector<Accepted>> acknowledge_events(
    Sql& sql,
    Time at,
    const model::EndpointName& endpoint,
    std::int64_t through,
    const std::vector<Acceptance>& arrivals
) {
    std::int64_t given = 0;
    std::int64_t acked = 0;
    {
        auto q = sql.query("SELECT seq, acked FROM endpoint_state WHERE endpoint = ?", endpoint.text);
        if (q.next()) {
            given = q.integer(0);
            acked = q.integer(1);
        }
    }
    if (through > given)
        return Error{errc::http_parameter, "through is beyond the last event, " + std::to_string(given)};
    if (through <= acked) return std::vector<Accepted>{};
    complete_offered(sql, at, endpoint, through);
    sql.run("UPDATE endpoint_state SET acked = ? WHERE endpoint = ?", through, endpoint.text);
    std::vector<Accepted> out;
    for (const auto& arrival : arrivals) {
        auto accepted = accept(sql, arrival);
        if (!accepted) return accepted.error();
        out.push_back(std::move(*accepted));
    }
    return out;
}

std::vector<EventView> events(
    Sql& sql, const model::EndpointName& endpoint, std::int64_t after, std::size_t limit
) {
    std::vector<EventView> out;
    auto q = sql.query(
        "SELECT e.seq, e.type, e.at, e.message, e.data, t.data FROM event e LEFT JOIN event_text t ON t.id = "
        "e.text WHERE e.endpoint = ? AND e.seq > ? ORDER BY e.seq LIMIT ?",
        endpoint.text,
        after,
        limit
    );
    while (q.next()) {
        auto data = q.is_null(5) ? q.text(4) : with_members(q.text(5), members_in(q.text(4)));
        out.push_back({q.integer(0), q.text(1), q.time(2), q.message(3), std::move(data)});
    }
    return out;
}

std::int64_t acknowledged_through(Sql& sql, const model::EndpointName& endpoint) {
    auto q = sql.query("SELECT acked FROM endpoint_state WHERE endpoint = ?", endpoint.text);
    return q.next() ? q.integer(0) : 0;
}

std::vector<HandOver> hand_overs(
    Sql& sql, const model::EndpointName& endpoint, std::int64_t through, std::size_t limit
) {
    std::vector<HandOver> out;
    {
        auto q = sql.query(
            "SELECT e.seq, d.id, d.message FROM event e JOIN delivery d ON d.id = e.delivery JOIN message m "
            "ON m.id = d.message"
            " WHERE e.endpoint = ?1 AND e.seq > coalesce((SELECT acked FROM endpoint_state WHERE endpoint = "
            "?1), 0) AND e.seq <= ?2"
            " AND d.state = 2 AND m.kind = 0 ORDER BY e.seq LIMIT ?3",
            endpoint.text,
            through,
            limit
        );
        while (q.next()) out.push_back({q.integer(0), {q.integer(1)}, q.message(2), {}});
    }
    for (auto& h : out) {
        auto r =
            sql.query("SELECT code FROM recipient WHERE delivery = ? ORDER BY ordinal", h.delivery.value);
        while (r.next()) h.recipients.push_back(r.text(0));
    }
    return out;
}

std::vector<std::string> silent_endpoints(Sql& sql, Time before) {
    std::vector<std::string> out;
    auto q = sql.query(
        "SELECT DISTINCT endpoint FROM delivery WHERE state = 2 AND state <> 7 AND changed < ?", before
    );
    while (q.next()) out.push_back(q.text(0));
    return out;
}

}  // namespace axis::ledger
