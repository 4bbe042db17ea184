// Goal: the captured requests of the reference SDK are believed. Method: replay the bytes over a real socket.
#include "gateway/base/file.hpp"
#include "tests/unit/axissim/support.hpp"

#include <doctest/doctest.h>

using namespace axis;
using namespace axis::sim::test;

TEST_SUITE_BEGIN("axissim/wire");

namespace {

std::string captured(const std::string& name) {
    return read_file(std::string{AXIS_SOURCE_DIR} + "/tests/data/axissim/" + name + ".http").value();
}

}  // namespace

TEST_CASE("every captured request passes authentication, byte for byte") {
    World world;
    const std::map<std::string, std::string> expected{
        {"countReceiveEdoc", "0"},
        {"deleteAgency", "18"},
        {"getAgenciesList", "0"},
        {"getAgenciesListQD20", "0"},
        {"getSentEdocList", "0"},
        {"getReceivedEdocList", "0"},
        {"getSynchronizeUnit", "0"},
        {"registerAgency", "0"},
        {"downloadEdoc", "10"},
        {"getEdoc", "10"},
        {"updateStatus", "10"},
        {"sendEdoc", "22"},
        {"sendEdoc_with_to", "22"},
    };
    for (const auto& [name, code] : expected) {
        CAPTURE(name);
        const auto reply = world.talk(captured(name));
        CHECK(reply.whole);
        CHECK(reply.error_code() == code);
    }
}

TEST_CASE("the captured request with Vietnamese text in a header is refused") {
    World world;
    const auto reply = world.talk(captured("updateStatus_nonascii"));
    CHECK((reply.status == 400 || reply.error_code() == "15"));
}

TEST_CASE("the axis asks for the body of a request that expects 100-continue") {
    World world;
    const auto request = captured("countReceiveEdoc");
    const auto head_end = request.find("\r\n\r\n") + 4;

    const auto reply = world.talk(request.substr(0, head_end), request.substr(head_end));

    CHECK(reply.continued);
    CHECK(reply.error_code() == "0");
}

TEST_CASE("a wrong secret is answered 15, with HTTP 200 or 401 as configured") {
    World world;
    Call call;
    call.operation = "getAgenciesList";
    call.secret = "wrong";
    const auto reply = world.call(call);
    CHECK(reply.status == 200);
    CHECK(reply.error_code() == "15");
    CHECK(reply.json().at("status").as_string() == "FAIL");

    sim::VxpSettings strict;
    strict.auth_failure_status = 401;
    World other{strict};
    CHECK(other.call(call).status == 401);
}

TEST_CASE("an operation is found behind any base path, an unknown one is 404, a wrong method 405") {
    World world;
    Call call;
    call.operation = "XrdAdapter/adapter/countReceiveStatus";
    CHECK(world.call(call).json().at("count").as_int64() == 0);
    call.operation = "formatDisk";
    CHECK(world.call(call).status == 404);
    call.operation = "downloadEdoc";
    CHECK(world.call(call).status == 405);
}

TEST_CASE("a header section of more than 8 KiB is read") {
    World world;
    auto call = send_call(document_of({}));
    std::string codes;
    for (int i = 0; i < 800; ++i)
        codes += (codes.empty() ? "\"" : ",\"") + std::string{"000.00.00.G"} + std::to_string(i) + "\"";
    call.parameters["to"] = "[" + codes + "]";
    REQUIRE(signed_head(call, 0).size() > 24 * 1024);

    CHECK(world.call(call).error_code() == "0");
}

TEST_SUITE_END();
