#include "gateway/ledger/ledger_file.hpp"

#include "gateway/ledger/schema.hpp"
#include "gateway/ledger/use_cases.hpp"

namespace axis::ledger {

namespace {

// In pieces: a reader that stays on one state of the file keeps the write-ahead log from shrinking.
constexpr int piece_rows = 1000;
constexpr int purged_since = 5;  // the version that has checkpoints and what was purged

std::vector<std::string> lines_of(Sql& sql, const std::string& pragma, std::size_t limit) {
    std::vector<std::string> out;
    SQLite::Statement statement{sql.db(), pragma};
    while (out.size() < limit && statement.executeStep()) {
        std::string line;
        for (int i = 0; i < statement.getColumnCount(); ++i)
            line += (i > 0 ? " " : "") + statement.getColumn(i).getString();
        out.push_back(std::move(line));
    }
    return out;
}

}  // namespace

LedgerFile::LedgerFile(std::unique_ptr<Sql> sql, int version) : sql_{std::move(sql)}, version_{version} {}
LedgerFile::~LedgerFile() = default;

// What SQLite throws, as an error of the ledger.
template <class Work>
auto LedgerFile::guarded(Work work) -> decltype(work()) {
    try {
        return work();
    } catch (const std::exception& e) {
        return sql_->failure(e);
    }
}

Result<std::unique_ptr<LedgerFile>> LedgerFile::open(const std::filesystem::path& file) {
    if (!std::filesystem::is_regular_file(file)) return Error{errc::io_failed, file.string() + ": not there"};
    auto sql = open_reader(file, {});
    if (!sql) return sql.error();
    try {
        auto& db = (*sql)->db();
        if (db.execAndGet("PRAGMA application_id").getInt() != application_id)
            return Error{errc::ledger_foreign, file.string()};
        const int version = db.execAndGet("PRAGMA user_version").getInt();
        if (version > schema_version())
            return Error{errc::ledger_newer, file.string() + " has version " + std::to_string(version)};
        return std::unique_ptr<LedgerFile>{new LedgerFile{std::move(*sql), version}};
    } catch (const SQLite::Exception& e) {
        return open_error(e, file);
    }
}

std::int64_t LedgerFile::size() const {
    return sql_->db().execAndGet("PRAGMA page_count").getInt64() *
           sql_->db().execAndGet("PRAGMA page_size").getInt64();
}

Result<std::vector<std::string>> LedgerFile::integrity(int limit) {
    return guarded([&]() -> Result<std::vector<std::string>> {
        auto lines = lines_of(
            *sql_, "PRAGMA integrity_check(" + std::to_string(limit) + ")", static_cast<std::size_t>(limit)
        );
        if (lines.size() == 1 && lines[0] == "ok") lines.clear();
        return lines;
    });
}

Result<std::vector<std::string>> LedgerFile::loose_references(std::size_t limit) {
    return guarded([&]() -> Result<std::vector<std::string>> {
        return lines_of(*sql_, "PRAGMA foreign_key_check", limit);
    });
}

Result<std::optional<std::int64_t>> LedgerFile::broken_row() {
    return guarded([&]() -> Result<std::optional<std::int64_t>> { return verify_journal(*sql_); });
}

Result<std::int64_t> LedgerFile::count(const char* table) {
    return guarded([&]() -> Result<std::int64_t> {
        return sql_->db().execAndGet("SELECT count(*) FROM " + std::string{table}).getInt64();
    });
}

Result<> LedgerFile::each_blob(const std::function<Result<>(const BlobFacts&)>& visit) {
    return guarded([&]() -> Result<> {
        std::optional<Sha256> last;
        for (int got = piece_rows; got == piece_rows;) {
            std::vector<BlobFacts> piece;
            {
                auto row = sql_->query(
                    version_ < purged_since
                        ? "SELECT sha256, bytes, text IS NOT NULL, NULL FROM blob WHERE ?1 IS NULL OR "
                          "sha256 > ?1 ORDER BY sha256 LIMIT ?2"
                        : "SELECT sha256, bytes, text IS NOT NULL, purged FROM blob WHERE ?1 IS NULL OR "
                          "sha256 > ?1 ORDER BY sha256 LIMIT ?2",
                    last,
                    piece_rows
                );
                while (row.next())
                    piece.push_back(
                        {row.digest(0),
                         static_cast<std::uint64_t>(row.integer(1)),
                         row.integer(2) != 0,
                         !row.is_null(3)}
                    );
            }
            for (const auto& facts : piece) {
                auto visited = facts.purged ? Result<>{} : visit(facts);
                if (!visited) return visited;
            }
            got = static_cast<int>(piece.size());
            if (got > 0) last = piece.back().sha256;
        }
        return {};
    });
}

Result<std::optional<BlobFacts>> LedgerFile::blob(const Sha256& sha256) {
    return guarded([&]() -> Result<std::optional<BlobFacts>> {
        auto row = sql_->query(
            version_ < purged_since ? "SELECT bytes, text IS NOT NULL, NULL FROM blob WHERE sha256 = ?"
                                    : "SELECT bytes, text IS NOT NULL, purged FROM blob WHERE sha256 = ?",
            sha256
        );
        if (!row.next() || !row.is_null(2)) return std::optional<BlobFacts>{};
        return std::optional{
            BlobFacts{sha256, static_cast<std::uint64_t>(row.integer(0)), row.integer(1) != 0, false}};
    });
}

Result<std::string> LedgerFile::text(const Sha256& sha256) {
    return guarded([&]() -> Result<std::string> {
        auto row = sql_->query("SELECT text FROM blob WHERE sha256 = ? AND text IS NOT NULL", sha256);
        if (!row.next()) return Error{errc::blob_missing, sha256.hex()};
        return row.text(0);
    });
}

Result<std::optional<ChainedRow>> LedgerFile::last_row() {
    return guarded([&]() -> Result<std::optional<ChainedRow>> {
        auto q = sql_->query("SELECT seq, at, hash FROM journal ORDER BY seq DESC LIMIT 1");
        if (!q.next()) return std::optional<ChainedRow>{};
        ChainedRow out;
        out.row.seq = q.integer(0);
        out.row.at = q.time(1);
        out.hash = q.digest(2);
        return std::optional{std::move(out)};
    });
}

namespace {

// Up to piece_rows of them, from `first` on.
std::vector<ChainedRow> rows_from(Sql& sql, std::int64_t first) {
    std::vector<ChainedRow> out;
    auto q = sql.query(
        "SELECT j.seq, j.at, j.actor, j.kind, j.message, j.delivery, j.facts, j.hash, b.hash FROM journal j "
        "LEFT JOIN journal b ON b.seq = j.seq - 1 WHERE j.seq >= ? ORDER BY j.seq LIMIT ?",
        first,
        piece_rows
    );
    while (q.next()) {
        ChainedRow row;
        row.row.seq = q.integer(0);
        row.row.at = q.time(1);
        row.row.actor = q.text(2);
        row.row.kind = q.text(3);
        row.message = q.maybe_message(4);
        if (!q.is_null(5)) row.row.delivery = model::DeliveryId{q.integer(5)};
        row.row.facts = q.text(6);
        row.hash = q.digest(7);
        if (!q.is_null(8)) row.before = q.digest(8);
        out.push_back(std::move(row));
    }
    return out;
}

}  // namespace

Result<> LedgerFile::each_row(std::int64_t first, const std::function<Result<>(const ChainedRow&)>& visit) {
    return guarded([&]() -> Result<> {
        for (auto rows = rows_from(*sql_, first); !rows.empty(); rows = rows_from(*sql_, first)) {
            for (const auto& row : rows) {
                auto visited = visit(row);
                if (!visited) return visited;
            }
            first = rows.back().row.seq + 1;
        }
        return {};
    });
}

Result<std::vector<Checkpoint>> LedgerFile::checkpoints() {
    if (version_ < purged_since) return std::vector<Checkpoint>{};
    return guarded([&]() -> Result<std::vector<Checkpoint>> {
        return ledger::checkpoints(*sql_, Time::min());
    });
}

Result<std::string> foreseen(const std::filesystem::path& file) {
    if (!std::filesystem::exists(file)) return file.string() + ": not there, will be made";
    auto ledger = LedgerFile::open(file);
    if (!ledger) return ledger.error();
    const int version = (*ledger)->version();
    const auto is = file.string() + ": version " + std::to_string(version);
    if (version == schema_version()) return is;
    auto room = room_for_copy(file);
    if (!room) return room.error();
    return is + ", will be migrated to " + std::to_string(schema_version()) + " after a copy to " +
           copy_before_migration(file, version).string();
}

}  // namespace axis::ledger
