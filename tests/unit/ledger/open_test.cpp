// Goal: only its own, sound, unlocked file is opened, and it is laid out as the schema asks. Method: files of
// all kinds.
#include "gateway/ledger/schema.hpp"
#include "tests/support/ledger_builders.hpp"

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <fstream>

using namespace axis;
using test::LedgerBench;
using test::Letter;

TEST_SUITE_BEGIN("ledger/open");

namespace {

std::string run_sql(const std::filesystem::path& file, const char* sql) {
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open(file.c_str(), &db) == SQLITE_OK);
    std::string out;
    const auto keep = [](void* to, int, char** values, char**) {
        *static_cast<std::string*>(to) = values[0] ? values[0] : "NULL";
        return 0;
    };
    CHECK(sqlite3_exec(db, sql, keep, &out, nullptr) == SQLITE_OK);
    sqlite3_close(db);
    return out;
}

}  // namespace

TEST_CASE("a new file has our mark, our page size and a write-ahead log") {
    LedgerBench bench;
    REQUIRE(bench.open().has_value());
    bench.ledger.reset();
    CHECK(run_sql(bench.file, "PRAGMA application_id") == std::to_string(ledger::application_id));
    CHECK(run_sql(bench.file, "PRAGMA user_version") == std::to_string(ledger::schema_version()));
    CHECK(run_sql(bench.file, "PRAGMA page_size") == "4096");
    CHECK(run_sql(bench.file, "PRAGMA auto_vacuum") == "2");
    CHECK(run_sql(bench.file, "PRAGMA journal_mode") == "wal");
}

TEST_CASE("another program's database is refused and left alone") {
    LedgerBench bench;
    run_sql(bench.file, "CREATE TABLE theirs(a); INSERT INTO theirs VALUES(1)");
    CHECK(bench.open().error().code == errc::ledger_foreign);
    CHECK(run_sql(bench.file, "SELECT count(*) FROM theirs") == "1");
    CHECK(run_sql(bench.file, "PRAGMA journal_mode") == "delete");
}

TEST_CASE("what is no database at all is refused") {
    LedgerBench bench;
    std::ofstream{bench.file} << std::string(10'000, 'x');
    CHECK(bench.open().error().code == errc::ledger_foreign);
}

TEST_CASE("a file of a newer program is refused") {
    LedgerBench bench;
    REQUIRE(bench.open().has_value());
    bench.ledger.reset();
    run_sql(bench.file, "PRAGMA user_version = 4711");
    CHECK(bench.open().error().code == errc::ledger_newer);
}

TEST_CASE("a damaged file is refused") {
    LedgerBench bench;
    REQUIRE(bench.open().has_value());
    REQUIRE(bench.accept(bench.make(Letter{})).has_value());
    REQUIRE(bench.open().has_value());
    bench.ledger.reset();
    std::fstream file{bench.file, std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(100);
    file << std::string(16'000, '\xff');
    file.close();
    CHECK(bench.open().error().code == errc::ledger_damaged);
}

TEST_CASE("a damaged page met while running is told until the whole file has been read without fault") {
    LedgerBench bench;
    REQUIRE(bench.open().has_value());
    const auto id = bench.accept(bench.make(Letter{})).value().id;
    bench.ledger.reset();
    run_sql(bench.file, "PRAGMA wal_checkpoint(TRUNCATE)");
    std::filesystem::copy_file(bench.file, bench.dir / "whole.db");
    const auto page =
        std::stol(run_sql(bench.file, "SELECT rootpage FROM sqlite_schema WHERE name = 'recipient'"));
    {
        std::fstream file{bench.file, std::ios::in | std::ios::out | std::ios::binary};
        file.seekp((page - 1) * 4096);
        file << std::string(4096, '\xff');
    }
    REQUIRE(bench.open().has_value());
    CHECK(!bench.ledger->damaged());

    CHECK(bench(bench.ledger->message(id)).error().code == errc::ledger_damaged);

    CHECK(bench.ledger->damaged());
    CHECK(bench(bench.ledger->look_for_damage()).error().code == errc::ledger_damaged);
    bench.ledger.reset();
    std::filesystem::copy_file(
        bench.dir / "whole.db", bench.file, std::filesystem::copy_options::overwrite_existing
    );
    REQUIRE(bench.open().has_value());
    CHECK(bench(bench.ledger->look_for_damage()).has_value());
    CHECK(!bench.ledger->damaged());
    CHECK(bench(bench.ledger->message(id)).value().has_value());
}

TEST_CASE("a second ledger on the same file is refused until the first is gone") {
    LedgerBench bench;
    REQUIRE(bench.open().has_value());
    const auto again = [&] {
        return ledger::Ledger::open(bench.file, bench.clock, bench.store, bench.readers);
    };
    CHECK(again().error().code == errc::ledger_locked);
    bench.ledger.reset();
    CHECK(again().has_value());
}

TEST_CASE("a folder that cannot be written is an error, not an exception") {
    LedgerBench bench;
    bench.file = "/proc/axis/ledger.db";
    CHECK(bench.open().error().code == errc::io_failed);
}

TEST_CASE("a reader cannot write, checkpoint or create the file") {
    LedgerBench bench;
    CHECK(ledger::open_reader(bench.dir / "other.db", "").error().code == errc::io_failed);
    CHECK(!std::filesystem::exists(bench.dir / "other.db"));
    REQUIRE(bench.open().has_value());
    REQUIRE(bench.accept(bench.make(Letter{})).has_value());
    const auto wal = [&] { return std::filesystem::file_size(bench.file.string() + "-wal"); };
    const auto before = wal();
    CHECK(before > 0);

    {
        auto reader = ledger::open_reader(bench.file, "").value();
        auto* db = reader->db().getHandle();
        CHECK(sqlite3_exec(db, "DELETE FROM journal", nullptr, nullptr, nullptr) != SQLITE_OK);
        CHECK(sqlite3_exec(db, "PRAGMA query_only = OFF", nullptr, nullptr, nullptr) == SQLITE_OK);
        CHECK(sqlite3_exec(db, "DELETE FROM journal", nullptr, nullptr, nullptr) != SQLITE_OK);
        CHECK(
            sqlite3_wal_checkpoint_v2(db, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr) != SQLITE_OK
        );
    }
    bench.ledger.reset();
    CHECK(wal() == before);
}

TEST_CASE("a start moves the log into the file and begins with an empty one") {
    LedgerBench bench;
    REQUIRE(bench.open().has_value());
    const auto a = bench.make(Letter{});
    REQUIRE(bench.accept(a).has_value());
    REQUIRE(bench.open().has_value());
    CHECK(std::filesystem::file_size(bench.file.string() + "-wal") == 0);
    CHECK(bench.message(a.id).id == a.id);
}

TEST_CASE("a backup that reads the old file does not keep the ledger from starting") {
    LedgerBench bench;
    REQUIRE(bench.open().has_value());
    const auto a = bench.make(Letter{});
    REQUIRE(bench.accept(a).has_value());
    bench.ledger.reset();
    auto backup = ledger::open_reader(bench.file, "").value();
    backup->run("BEGIN");
    CHECK(backup->query("SELECT 1 FROM message").next());

    REQUIRE(bench.open().has_value());

    CHECK(bench.accept(bench.make(Letter{.number = "252"})).has_value());
    CHECK(bench.message(a.id).id == a.id);
}

TEST_SUITE_END();
