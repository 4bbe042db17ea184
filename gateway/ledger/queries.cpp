// Questions. They run on query_only connections and see what is committed.
#include "gateway/base/text.hpp"
#include "gateway/ledger/use_cases.hpp"

namespace axis::ledger {

namespace {

void read_recipients(Sql& sql, MessageView& view) {
    auto q = sql.query(
        "SELECT r.code, r.key, r.name, r.status, r.status_text, r.status_at, d.endpoint, d.id, d.state, "
        "d.reason, d.detail, d.remote_id,"
        " d.attempts, d.due FROM recipient r LEFT JOIN delivery d ON d.id = r.delivery WHERE r.message = ? "
        "ORDER BY r.ordinal",
        view.id
    );
    while (q.next()) {
        RecipientView r;
        r.code = q.text(0);
        r.key = q.text(1);
        r.name = q.text(2);
        r.status = q.text(3);
        r.status_text = q.text(4);
        r.status_at = q.time(5);
        r.endpoint = q.text(6);
        r.delivery = {q.integer(7)};
        r.state = static_cast<model::DeliveryState>(q.integer(8));
        r.reason = q.text(9);
        r.detail = q.text(10);
        r.remote_id = q.text(11);
        r.attempts = static_cast<int>(q.integer(12));
        r.due = q.time(13);
        view.recipients.push_back(std::move(r));
    }
}

void read_attachments(Sql& sql, MessageView& view) {
    auto q = sql.query(
        "SELECT name, description, content_type, blob, wrapped, file_sha256, file_bytes FROM attachment "
        "WHERE message = ? ORDER BY ordinal",
        view.id
    );
    while (q.next())
        view.attachments.push_back(
            {q.text(0),
             q.text(1),
             q.text(2),
             q.digest(3),
             q.integer(4) != 0,
             q.digest(5),
             static_cast<std::uint64_t>(q.integer(6))}
        );
}

void read_judgements(Sql& sql, MessageView& view) {
    auto q = sql.query(
        "SELECT part, verdict, code, facts FROM judgement WHERE message = ? ORDER BY part", view.id
    );
    while (q.next())
        view.judgements.push_back({static_cast<int>(q.integer(0)), q.text(1), q.text(2), q.text(3)});
}

// One statement for each way in, so that each has its index; the rest of the filter is the same in all. "251"
// finds "251/…": between "251/" and "2510", the next character.
std::string find_by(const std::string& way_in) {
    return "SELECT m.id FROM message m WHERE m.kind = 0 AND " + way_in +
           " AND (?1 = '' OR m.number_key = ?1 OR (m.number_key >= ?2 AND m.number_key < ?3) OR "
           "m.document_key = ?1)"
           " AND (?4 = '' OR m.external_id = ?4)"
           " AND (?5 IS NULL OR (m.id >= ?5 AND m.id <= ?6))"
           " AND (?7 IS NULL OR EXISTS (SELECT 1 FROM delivery d WHERE d.message = m.id AND d.state = ?7))"
           " AND (?8 IS NULL OR m.accepted_at >= ?8) AND (?9 IS NULL OR m.accepted_at < ?9)"
           " AND (?10 = '' OR m.origin = ?10 OR EXISTS (SELECT 1 FROM delivery d WHERE d.message = m.id AND "
           "d.endpoint = ?10))"
           " ORDER BY m.id DESC LIMIT ?11";
}

const char* find_statement(const Filter& f) {
    static const auto by_id = find_by("m.id BETWEEN ?5 AND ?6");
    static const auto by_external_id = find_by("m.external_id = ?4 AND m.external_id <> ''");
    static const auto by_number = find_by(
        "m.id IN (SELECT id FROM message WHERE kind = 0 AND number_key = ?1 UNION SELECT id FROM message "
        "WHERE kind = 0 AND number_key >= ?2 AND"
        " number_key < ?3 UNION SELECT id FROM message WHERE kind = 0 AND document_key = ?1)"
    );
    static const auto by_state =
        find_by("m.id IN (SELECT message FROM delivery WHERE state = ?7 AND state <> 7)");
    static const auto by_date = find_by("m.accepted_at BETWEEN coalesce(?8, 0) AND coalesce(?9, 1 << 62)");
    static const auto newest = find_by("1");
    if (!f.id_prefix.empty()) return by_id.c_str();
    if (!f.external_id.empty()) return by_external_id.c_str();
    if (!f.number.empty()) return by_number.c_str();
    if (f.state && *f.state != model::DeliveryState::done) return by_state.c_str();
    return f.from || f.to ? by_date.c_str() : newest.c_str();
}

}  // namespace

std::optional<MessageView> message(Sql& sql, model::MessageId id) {
    MessageView v;
    {
        auto q = sql.query(
            "SELECT kind, origin, from_code, from_key, from_name, external_id, document_id, number, issued, "
            "subject, business_type, priority,"
            " accepted_at, about, status_code, status_text, purged FROM message WHERE id = ?",
            id
        );
        if (!q.next()) return std::nullopt;
        v.id = id;
        v.kind = static_cast<model::MessageKind>(q.integer(0));
        v.origin = q.text(1);
        v.from_code = q.text(2);
        v.from_key = q.text(3);
        v.from_name = q.text(4);
        v.external_id = q.text(5);
        v.document_id = q.text(6);
        v.number = q.text(7);
        v.issued = q.text(8);
        v.subject = q.text(9);
        v.business_type = static_cast<int>(q.integer(10));
        v.priority = static_cast<int>(q.integer(11));
        v.accepted = q.time(12);
        v.about = q.maybe_message(13);
        v.status_code = q.text(14);
        v.status_text = q.text(15);
        if (!q.is_null(16)) v.purged = q.time(16);
    }
    read_recipients(sql, v);
    read_attachments(sql, v);
    read_judgements(sql, v);
    return v;
}

std::vector<MessageView> find(Sql& sql, const Filter& f) {
    const auto range = f.id_prefix.empty() ? std::nullopt : model::MessageId::range(f.id_prefix);
    if (!f.id_prefix.empty() && !range) return {};
    const auto number = nfc(trimmed(f.number));
    std::vector<model::MessageId> ids;
    {
        auto q = sql.query(
            find_statement(f),
            number,
            number + "/",
            number + "0",
            f.external_id,
            range ? std::optional{range->first} : std::nullopt,
            range ? std::optional{range->second} : std::nullopt,
            f.state ? std::optional{static_cast<int>(*f.state)} : std::nullopt,
            f.from,
            f.to,
            f.endpoint,
            f.limit
        );
        while (q.next()) ids.push_back(q.message(0));
    }
    std::vector<MessageView> out;
    for (const auto& id : ids)
        if (auto view = message(sql, id)) out.push_back(std::move(*view));
    return out;
}

Result<StoredEnvelope> envelope_of(Sql& sql, std::int64_t id) {
    StoredEnvelope out;
    {
        auto q = sql.query("SELECT format, sha256, bytes, skeleton FROM envelope WHERE id = ?", id);
        if (!q.next()) return Error{errc::payload_purged};
        if (q.integer(0) != 1)
            return Error{errc::ledger_newer, "envelope format " + std::to_string(q.integer(0))};
        out.sha256 = q.digest(1);
        out.bytes = static_cast<std::uint64_t>(q.integer(2));
        out.skeleton = q.text(3);
    }
    auto q =
        sql.query("SELECT offset, blob, bytes, has_cr FROM hole WHERE envelope = ? ORDER BY ordinal", id);
    while (q.next())
        out.holes.push_back(
            {static_cast<std::uint64_t>(q.integer(0)),
             q.digest(1),
             static_cast<std::uint64_t>(q.integer(2)),
             q.integer(3) != 0}
        );
    return out;
}

Result<StoredEnvelope> envelope(Sql& sql, model::MessageId id) {
    std::int64_t number = 0;
    {
        auto q = sql.query("SELECT envelope FROM message WHERE id = ?", id);
        if (!q.next()) return Error{errc::not_found};
        number = q.integer(0);
    }
    return envelope_of(sql, number);
}

Result<StoredEnvelope> rendition(Sql& sql, model::DeliveryId id) {
    std::int64_t number = 0;
    {
        auto q = sql.query(
            "SELECT d.envelope, e.purged FROM delivery d JOIN envelope e ON e.id = d.envelope WHERE d.id = ?",
            id.value
        );
        if (!q.next()) return Error{errc::not_found};
        if (!q.is_null(1)) return Error{errc::payload_purged, "delivery " + to_string(id)};
        number = q.integer(0);
    }
    return envelope_of(sql, number);
}

Result<BlobText> blob(Sql& sql, const Sha256& sha256) {
    auto q = sql.query("SELECT bytes, text, purged FROM blob WHERE sha256 = ?", sha256);
    if (!q.next()) return Error{errc::blob_missing, sha256.hex()};
    if (!q.is_null(2)) return Error{errc::payload_purged, sha256.hex()};
    return BlobText{
        static_cast<std::uint64_t>(q.integer(0)), q.is_null(1) ? std::nullopt : std::optional{q.text(1)}};
}

namespace {

JournalRow journal_row(const Sql::Query& q) {
    return {
        q.integer(0),
        q.time(1),
        q.text(2),
        q.text(3),
        q.is_null(4) ? std::nullopt : std::optional{model::DeliveryId{q.integer(4)}},
        q.text(5)};
}

}  // namespace

Result<Evidence> evidence(Sql& sql, model::MessageId id) {
    auto view = message(sql, id);
    if (!view) return Error{errc::not_found, id.text()};
    auto stored = envelope(sql, id);
    if (!stored) return stored.error();
    Evidence out{std::move(*view), std::move(*stored), {}, {}};
    {
        auto q = sql.query(
            "SELECT j.seq, j.at, j.actor, j.kind, j.delivery, j.facts, j.hash, b.hash, j.message FROM "
            "journal j "
            "LEFT JOIN journal b ON b.seq = j.seq - 1 WHERE j.message = ? ORDER BY j.seq LIMIT 1000",
            out.message.about.value_or(id)
        );
        while (q.next())
            out.journal.push_back(
                {journal_row(q), q.maybe_message(8), q.is_null(7) ? Sha256{} : q.digest(7), q.digest(6)}
            );
    }
    auto q = sql.query(
        "SELECT j.part, m.sha256, m.kind, length(m.der) FROM judgement_material j JOIN material m ON "
        "m.sha256 = "
        "j.sha256 WHERE j.message = ? ORDER BY j.part, m.sha256",
        id
    );
    while (q.next())
        out.materials.push_back(
            {static_cast<int>(q.integer(0)), q.digest(1), q.text(2), static_cast<std::uint64_t>(q.integer(3))}
        );
    return out;
}

Result<std::string> material(Sql& sql, const Sha256& sha256) {
    auto q = sql.query("SELECT der FROM material WHERE sha256 = ?", sha256);
    if (!q.next()) return Error{errc::not_found, sha256.hex()};
    return q.text(0);
}

Story story(Sql& sql, model::MessageId id) {
    Story out;
    {
        auto q = sql.query(
            "SELECT seq, at, actor, kind, delivery, facts FROM journal WHERE message = ? ORDER BY seq LIMIT "
            "1000",
            id
        );
        while (q.next()) out.journal.push_back(journal_row(q));
    }
    auto q = sql.query(
        "SELECT a.delivery, d.endpoint, a.number, a.begun, a.settled, a.verdict, a.reason, a.detail FROM "
        "attempt a"
        " JOIN delivery d ON d.id = a.delivery WHERE d.message = ? ORDER BY a.begun LIMIT 1000",
        id
    );
    while (q.next())
        out.attempts.push_back(
            {{q.integer(0)},
             q.text(1),
             static_cast<int>(q.integer(2)),
             q.time(3),
             q.is_null(4) ? std::nullopt : std::optional{q.time(4)},
             q.text(5),
             q.text(6),
             q.text(7)}
        );
    return out;
}

std::vector<LaneView> lanes(Sql& sql) {
    std::vector<LaneView> out;
    auto q = sql.query(
        "SELECT endpoint, state, count(*), min(created), min(CASE WHEN state = 0 THEN due END) FROM delivery "
        "WHERE state <> 7"
        " GROUP BY endpoint, state ORDER BY endpoint"
    );
    while (q.next()) {
        if (out.empty() || out.back().endpoint != q.text(0)) out.push_back({q.text(0), {}, {}, {}});
        auto& lane = out.back();
        lane.by_state.at(static_cast<std::size_t>(q.integer(1))) = q.integer(2);
        const bool open = static_cast<model::DeliveryState>(q.integer(1)) != model::DeliveryState::cancelled;
        if (open && (!lane.oldest || q.time(3) < *lane.oldest)) lane.oldest = q.time(3);
        if (!q.is_null(4)) lane.next_due = q.time(4);
    }
    return out;
}

std::vector<Sha256> unknown_blobs(Sql& sql, const std::vector<Sha256>& candidates) {
    std::vector<Sha256> out;
    for (const auto& candidate : candidates)
        if (!sql.query("SELECT 1 FROM blob WHERE sha256 = ? AND text IS NULL AND purged IS NULL", candidate)
                 .next())
            out.push_back(candidate);
    return out;
}

}  // namespace axis::ledger
