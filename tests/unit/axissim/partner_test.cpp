// Goal: the two agencies at the other end behave. Method: send to them, move the clock, look at what they
// sent back.
#include "gateway/base/file.hpp"
#include "tests/axissim/partners.hpp"
#include "tests/unit/axissim/support.hpp"

#include <boost/json/serialize.hpp>
#include <doctest/doctest.h>

using namespace axis;
using namespace axis::sim::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("axissim/partners");

namespace {

using Codes = std::vector<std::string>;

Codes codes_sent(World& world) {
    Codes codes;
    const auto state = world.state();
    for (const auto& status : state.at("statuses").as_array())
        codes.emplace_back(std::string_view{status.at("code").as_string()});
    return codes;
}

}  // namespace

TEST_CASE("what a partner answers follows its behaviour and what was asked") {
    using sim::answers_to;
    using sim::Behaviour;
    sim::Facts document;
    sim::Facts revocation;
    revocation.business_type = "1";
    sim::Facts recall;
    recall.is_status = true;
    recall.status_code = "13";
    sim::Facts arrival;
    arrival.is_status = true;
    arrival.status_code = "01";

    CHECK(answers_to(document, Behaviour::none).empty());
    CHECK(answers_to(document, Behaviour::arrive) == Codes{"01"});
    CHECK(answers_to(document, Behaviour::accept) == Codes{"01", "03"});
    CHECK(answers_to(document, Behaviour::refuse) == Codes{"02"});
    CHECK(answers_to(document, Behaviour::finish) == Codes{"01", "03", "06"});
    CHECK(answers_to(revocation, Behaviour::accept) == Codes{"15"});
    CHECK(answers_to(recall, Behaviour::accept) == Codes{"15"});
    CHECK(answers_to(recall, Behaviour::refuse) == Codes{"16"});
    CHECK(answers_to(arrival, Behaviour::accept).empty());
}

TEST_CASE("the accepting partner answers 01, then 03, each after its delay") {
    World world;
    world.send({"G98", {"G99"}, "12", "a"});
    CHECK(codes_sent(world).empty());

    world.pass(200ms);
    CHECK(codes_sent(world) == Codes{"01"});
    world.pass(200ms);
    CHECK(codes_sent(world) == Codes{"01", "03"});
    world.pass(1h);
    CHECK(codes_sent(world).size() == 2);

    CHECK(world.list("status").size() == 2);
    const auto state = world.state();
    const auto& recipient = state.at("documents").at(0).at("recipients").at(0);
    CHECK(recipient.at("transport").as_string() == "done");
    CHECK(recipient.at("status").as_string() == "03");
    CHECK(state.at("statuses").at(0).at("documentId").as_string() == "G98,2026/11/21,12/BTN");
    CHECK(state.at("statuses").at(0).at("to").as_string() == "G98");
}

TEST_CASE("the refusing partner answers 02 with a reason") {
    World world;
    world.send({"G98", {"G97"}, "12", "a"});
    world.pass(200ms);
    const auto state = world.state();
    REQUIRE(state.at("statuses").as_array().size() == 1);
    CHECK(state.at("statuses").at(0).at("code").as_string() == "02");
    CHECK(state.at("statuses").at(0).at("description").as_string() == "Gửi nhầm đơn vị (mô phỏng)");
}

TEST_CASE("a partner interrupted by a restart goes on where it was") {
    World world;
    world.send({"G98", {"G99"}, "12", "a"});
    world.pass(200ms);
    REQUIRE(codes_sent(world) == Codes{"01"});

    world.restart();
    world.pass(200ms);

    CHECK(codes_sent(world) == Codes{"01", "03"});
}

TEST_CASE("a partner agrees to a recall") {
    World world;
    const auto recall = status_of("G98", "G99", "13", "G98,2026/11/21,12/BTN");
    REQUIRE(world.call(send_call(recall, "G98", "status")).error_code() == "0");
    world.pass(200ms);
    CHECK(codes_sent(world) == Codes{"13", "15"});
}

TEST_CASE("a partner sends a document with a file on command") {
    World world;
    REQUIRE(write_file(world.dir / "a.pdf", "%PDF-1.4 đến").has_value());
    const boost::json::object order{
        {"from", "G99"},
        {"to", boost::json::array{"G98.12"}},
        {"number", "77"},
        {"notation", "BMP-VP"},
        {"subject", "Mời họp"},
        {"file", (world.dir / "a.pdf").string()},
        {"file_name", "Giấy mời.pdf"}};

    const auto reply = world.post("/sim/send", boost::json::serialize(order));

    REQUIRE(reply.status == 200);
    CHECK(reply.json().at("docId").as_string().size() == 24);
    REQUIRE(world.list().size() == 1);
    CHECK(world.list()[0].at("to").as_string() == "G98.12");
    const auto state = world.state();
    const auto& document = state.at("documents").at(0);
    CHECK(document.at("subject").as_string() == "Mời họp");
    CHECK(document.at("number").as_string() == "77");
    CHECK(document.at("files").at(0).at("name").as_string() == "Giấy mời.pdf");
    CHECK(document.at("files").at(0).at("sha256").as_string() == sha256("%PDF-1.4 đến").hex());
}

TEST_CASE("a command to send is refused when it cannot be carried out") {
    World world;
    CHECK(world.post("/sim/send", R"({"to":["G00"]})").json().at("ErrorCode").as_string() == "18");
    CHECK(world.post("/sim/send", R"({"to":["G98"],"file":"/nowhere"})").status == 400);
    CHECK(world.post("/sim/send", R"({"to":[]})").status == 400);
    CHECK(world.post("/sim/send", R"({"from":"G98","to":["G99"]})").status == 422);
}

TEST_SUITE_END();
