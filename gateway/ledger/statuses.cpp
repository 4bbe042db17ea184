// Statuses find their document and change what is shown for one recipient (architecture D7). The rule which
// document is meant comes from exchange/ as a function; here are the look-ups and the one update.
#include "gateway/base/text.hpp"
#include "gateway/ledger/use_cases.hpp"

namespace axis::ledger {

namespace {

using model::Candidate;
using model::StatusKeys;

constexpr std::size_t candidates_max = 64;
constexpr std::size_t waiting_max = 1000;

// By number only documents of the two parties are of interest: "01/CV" exists everywhere.
std::vector<Candidate> candidates(
    Sql& sql, const StatusKeys& keys, const std::optional<model::MessageId>& about
) {
    std::vector<Candidate> out;
    auto q =
        about ? sql.query(
                    "SELECT id, from_key, document_key, number_key, issued FROM message WHERE id = ? "
                    "AND kind = 0",
                    *about
                )
              : sql.query(
                    "SELECT id, from_key, document_key, number_key, issued FROM message"
                    " WHERE id IN (SELECT id FROM message WHERE kind = 0 AND document_key = ?1 AND ?1 <> ''"
                    " UNION SELECT id FROM message WHERE kind = 0 AND number_key = ?2 AND ?2 <> ''"
                    " AND from_key IN (?3, ?4)) ORDER BY id DESC LIMIT ?5",
                    keys.document_key,
                    keys.number_key,
                    keys.from_key,
                    keys.organ_key,
                    candidates_max
                );
    while (q.next()) out.push_back({q.message(0), q.text(1), q.text(2), q.text(3), q.text(4), {}});
    for (auto& candidate : out) {
        auto r =
            sql.query("SELECT ordinal, key FROM recipient WHERE message = ? ORDER BY ordinal", candidate.id);
        while (r.next()) {
            candidate.recipient_keys.resize(static_cast<std::size_t>(r.integer(0)) + 1);
            candidate.recipient_keys.back() = r.text(1);
        }
    }
    return out;
}

// Shown is the latest by its own time stamp, then by arrival; all are kept in status_seen. Envelopes carry
// whole seconds: a finer time of ours must not beat an answer given in the same second.
void show(
    Sql& sql,
    model::MessageId about,
    std::size_t recipient,
    std::string_view code,
    std::string_view text,
    Time at
) {
    sql.run(
        "UPDATE recipient SET status = ?1, status_text = ?2, status_at = ?3 WHERE message = ?4 AND ordinal = "
        "?5 AND status_at <= ?3",
        code,
        text,
        Time{std::chrono::floor<std::chrono::seconds>(at)},
        about,
        recipient
    );
}

std::optional<model::MessageId> seen(
    Sql& sql,
    model::MessageId about,
    std::size_t recipient,
    std::string_view code,
    std::string_view time,
    std::string_view text
) {
    auto q = sql.query(
        "SELECT message FROM status_seen WHERE about = ? AND recipient = ? AND code = ? AND time = ? AND "
        "text = ?",
        about,
        recipient,
        code,
        time,
        text
    );
    return q.next() ? std::optional{q.message(0)} : std::nullopt;
}

struct Waiting {
    model::MessageId id;
    StatusKeys keys;
    std::string code, text, time, from_code;
    Time at{};
};

std::vector<Waiting> waiting_for(Sql& sql, const Acceptance& document) {
    std::vector<Waiting> out;
    const auto document_key = nfc(trimmed(document.document.document_id));
    const auto number_key = nfc(trimmed(document.document.full_number()));
    auto q = sql.query(
        "SELECT id, status_code, status_text, status_time, iif(status_at = 0, accepted_at, status_at), "
        "from_key, organ_key, document_key, number_key, issued, from_code"
        " FROM message WHERE id IN"
        " (SELECT id FROM message WHERE kind = 1 AND about IS NULL AND document_key = ?1 AND ?1 <> ''"
        " UNION SELECT id FROM message WHERE kind = 1 AND about IS NULL AND number_key = ?2 AND ?2 <> '')"
        " ORDER BY id LIMIT ?3",
        document_key,
        number_key,
        waiting_max
    );
    while (q.next()) {
        Waiting w{q.message(0), {}, q.text(1), q.text(2), q.text(3), q.text(10), q.time(4)};
        w.keys = {w.code, q.text(5), q.text(6), q.text(7), q.text(8), q.text(9)};
        out.push_back(std::move(w));
    }
    return out;
}

// The endpoints that were told "unmatched" hear now what it was about.
void tell(Sql& sql, const Waiting& w, const Acceptance& document, std::size_t recipient, Accepted& out) {
    std::vector<std::pair<std::string, std::string>> told;
    {
        auto q = sql.query(
            "SELECT endpoint, data FROM event WHERE message = ? AND type = 'status.unmatched'", w.id
        );
        while (q.next()) told.emplace_back(q.text(0), q.text(1));
    }
    const auto members = "\"document_id\":" + json_quoted(document.document.document_id) +
                         ",\"external_id\":" + json_quoted(document.external_id) +
                         ",\"number\":" + json_quoted(document.document.full_number()) + ",\"recipient\":" +
                         json_quoted(document.recipients.at(recipient).organization.code.text());
    for (const auto& [endpoint, data] : told)
        add_event(
            sql,
            {endpoint},
            w.code == model::status_code::take_back ? "document.recall_requested" : "status.received",
            document.at,
            document.id,
            with_members(data, members),
            out.listeners
        );
}

}  // namespace

Applied apply_status(Sql& sql, const Acceptance& a) {
    Applied out;
    const auto& s = *a.status;
    const auto found = candidates(sql, s.keys, s.about);
    const auto match = a.match ? a.match(s.keys, found) : std::nullopt;
    if (!match) return out;
    out.about = found.at(match->candidate).id;
    out.recipient = match->recipient;
    out.earlier =
        seen(sql, *out.about, out.recipient, s.status.code, s.status.timestamp, s.status.description);
    if (!out.earlier)
        show(sql, *out.about, out.recipient, s.status.code, s.status.description, s.status.at.value_or(a.at));
    return out;
}

void apply_waiting_statuses(Sql& sql, const Acceptance& document, Accepted& out) {
    if (!document.match) return;
    const auto waiting = waiting_for(sql, document);
    if (waiting.empty()) return;
    const auto self = candidates(sql, {}, document.id);
    for (const auto& w : waiting) {
        const auto match = document.match(w.keys, self);
        if (!match) continue;
        sql.run("UPDATE message SET about = ? WHERE id = ?", document.id, w.id);
        if (seen(sql, document.id, match->recipient, w.code, w.time, w.text)) continue;
        show(sql, document.id, match->recipient, w.code, w.text, w.at);
        sql.run(
            "INSERT INTO status_seen(about, recipient, code, time, text, message) VALUES(?,?,?,?,?,?)",
            document.id,
            match->recipient,
            w.code,
            w.time,
            w.text,
            w.id
        );
        tell(sql, w, document, match->recipient, out);
        journal(
            sql,
            document.at,
            "gateway",
            "status.matched",
            document.id,
            {},
            "{\"id\":\"" + w.id.text() + "\",\"code\":" + json_quoted(w.code) + "}"
        );
    }
}

}  // namespace axis::ledger
