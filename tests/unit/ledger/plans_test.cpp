// Goal: no statement of the ledger reads a whole table that grows. Method: call every use case on one
// connection, then ask SQLite for the plan of every statement that was prepared on it.
#include "gateway/ledger/schema.hpp"
#include "gateway/ledger/use_cases.hpp"
#include "tests/support/ledger_builders.hpp"

#include <doctest/doctest.h>
#include <sqlite3.h>

using namespace axis;
using test::LedgerBench;
using test::Letter;
using test::Report;

TEST_SUITE_BEGIN("ledger/plans");

namespace {

void write_all(ledger::Sql& sql, LedgerBench& bench) {
    using model::DeliveryState;
    const auto now = bench.clock.now();
    const auto early = bench.make(Report{});
    const auto letter = bench.make(Letter{.to = {"G98", "G97"}, .key = "k"});
    const auto incoming =
        bench.make(Letter{.origin = "national", .doc_id = "1", .endpoint = "unit", .passive = true});
    const auto held = bench.make(Letter{.number = "9", .endpoint = "unit", .passive = true, .held = true});
    REQUIRE(ledger::accept(sql, early).has_value());
    REQUIRE(ledger::accept(sql, letter).has_value());
    REQUIRE(ledger::accept(sql, incoming).has_value());
    REQUIRE(ledger::accept(sql, held).has_value());
    REQUIRE(ledger::accept(sql, bench.make(Report{.code = "06"})).has_value());
    auto own = bench.make(Report{.code = "04"});
    own.status->about = letter.id;
    REQUIRE(ledger::accept(sql, own).has_value());
    ledger::waiting_deliveries(sql);
    ledger::waiting_deliveries(sql, {"national"}, 10);
    const auto window = ledger::due(sql, {"national"}, now, 10);
    REQUIRE(window.due.size() == 1);
    const auto id = window.due[0].delivery;
    model::Outcome outcome;
    outcome.verdict = model::Verdict::rejected;
    outcome.remote_id = "D";
    REQUIRE(ledger::begin(sql, now, id, 1).has_value());
    REQUIRE(ledger::open_attempt(sql, id).has_value());
    REQUIRE(ledger::settle(sql, now, id, 1, outcome, now).has_value());
    REQUIRE(ledger::steer(sql, now, id, DeliveryState::queued, "admin").has_value());
    const auto held_id = ledger::message(sql, held.id).value().recipients[0].delivery;
    REQUIRE(ledger::steer(sql, now, held_id, DeliveryState::queued, "admin").has_value());
    REQUIRE(ledger::acknowledge_events(sql, now, {"unit"}, 1, {}).has_value());
    REQUIRE(ledger::acknowledged(sql, now, {"national"}, {"1"}).has_value());
    const Error why{errc::not_found, ""};
    REQUIRE(ledger::quarantine(sql, now, {{"national"}, "2"}, {}, why, letter.envelope, {}, "x").has_value());
    REQUIRE(ledger::polled(sql, {"national"}, now).has_value());
    ledger::hasten(sql, now, {"national"});
    ledger::hold_lane(sql, now, {"national"}, false, "admin");
    ledger::look_after(sql, now, {"national"}, DeliveryState::queued, {0}, 10, now);
    REQUIRE(ledger::steer_all(sql, now, {"national"}, DeliveryState::queued, DeliveryState::held, "a", 9)
                .has_value());
    ledger::recover(sql, now, ledger::Limits{}.recovered_wait);
    REQUIRE(ledger::rendition(sql, id).has_value());
    const auto later = now + std::chrono::days{1};
    for (const auto what :
         {ledger::Retained::documents,
          ledger::Retained::statuses,
          ledger::Retained::events,
          ledger::Retained::set_aside})
        ledger::purge(sql, {what, later, {}, 10}, later);
    const auto checkpoint = ledger::checkpoint_due(sql);
    REQUIRE(checkpoint.has_value());
    ledger::keep_checkpoint(sql, *checkpoint);
    ledger::journal_hash(sql, 1);
    ledger::sent(sql, {"national"}, now, later, 10);
    REQUIRE(ledger::envelope(sql, letter.id).has_value());
}

void ask_all(ledger::Sql& sql, const LedgerBench& bench) {
    const auto now = bench.clock.now();
    const auto text = sha256("nội dung");
    REQUIRE(ledger::find_replay(sql, "btn", {"none", {}}).has_value());
    REQUIRE(ledger::blob(sql, text).has_value());
    ledger::unknown_blobs(sql, {text});
    ledger::events(sql, {"unit"}, 0, 10);
    ledger::acknowledged_through(sql, {"unit"});
    ledger::hand_overs(sql, {"unit"}, 10, 10);
    ledger::silent_endpoints(sql, now);
    ledger::incoming(sql, {"national"}, {"1"});
    ledger::quarantined(sql, 10);
    ledger::story(sql, {});
    ledger::lanes(sql);
    ledger::verify_journal(sql);
    std::vector<ledger::Filter> filters(6);
    filters[0].number = "251";
    filters[1].external_id = "e";
    filters[2].id_prefix = "0";
    filters[3].state = model::DeliveryState::queued;
    filters[4].from = now;
    for (const auto& filter : filters) ledger::find(sql, filter);
}

std::vector<std::string> plan(sqlite3* db, const std::string& sql) {
    std::vector<std::string> out;
    const auto add = [](void* to, int, char** values, char**) {
        static_cast<std::vector<std::string>*>(to)->emplace_back(values[3]);
        return 0;
    };
    REQUIRE(sqlite3_exec(db, ("EXPLAIN QUERY PLAN " + sql).c_str(), add, &out, nullptr) == SQLITE_OK);
    return out;
}

std::vector<std::string> prepared(sqlite3* db) {
    std::vector<std::string> out;
    for (auto* s = sqlite3_next_stmt(db, nullptr); s; s = sqlite3_next_stmt(db, s))
        out.emplace_back(sqlite3_sql(s));
    return out;
}

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

// What may be walked through: what is open, what is in quarantine, and the newest documents up to a limit.
bool walks_too_far(const std::string& step, const std::string& sql) {
    if (!contains(step, "SCAN") || contains(step, "CONSTANT ROW") || contains(step, "SCAN m")) {
        return contains(step, "SCAN m") && !contains(sql, "m.kind = 0 AND 1 AND");
    }
    if (contains(step, "SCAN (subquery") && contains(sql, "LIMIT")) return false;  // its own few rows
    return !contains(step, "delivery_open") && !contains(step, "incoming_quarantined");
}

}  // namespace

