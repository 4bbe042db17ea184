// Goal: what is over loses its payload when its time is over, nothing else does, and what came meanwhile
// keeps its texts. Method: messages at chosen times on a manual clock, purged piece by piece.
#include "gateway/ledger/ledger_file.hpp"
#include "tests/support/ledger_builders.hpp"

#include <doctest/doctest.h>

using namespace axis;
using ledger::Retained;
using test::LedgerBench;
using test::Letter;
using test::Report;

TEST_SUITE_BEGIN("ledger/retention");

namespace {

constexpr std::chrono::days kept{30};

struct Bench : LedgerBench {
    Bench() { REQUIRE(open().has_value()); }

    ledger::Acceptance take(const Letter& letter) {
        auto a = make(letter);
        REQUIRE(accept(a).has_value());
        return a;
    }
    // Its texts as in the spool: the row holds none.
    ledger::Acceptance take_large(const Letter& letter) {
        auto a = make(letter);
        for (auto& blob : a.blobs) blob.text.reset();
        REQUIRE(accept(a).has_value());
        return a;
    }
    void finish(model::MessageId id) {
        const auto d = delivery(id);
        const int attempt = message(id).recipients.at(0).attempts + 1;
        REQUIRE((*this)(ledger->begin(d, attempt)).has_value());
        model::Outcome outcome;
        outcome.verdict = model::Verdict::accepted;
        REQUIRE((*this)(ledger->settle(d, attempt, outcome, clock.now())).has_value());
    }
    // To the end; how many, and the texts of the spool that may go.
    ledger::Purged purge(Retained what, std::size_t limit = 2) {
        ledger::PurgeOrder order{what, clock.now() - kept, {}, limit};
        ledger::Purged all;
        int rounds = 0;
        for (bool more = true; more; ++rounds) {
            REQUIRE(rounds < 100);
            auto piece = (*this)(ledger->purge(order)).value();
            all.count += piece.count;
            all.in_spool.insert(all.in_spool.end(), piece.in_spool.begin(), piece.in_spool.end());
            more = piece.more;
            order.after = piece.next;
        }
        return all;
    }
    // Rows of event_text.
    std::int64_t shared_texts() {
        return ledger::LedgerFile::open(file).value()->count("event_text").value();
    }
    errc text(const std::string& text) {
        const auto found = (*this)(ledger->blob(sha256(text)));
        return found ? errc::none : found.error().code;
    }
};

}  // namespace

TEST_CASE("a document that is over loses its texts after its time, and its evidence stays") {
    Bench bench;
    const auto a = bench.take(Letter{.file = "một"});
    bench.finish(a.id);
    bench.clock.advance(kept - std::chrono::seconds{1});
    CHECK(bench.purge(Retained::documents).count == 0);
    CHECK(bench.text("một") == errc::none);
    bench.clock.advance(std::chrono::seconds{2});

    CHECK(bench.purge(Retained::documents).count == 1);

    CHECK(bench.text("một") == errc::payload_purged);
    CHECK(bench.message(a.id).purged == bench.clock.now());
    CHECK(bench.message(a.id).attachments.at(0).blob == sha256("một"));
    const auto evidence = bench(bench.ledger->evidence(a.id)).value();
    CHECK(evidence.envelope.skeleton == a.envelope.skeleton);
    CHECK(evidence.envelope.holes.size() == 1);
    CHECK(evidence.journal.back().row.kind == "message.purged");
    CHECK(!bench(bench.ledger->verify_journal()).value());
    CHECK(bench.purge(Retained::documents).count == 0);
}

