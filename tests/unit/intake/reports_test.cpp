// Goal: who may report what, to whom it goes, and that 01 is sent once and truthfully. Method: as in
// submit_test.
#include "tests/unit/intake/intake_bench.hpp"

#include <doctest/doctest.h>

using namespace axis;
using namespace axis::test;
using Texts = std::vector<std::string>;

namespace {

Result<std::vector<ports::StatusReceipt>> report(
    IntakeBench& bench, const std::string& endpoint, model::MessageId about, const std::string& json
) {
    return bench.now(bench.intake->report(bench.caller(endpoint), about, json));
}

std::string wrong(
    IntakeBench& bench, const std::string& endpoint, model::MessageId about, const std::string& json
) {
    return std::string{row(report(bench, endpoint, about, json).error().code).code};
}

Result<> acknowledge(IntakeBench& bench, const std::string& endpoint, std::int64_t through) {
    return bench.now(bench.intake->acknowledge_events(bench.caller(endpoint), through));
}

model::Status sent_status(IntakeBench& bench, const std::string& id) {
    const auto text = bench.envelope_text(model::MessageId::parse(id).value());
    return std::get<model::Status>(bench.checked(text).read.content);
}

}  // namespace

TEST_SUITE_BEGIN("intake");

TEST_CASE("a recipient's report changes its row and reaches the sender's software") {
    IntakeBench bench;
    const auto id = bench.submitted(Parcel{.external_id = "qlvb-1"});

    const auto sent =
        report(bench, "cuc1", id, R"({"from":"G98.11","code":"03","description":"Số đến 88"})").value();

    REQUIRE(sent.size() == 1);
    CHECK(sent[0].to == "G98.12");
    const auto recipients = bench.view(id).recipients;
    CHECK(recipients[2].status == "03");
    CHECK(recipients[0].status.empty());
    const auto events = bench.told("cuc2");
    REQUIRE(events.size() == 1);
    CHECK(said(events[0], "/type") == "status.received");
    CHECK(said(events[0], "/message_id") == id.text());
    const auto& data = events[0].at("data");
    CHECK(said(data, "/status_id") == sent[0].id);
    CHECK(said(data, "/code") == "03");
    CHECK(said(data, "/description") == "Số đến 88");
    CHECK(said(data, "/recipient") == "G98.11");
    CHECK(said(data, "/external_id") == "qlvb-1");
    CHECK(said(data, "/document_id") == "G98.12,2026/11/21,1/GM-VP");
}

TEST_CASE("a report about a document from outside goes back as an envelope that names that document") {
    IntakeBench bench;
    const auto id = bench.arrive(bench.foreign({"G98.12"}, {xlsx()}), "doc-1").value().message;
    bench.woken.clear();

    const auto sent = report(bench, "cuc2", id, R"({"from":"G98.12","code":"06"})").value();

    REQUIRE(sent.size() == 1);
    CHECK(sent[0].to == "G99");
    CHECK(bench.woken == Texts{"national"});
    const auto status = sent_status(bench, sent[0].id);
    CHECK(status.from.code.text() == "G98.12");
    CHECK(status.code == "06");
    CHECK(status.response_for.organ.text() == "G99");
    CHECK(status.response_for.document_id == "G99,2026/11/20,7/BTN-VP");
    CHECK(status.response_for.code == "7/BTN-VP");
    CHECK(status.response_for.date.dashed() == "2026-11-20");
}

