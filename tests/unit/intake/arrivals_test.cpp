// Goal: what becomes of envelopes the axis hands over, good, repeated and bad. Method: envelopes written by
// our own writer, or damaged by hand, fed in pieces of many sizes.
#include "tests/unit/intake/intake_bench.hpp"

#include <doctest/doctest.h>

using namespace axis;
using namespace axis::test;
using How = ports::Arrived::How;
using ports::Known;
using Texts = std::vector<std::string>;
constexpr auto status_kind = model::MessageKind::status;

namespace {

std::string quarantine(IntakeBench& bench) {
    const auto rows = bench.now(bench.ledger->quarantined(10)).value();
    return rows.empty() ? "" : rows[0].doc_id + " " + rows[0].reason;
}

}  // namespace

TEST_SUITE_BEGIN("intake");

TEST_CASE("an envelope from outside, in pieces of odd sizes, is stored byte for byte and its recipient told"
) {
    IntakeBench bench;
    const auto text = bench.foreign({"G98.12", "G97"}, {pdf(20'000), xlsx()});
    CHECK(bench.known("doc-1") == Known::fresh);

    const auto arrived = bench.arrive(text, "doc-1", model::MessageKind::document, 1).value();

    CHECK(arrived.how == How::stored);
    CHECK((bench.envelope_text(arrived.message) == text));
    const auto view = bench.view(arrived.message);
    CHECK(view.from_code == "G99");
    REQUIRE(view.recipients.size() == 1);
    CHECK(view.recipients[0].code == "G98.12");
    const auto events = bench.told("cuc2");
    REQUIRE(events.size() == 1);
    CHECK(said(events[0], "/type") == "document.received");
    CHECK(said(events[0], "/data/document/files/1/sha256") == sha256(xlsx().bytes).hex());
    CHECK(bench.known("doc-1") == Known::stored);
    REQUIRE(bench.now(bench.intake->acknowledged({"national"}, {"doc-1"})).has_value());
    CHECK(bench.known("doc-1") == Known::acknowledged);

    auto file = bench.now(bench.lookup->attachment(bench.caller("cuc2"), arrived.message, 2)).value();
    CHECK((bench.all(*file.stream) == xlsx().bytes));
}

TEST_CASE("an arrival that is dropped before its end leaves nothing") {
    IntakeBench bench;
    const auto text = bench.foreign({"G98.12"}, {pdf(800'000)});
    {
        auto arrival = bench.intake->open({"national"}, "doc-1", model::MessageKind::document).value();
        REQUIRE(bench.now(arrival->feed(std::string_view{text}.substr(0, 900'000))).has_value());
        CHECK(bench.spool_files() == 1);
    }

    CHECK(bench.untouched());
    CHECK(bench.known("doc-1") == Known::fresh);
}

TEST_CASE("the same envelope again, under the same or another id of the axis, is a duplicate without effect"
) {
    IntakeBench bench;
    const auto text = bench.foreign({"G98.12"}, {pdf(20'000)});
    const auto first = bench.arrive(text, "doc-1").value();

    const auto again = bench.arrive(text, "doc-1").value();
    const auto other = bench.arrive(text, "doc-2").value();

    CHECK(again.how == How::duplicate);
    CHECK(again.message == first.message);
    CHECK(other.how == How::duplicate);
    CHECK(other.message == first.message);
    CHECK(bench.known("doc-2") == Known::stored);
    CHECK(bench.told("cuc2").size() == 1);
    CHECK(bench.cell("SELECT count(*) FROM message") == "1");
}

TEST_CASE("a later copy adds the recipients that are not served yet, and only those") {
    IntakeBench bench;
    REQUIRE(bench.arrive(bench.foreign({"G98.12"}, {xlsx()}), "doc-1").has_value());

    const auto more = bench.arrive(bench.foreign({"G98.12", "G98.11"}, {xlsx()}), "doc-2").value();

    CHECK(more.how == How::stored);
    CHECK(bench.told("cuc2").size() == 1);
    CHECK(bench.told("cuc1").size() == 1);
}

TEST_CASE("poison is set aside with its first bytes and never fetched again") {
    IntakeBench bench;
    const std::string poison = "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a \"b\">]><x/>";

    const auto arrived = bench.arrive(poison, "doc-1").value();

    CHECK(arrived.how == How::quarantined);
    CHECK(arrived.why.code == errc::xml_doctype);
    CHECK(bench.known("doc-1") == Known::quarantined);
    CHECK(quarantine(bench) == "doc-1 envelope.doctype");
    CHECK(bench.cell("SELECT CAST(raw AS TEXT) FROM incoming") == poison);
    CHECK(bench.cell("SELECT count(*) FROM message") == "0");
    CHECK(bench.spool_files() == 0);
}

TEST_CASE("an envelope that breaks off, or whose attachment is no base64, is set aside; no file of it stays"
) {
    const auto whole = IntakeBench::foreign({"G98.12"}, {pdf(50'000)});
    auto dirty = whole;
    dirty[whole.find("JVBERi") + 30'000] = '!';
    for (const auto& text : {whole.substr(0, whole.size() / 2), dirty, std::string{}}) {
        IntakeBench bench;

        const auto arrived = bench.arrive(text, "doc-1").value();

        CHECK(arrived.how == How::quarantined);
        CHECK(bench.known("doc-1") == Known::quarantined);
        CHECK(bench.spool_files() == 0);
        CHECK(
            bench.cell("SELECT length(raw) FROM incoming") ==
            (text.empty() ? "" : std::to_string(text.size()))
        );
    }
}

TEST_CASE("a document listed as a status, and a status listed as a document, are set aside whole") {
    IntakeBench bench;

    const auto document =
        bench.arrive(bench.foreign({"G98.12"}, {pdf(20'000)}), "doc-1", status_kind).value();
    const auto status = bench.arrive(bench.foreign_status("G99", "G98.12", "x"), "st-1").value();

    CHECK(document.how == How::quarantined);
    CHECK(document.why.code == errc::envelope_structure);
    CHECK(status.how == How::quarantined);
    CHECK(bench.cell("SELECT count(*) FROM incoming WHERE envelope IS NOT NULL") == "2");
    CHECK(bench.spool_files() == 1);
    CHECK(bench.told("cuc2").empty());
}

TEST_CASE("a document that names nobody of ours is set aside") {
    IntakeBench bench;

    const auto arrived = bench.arrive(bench.foreign({"G97"}, {xlsx()}), "doc-1").value();

    CHECK(arrived.how == How::quarantined);
    CHECK(quarantine(bench) == "doc-1 recipient.unknown");
}

TEST_CASE("a sender's code that grows when it is made comparable does no harm") {
    IntakeBench bench;
    auto text = bench.foreign({"G98.12"}, {xlsx()});
    std::string hostile;
    for (int n = 0; n < 60; ++n) hostile += "\u0958";  // two characters each in NFC
    const auto at = text.find("G99</");
    REQUIRE(at != std::string::npos);
    text.replace(at, 3, hostile);

    const auto arrived = bench.arrive(text, "doc-1").value();

    CHECK(arrived.how == How::stored);
}

TEST_CASE("a status from outside finds its document and reaches the sender's software once") {
    IntakeBench bench;
    const auto receipt = bench.submit(Parcel{}).value();
    const auto id = model::MessageId::parse(receipt.id).value();
    const auto status = bench.foreign_status("G99", "G98.12", receipt.document_id);

    CHECK(bench.arrive(status, "st-1", status_kind).value().how == How::stored);
    CHECK(bench.arrive(status, "st-2", status_kind).value().how == How::duplicate);

    CHECK(bench.view(id).recipients[0].status == "03");
    CHECK(bench.view(id).recipients[1].status.empty());
    const auto events = bench.told("cuc2");
    REQUIRE(events.size() == 1);
    CHECK(said(events[0], "/type") == "status.received");
    CHECK(said(events[0], "/message_id") == id.text());
    CHECK(said(events[0], "/data/from") == "G99");
    CHECK(said(events[0], "/data/recipient") == "G99");
    CHECK(bench.known("st-2") == Known::stored);
}

TEST_CASE("what is open at once is stored in the order in which it was opened, however it ends") {
    IntakeBench bench;
    bench.settings.arrivals_open_max = 4;
    bench.rebuild();
    const auto open = [&](const char* doc_id) {
        return bench.intake->open({"national"}, doc_id, status_kind).value();
    };
    const auto feed = [&](ports::Arrival& arrival, const std::string& code) {
        const auto text = IntakeBench::foreign_status("G99", "G98.11", "", code);
        REQUIRE(bench.now(arrival.feed(text)).has_value());
    };
    auto dropped = open("s0");
    auto first = open("s1");
    auto bad = open("s2");
    auto last = open("s3");
    feed(*last, "03");
    REQUIRE(bench.now(bad->feed("no envelope")).has_value());
    feed(*first, "01");

    std::optional<Result<ports::Arrived>> last_arrived;
    bench.begin(last->finish(), last_arrived);
    CHECK(
        bench.now(bad->finish()).value().how == How::quarantined
    );  // waits for nobody: it is told to nobody
    std::optional<Result<ports::Arrived>> first_arrived;
    bench.begin(first->finish(), first_arrived);
    CHECK(bench.known("s1") == Known::fresh);
    CHECK_FALSE(last_arrived.has_value());
    dropped.reset();
    while (!first_arrived || !last_arrived) bench.settle();

    Texts codes;
    for (const auto& event : bench.told("cuc1")) codes.push_back(said(event, "/data/code"));
    CHECK(codes == Texts{"01", "03"});
}

TEST_CASE("a status before its document is told as unmatched, and applied when the document comes") {
    IntakeBench bench;
    REQUIRE(
        bench.arrive(bench.foreign_status("G99", "G98.12", "G98.12,2026/11/21,1/GM-VP"), "st-1", status_kind)
            .has_value()
    );
    CHECK(bench.told_types("cuc2") == Texts{"status.unmatched"});

    const auto id = bench.submitted(Parcel{});

    CHECK(bench.view(id).recipients[0].status == "03");
    CHECK(bench.told_types("cuc2") == Texts{"status.unmatched", "status.received"});
    CHECK(said(bench.told("cuc2")[1], "/message_id") == id.text());
}

TEST_CASE("a foreign request to take back reaches the recipient's software as such") {
    IntakeBench bench;
    const auto id = bench.arrive(bench.foreign({"G98.12"}, {xlsx()}), "doc-1").value().message;
    const auto recall = bench.foreign_status("G99", "G98.12", "G99,2026/11/20,7/BTN-VP", "13");

    REQUIRE(bench.arrive(recall, "st-1", status_kind).has_value());

    CHECK(bench.told_types("cuc2") == Texts{"document.received", "document.recall_requested"});
    CHECK(said(bench.told("cuc2")[1], "/message_id") == id.text());
}

TEST_SUITE_END();