TEST_CASE("what is not over stays, whatever its age: waiting, held, set aside by us, not fetched") {
    Bench bench;
    const auto queued = bench.take(Letter{.number = "1", .file = "1"});
    const auto offered = bench.take(Letter{.number = "2", .file = "2", .endpoint = "unit", .passive = true});
    const auto held = bench.take(Letter{.number = "3", .file = "3", .held = true});
    const auto done = bench.take(Letter{.number = "4", .file = "4"});
    bench.finish(done.id);
    bench.clock.advance(kept * 10);

    CHECK(bench.purge(Retained::documents, 1).count == 1);

    for (const auto* text : {"1", "2", "3"}) CHECK(bench.text(text) == errc::none);
    CHECK(bench.text("4") == errc::payload_purged);
    REQUIRE(bench(bench.ledger->acknowledge_events({"unit"}, 1, {})).has_value());
    REQUIRE(bench(bench.ledger->steer(bench.delivery(held.id), model::DeliveryState::cancelled, "admin"))
                .has_value());
    CHECK(bench.purge(Retained::documents).count == 2);
    CHECK(bench.text("1") == errc::none);
    CHECK(!bench.message(queued.id).purged);
    CHECK(bench.message(offered.id).purged);
}

TEST_CASE("a text that another message still needs stays until that one is purged too") {
    Bench bench;
    const auto first = bench.take_large(Letter{.number = "1", .file = "chung"});
    bench.finish(first.id);
    bench.clock.advance(kept / 2);
    const auto second = bench.take_large(Letter{.number = "2", .file = "chung"});
    bench.finish(second.id);
    bench.clock.advance(kept / 2 + std::chrono::hours{1});

    const auto one = bench.purge(Retained::documents);
    CHECK(one.count == 1);
    CHECK(one.in_spool.empty());
    CHECK(bench.text("chung") == errc::none);

    bench.clock.advance(kept);
    const auto two = bench.purge(Retained::documents);
    CHECK(two.count == 1);
    CHECK(two.in_spool == std::vector{sha256("chung")});
    CHECK(bench.text("chung") == errc::payload_purged);
}

TEST_CASE("a purged text that comes again is kept again, in the ledger or in the spool") {
    for (const bool large : {false, true}) {
        CAPTURE(large);
        Bench bench;
        const auto old = bench.take(Letter{.number = "1", .file = "lại"});
        bench.finish(old.id);
        bench.clock.advance(kept * 2);
        REQUIRE(bench.purge(Retained::documents).count == 1);
        CHECK(bench(bench.ledger->unknown_blobs({sha256("lại")})).value().size() == 1);

        const Letter again{.number = "2", .file = "lại"};
        const auto a = large ? bench.take_large(again) : bench.take(again);

        const auto text = bench(bench.ledger->blob(sha256("lại"))).value();
        CHECK(text.text.has_value() == !large);
        CHECK(bench(bench.ledger->unknown_blobs({sha256("lại")})).value().empty() == large);
        CHECK(bench(bench.ledger->envelope(a.id)).has_value());
        CHECK(bench.message(old.id).purged);
    }
}

TEST_CASE("a copy that was made for one hop is gone with the document, markup and all") {
    Bench bench;
    auto a = bench.make(Letter{.file = "tệp"});
    a.deliveries[0].rendition = a.envelope;
    a.deliveries[0].rendition->skeleton = "<edXML>bản gửi</edXML>";
    REQUIRE(bench.accept(a).has_value());
    bench.finish(a.id);
    bench.clock.advance(kept * 2);
    const auto id = bench.delivery(a.id);
    CHECK(bench(bench.ledger->rendition(id)).has_value());

    CHECK(bench.purge(Retained::documents).count == 1);

    CHECK(bench(bench.ledger->rendition(id)).error().code == errc::payload_purged);
    CHECK(bench(bench.ledger->envelope(a.id)).value().skeleton == a.envelope.skeleton);
    CHECK(bench.text("tệp") == errc::payload_purged);
}

TEST_CASE("statuses have a time of their own") {
    Bench bench;
    const auto letter = bench.take(Letter{});
    bench.finish(letter.id);
    const auto status = bench.make(Report{});
    REQUIRE(bench.accept(status).has_value());
    const auto last = bench.events("btn").back().seq;
    REQUIRE(bench(bench.ledger->acknowledge_events({"btn"}, last, {})).has_value());
    bench.clock.advance(kept * 2);

    CHECK(bench.purge(Retained::documents).count == 1);
    CHECK(!bench.message(status.id).purged);
    CHECK(bench.purge(Retained::statuses).count == 1);
    CHECK(bench.message(status.id).purged);
    CHECK(bench(bench.ledger->envelope(status.id)).value().skeleton == status.envelope.skeleton);
}

