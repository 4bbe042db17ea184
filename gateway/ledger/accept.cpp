// Taking responsibility for a message: one commit holds everything that follows from it.
#include "gateway/base/crash_point.hpp"
#include "gateway/base/mutation.hpp"
#include "gateway/base/text.hpp"
#include "gateway/ledger/journal_chain.hpp"
#include "gateway/ledger/use_cases.hpp"

#include <algorithm>
#include <set>

namespace axis::ledger {

namespace {

std::string key_of(std::string_view text) {
    return nfc(trimmed(text));
}

void insert_blobs(Sql& sql, const std::vector<NewBlob>& blobs, Time at) {
    for (const auto& blob : blobs) {
        const auto text = blob.text ? std::optional{as_blob(*blob.text)} : std::nullopt;
        sql.run(
            "INSERT INTO blob(sha256, bytes, text, created) VALUES(?,?,?,?) ON CONFLICT DO UPDATE SET text = "
            "excluded.text, created = excluded.created, purged = NULL WHERE purged IS NOT NULL",
            blob.sha256,
            blob.bytes,
            text,
            at
        );
    }
}

// Recipients (by key) whom an earlier envelope of the same business act already serves, and that envelope.
struct Covered {
    std::optional<model::MessageId> earlier;
    std::set<std::string> keys;
};
Covered covered(Sql& sql, const Acceptance& a) {
    Covered out;
    if (!a.digest || (a.incoming && mutated(Mutation::no_inbox_dedupe))) return out;
    auto q = sql.query(
        "SELECT m.id, r.key FROM message m JOIN recipient r ON r.message = m.id WHERE m.digest = ? ORDER BY "
        "m.id",
        *a.digest
    );
    while (q.next()) {
        if (!out.earlier) out.earlier = q.message(0);
        out.keys.insert(q.text(1));
    }
    return out;
}

std::vector<std::string> resemblances(Sql& sql, const Acceptance& a) {
    auto warnings = a.warnings;
    if (a.kind() != model::MessageKind::document) return warnings;
    const auto document_key = key_of(a.document.document_id);
    if (!document_key.empty() &&
        sql.query("SELECT 1 FROM message WHERE document_key = ? AND kind = 0", document_key).next())
        warnings.emplace_back("document.same_id");
    const auto issued = a.document.issued.dashed();
    const auto number_key = key_of(a.document.full_number());
    if (!number_key.empty() && sql.query(
                                      "SELECT 1 FROM message WHERE number_key = ? AND from_key = ? AND kind "
                                      "= 0 AND substr(issued, 1, 4) = ?",
                                      number_key,
                                      a.from_key,
                                      issued.substr(0, 4)
                               )
                                   .next())
        warnings.emplace_back("document.same_number");
    return warnings;
}

void insert_message(
    Sql& sql, const Acceptance& a, std::int64_t envelope, const std::optional<model::MessageId>& about
) {
    const auto& d = a.document;
    const auto* status = a.status ? &a.status->status : nullptr;
    const auto document_key = status ? a.status->keys.document_key : key_of(d.document_id);
    const auto number_key = status ? a.status->keys.number_key : key_of(d.full_number());
    const auto& from = status ? status->from : d.from;
    sql.run(
        "INSERT INTO message(id, kind, origin, idem_key, idem_digest, from_key, from_code, from_name, "
        "external_id, document_id,"
        " document_key, number, number_key, issued, subject, business_type, priority, digest, envelope, "
        "accepted_at, about,"
        " status_code, status_text, status_time, status_at, organ_key)"
        " VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        a.id,
        static_cast<int>(a.kind()),
        a.origin,
        a.idempotency ? std::optional{a.idempotency->key} : std::nullopt,
        a.idempotency ? std::optional{a.idempotency->content} : std::nullopt,
        a.from_key,
        from.code.text(),
        from.name,
        a.external_id,
        status ? status->response_for.document_id : d.document_id,
        document_key,
        status ? status->response_for.code : d.full_number(),
        number_key,
        status ? status->response_for.date.dashed() : d.issued.dashed(),
        d.subject,
        static_cast<int>(d.business.type),
        a.priority,
        a.digest,
        envelope,
        a.at,
        about,
        status ? status->code : std::string{},
        status ? status->description : std::string{},
        status ? status->timestamp : std::string{},
        status && status->at ? *status->at : Time{},
        status ? a.status->keys.organ_key : std::string{}
    );
}

void insert_attachments(Sql& sql, const Acceptance& a) {
    int ordinal = 0;
    for (const auto& f : a.document.attachments)
        sql.run(
            "INSERT INTO attachment(message, ordinal, name, description, content_type, blob, text_bytes, "
            "wrapped, file_sha256, file_bytes)"
            " VALUES(?,?,?,?,?,?,?,?,?,?)",
            a.id,
            ordinal++,
            f.name,
            f.description,
            f.content_type,
            f.facts.text_sha256,
            f.facts.text_bytes,
            f.facts.wrapped,
            f.facts.file_sha256,
            f.facts.file_bytes
        );
}

// A list of revoked certificates may be megabytes, and most messages rest on the same one: it is bound only
// when it is new.
void insert_material(Sql& sql, const Acceptance& a, int part, const NewMaterial& m) {
    if (!sql.query("SELECT 1 FROM material WHERE sha256 = ?", m.sha256).next())
        sql.run(
            "INSERT INTO material(sha256, kind, der, added) VALUES(?,?,?,?)",
            m.sha256,
            m.kind,
            std::span<const char>{*m.der},
            a.at
        );
    sql.run(
        "INSERT OR IGNORE INTO judgement_material(message, part, sha256) VALUES(?,?,?)", a.id, part, m.sha256
    );
}

void insert_judgements(Sql& sql, const Acceptance& a) {
    for (const auto& j : a.judgements) {
        sql.run(
            "INSERT INTO judgement(message, part, verdict, code, facts) VALUES(?,?,?,?,?)",
            a.id,
            j.part,
            j.verdict,
            j.code,
            j.facts
        );
        for (const auto& m : j.materials) insert_material(sql, a, j.part, m);
    }
}

// For the journal: short, since the chain must stay cheap; the rest stands in its table.
std::string judged(const Acceptance& a) {
    if (a.judgements.empty()) return "";
    AXIS_ASSERT(std::ranges::is_sorted(a.judgements, {}, &NewJudgement::part));
    Sha256Hasher hasher;
    std::string each;
    for (const auto& j : a.judgements) {
        hasher.update(j.facts);
        each += (each.empty() ? "" : ",") + std::string{"{\"part\":"} + std::to_string(j.part) +
                ",\"verdict\":" + json_quoted(j.verdict) + ",\"code\":" + json_quoted(j.code) + "}";
    }
    return ",\"signatures\":[" + each + "],\"facts_sha256\":\"" + hasher.finish().hex() + "\"";
}

std::string joined(const std::vector<std::string>& codes) {
    std::string out{"["};
    for (const auto& code : codes) out += (out.size() > 1 ? "," : "") + json_quoted(code);
    return out + "]";
}

// What the ledger knows and the event should tell: warnings, and for a status the document it is about.
std::string event_members(Sql& sql, const Applied& applied, const Accepted& out) {
    std::string members = out.warnings.empty() ? "" : "\"warnings\":" + joined(out.warnings);
    if (!applied.about) return members;
    auto q = sql.query(
        "SELECT m.document_id, m.external_id, m.number, r.code FROM message m JOIN recipient r ON r.message "
        "= m.id"
        " WHERE m.id = ? AND r.ordinal = ?",
        *applied.about,
        applied.recipient
    );
    if (!q.next()) return members;
    if (!members.empty()) members += ",";
    return members + "\"document_id\":" + json_quoted(q.text(0)) +
           ",\"external_id\":" + json_quoted(q.text(1)) + ",\"number\":" + json_quoted(q.text(2)) +
           ",\"recipient\":" + json_quoted(q.text(3));
}

struct EventText {
    std::string type, data;
};

model::DeliveryId insert_delivery(
    Sql& sql,
    const Acceptance& a,
    const NewDelivery& d,
    std::int64_t envelope,
    model::MessageId thread,
    const EventText& event
) {
    using model::DeliveryState;
    const auto rendition = d.rendition ? insert_envelope(sql, *d.rendition, a.at, {}) : envelope;
    const auto state = d.held      ? DeliveryState::held
                       : d.passive ? DeliveryState::offered
                                   : DeliveryState::queued;
    sql.run(
        "INSERT INTO delivery(message, endpoint, thread, state, priority, due, life_until, envelope, "
        "event_type, event_data, created, changed, origin, large)"
        " VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        a.id,
        d.endpoint.text,
        thread,
        static_cast<int>(state),
        a.priority,
        a.at,
        a.life_until,
        rendition,
        event.type,
        d.held ? event.data : "",
        a.at,
        a.at,
        a.origin,
        (d.rendition ? *d.rendition : a.envelope).bytes >= model::large_bytes
    );
    return {sql.last_id()};
}

// Kept once when it is long and several events have it in common.
std::optional<std::int64_t> shared_text(Sql& sql, const Acceptance& a) {
    constexpr std::size_t shared_bytes_min = 1024;
    const auto offered = std::count_if(a.deliveries.begin(), a.deliveries.end(), [](const NewDelivery& d) {
        return d.passive;
    });
    if (a.event_text.size() < shared_bytes_min || offered < 2) return std::nullopt;
    sql.run("INSERT INTO event_text(data) VALUES(?)", a.event_text);
    return sql.last_id();
}

// `skip` holds the keys of recipients that are served already.
void insert_ways(
    Sql& sql,
    const Acceptance& a,
    std::int64_t envelope,
    const Applied& applied,
    const std::set<std::string>& skip,
    Accepted& out
) {
    std::vector<std::optional<std::int64_t>> delivery_of(a.recipients.size());
    const auto thread = applied.about.value_or(a.id);
    const auto members = event_members(sql, applied, out);
    const auto shared = shared_text(sql, a);
    for (const auto& d : a.deliveries) {
        const auto served = [&](std::size_t r) { return skip.count(a.recipients[r].key) > 0; };
        if (!d.recipients.empty() && std::all_of(d.recipients.begin(), d.recipients.end(), served)) continue;
        EventText event;
        if (d.passive)
            event = {
                a.status && !applied.about ? "status.unmatched" : d.event_type,
                with_members(d.event_data, members)};
        const bool whole = d.held || !shared;
        if (whole && !a.event_text.empty()) event.data = with_members(a.event_text, members_in(event.data));
        const auto id = insert_delivery(sql, a, d, envelope, thread, event);
        for (const auto r : d.recipients) delivery_of[r] = id.value;
        if (d.passive && !d.held) {
            add_event(sql, d.endpoint, event.type, a.at, thread, id, event.data, out, shared);
        } else if (!d.passive) {
            out.lanes.push_back(d.endpoint);
        }
    }
    for (std::size_t i = 0; i < a.recipients.size(); ++i) {
        const auto& r = a.recipients[i];
        if (skip.count(r.key) > 0) continue;
        sql.run(
            "INSERT INTO recipient(message, ordinal, code, key, name, delivery) VALUES(?,?,?,?,?,?)",
            a.id,
            i,
            r.organization.code.text(),
            r.key,
            r.organization.name,
            delivery_of[i]
        );
    }
}

Result<std::optional<Accepted>> repeated(Sql& sql, const Acceptance& a) {
    if (a.idempotency) {
        auto replay = find_replay(sql, a.origin, *a.idempotency);
        if (!replay) return replay.error();
        if (*replay) return std::optional{Accepted{**replay, Accepted::How::replayed, {}, {}, {}}};
    }
    if (a.incoming) {  // fetched twice at the same time
        auto q = sql.query(
            "SELECT message FROM incoming WHERE endpoint = ? AND doc_id = ? AND message IS NOT NULL",
            a.incoming->endpoint.text,
            a.incoming->doc_id
        );
        if (q.next())
            return std::optional{
                Accepted{q.message(0), Accepted::How::duplicate, {"message.duplicate"}, {}, {}}};
    }
    return std::optional<Accepted>{};
}

Accepted duplicate(Sql& sql, const Acceptance& a, model::MessageId earlier, model::MessageId document) {
    if (a.incoming) store_incoming(sql, *a.incoming, a.kind(), earlier, a.at);
    journal(
        sql,
        a.at,
        a.actor,
        "message.duplicate",
        document,
        {},
        "{\"sha256\":\"" + a.envelope.sha256.hex() + "\"}"
    );
    return {earlier, Accepted::How::duplicate, {"message.duplicate"}, {}, {}};
}

}  // namespace

std::int64_t waiting_deliveries(Sql& sql) {
    auto q = sql.query("SELECT count(*) FROM delivery WHERE state <> 7 AND state IN (0, 1, 3)");
    q.next();
    return q.integer(0);
}

std::int64_t waiting_deliveries(Sql& sql, const model::EndpointName& endpoint, std::int64_t most) {
    auto q = sql.query(
        "SELECT count(*) FROM (SELECT 1 FROM delivery WHERE endpoint = ? AND state <> 7 AND state IN (0, 1, "
        "2, 3, 4) LIMIT ?)",
        endpoint.text,
        most
    );
    q.next();
    return q.integer(0);
}

std::int64_t insert_envelope(
    Sql& sql, const StoredEnvelope& envelope, Time at, const std::vector<NewBlob>& blobs
) {
    insert_blobs(sql, blobs, at);
    sql.run(
        "INSERT INTO envelope(format, sha256, bytes, skeleton) VALUES(1,?,?,?)",
        envelope.sha256,
        envelope.bytes,
        as_blob(envelope.skeleton)
    );
    const auto id = sql.last_id();
    int ordinal = 0;
    for (const auto& hole : envelope.holes)
        sql.run(
            "INSERT INTO hole(envelope, ordinal, offset, blob, bytes, has_cr) VALUES(?,?,?,?,?,?)",
            id,
            ordinal++,
            hole.offset,
            hole.blob,
            hole.bytes,
            hole.has_cr
        );
    return id;
}

Result<std::optional<model::MessageId>> find_replay(
    Sql& sql, const std::string& origin, const IdempotencyKey& key
) {
    auto q =
        sql.query("SELECT id, idem_digest FROM message WHERE origin = ? AND idem_key = ?", origin, key.key);
    if (!q.next()) return std::optional<model::MessageId>{};
    if (q.digest(1) != key.content) return Error{errc::idempotency_conflict, key.key};
    return std::optional{q.message(0)};
}

Result<Accepted> accept(Sql& sql, const Acceptance& a) {
    auto again = repeated(sql, a);
    if (!again) return again.error();
    if (*again) return **again;

    // What came again from the axis adds nothing but recipients not served yet. What our own software posts
    // again is the same act only when it names nobody new; else it is sent to all it names, with a warning.
    auto served = covered(sql, a);
    const auto is_served = [&](const NewRecipient& r) { return served.keys.count(r.key) > 0; };
    if (served.earlier && !a.recipients.empty() &&
        std::all_of(a.recipients.begin(), a.recipients.end(), is_served))
        return duplicate(sql, a, *served.earlier, *served.earlier);
    if (!a.incoming) served.keys.clear();

    Accepted out;
    out.id = a.id;
    out.priority = a.priority;
    out.warnings = resemblances(sql, a);
    const auto applied = a.status ? apply_status(sql, a) : Applied{};
    if (applied.earlier) return duplicate(sql, a, *applied.earlier, *applied.about);

    const auto envelope = insert_envelope(sql, a.envelope, a.at, a.blobs);
    insert_message(sql, a, envelope, applied.about);
    if (applied.about)
        sql.run(
            "INSERT INTO status_seen(about, recipient, code, time, text, message) VALUES(?,?,?,?,?,?)",
            *applied.about,
            applied.recipient,
            a.status->status.code,
            a.status->status.timestamp,
            a.status->status.description,
            a.id
        );
    insert_attachments(sql, a);
    insert_judgements(sql, a);
    insert_ways(sql, a, envelope, applied, served.keys, out);
    if (a.incoming) store_incoming(sql, *a.incoming, a.kind(), a.id, a.at);
    journal(
        sql,
        a.at,
        a.actor,
        a.status ? "status.accepted" : "message.accepted",
        applied.about.value_or(a.id),
        {},
        "{\"id\":\"" + a.id.text() + "\",\"sha256\":\"" + a.envelope.sha256.hex() +
            "\",\"markup_sha256\":\"" + markup_sha256(a.envelope.skeleton, a.envelope.holes).hex() +
            "\",\"code\":" + json_quoted(a.status ? a.status->status.code : "") +
            ",\"warnings\":" + joined(out.warnings) + judged(a) + "}"
    );
    if (!a.status) apply_waiting_statuses(sql, a, out);
    crash_point("before_commit");
    return out;
}

}  // namespace axis::ledger