TEST_CASE("a report is refused when the message, the agency or the part in it is not the caller's") {
    IntakeBench bench;
    const auto id = bench.submitted(Parcel{});
    const auto status = report(bench, "cuc1", id, R"({"from":"G98.11","code":"03"})").value().at(0).id;
    const auto statuses = bench.cell("SELECT count(*) FROM message");

    CHECK(wrong(bench, "bo", id, R"({"from":"G98","code":"03"})") == "not_found");
    CHECK(wrong(bench, "cuc1", model::MessageId{}, R"({"from":"G98.11","code":"03"})") == "not_found");
    CHECK(wrong(bench, "cuc1", id, R"({"from":"G98.12","code":"03"})") == "agency.not_yours");
    CHECK(wrong(bench, "cuc1", id, R"({"from":"G99","code":"03"})") == "agency.not_yours");
    CHECK(wrong(bench, "cuc2", id, R"({"from":"G98.12","code":"03"})") == "status.not_yours");
    CHECK(
        wrong(bench, "cuc1", id, R"({"from":"G98.11","code":"13","description":"thu hồi"})") ==
        "status.not_yours"
    );
    CHECK(wrong(bench, "cuc1", id, R"({"from":"G98.11"})") == "status.invalid");
    CHECK(
        wrong(bench, "cuc1", model::MessageId::parse(status).value(), R"({"from":"G98.11","code":"03"})") ==
        "message.not_document"
    );
    CHECK(bench.cell("SELECT count(*) FROM message") == statuses);
}

TEST_CASE("the sender's 13 goes to each recipient") {
    IntakeBench bench;
    const auto id = bench.submitted(Parcel{});

    const auto sent =
        report(bench, "cuc2", id, R"({"from":"G98.12","code":"13","description":"Gửi nhầm"})").value();

    REQUIRE(sent.size() == 3);
    CHECK(sent[0].to == "G99");
    CHECK(sent[1].to == "G97");
    CHECK(sent[2].to == "G98.11");
    CHECK(sent_status(bench, sent[1].id).response_for.organ.text() == "G97");
    CHECK(bench.told_types("cuc1") == Texts{"document.received", "document.recall_requested"});
    for (const auto& r : bench.view(id).recipients) CHECK(r.status == "13");
}

TEST_CASE("a unit below, whose document came to the department, may be reported for by the department") {
    IntakeBench bench;
    const auto id = bench.arrive(bench.foreign({"G98.11.02"}, {xlsx()}), "doc-1").value().message;

    CHECK(report(bench, "cuc1", id, R"({"from":"G98.11.02","code":"03"})").has_value());
    CHECK(bench.view(id).recipients.at(0).status == "03");
    CHECK(wrong(bench, "cuc1", id, R"({"from":"G98.11.03","code":"03"})") == "agency.not_yours");
}

TEST_CASE("acknowledging a document from outside queues status 01 to the axis, once") {
    IntakeBench bench;
    const auto id = bench.arrive(bench.foreign({"G98.11", "G98.12"}, {xlsx()}), "doc-1").value().message;
    bench.woken.clear();

    REQUIRE(acknowledge(bench, "cuc1", 1).has_value());
    CHECK(bench.woken == Texts{"national"});
    REQUIRE(acknowledge(bench, "cuc1", 1).has_value());
    REQUIRE(acknowledge(bench, "cuc1", 0).has_value());

    CHECK(bench.cell("SELECT count(*) FROM message WHERE kind = 1") == "1");
    CHECK(bench.cell("SELECT status_code || from_code FROM message WHERE kind = 1") == "01G98.11");
    CHECK(bench.view(id).recipients[0].status == "01");
    CHECK(bench.view(id).recipients[0].state == model::DeliveryState::done);
    CHECK(bench.view(id).recipients[1].status.empty());
    CHECK(bench.view(id).recipients[1].state == model::DeliveryState::offered);
    auto due = bench.now(bench.ledger->due({"national"}, 10)).value().due;
    REQUIRE(due.size() == 1);
    const auto status =
        std::get<model::Status>(bench.checked(bench.rendition_text(due[0].delivery)).read.content);
    CHECK(status.code == "01");
    CHECK(status.response_for.organ.text() == "G99");
    CHECK(status.response_for.document_id == "G99,2026/11/20,7/BTN-VP");
}

TEST_CASE("acknowledging a colleague's document tells the sender's software 01") {
    IntakeBench bench;
    const auto id = bench.submitted(Parcel{});

    REQUIRE(acknowledge(bench, "cuc1", 1).has_value());

    const auto events = bench.told("cuc2");
    REQUIRE(events.size() == 1);
    CHECK(said(events[0], "/type") == "status.received");
    CHECK(said(events[0], "/message_id") == id.text());
    CHECK(said(events[0], "/data/code") == "01");
    CHECK(said(events[0], "/data/recipient") == "G98.11");
    // The event about the status is no document: acknowledging it says nothing to anybody.
    REQUIRE(acknowledge(bench, "cuc2", 1).has_value());
    CHECK(bench.cell("SELECT count(*) FROM message WHERE kind = 1") == "1");
}