TEST_CASE("events go when they were acknowledged and are old, endpoint by endpoint, the unmatched stay") {
    Bench bench;
    const auto event = [&](const std::string& number, const std::string& endpoint) {
        bench.take(Letter{.number = number, .file = number, .endpoint = endpoint, .passive = true});
    };
    for (const auto* number : {"1", "2", "3"}) event(number, "a");
    for (const auto* number : {"4", "5"}) event(number, "b");
    REQUIRE(bench.accept(bench.make(Report{.endpoint = "b"})).has_value());  // of a document nobody knows yet
    REQUIRE(bench(bench.ledger->acknowledge_events({"a"}, 2, {})).has_value());
    REQUIRE(bench(bench.ledger->acknowledge_events({"b"}, 3, {})).has_value());
    bench.clock.advance(kept * 2);
    event("6", "a");
    REQUIRE(bench(bench.ledger->acknowledge_events({"a"}, 2, {})).has_value());

    CHECK(bench.purge(Retained::events).count == 4);

    std::vector<std::int64_t> left;
    for (const auto& e : bench.events("a")) left.push_back(e.seq);
    CHECK(left == std::vector<std::int64_t>{3, 4});
    REQUIRE(bench.events("b").size() == 1);
    CHECK(bench.events("b")[0].type == "status.unmatched");
    CHECK(bench.purge(Retained::events).count == 0);
}

TEST_CASE("what the events of many units have in common goes with the last of them") {
    Bench bench;
    auto letter = bench.make(Letter{.to = {"G98"}, .endpoint = "a", .passive = true});
    letter.event_text = "{\"document\":\"" + std::string(4000, 'd') + "\"}";
    auto second = letter.deliveries[0];
    second.endpoint = {"b"};
    letter.recipients.push_back({LedgerBench::organization("G97"), "G97"});
    second.recipients = {1};
    letter.deliveries.push_back(second);
    REQUIRE(bench.accept(letter).has_value());
    REQUIRE(bench(bench.ledger->acknowledge_events({"a"}, 1, {})).has_value());
    const auto whole = bench.events("b").at(0).data;
    bench.clock.advance(kept * 2);

    CHECK(bench.purge(Retained::events).count == 1);
    CHECK(bench.events("b").at(0).data == whole);
    CHECK(bench.shared_texts() == 1);

    REQUIRE(bench(bench.ledger->acknowledge_events({"b"}, 1, {})).has_value());
    CHECK(bench.purge(Retained::events).count == 1);
    CHECK(bench.shared_texts() == 0);
}

TEST_CASE("what was set aside loses its bytes, keeps its reason, and is never fetched again") {
    Bench bench;
    const auto letter = bench.make(Letter{.file = "hỏng"});
    const Error why{errc::envelope_field, "từ"};
    REQUIRE(bench(bench.ledger->quarantine({{"national"}, "1"}, {}, why, letter.envelope, letter.blobs, ""))
                .has_value());
    REQUIRE(bench(bench.ledger->quarantine({{"national"}, "2"}, {}, why, {}, {}, "<raw")).has_value());
    CHECK(bench.purge(Retained::set_aside).count == 0);
    bench.clock.advance(kept * 2);

    CHECK(bench.purge(Retained::set_aside, 1).count == 2);

    CHECK(bench.text("hỏng") == errc::payload_purged);
    const auto known = bench(bench.ledger->incoming({"national"}, {"1", "2"})).value();
    REQUIRE(known.size() == 2);
    CHECK(known[0].state == ledger::IncomingState::quarantined);
    CHECK(known[0].detail == "từ");
    CHECK(bench.purge(Retained::set_aside).count == 0);
}

TEST_SUITE_END();
