// Goal: whatever write or sync fails, a positive answer survives, also a power cut, and a failed one left all
// or nothing. Method: fail the n-th call for n = 1, 2, 3 … until the work passes untouched; then open the
// file, and what a power cut would have left of it, without faults.
#include "tests/support/faulty_vfs.hpp"
#include "tests/support/ledger_builders.hpp"

#include <doctest/doctest.h>

using namespace axis;
using test::FaultyVfs;
using test::LedgerBench;
using test::Letter;

TEST_SUITE_BEGIN("ledger/disk");

namespace {

struct Fault {
    const char* name;
    int rc;
    FaultyVfs::Lasting lasting;
    bool read_between;  // an idle reader keeps what is known of the log; without one it is read anew
    std::int64_t
        wal_pages_max;  // few: checkpoints fail too; many: nothing but the log holds what was accepted
};
constexpr Fault faults[] = {
    {"an I/O error once", SQLITE_IOERR, FaultyVfs::Lasting::once, false, 4000},
    {"an I/O error once, with a reader", SQLITE_IOERR, FaultyVfs::Lasting::once, true, 24},
    {"a full disk that lasts", SQLITE_FULL, FaultyVfs::Lasting::until_mended, true, 24}};

struct Tried {
    ledger::Acceptance acceptance;
    bool kept;
};

std::string integrity(const LedgerBench& bench) {
    sqlite3* db = nullptr;
    REQUIRE(
        sqlite3_open_v2(bench.file.c_str(), &db, SQLITE_OPEN_READONLY, bench.disk.name().c_str()) == SQLITE_OK
    );
    std::string out;
    const auto keep = [](void* to, int, char** values, char**) {
        *static_cast<std::string*>(to) += values[0];
        return 0;
    };
    sqlite3_exec(db, "PRAGMA integrity_check", keep, &out, nullptr);
    sqlite3_close(db);
    return out;
}

void check_whole(LedgerBench& bench, const ledger::Acceptance& a) {
    const auto view = bench.message(a.id);
    CHECK(view.recipients.size() == 1);
    CHECK(view.attachments.size() == 1);
    CHECK(bench(bench.ledger->envelope(a.id)).value().sha256 == a.envelope.sha256);
    CHECK(bench(bench.ledger->blob(a.blobs[0].sha256)).value().text == a.blobs[0].text);
    CHECK(bench(bench.ledger->story(a.id)).value().journal.size() == 1);
    int told = 0;
    for (const auto& event : bench.events("unit")) told += event.message == a.id ? 1 : 0;
    CHECK(told == 1);
}

// Positive answers are there and whole; the others are whole or absent.
void check_kept(LedgerBench& bench, const std::vector<Tried>& tried) {
    REQUIRE(bench.open().has_value());
    for (const auto& t : tried) {
        const auto found = bench(bench.ledger->message(t.acceptance.id)).value().has_value();
        if (t.kept) REQUIRE(found);
        if (found) check_whole(bench, t.acceptance);
    }
    CHECK(!bench(bench.ledger->verify_journal()).value());
    CHECK(bench.accept(bench.make(Letter{.number = "last"})).has_value());
    bench.ledger.reset();
    CHECK(integrity(bench) == "ok");
}

// Three acceptances; before the last the disk is mended.
std::vector<Tried> accept_some(LedgerBench& bench, bool read_between, errc refusal) {
    std::vector<Tried> tried;
    for (int i = 0; i < 3; ++i) {
        if (i == 2) bench.disk.mend();
        auto a = bench.make(Letter{
            .number = std::to_string(i),
            .file = "nội dung " + std::to_string(i),
            .endpoint = "unit",
            .passive = true});
        const auto accepted = bench.accept(a);
        if (!accepted) {
            CHECK(accepted.error().code == refusal);
            CHECK(!bench.ledger->healthy());
        }
        if (read_between) bench.events("unit");
        tried.push_back({std::move(a), accepted.has_value()});
    }
    return tried;
}

// What a power cut would leave of the ledger, in a folder of its own.
void cut_power(const LedgerBench& bench, LedgerBench& after) {
    bench.disk.power_cut(bench.file, after.file);
    after.random = SeededRandom{8};  // other ids than before the cut
}

// True: the fault was met.
bool survive(std::size_t n, const Fault& fault, const std::filesystem::path& empty) {
    LedgerBench bench;
    std::filesystem::copy_file(empty, bench.file);
    bench.limits.wal_pages_max = fault.wal_pages_max;
    REQUIRE(bench.open().has_value());
    bench.disk.fail_call(n, fault.rc, fault.lasting);

    const auto tried =
        accept_some(bench, fault.read_between, fault.rc == SQLITE_FULL ? errc::disk_full : errc::io_failed);
    REQUIRE(bench(bench.ledger->touch()).has_value());
    CHECK(bench.ledger->healthy());
    CHECK(tried.back().kept);

    LedgerBench after_cut;
    cut_power(bench, after_cut);
    check_kept(bench, tried);
    check_kept(after_cut, tried);
    return bench.disk.failed();
}

}  // namespace

TEST_CASE("an acceptance that was answered survives whichever write or sync fails, and a power cut") {
    LedgerBench empty;
    REQUIRE(empty.open().has_value());
    empty.ledger.reset();
    for (const auto& fault : faults) {
        CAPTURE(fault.name);
        std::size_t n = 1;
        for (; n < 1000; ++n) {
            CAPTURE(n);
            if (!survive(n, fault, empty.file)) break;
        }
        CHECK(n > 10);
        CHECK(n < 1000);
    }
}

TEST_CASE("a start that failed at any write or sync can be repeated, after a power cut too") {
    std::size_t n = 1;
    for (; n < 1000; ++n) {
        CAPTURE(n);
        LedgerBench bench;
        LedgerBench after_cut;
        bench.disk.fail_call(n, SQLITE_IOERR, FaultyVfs::Lasting::until_mended);
        const auto opened = bench.open();
        if (!opened) CHECK(opened.error().code == errc::io_failed);
        bench.ledger.reset();
        bench.disk.mend();
        cut_power(bench, after_cut);
        check_kept(bench, {});
        check_kept(after_cut, {});
        if (!bench.disk.failed()) break;
    }
    CHECK(n > 5);
    CHECK(n < 1000);
}

TEST_CASE("a ledger file that vanished is not silently begun anew after a failed commit") {
    LedgerBench bench;
    REQUIRE(bench.open().has_value());
    std::filesystem::rename(bench.file, bench.dir / "elsewhere.db");
    bench.disk.fail_call(1, SQLITE_IOERR);
    CHECK(bench.accept(bench.make(Letter{})).error().code == errc::io_failed);

    CHECK(bench.accept(bench.make(Letter{})).error().code == errc::io_failed);

    CHECK(!bench.ledger->healthy());
    CHECK(!std::filesystem::exists(bench.file));
}

TEST_CASE("a commit without changes does not make a failed disk healthy") {
    LedgerBench bench;
    REQUIRE(bench.open().has_value());
    bench.disk.fail_call(1, SQLITE_IOERR);
    CHECK(bench.accept(bench.make(Letter{})).error().code == errc::io_failed);

    CHECK(bench(bench.ledger->begin({4711}, 1)).error().code == errc::stale);
    CHECK(!bench.ledger->healthy());
    REQUIRE(bench(bench.ledger->touch()).has_value());
    CHECK(bench.ledger->healthy());
}

TEST_SUITE_END();
