// Goal: a document's way over the axis and back. Method: whole conversations over a socket, on a clock moved
// by hand.
#include "gateway/base/base64.hpp"
#include "tests/unit/axissim/support.hpp"

#include <doctest/doctest.h>

using namespace axis;
using namespace axis::sim::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("axissim/exchange");

namespace {

std::string text(const boost::json::value& value) {
    return std::string{std::string_view{value.as_string()}};
}

Call fetch(const std::string& operation, const std::string& doc_id) {
    Call call;
    call.operation = operation;
    call.method = operation == "downloadEdoc" ? "GET" : "POST";
    call.parameters = {{"docId", doc_id}, {"filePath", "."}};
    return call;
}

Call update(const std::string& name, const std::string& doc_id, const std::string& status) {
    Call call;
    call.operation = "updateStatus";
    call.parameters = {{name, doc_id}, {"status", status}};
    return call;
}

Call sent_list(const std::string& doc_id) {
    Call call;
    call.operation = "getSentEdocList";
    call.parameters = {{"servicetype", "eDoc"}, {"messagetype", "edoc"}};
    if (!doc_id.empty()) call.parameters["docId"] = doc_id;
    return call;
}

std::string refusal(World& world, const DocumentSpec& spec) {
    const auto reply = world.call(send_call(document_of(spec), "G98"));
    CHECK(text(reply.json().at("status")) == "FAIL");
    CHECK(text(reply.json().at("DocId")).empty());  // the SDK needs the key
    return reply.error_code();
}

}  // namespace

TEST_CASE("a document is sent, listed, fetched both ways, acknowledged and gone from the list") {
    World world;
    const auto edxml = document_of({"G98", {"G98.11"}, "12", "noi dung"});
    const auto doc_id = world.send({"G98", {"G98.11"}, "12", "noi dung"});

    const auto listed = world.list();
    REQUIRE(listed.size() == 1);
    const auto copy = text(listed[0].at("docId"));
    CHECK(copy.size() == 24);
    CHECK(copy != doc_id);
    CHECK(text(listed[0].at("serviceType")) == "eDoc");
    CHECK(text(listed[0].at("messageType")) == "edoc");
    CHECK(text(listed[0].at("from")) == "G98");
    CHECK(text(listed[0].at("to")) == "G98.11");
    CHECK(text(listed[0].at("status")) == "initial");

    std::string decoded;
    REQUIRE(base64_decode(text(world.call(fetch("getEdoc", copy)).json().at("data")), decoded));
    CHECK(decoded == edxml);
    CHECK(world.call(fetch("downloadEdoc", copy)).body == edxml);
    CHECK(text(world.list()[0].at("status")) == "processing");

    CHECK(world.call(update("docid", copy, "done")).error_code() == "0");
    CHECK(world.list().empty());
    CHECK(world.call(update("docId", copy, "done")).error_code() == "0");  // repeats safely
    CHECK(world.call(update("docId", copy, "01")).error_code() == "10");
}

TEST_CASE("counts follow the list, and a window of dates narrows it") {
    World world;
    world.send({"G98", {"G98.11"}, "1", "a"});
    world.clock.advance(24h);
    world.send({"G98", {"G98.11"}, "2", "b"});
    Call count;
    count.operation = "countReceiveEdoc";
    CHECK(world.call(count).json().at("count").as_int64() == 2);

    Call list;
    list.operation = "getReceivedEdocList";
    const auto local = to_envelope_text(world.clock.now() - 1h);  // yyyy/MM/dd HH:mm:ss
    const auto from =
        local.substr(8, 2) + "/" + local.substr(5, 2) + "/" + local.substr(0, 4) + local.substr(10);
    list.parameters = {{"servicetype", "eDoc"}, {"messagetype", "edoc"}, {"fromDate", from}};
    CHECK(world.call(list).json().at("data").as_array().size() == 1);
}

TEST_CASE("each recipient has a copy of its own, also one in the sender's own system") {
    World world;
    const auto doc_id = world.send({"G98", {"G98.11", "G96", "G98.12", "G98.11"}, "3", "c"});

    CHECK(world.list().size() == 2);  // G98.11 once, G98.12
    const auto reply = world.call(sent_list(doc_id));
    const auto rows = reply.json().at("data").as_array();
    REQUIRE(rows.size() == 3);
    CHECK(text(rows[0].at("senderDocId")) == doc_id);
    CHECK(text(rows[1].at("toCode")) == "G96");
    CHECK(text(rows[1].at("sendStatus")) == "done");
    CHECK(text(rows[1].at("receiveStatus")) == "initial");
    CHECK(text(rows[1].at("title")) == "Về việc thử nghiệm");
    CHECK(text(rows[1].at("notation")) == "3/BTN");

    Call other;
    other.operation = "getReceivedEdocList";
    other.parameters = {{"servicetype", "eDoc"}, {"messagetype", "edoc"}};
    other.system = "vxp.demo.02";
    other.secret = "another-secret";
    CHECK(world.call(other).json().at("data").as_array().size() == 1);
}

TEST_CASE("a system sees neither the copies nor the sendings of another") {
    World world;
    const auto doc_id = world.send({"G98", {"G98.11"}, "4", "d"});
    const auto copy = text(world.list()[0].at("docId"));
    for (auto call :
         {fetch("getEdoc", copy),
          fetch("getEdoc", doc_id),
          update("docId", copy, "fail"),
          fetch("downloadEdoc", copy)}) {
        call.system = "vxp.demo.02";
        call.secret = "another-secret";
        CHECK(world.call(call).error_code() == "10");
    }
    CHECK(world.list().size() == 1);
}

