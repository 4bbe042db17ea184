// The chained journal: hash = SHA-256(previous hash, then each field with its length before it).
#include "gateway/base/base64.hpp"
#include "gateway/base/json_object.hpp"
#include "gateway/base/mutation.hpp"
#include "gateway/ledger/journal_chain.hpp"
#include "gateway/ledger/use_cases.hpp"

namespace axis::ledger {

Sha256 chained(const Sha256& before, const ChainFields& row) {
    Sha256Hasher hasher;
    hasher.update({reinterpret_cast<const char*>(before.bytes.data()), before.bytes.size()});
    const auto add = [&hasher](std::string_view part) {
        hasher.update(std::to_string(part.size()) + ":");
        hasher.update(part);
    };
    add(std::to_string(row.seq));
    add(std::to_string(row.at.time_since_epoch().count()));
    add(row.actor);
    add(row.kind);
    add(row.message);
    add(row.delivery);
    add(row.facts);
    return hasher.finish();
}

std::string checkpoint_text(const Checkpoint& c) {
    return "axisd journal checkpoint 1\n" + c.agency + "\n" + std::to_string(c.seq) + "\n" +
           std::to_string(c.at.time_since_epoch().count()) + "\n" + c.hash.hex() + "\n";
}

std::string to_json(const Checkpoint& c) {
    return JsonObject{}
        .number("seq", c.seq)
        .number("at_ms", c.at.time_since_epoch().count())
        .text("agency", c.agency)
        .text("hash", c.hash.hex())
        .maybe("certificate", base64_encode(c.certificate))
        .maybe("signature", base64_encode(c.value))
        .done();
}

Sha256 markup_sha256(std::string_view skeleton, const std::vector<StoredHole>& holes) {
    Sha256Hasher hasher;
    hasher.update(skeleton);
    for (const auto& hole : holes)
        hasher.update(
            "\n" + std::to_string(hole.offset) + " " + hole.blob.hex() + " " + std::to_string(hole.bytes)
        );
    return hasher.finish();
}

namespace {

bool follows(const Sql::Query& row, const Sha256& before) {
    constexpr std::size_t id_bytes = sizeof model::MessageId::bytes;
    if (!row.is_null(4) && row.text(4).size() != id_bytes) return false;  // damaged, not unreadable
    const auto message = row.maybe_message(4);
    const auto actor = row.text(2), kind = row.text(3), delivery = row.text(5), facts = row.text(6);
    const auto about = message ? message->text() : "";
    const auto hash = chained(before, {row.integer(0), row.time(1), actor, kind, about, delivery, facts});
    return row.text(7) ==
           std::string_view{reinterpret_cast<const char*>(hash.bytes.data()), hash.bytes.size()};
}

}  // namespace

void journal(
    Sql& sql,
    Time at,
    std::string_view actor,
    std::string_view kind,
    std::optional<model::MessageId> message,
    std::optional<model::DeliveryId> delivery,
    std::string_view facts
) {
    if (mutated(Mutation::journal_row_dropped) && kind == "delivery.accepted") return;
    std::int64_t seq = 1;
    Sha256 before;
    {
        auto last = sql.query("SELECT seq, hash FROM journal WHERE seq = (SELECT max(seq) FROM journal)");
        if (last.next()) {
            seq = last.integer(0) + 1;
            before = last.digest(1);
        }
    }
    const auto about = message ? message->text() : "";
    const auto of_delivery = delivery ? to_string(*delivery) : "";
    const auto hash = chained(before, {seq, at, actor, kind, about, of_delivery, facts});
    sql.run(
        "INSERT INTO journal(seq, at, actor, kind, message, delivery, facts, hash) VALUES(?,?,?,?,?,?,?,?)",
        seq,
        at,
        actor,
        kind,
        message,
        delivery ? std::optional{delivery->value} : std::nullopt,
        facts,
        hash
    );
}

std::optional<Checkpoint> checkpoint_due(Sql& sql) {
    auto row = sql.query(
        "SELECT seq, hash FROM journal WHERE seq = (SELECT max(seq) FROM journal) AND seq > (SELECT "
        "coalesce(max(seq), 0) FROM checkpoint)"
    );
    if (!row.next()) return std::nullopt;
    Checkpoint out;
    out.seq = row.integer(0);
    out.hash = row.digest(1);
    return out;
}

void keep_checkpoint(Sql& sql, const Checkpoint& c) {
    const auto signed_part = [](const std::string& bytes) {
        return bytes.empty() ? std::nullopt : std::optional{as_blob(bytes)};
    };
    sql.run(
        "INSERT INTO checkpoint(seq, hash, at, agency, certificate, value) VALUES(?,?,?,?,?,?)",
        c.seq,
        c.hash,
        c.at,
        c.agency,
        signed_part(c.certificate),
        signed_part(c.value)
    );
}

std::vector<Checkpoint> checkpoints(Sql& sql, Time after) {
    std::vector<Checkpoint> out;
    auto row = sql.query(
        "SELECT seq, at, agency, hash, certificate, value FROM checkpoint WHERE at > ? ORDER BY seq", after
    );
    while (row.next()) {
        out.push_back({row.integer(0), row.time(1), row.text(2), row.digest(3), {}, {}});
        if (!row.is_null(4)) out.back().certificate = row.text(4);
        if (!row.is_null(5)) out.back().value = row.text(5);
    }
    return out;
}

std::optional<Sha256> journal_hash(Sql& sql, std::int64_t seq) {
    auto row = sql.query("SELECT hash FROM journal WHERE seq = ?", seq);
    return row.next() ? std::optional{row.digest(0)} : std::nullopt;
}

// In pieces: a reader that stays on one state of the file keeps the write-ahead log from shrinking.
std::optional<std::int64_t> verify_journal(Sql& sql) {
    Sha256 before;
    std::int64_t seq = 0;
    for (bool more = true; more;) {
        more = false;
        auto row = sql.query(
            "SELECT seq, at, actor, kind, message, delivery, facts, hash FROM journal WHERE seq > ? ORDER BY "
            "seq LIMIT 1000",
            seq
        );
        while (row.next()) {
            if (row.integer(0) != seq + 1 || !follows(row, before)) return row.integer(0);
            before = row.digest(7);
            ++seq;
            more = true;
        }
    }
    return std::nullopt;
}

}  // namespace axis::ledger