TEST_CASE("many hand-overs are acknowledged in several commits, each document once") {
    IntakeBench bench;
    for (int n = 1; n <= 5; ++n)
        REQUIRE(
            bench.arrive(bench.foreign({"G98.11"}, {xlsx()}, std::to_string(n)), "doc-" + std::to_string(n))
                .has_value()
        );

    REQUIRE(acknowledge(bench, "cuc1", 5).has_value());

    CHECK(bench.cell("SELECT count(*) FROM message WHERE kind = 1") == "5");
    CHECK(bench.cell("SELECT count(DISTINCT about) FROM message WHERE kind = 1") == "5");
    CHECK(acknowledge(bench, "cuc1", 6).error().code == errc::http_parameter);
}

TEST_CASE("two acknowledgements at once: one is turned away, no 01 is sent twice") {
    IntakeBench bench;
    for (int n = 1; n <= 2; ++n)
        REQUIRE(
            bench.arrive(bench.foreign({"G98.11"}, {xlsx()}, std::to_string(n)), "doc-" + std::to_string(n))
                .has_value()
        );

    std::optional<Result<>> one;
    std::optional<Result<>> two;
    auto note = [](std::optional<Result<>>& out) {
        return [&out](std::exception_ptr error, Result<> value) {
            if (!error) out = std::move(value);
        };
    };
    asio::co_spawn(bench.io, bench.intake->acknowledge_events(bench.caller("cuc1"), 1), note(one));
    asio::co_spawn(bench.io, bench.intake->acknowledge_events(bench.caller("cuc1"), 2), note(two));
    bench.settle();
    REQUIRE(one.has_value());
    REQUIRE(two.has_value());
    CHECK(one->has_value());
    CHECK(two->error().code == errc::overloaded);

    REQUIRE(acknowledge(bench, "cuc1", 2).has_value());
    CHECK(bench.cell("SELECT count(*) FROM message WHERE kind = 1") == "2");
}

TEST_CASE("with status_01 = on_store the 01 goes out when the document is stored, and not again on hand-over"
) {
    IntakeBench bench;
    bench.settings.profiles[{"cuc1"}].status_01 = intake::Status01::on_store;
    bench.rebuild();

    const auto id = bench.arrive(bench.foreign({"G98.11"}, {xlsx()}), "doc-1").value().message;
    CHECK(bench.view(id).recipients[0].status == "01");
    REQUIRE(acknowledge(bench, "cuc1", 1).has_value());

    CHECK(bench.cell("SELECT count(*) FROM message WHERE kind = 1") == "1");
}

TEST_CASE("with status_01 = on_store no status is answered by a status") {
    IntakeBench bench;
    bench.settings.profiles[{"cuc2"}].status_01 = intake::Status01::on_store;
    bench.rebuild();
    const auto document_id = bench.submit(Parcel{}).value().document_id;

    REQUIRE(
        bench.arrive(bench.foreign_status("G99", "G98.12", document_id), "st-1", model::MessageKind::status)
            .has_value()
    );

    CHECK(bench.cell("SELECT count(*) FROM message WHERE kind = 1") == "1");
}

TEST_CASE("with status_01 = software the gateway never says 01") {
    IntakeBench bench;
    bench.settings.profiles[{"cuc1"}].status_01 = intake::Status01::software;
    bench.rebuild();
    const auto id = bench.arrive(bench.foreign({"G98.11"}, {xlsx()}), "doc-1").value().message;

    REQUIRE(acknowledge(bench, "cuc1", 1).has_value());

    CHECK(bench.view(id).recipients[0].state == model::DeliveryState::done);
    CHECK(bench.cell("SELECT count(*) FROM message WHERE kind = 1") == "0");
}

TEST_SUITE_END();
