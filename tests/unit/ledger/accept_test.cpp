// Goal: what is accepted is there, whole, and the same act is accepted once (D7). Method: a ledger in a
// folder, closed and opened again where it matters.
#include "tests/support/ledger_builders.hpp"

#include <doctest/doctest.h>

using namespace axis;
using ledger::Accepted;
using model::DeliveryState;
using test::LedgerBench;
using test::Letter;

TEST_SUITE_BEGIN("ledger/accept");

namespace {

void check_all(LedgerBench& bench, const ledger::Acceptance& a) {
    const auto view = bench.message(a.id);
    CHECK(view.origin == "btn");
    CHECK(view.from_code == "G99");
    CHECK(view.number == "251/BTN-VP");
    CHECK(view.issued == "2026-11-20");
    CHECK(view.external_id == "ext-1");
    CHECK(view.accepted == a.at);
    REQUIRE(view.recipients.size() == 2);
    CHECK(view.recipients[1].code == "G97");
    CHECK(view.recipients[1].endpoint == "national");
    CHECK(view.recipients[1].state == DeliveryState::queued);
    REQUIRE(view.attachments.size() == 1);
    CHECK(view.attachments[0].name == "văn bản.pdf");
    CHECK(view.attachments[0].file_sha256 == a.document.attachments[0].facts.file_sha256);

    const auto envelope = bench(bench.ledger->envelope(a.id)).value();
    CHECK(envelope.skeleton == a.envelope.skeleton);
    CHECK(envelope.sha256 == a.envelope.sha256);
    CHECK(envelope.bytes == a.envelope.bytes);
    REQUIRE(envelope.holes.size() == 1);
    CHECK(envelope.holes[0].offset == 7);
    CHECK(envelope.holes[0].blob == sha256("nội dung"));
    CHECK(bench(bench.ledger->rendition(view.recipients[0].delivery)).value().sha256 == a.envelope.sha256);
    CHECK(bench(bench.ledger->blob(sha256("nội dung"))).value().text.value() == "nội dung");
}

}  // namespace

TEST_CASE("what was accepted comes back whole, after a restart too") {
    LedgerBench bench{1, 2};
    REQUIRE(bench.open().has_value());
    const auto a = bench.make(Letter{.to = {"G98", "G97"}, .external_id = "ext-1"});

    const auto accepted = bench.accept(a);

    REQUIRE(accepted.has_value());
    CHECK(accepted->id == a.id);
    CHECK(accepted->how == Accepted::How::stored);
    CHECK(accepted->warnings.empty());
    CHECK(accepted->lanes == std::vector{model::EndpointName{"national"}});
    check_all(bench, a);
    REQUIRE(bench.open().has_value());
    check_all(bench, a);
}

TEST_CASE("a large text stays in the spool and only its digest is known here") {
    LedgerBench bench;
    REQUIRE(bench.open().has_value());
    auto a = bench.make(Letter{});
    a.blobs[0].text.reset();

    REQUIRE(bench.accept(a).has_value());

    const auto blob = bench(bench.ledger->blob(sha256("nội dung"))).value();
    CHECK(!blob.text);
    CHECK(blob.bytes == std::string{"nội dung"}.size());
    CHECK(bench(bench.ledger->blob(sha256("khác"))).error().code == errc::blob_missing);
    const std::vector candidates{sha256("khác"), sha256("nội dung")};
    const auto unknown = bench(bench.ledger->unknown_blobs(candidates)).value();
    CHECK(unknown == std::vector{sha256("khác")});
}

TEST_CASE("a rendition of its own is what the delivery sends") {
    LedgerBench bench;
    REQUIRE(bench.open().has_value());
    auto a = bench.make(Letter{});
    ledger::StoredEnvelope rendition = a.envelope;
    rendition.skeleton = "<edXML>another</edXML>";
    rendition.sha256 = sha256("another");
    a.deliveries[0].rendition = rendition;

    REQUIRE(bench.accept(a).has_value());

    const auto sent = bench(bench.ledger->rendition(bench.delivery(a.id))).value();
    CHECK(sent.skeleton == "<edXML>another</edXML>");
    CHECK(sent.holes.size() == 1);
    CHECK(bench(bench.ledger->envelope(a.id)).value().skeleton == a.envelope.skeleton);
}

