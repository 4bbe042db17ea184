// Goal: statuses and acknowledgements reach the core, and bodies that are not what they should be do not.
// Method: raw requests to a real server.
#include "tests/unit/rest/support.hpp"

using namespace axis;
using namespace axis::test;

TEST_SUITE_BEGIN("rest/reports");

TEST_CASE("a status report reaches the core as it stands and its receipts are told") {
    Rest rest;
    const auto reply = call(rest, status_report());
    CHECK(reply.status == 202);
    CHECK(reply.body == R"({"statuses":[{"id":"01J9X7Z3K8M4N6P2Q5R7S9T1V4","to":"G99"}]})");
    CHECK(rest.calls.has("report g98 " + std::string{document_id} + R"( {"from":"G98.11","code":"03"})"));
}

TEST_CASE("what the core refuses of a status report is told") {
    Wishes wishes;
    wishes.report = errc::status_not_yours;
    Rest rest{wishes};
    const auto reply = call(rest, status_report());
    CHECK(reply.status == 403);
    CHECK(names(reply, "status.not_yours"));
    CHECK(call(rest, status_report("x")).status == 404);
}

TEST_CASE("an acknowledgement has no content to answer and may be repeated") {
    Rest rest;
    for (int i = 0; i < 2; ++i) {
        const auto reply = call(rest, acknowledgement());
        CHECK(reply.status == 204);
        CHECK(reply.body.empty());
        CHECK(rest.calls.all().back() == "ack g98 4");
    }
    CHECK(call(rest, acknowledgement(" { \"through\" : 0 } ")).status == 204);
}

TEST_CASE("an acknowledgement that is not {\"through\": N} is refused") {
    for (const auto* body :
         {"",
          "{}",
          "[]",
          "4",
          "{\"through\":-1}",
          "{\"through\":1.5}",
          "{\"through\":\"4\"}",
          "{\"through\":4,\"more\":1}",
          "{\"through\":99999999999999999999}",
          "{\"through\":4"}) {
        CAPTURE(body);
        Rest rest;
        const auto reply = call(rest, acknowledgement(body));
        CHECK(reply.status == 400);
        CHECK(names(reply, "http.body"));
        CHECK(rest.calls.empty());
    }
}

TEST_CASE("JSON bodies are application/json in UTF-8 and at most 64 KiB") {
    for (auto ask : {status_report(), acknowledgement()}) {
        CAPTURE(ask.target);
        for (const auto* type :
             {"",
              "text/plain",
              "application/xml",
              "application/json; charset=utf-16",
              "application/json; charset=utf-8; x=1",
              "application/x-www-form-urlencoded"}) {
            CAPTURE(type);
            Rest rest;
            ask.content_type = type;
            const auto reply = call(rest, ask);
            CHECK(reply.status == 415);
            CHECK(names(reply, "http.media_type"));
            CHECK(rest.calls.empty());
        }
        for (const auto* type :
             {"Application/JSON", "application/json;charset=UTF-8", "application/json; charset=\"utf-8\""}) {
            CAPTURE(type);
            Rest rest;
            ask.content_type = type;
            CHECK(call(rest, ask).status < 300);
        }
        Rest rest;
        ask.content_type = "application/json";
        ask.body += std::string(64 * 1024 + 1 - ask.body.size(), ' ');
        const auto reply = call(rest, ask);
        CHECK(reply.status == 413);
        CHECK(names(reply, "http.body_too_large"));
        ask.body.pop_back();
        CHECK(call(rest, ask).status < 300);
    }
}

TEST_SUITE_END();
