// Goal: whoever changes the journal's past is found out. Method: a second connection changes one row of a
// closed file.
#include "tests/support/ledger_builders.hpp"

#include <doctest/doctest.h>
#include <sqlite3.h>

using namespace axis;
using test::LedgerBench;
using test::Letter;

TEST_SUITE_BEGIN("ledger/journal");

namespace {

void tamper(LedgerBench& bench, const char* sql) {
    bench.ledger.reset();
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open(bench.file.c_str(), &db) == SQLITE_OK);
    REQUIRE(sqlite3_exec(db, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
    CHECK(sqlite3_total_changes(db) == 1);
    sqlite3_close(db);
    REQUIRE(bench.open().has_value());
}

std::optional<std::int64_t> first_bad(LedgerBench& bench) {
    return bench(bench.ledger->verify_journal()).value();
}

}  // namespace

TEST_CASE("the chain holds, and names the row that was changed or is gone") {
    LedgerBench bench;
    REQUIRE(bench.open().has_value());
    CHECK(!first_bad(bench));
    const auto first = bench.make(Letter{.number = "0"});
    REQUIRE(bench.accept(first).has_value());
    const auto id = bench.delivery(first.id);
    REQUIRE(bench(bench.ledger->steer(id, model::DeliveryState::held, "admin")).has_value());
    for (const auto* number : {"1", "2", "3"})
        REQUIRE(bench.accept(bench.make(Letter{.number = number})).has_value());
    REQUIRE(!first_bad(bench));

    SUBCASE("one byte of the facts") {
        tamper(bench, "UPDATE journal SET facts = replace(facts, 'a', 'b') WHERE seq = 3");
        CHECK(first_bad(bench) == 3);
    }
    SUBCASE("the actor") {
        tamper(bench, "UPDATE journal SET actor = 'nobody' WHERE seq = 2");
        CHECK(first_bad(bench) == 2);
    }
    SUBCASE("the time") {
        tamper(bench, "UPDATE journal SET at = at + 1 WHERE seq = 5");
        CHECK(first_bad(bench) == 5);
    }
    SUBCASE("the delivery") {
        tamper(bench, "UPDATE journal SET delivery = 0 WHERE seq = 3");
        CHECK(first_bad(bench) == 3);
    }
    SUBCASE("a message id of impossible size") {
        tamper(bench, "UPDATE journal SET message = x'00' WHERE seq = 4");
        CHECK(first_bad(bench) == 4);
    }
    SUBCASE("a hash of impossible size") {
        tamper(bench, "UPDATE journal SET hash = x'00' WHERE seq = 4");
        CHECK(first_bad(bench) == 4);
    }
    SUBCASE("a row removed") {
        tamper(bench, "DELETE FROM journal WHERE seq = 3");
        CHECK(first_bad(bench) == 4);
    }
    SUBCASE("the first row removed") {
        tamper(bench, "DELETE FROM journal WHERE seq = 1");
        CHECK(first_bad(bench) == 2);
    }
}

TEST_CASE("a chain longer than one piece is verified to its end") {
    LedgerBench bench;
    REQUIRE(bench.open().has_value());
    const auto a = bench.make(Letter{});
    REQUIRE(bench.accept(a).has_value());
    const auto id = bench.delivery(a.id);
    for (int i = 0; i < 1100; ++i)
        REQUIRE(bench(bench.ledger->steer(id, model::DeliveryState::queued, "admin")).has_value());
    CHECK(!first_bad(bench));
    tamper(bench, "UPDATE journal SET actor = 'nobody' WHERE seq = 1050");
    CHECK(first_bad(bench) == 1050);
}

TEST_SUITE_END();