TEST_CASE("the same key and content gets the first answer again, other content is a conflict") {
    LedgerBench bench;
    REQUIRE(bench.open().has_value());
    const auto first = bench.make(Letter{.key = "k1"});
    REQUIRE(bench.accept(first).has_value());

    const auto again = bench.accept(bench.make(Letter{.key = "k1"}));
    const auto other = bench.accept(bench.make(Letter{.file = "nội dung khác", .key = "k1"}));
    const auto elsewhere = bench.accept(bench.make(Letter{.origin = "g97", .from = "G97", .key = "k1"}));

    REQUIRE(again.has_value());
    CHECK(again->how == Accepted::How::replayed);
    CHECK(again->id == first.id);
    CHECK(other.error().code == errc::idempotency_conflict);
    REQUIRE(elsewhere.has_value());
    CHECK(elsewhere->how == Accepted::How::stored);
    CHECK(bench(bench.ledger->replay("btn", *first.idempotency)).value() == first.id);
    CHECK(bench(bench.ledger->replay("btn", ledger::IdempotencyKey{"k2", {}})).value() == std::nullopt);
    const ledger::IdempotencyKey changed{"k1", sha256("x")};
    CHECK(bench(bench.ledger->replay("btn", changed)).error().code == errc::idempotency_conflict);
}

TEST_CASE("the same act to the same recipients has no effect") {
    LedgerBench bench;
    REQUIRE(bench.open().has_value());
    const auto first = bench.make(Letter{.to = {"G98", "G97"}});
    REQUIRE(bench.accept(first).has_value());
    const auto again = bench.make(Letter{.to = {"G97"}});

    const auto accepted = bench.accept(again);

    REQUIRE(accepted.has_value());
    CHECK(accepted->how == Accepted::How::duplicate);
    CHECK(accepted->id == first.id);
    CHECK(accepted->warnings == std::vector<std::string>{"message.duplicate"});
    CHECK(accepted->lanes.empty());
    CHECK(!bench(bench.ledger->message(again.id)).value());
}

TEST_CASE("what our own software posts again with a new recipient is sent to all it names, with a warning") {
    LedgerBench bench;
    REQUIRE(bench.open().has_value());
    REQUIRE(bench.accept(bench.make(Letter{})).has_value());
    const auto wider = bench.make(Letter{.to = {"G98", "G97"}});

    const auto accepted = bench.accept(wider);

    REQUIRE(accepted.has_value());
    CHECK(accepted->how == Accepted::How::stored);
    CHECK(accepted->warnings == std::vector<std::string>{"document.same_id", "document.same_number"});
    CHECK(bench.message(wider.id).recipients.size() == 2);
}

TEST_CASE("what comes again from the axis with one more recipient adds only that one") {
    LedgerBench bench;
    REQUIRE(bench.open().has_value());
    const Letter from_axis{
        .origin = "national", .to = {"G98.11"}, .doc_id = "1", .endpoint = "unit", .passive = true};
    REQUIRE(bench.accept(bench.make(from_axis)).has_value());
    auto wider = from_axis;
    wider.to = {"G98.11", "G98.12"};
    wider.doc_id = "2";
    auto a = bench.make(wider);
    a.deliveries[0].recipients = {0};
    a.deliveries.push_back({{"other"}, true, false, {1}, {}, "document.received", "{}"});

    const auto accepted = bench.accept(a);

    REQUIRE(accepted.has_value());
    CHECK(accepted->how == Accepted::How::stored);
    CHECK(accepted->listeners == std::vector{model::EndpointName{"other"}});
    const auto view = bench.message(a.id);
    REQUIRE(view.recipients.size() == 1);
    CHECK(view.recipients[0].code == "G98.12");
    CHECK(view.recipients[0].endpoint == "other");
    CHECK(bench.events("unit").size() == 1);
    CHECK(bench.events("other").size() == 1);
}

