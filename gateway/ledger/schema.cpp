#include "gateway/ledger/schema.hpp"

#include "gateway/base/mutation.hpp"
#include "schema_sql.hpp"

#include <sqlite3.h>

#include <iterator>

namespace axis::ledger {

namespace {

int pragma(SQLite::Database& db, const char* text) {
    return db.execAndGet(text).getInt();
}

void prepare_new(SQLite::Database& db) {
    db.exec("PRAGMA page_size = 4096");
    db.exec("PRAGMA auto_vacuum = INCREMENTAL");
    db.exec("PRAGMA application_id = " + std::to_string(application_id));
}

void migrate(SQLite::Database& db, int from) {
    for (int version = from; version < schema_version(); ++version) {
        SQLite::Transaction transaction{db, SQLite::TransactionBehavior::IMMEDIATE};
        db.exec(schema_sql[version]);
        db.exec("PRAGMA user_version = " + std::to_string(version + 1));
        transaction.commit();
    }
}

Result<> check_identity(SQLite::Database& db, const std::filesystem::path& file, Opening opening) {
    const bool fresh = pragma(db, "SELECT count(*) FROM sqlite_schema") == 0;
    if (fresh && opening == Opening::again)
        return Error{errc::ledger_damaged, file.string() + " has become empty"};
    if (fresh) {
        prepare_new(db);
    } else if (pragma(db, "PRAGMA application_id") != application_id) {
        return Error{errc::ledger_foreign, file.string()};
    }
    const int version = pragma(db, "PRAGMA user_version");
    if (version > schema_version())
        return Error{errc::ledger_newer, file.string() + " has version " + std::to_string(version)};
    if (db.execAndGet("PRAGMA journal_mode = WAL").getString() != "wal")
        return Error{errc::io_failed, file.string() + ": no write-ahead log here"};
    if (!fresh && version < schema_version()) {
        auto room = room_for_copy(file);
        if (!room) return room;
        db.backup(copy_before_migration(file, version).c_str(), SQLite::Database::Save);
    }
    migrate(db, version);
    return {};
}

// After a failed fsync the log may hold frames that the kernel shows and the disk does not have: a power cut
// would cut off all that was appended behind them. So what is there moves into the file first, and the log
// starts anew.
Result<> empty_log(SQLite::Database& db, const std::filesystem::path& file, Opening opening) {
    db.setBusyTimeout(opening == Opening::at_start ? 100 : busy_ms);
    const int rc =
        sqlite3_wal_checkpoint_v2(db.getHandle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
    db.setBusyTimeout(busy_ms);
    if (rc == SQLITE_OK) return {};
    if (rc == SQLITE_BUSY && opening == Opening::at_start)
        return {};  // a backup reads: no reason not to start
    const auto why = rc == SQLITE_FULL ? errc::disk_full : errc::io_failed;
    return Error{why, file.string() + ": " + db.getErrorMsg()};
}

// Nobody asks how much memory SQLite has, and the count takes a lock at each allocation. Only before its
// first use.
const int uncounted = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);

// A connection is used by one thread at a time (Writer, Connections), hence without a lock of its own.
std::unique_ptr<SQLite::Database> connect(
    const std::filesystem::path& file, const std::string& vfs, int flags
) {
    AXIS_ASSERT(uncounted == SQLITE_OK);
    auto db = std::make_unique<SQLite::Database>(file.string(), flags | SQLite::OPEN_NOMUTEX, busy_ms, vfs);
    db->exec("PRAGMA foreign_keys = ON");
    db->exec("PRAGMA temp_store = MEMORY");
    db->exec("PRAGMA cache_size = -4096");
    db->exec("PRAGMA wal_autocheckpoint = 0");
    sqlite3_db_config(db->getHandle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    return db;
}

}  // namespace

std::filesystem::path copy_before_migration(const std::filesystem::path& file, int version) {
    return file.string() + ".v" + std::to_string(version) + ".bak";
}

// With what is still in the log, and as much again for the migration itself.
Result<> room_for_copy(const std::filesystem::path& file) {
    std::error_code failure;
    const auto space = std::filesystem::space(file.parent_path(), failure);
    if (failure) return Error{errc::io_failed, file.string() + ": " + failure.message()};
    std::uintmax_t wanted = 0;
    for (const auto* part : {"", "-wal"}) {
        const auto bytes = std::filesystem::file_size(file.string() + part, failure);
        if (!failure) wanted += 2 * bytes;
    }
    if (space.available >= wanted) return {};
    return Error{
        errc::disk_full, file.string() + ": a migration needs " + std::to_string(wanted) + " bytes free"};
}

int schema_version() {
    return static_cast<int>(std::size(schema_sql));
}

Error Sql::failure(const std::exception& e) const {
    const auto* sqlite = dynamic_cast<const SQLite::Exception*>(&e);
    const int code = sqlite ? sqlite->getErrorCode() & 0xff : SQLITE_OK;
    if (code == SQLITE_FULL) return {errc::disk_full, e.what()};
    if (code != SQLITE_CORRUPT && code != SQLITE_NOTADB) return {errc::io_failed, e.what()};
    if (damaged_) *damaged_ = true;
    return {errc::ledger_damaged, e.what()};
}

Error open_error(const SQLite::Exception& e, const std::filesystem::path& file) {
    const int code = e.getErrorCode();
    if (code == SQLITE_NOTADB) return {errc::ledger_foreign, file.string()};
    if (code == SQLITE_CORRUPT) return {errc::ledger_damaged, file.string() + ": " + e.what()};
    if (code == SQLITE_FULL) return {errc::disk_full, file.string() + ": " + e.what()};
    return {errc::io_failed, file.string() + ": " + e.what()};
}

Result<std::unique_ptr<Sql>> open_writer(
    const std::filesystem::path& file, const std::string& vfs, Opening opening
) {
    try {
        const int create = opening == Opening::at_start ? SQLite::OPEN_CREATE : 0;
        auto db = connect(file, vfs, SQLite::OPEN_READWRITE | create);
        db->exec(
            mutated(Mutation::synchronous_off) ? "PRAGMA synchronous = OFF" : "PRAGMA synchronous = FULL"
        );
        auto fit = check_identity(*db, file, opening);
        if (!fit) return fit.error();
        auto emptied = empty_log(*db, file, opening);
        if (!emptied) return emptied.error();
        return std::make_unique<Sql>(std::move(db));
    } catch (const SQLite::Exception& e) {
        return open_error(e, file);
    }
}

Result<std::unique_ptr<Sql>> open_reader(const std::filesystem::path& file, const std::string& vfs) {
    try {
        auto db = connect(file, vfs, SQLite::OPEN_READONLY);
        db->exec("PRAGMA query_only = ON");
        return std::make_unique<Sql>(std::move(db));
    } catch (const SQLite::Exception& e) {
        return open_error(e, file);
    }
}

}  // namespace axis::ledger
