// Goal: what an axis listed is fetched once and remembered for ever. Method: doc ids through all their
// states.
#include "tests/support/ledger_builders.hpp"

#include <doctest/doctest.h>
#include <sqlite3.h>

using namespace axis;
using ledger::IncomingState;
using test::LedgerBench;
using test::Letter;

TEST_SUITE_BEGIN("ledger/incoming");

namespace {

const model::EndpointName national{"national"};

Letter from_axis(std::string doc_id) {
    return {.origin = "national", .doc_id = std::move(doc_id), .endpoint = "unit", .passive = true};
}

std::string one_text(const std::filesystem::path& file, const char* sql) {
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

TEST_CASE("a doc id is unknown, then stored, then acknowledged") {
    LedgerBench bench;
    REQUIRE(bench.open().has_value());
    const auto state = [&] { return bench(bench.ledger->incoming(national, {"1", "2"})).value(); };
    CHECK(state().empty());
    const auto a = bench.make(from_axis("1"));

    REQUIRE(bench.accept(a).has_value());
    REQUIRE(state().size() == 1);
    CHECK(state()[0].doc_id == "1");
    CHECK(state()[0].state == IncomingState::stored);
    CHECK(state()[0].message == a.id);

    REQUIRE(bench(bench.ledger->acknowledged(national, {"1"})).has_value());
    REQUIRE(bench(bench.ledger->acknowledged(national, {"1"})).has_value());
    REQUIRE(bench(bench.ledger->acknowledged(national, {"2"})).has_value());
    REQUIRE(bench.open().has_value());
    REQUIRE(state().size() == 1);
    CHECK(state()[0].state == IncomingState::acknowledged);
    CHECK(bench(bench.ledger->incoming({"other"}, {"1"})).value().empty());
}

TEST_CASE("the same document under another doc id is a duplicate that needs only its acknowledgement") {
    LedgerBench bench;
    REQUIRE(bench.open().has_value());
    const auto a = bench.make(from_axis("1"));
    REQUIRE(bench.accept(a).has_value());

    CHECK(bench.accept(bench.make(from_axis("2")))->how == ledger::Accepted::How::duplicate);

    const auto known = bench(bench.ledger->incoming(national, {"2"})).value();
    REQUIRE(known.size() == 1);
    CHECK(known[0].state == IncomingState::stored);
    CHECK(known[0].message == a.id);
    CHECK(bench.events("unit").size() == 1);
}

TEST_CASE("the same doc id fetched twice is accepted once, though its bytes differ") {
    LedgerBench bench;
    REQUIRE(bench.open().has_value());
    const auto a = bench.make(from_axis("1"));
    REQUIRE(bench.accept(a).has_value());
    auto other = from_axis("1");
    other.file = "bản khác";

    const auto again = bench.accept(bench.make(other));

    CHECK(again->how == ledger::Accepted::How::duplicate);
    CHECK(again->id == a.id);
    CHECK(bench.events("unit").size() == 1);
}

TEST_CASE("poison is set aside with its raw bytes and its reason, and stays so") {
    LedgerBench bench;
    REQUIRE(bench.open().has_value());
    const auto text = sha256("nội dung");
    const ledger::StoredEnvelope envelope{"<a></a>", {{3, text, 9, false}}, sha256("<a>nội dung</a>"), 16};
    const std::vector<ledger::NewBlob> blobs{{text, 9, "nội dung"}};
    const Error why{errc::not_found, "no sender"};
    const auto kind = model::MessageKind::document;

    REQUIRE(bench(bench.ledger->quarantine({national, "1"}, kind, why, envelope, blobs, "")).has_value());
    REQUIRE(bench(bench.ledger->quarantine({national, "1"}, kind, why, envelope, blobs, "")).has_value());
    REQUIRE(
        bench(bench.ledger->quarantine({national, "2"}, kind, why, std::nullopt, {}, "<edXML")).has_value()
    );
    REQUIRE(bench(bench.ledger->acknowledged(national, {"1"})).has_value());

    const auto known = bench(bench.ledger->incoming(national, {"1"})).value();
    REQUIRE(known.size() == 1);
    CHECK(known[0].state == IncomingState::quarantined);
    CHECK(known[0].reason == "not_found");
    CHECK(known[0].detail == "no sender");
    CHECK(bench(bench.ledger->quarantined(10)).value().size() == 2);
    CHECK(bench(bench.ledger->blob(text)).value().text == "nội dung");
    CHECK(one_text(bench.file, "SELECT count(*) FROM envelope") == "1");
    CHECK(
        one_text(bench.file, "SELECT skeleton FROM incoming i JOIN envelope e ON e.id = i.envelope") ==
        "<a></a>"
    );
    CHECK(one_text(bench.file, "SELECT raw FROM incoming WHERE doc_id = '2'") == "<edXML");
}

TEST_CASE("the time of the last poll is kept") {
    LedgerBench bench;
    REQUIRE(bench.open().has_value());
    REQUIRE(bench(bench.ledger->polled(national)).has_value());
    bench.clock.advance(std::chrono::minutes{1});
    REQUIRE(bench(bench.ledger->polled(national)).has_value());
    CHECK(
        one_text(bench.file, "SELECT polled FROM endpoint_state WHERE endpoint = 'national'") ==
        std::to_string(bench.clock.now().time_since_epoch().count())
    );
}

TEST_SUITE_END();