TEST_CASE("the same document id or number with other content is accepted with a warning") {
    LedgerBench bench;
    REQUIRE(bench.open().has_value());
    REQUIRE(bench.accept(bench.make(Letter{})).has_value());

    const auto same_id = bench.accept(bench.make(Letter{
        .number = "9", .document_id = " G99,2026/11/20,251/BTN-VP ", .file = "bản khác"}));
    const auto same_number =
        bench.accept(bench.make(Letter{.document_id = "một mã khác", .file = "bản khác"}));
    const auto other_issuer =
        bench.accept(bench.make(Letter{.from = "G97", .document_id = "mã thứ ba", .file = "bản khác"}));

    CHECK(same_id->how == Accepted::How::stored);
    CHECK(same_id->warnings == std::vector<std::string>{"document.same_id"});
    CHECK(same_number->warnings == std::vector<std::string>{"document.same_number"});
    CHECK(other_issuer->warnings.empty());
}

TEST_CASE("a warning reaches the software that fetches the document") {
    LedgerBench bench;
    REQUIRE(bench.open().has_value());
    REQUIRE(bench.accept(bench.make(Letter{})).has_value());

    REQUIRE(
        bench.accept(bench.make(Letter{.file = "bản khác", .endpoint = "unit", .passive = true})).has_value()
    );

    const auto events = bench.events("unit");
    REQUIRE(events.size() == 1);
    CHECK(events[0].data == R"({"a":1,"warnings":["document.same_id","document.same_number"]})");
}

TEST_CASE("too many waiting deliveries refuse documents, later statuses, and open again when they are gone") {
    LedgerBench bench;
    bench.limits.waiting_deliveries_max = 2;
    REQUIRE(bench.open().has_value());
    const auto first = bench.make(Letter{.number = "1"});
    REQUIRE(bench.accept(first).has_value());
    const auto second = bench.make(Letter{.number = "2"});
    REQUIRE(bench.accept(second).has_value());

    for (int i = 0; i < 5; ++i)
        CHECK(bench.accept(bench.make(Letter{.number = "3"})).error().code == errc::overloaded);
    const auto report = bench.make(test::Report{.endpoint = "national", .passive = false});
    CHECK(bench.accept(report).has_value());
    CHECK(bench.accept(report).error().code == errc::overloaded);
    CHECK(bench.accept(bench.make(test::Report{})).has_value());  // nothing for a lane to do

    bench.clock.advance(std::chrono::seconds{2});
    model::Outcome sent;
    sent.verdict = model::Verdict::accepted;
    for (const auto& id : {first.id, second.id}) {
        const auto delivery = bench.delivery(id);
        REQUIRE(bench(bench.ledger->begin(delivery, 1)).has_value());
        REQUIRE(bench(bench.ledger->settle(delivery, 1, sent, {})).has_value());
    }
    CHECK(bench.accept(bench.make(Letter{.number = "3"})).has_value());
}

TEST_CASE(
    "an endpoint that fetches nothing refuses what is addressed to it, and closes the gate for nobody else"
) {
    LedgerBench bench;
    bench.limits.waiting_deliveries_max = 3;
    bench.limits.waiting_per_endpoint_max = 4;
    REQUIRE(bench.open().has_value());
    const auto to_unit = [&](std::string number, std::string doc_id = "") {
        Letter letter{
            .number = std::move(number), .doc_id = std::move(doc_id), .endpoint = "unit", .passive = true};
        if (!letter.doc_id.empty()) letter.origin = "national";
        return bench.accept(bench.make(letter));
    };
    for (int i = 1; i <= 4; ++i) REQUIRE(to_unit(std::to_string(i)).has_value());

    const auto refused = to_unit("5");
    CHECK(refused.error().code == errc::recipient_backlog);
    CHECK(refused.error().detail == "unit");
    CHECK(to_unit("6", "from the axis").has_value());
    CHECK(bench.accept(bench.make(Letter{.number = "7"})).has_value());
    CHECK(bench.accept(bench.make(Letter{.number = "8", .endpoint = "other", .passive = true})).has_value());

    bench.clock.advance(std::chrono::seconds{2});
    const auto last = bench.events("unit").back().seq;
    REQUIRE(bench(bench.ledger->acknowledge_events({"unit"}, last, {})).has_value());
    CHECK(to_unit("5").has_value());
}

TEST_SUITE_END();