TEST_CASE("every statement finds its rows by an index") {
    LedgerBench bench;
    auto sql = ledger::open_writer(bench.file, "", ledger::Opening::at_start).value();
    write_all(*sql, bench);
    ask_all(*sql, bench);
    auto* db = sql->db().getHandle();

    const auto statements = prepared(db);

    CHECK(statements.size() > 60);
    for (const auto& statement : statements)
        for (const auto& step : plan(db, statement)) {
            CAPTURE(statement);
            CAPTURE(step);
            CHECK(!walks_too_far(step, statement));
        }
}

TEST_CASE("the due deliveries of a level come out of their index in order") {
    LedgerBench bench;
    auto sql = ledger::open_writer(bench.file, "", ledger::Opening::at_start).value();
    REQUIRE(ledger::accept(*sql, bench.make(Letter{})).has_value());
    ledger::due(*sql, {"national"}, bench.clock.now(), 10);
    int seen = 0;
    for (const auto& statement : prepared(sql->db().getHandle())) {
        if (!contains(statement, "ORDER BY d.due")) continue;
        ++seen;
        for (const auto& step : plan(sql->db().getHandle(), statement)) {
            CAPTURE(step);
            CHECK(!contains(step, "TEMP B-TREE"));
            const bool by_index = contains(step, "delivery_due") || contains(step, "delivery_thread") ||
                                  contains(step, "SUBQUERY");
            CHECK(by_index);
        }
    }
    CHECK(seen == 1);
}

TEST_SUITE_END();