TEST_CASE("getSentEdocList without docId lists everything, or is refused where nothing attests it") {
    World world;
    world.send({"G98", {"G99"}, "5", "e"});
    world.send({"G98", {"G97"}, "6", "f"});
    CHECK(world.call(sent_list("")).json().at("data").as_array().size() == 2);

    sim::VxpSettings silent;
    silent.attest_no_docid = false;
    World other{silent};
    const auto doc_id = other.send({"G98", {"G99"}, "7", "g"});
    CHECK(other.call(sent_list("")).json().at("status").as_string() == "FAIL");
    CHECK(other.call(sent_list(doc_id)).json().at("data").as_array().size() == 1);
}

TEST_CASE("refusals carry the codes of the axis, and nothing is kept") {
    World world;
    CHECK(refusal(world, {"G98", {"G00"}, "1", "a"}) == "18");
    CHECK(refusal(world, {"G98", {"G99", "G00"}, "1", "a"}) == "18");
    CHECK(refusal(world, {"G98", {"G95"}, "1", "a"}) == "23");

    const auto foreign = world.call(send_call(document_of({"G96", {"G99"}, "1", "a"}), "G98"));
    CHECK(foreign.error_code() == "19");
    CHECK(text(foreign.json().at("ErrorDesc")) == "Don vi gui G96 khong dung voi ma da dang ky: vxp.demo.01");
    CHECK(world.call(send_call(document_of({}), "G96")).error_code() == "19");

    CHECK(world.call(send_call("<edXML/>")).error_code() == "22");
    CHECK(world.call(send_call(document_of({}), "G98", "status")).error_code() == "22");
    auto damaged = send_call(document_of({}));
    damaged.body[100] = 'X';
    CHECK(world.call(damaged).error_code() == "10");

    CHECK(world.state().at("documents").as_array().empty());
    CHECK(std::filesystem::is_empty(world.dir / "state/blobs"));
    CHECK(std::filesystem::is_empty(world.dir / "state/tmp"));
}

TEST_CASE("a status goes to the system of the agency it speaks to") {
    World world;
    world.send({"G98", {"G98.11"}, "8", "h"});
    const auto status = status_of("G98.11", "G98", "03", "G98,2026/11/21,8/BTN");

    REQUIRE(world.call(send_call(status, "G98.11", "status")).error_code() == "0");

    REQUIRE(world.list("status").size() == 1);
    CHECK(world.list().size() == 1);  // documents and statuses are listed apart
    const auto state = world.state();
    CHECK(text(state.at("statuses").at(0).at("code")) == "03");
    CHECK(text(state.at("documents").at(0).at("recipients").at(0).at("status")) == "03");
    Call count;
    count.operation = "countReceiveStatus";
    CHECK(world.call(count).json().at("count").as_int64() == 1);
}

TEST_CASE("/sim/state tells each file's size and digest, and the stored bytes can be read") {
    World world;
    const auto doc_id = world.send({"G98", {"G99"}, "9", "noi dung tep"});

    const auto document = world.state().at("documents").at(0);

    CHECK(text(document.at("docId")) == doc_id);
    CHECK(text(document.at("files").at(0).at("name")) == "Công văn.pdf");
    CHECK(document.at("files").at(0).at("bytes").as_int64() == 12);
    CHECK(text(document.at("files").at(0).at("sha256")) == sha256("noi dung tep").hex());
    CHECK(
        world.get("/sim/documents/" + doc_id + "/edxml").body ==
        document_of({"G98", {"G99"}, "9", "noi dung tep"})
    );
    CHECK(world.get("/sim/documents/nothing/edxml").status == 404);
}

TEST_CASE("an agency registers under its system, receives, and can be deleted by its system only") {
    World world;
    Call enrol;
    enrol.operation = "registerAgency";
    enrol.body =
        R"({"id":"","pcode":"G98","code":"G98.77","name":"Đơn vị mới","mail":"","mobile":"","fax":""})";
    REQUIRE(world.call(enrol).error_code() == "0");
    world.send({"G98", {"G98.77"}, "1", "a"});
    CHECK(world.list().size() == 1);

    Call remove;
    remove.operation = "deleteAgency";
    remove.parameters = {{"AgencyCode", "G98.77"}};
    remove.system = "vxp.demo.02";
    remove.secret = "another-secret";
    CHECK(world.call(remove).error_code() == "18");
    remove.system = "vxp.demo.01";
    remove.secret = demo_secret;
    CHECK(world.call(remove).error_code() == "0");
    CHECK(refusal(world, {"G98", {"G98.77"}, "1", "a"}) == "18");

    Call units;
    units.operation = "getSynchronizeUnit";
    world.restart();
    bool seen = false;
    const auto synchronised = world.call(units).json();
    for (const auto& unit : synchronised.at("data").as_array())
        if (text(unit.at("code")) == "G98.77") seen = unit.at("deleted").as_bool();
    CHECK(seen);
}

TEST_CASE("what was sent and acknowledged is still so after a restart") {
    World world;
    const auto doc_id = world.send({"G98", {"G98.11", "G98.12"}, "1", "a"});
    world.call(update("docId", text(world.list()[0].at("docId")), "done"));
    const auto before = world.state();

    world.restart();

    CHECK(world.state() == before);
    CHECK(world.list().size() == 1);
    CHECK(
        world.call(fetch("downloadEdoc", doc_id)).body == document_of({"G98", {"G98.11", "G98.12"}, "1", "a"})
    );
}

TEST_CASE("/sim/clear forgets everything, for good") {
    World world;
    world.send({"G98", {"G98.11"}, "1", "a"});
    REQUIRE(world.post("/sim/clear", "{}").status == 200);
    CHECK(world.list().empty());
    world.restart();
    CHECK(world.state().at("documents").as_array().empty());
}

TEST_SUITE_END();
