// Goal: a status finds its document and its recipient, now or when the document arrives, and a repeat has no
// effect (D7). Method: the rule of exchange/ as matcher, statuses before and after their document.
#include "tests/support/ledger_builders.hpp"

#include <doctest/doctest.h>

using namespace axis;
using ledger::Accepted;
using test::LedgerBench;
using test::Letter;
using test::Report;

TEST_SUITE_BEGIN("ledger/statuses");

namespace {

struct Sent {
    Sent() {
        REQUIRE(bench.open().has_value());
        letter = bench.make(Letter{.to = {"G97", "G98"}, .external_id = "ext-1"});
        REQUIRE(bench.accept(letter).has_value());
    }
    ledger::RecipientView recipient(std::size_t i) { return bench.message(letter.id).recipients.at(i); }
    LedgerBench bench;
    ledger::Acceptance letter;
};

}  // namespace

TEST_CASE("a status is shown at the recipient it came from, and its software is told") {
    Sent s;
    const auto report = s.bench.make(Report{.text = "Đã tiếp nhận"});

    const auto accepted = s.bench.accept(report);

    REQUIRE(accepted.has_value());
    CHECK(accepted->listeners == std::vector{model::EndpointName{"btn"}});
    CHECK(s.recipient(0).status.empty());
    CHECK(s.recipient(1).status == "03");
    CHECK(s.recipient(1).status_text == "Đã tiếp nhận");
    CHECK(s.recipient(1).status_at == report.status->status.at.value());
    const auto events = s.bench.events("btn");
    REQUIRE(events.size() == 1);
    CHECK(events[0].type == "status.received");
    CHECK(events[0].message == s.letter.id);
    CHECK(
        events[0].data ==
        R"({"document_id":"G99,2026/11/20,251/BTN-VP","external_id":"ext-1","number":"251/BTN-VP",)"
        R"("recipient":"G98"})"
    );
    CHECK(s.bench.message(report.id).about == s.letter.id);
    CHECK(s.bench.message(report.id).kind == model::MessageKind::status);
}

TEST_CASE("the latest time stamp is shown; an older status that comes later is kept but not shown") {
    Sent s;
    REQUIRE(s.bench.accept(s.bench.make(Report{.code = "06", .timestamp = "2026/11/22 10:00:00"})).has_value()
    );
    const auto older = s.bench.make(Report{.code = "03", .timestamp = "2026/11/22 09:00:00"});

    REQUIRE(s.bench.accept(older).has_value());
    CHECK(s.recipient(1).status == "06");
    CHECK(s.bench.message(older.id).about == s.letter.id);

    REQUIRE(s.bench.accept(s.bench.make(Report{.code = "04", .timestamp = "2026/11/22 10:00:00"})).has_value()
    );
    CHECK(s.recipient(1).status == "04");
}

TEST_CASE("the same status again has no effect and names the first") {
    Sent s;
    const auto first = s.bench.make(Report{.doc_id = "7"});
    REQUIRE(s.bench.accept(first).has_value());
    const auto repeat = s.bench.make(Report{.doc_id = "8"});

    const auto accepted = s.bench.accept(repeat);

    REQUIRE(accepted.has_value());
    CHECK(accepted->how == Accepted::How::duplicate);
    CHECK(accepted->id == first.id);
    CHECK(s.bench.events("btn").size() == 1);
    CHECK(!s.bench(s.bench.ledger->message(repeat.id)).value());
    const auto known = s.bench(s.bench.ledger->incoming({"national"}, {"8"})).value();
    REQUIRE(known.size() == 1);
    CHECK(known[0].state == ledger::IncomingState::stored);
}

TEST_CASE("without a known document id the number and the date find the document") {
    Sent s;
    REQUIRE(s.bench.accept(s.bench.make(Report{.document_id = "something else"})).has_value());
    CHECK(s.recipient(1).status == "03");
}

TEST_CASE("a status is found among many documents of the same number from other agencies") {
    Sent s;
    for (int i = 0; i < 100; ++i) {
        auto a =
            s.bench.make(Letter{.from = "G97", .document_id = "x" + std::to_string(i), .file = "bản khác"});
        REQUIRE(s.bench.accept(std::move(a)).has_value());
    }
    REQUIRE(s.bench.accept(s.bench.make(Report{.document_id = ""})).has_value());
    CHECK(s.recipient(1).status == "03");
}

TEST_CASE("a status without its document is kept, told as unmatched, and applied when the document arrives") {
    LedgerBench bench;
    REQUIRE(bench.open().has_value());
    const auto early = bench.make(Report{.code = "03", .timestamp = "2026/11/22 09:00:00"});
    const auto later = bench.make(Report{.code = "06", .timestamp = "2026/11/22 10:00:00"});
    const auto repeat = bench.make(Report{.code = "06", .timestamp = "2026/11/22 10:00:00"});
    const auto stranger = bench.make(Report{.from = "G97", .code = "04"});
    for (const auto* report : {&later, &early, &repeat, &stranger})
        REQUIRE(bench.accept(*report).has_value());
    CHECK(bench.events("btn").size() == 4);
    CHECK(bench.events("btn")[0].type == "status.unmatched");
    CHECK(bench.events("btn")[0].message == later.id);
    const auto letter = bench.make(Letter{});

    const auto accepted = bench.accept(letter);

    REQUIRE(accepted.has_value());
    CHECK(accepted->listeners == std::vector{model::EndpointName{"btn"}});
    CHECK(bench.message(letter.id).recipients[0].status == "06");
    CHECK(bench.message(early.id).about == letter.id);
    CHECK(bench.message(repeat.id).about == letter.id);
    CHECK(!bench.message(stranger.id).about);
    const auto events = bench.events("btn", 4);
    REQUIRE(events.size() == 2);
    CHECK(events[0].type == "status.received");
    CHECK(events[0].message == letter.id);
    CHECK(events[0].data.find("\"recipient\":\"G98\"") != std::string::npos);
    CHECK(
        bench.accept(bench.make(Report{.code = "03", .timestamp = "2026/11/22 09:00:00"}))->how ==
        Accepted::How::duplicate
    );
}

TEST_CASE("status 13 runs the other way: from the issuer, about what the recipient has") {
    Sent s;
    const auto take_back = s.bench.make(Report{.from = "G99", .organ = "G98", .code = "13"});
    const auto not_theirs = s.bench.make(Report{.from = "G98", .organ = "G99", .code = "13"});

    REQUIRE(s.bench.accept(take_back).has_value());
    REQUIRE(s.bench.accept(not_theirs).has_value());

    CHECK(s.recipient(1).status == "13");
    CHECK(s.bench.message(take_back.id).about == s.letter.id);
    CHECK(!s.bench.message(not_theirs.id).about);
}

TEST_CASE("a status of our own endpoint is about the message it names") {
    Sent s;
    auto report = s.bench.make(Report{.document_id = "", .number = ""});
    report.status->about = s.letter.id;
    const auto twin = s.bench.make(Letter{.to = {"G98"}, .file = "bản khác"});
    REQUIRE(s.bench.accept(twin).has_value());
    report.status->keys.document_key = s.letter.document.document_id;

    REQUIRE(s.bench.accept(report).has_value());

    CHECK(s.recipient(1).status == "03");
    CHECK(s.bench.message(twin.id).recipients[0].status.empty());
}

TEST_SUITE_END();
