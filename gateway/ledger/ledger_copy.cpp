#include "gateway/ledger/ledger_copy.hpp"

#include "gateway/ledger/schema.hpp"
#include "gateway/ledger/use_cases.hpp"

namespace axis::ledger {

namespace {

// One transaction: queued deliveries of lanes get the attempt that the original may have made since.
std::int64_t ask_first(Sql& sql, Time now) {
    sql.run("BEGIN IMMEDIATE");
    sql.run(
        "INSERT INTO attempt(delivery, number, begun) SELECT id, attempts + 1, ? FROM delivery WHERE state = "
        "0 "
        "AND state <> 7 AND event_type = ''",
        now
    );
    const auto count = sql.run(
        "UPDATE delivery SET state = 3, attempts = attempts + 1, due = ?1, changed = ?1, reason = ?2, detail "
        "= "
        "'restored from a backup' WHERE state = 0 AND state <> 7 AND event_type = ''",
        now,
        axis::row(errc::peer_unknown).code
    );
    journal(sql, now, "gateway", "ledger.copied", {}, {}, "{\"reconciling\":" + std::to_string(count) + "}");
    sql.run("COMMIT");
    return count;
}

}  // namespace

Result<std::int64_t> copy_ledger(
    const std::filesystem::path& from, const std::filesystem::path& to, Time now
) {
    auto source = open_reader(from, {});
    if (!source) return source.error();
    try {
        (*source)->db().backup(to.c_str(), SQLite::Database::Save);
    } catch (const SQLite::Exception& e) {
        return open_error(e, to);
    }
    auto copy = open_writer(to, {}, Opening::again);
    if (!copy) return copy.error();
    try {
        const auto count = ask_first(**copy, now);
        auto& db = (*copy)->db();
        db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
        if (db.execAndGet("PRAGMA journal_mode = DELETE").getString() != "delete")
            return Error{errc::io_failed, to.string() + ": its log stays"};
        return count;
    } catch (const SQLite::Exception& e) {
        return (*copy)->failure(e);
    }
}

}  // namespace axis::ledger
