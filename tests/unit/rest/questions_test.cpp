// Goal: questions reach the core as they were asked and answers leave whole or not at all. Method: raw
// requests to a real server; streams that fail on demand.
#include "tests/unit/rest/support.hpp"

using namespace axis;
using namespace axis::test;

TEST_SUITE_BEGIN("rest/questions");

namespace {

void check_parameter_refused(const std::string& target, std::string_view name) {
    CAPTURE(target);
    Rest rest;
    const auto reply = get(rest, target);
    CHECK(reply.status == 400);
    CHECK(names(reply, "http.parameter"));
    CHECK(reply.body.find("\"pointer\":\"" + std::string{name} + "\"") != std::string::npos);
    CHECK(rest.calls.empty());
}

std::string body_of(const std::string& wire) {
    return wire.substr(wire.find("\r\n\r\n") + 4);
}

}  // namespace

TEST_CASE("an unknown path is 404, a known one with another method 405 with Allow") {
    Rest rest;
    for (const auto* path :
         {"/", "/v1", "/v2/messages", "/v1/messages/", "/v1/messages/a/b", "/v1/Messages", "/livez"}) {
        CAPTURE(path);
        const auto reply = get(rest, path);
        CHECK(reply.status == 404);
        CHECK(names(reply, "not_found"));
    }
    const auto posted = call(rest, {"DELETE", "/v1/messages", {}, {}});
    CHECK(posted.status == 405);
    CHECK(names(posted, "http.method_not_allowed"));
    CHECK(posted.has("Allow: GET\r\n"));
    CHECK(call(rest, {"GET", "/v1/packages", {}, {}}).has("Allow: POST\r\n"));
    CHECK(call(rest, {"HEAD", "/v1/messages", {}, {}}).status == 405);
    CHECK(rest.calls.empty());
}

TEST_CASE("a message is answered as the core tells it; what is no id or not the caller's is 404") {
    Rest rest;
    const auto reply = get(rest, message_path());
    CHECK(reply.status == 200);
    CHECK(reply.has("Content-Type: application/json\r\n"));
    CHECK(reply.body == "{\"id\":\"" + std::string{document_id} + "\"}");
    CHECK(get(rest, message_path("", unknown_id)).status == 404);
    for (const auto* path : {"/v1/messages/x", "/v1/messages/x/envelope", "/v1/messages/x/attachments/1"}) {
        Rest other;
        CHECK(get(other, path).status == 404);
        CHECK(other.calls.empty());
    }
}

TEST_CASE("a search reaches the core with its parameters decoded") {
    Rest rest;
    const auto reply =
        get(rest,
            "/v1/"
            "messages?number=251%2FTM%C4%90T-TTTH&external_id=VB+1&state=quarantined&from=2026-11-01&to=2026-"
            "11-21T09:00:00%2B07:00");
    CHECK(reply.status == 200);
    CHECK(reply.body == R"({"messages":[]})");
    CHECK(
        rest.calls.has("find g98 number=251/TMĐT-TTTH external_id=VB 1 state=quarantined from=2026-11-01 "
                       "to=2026-11-21T09:00:00+07:00")
    );
}

TEST_CASE("a bad parameter is refused and named") {
    check_parameter_refused("/v1/messages?numbers=1", "numbers");
    check_parameter_refused("/v1/messages?number=", "number");
    check_parameter_refused("/v1/messages?number=1&number=2", "number");
    check_parameter_refused("/v1/messages?number=" + std::string(201, '1'), "number");
    check_parameter_refused("/v1/messages?state=sent", "state");
    check_parameter_refused("/v1/messages?from=yesterday", "from");
    check_parameter_refused("/v1/messages?to=21/11/2026", "to");
    check_parameter_refused("/v1/events?after=-1", "after");
    check_parameter_refused("/v1/events?after=99999999999999999999", "after");
    check_parameter_refused("/v1/events?after=1x", "after");
    check_parameter_refused("/v1/events?wait=61", "wait");
    check_parameter_refused("/v1/events?limit=0", "limit");
    check_parameter_refused("/v1/events?limit=101", "limit");
    check_parameter_refused(message_path("?lang=vi"), "lang");
}

TEST_CASE("a long poll passes after, limit and wait on, and has defaults") {
    Rest rest;
    CHECK(get(rest, "/v1/events?after=5&wait=60&limit=10").body == R"({"events":[],"last":5})");
    CHECK(rest.calls.has("events g98 after=5 limit=10 wait=60000"));
    const auto reply = get(rest, "/v1/events");
    CHECK(reply.body == R"({"events":[{"seq":1},{"seq":4}],"last":4})");
    CHECK(rest.calls.has("events g98 after=0 limit=100 wait=0"));
}

TEST_CASE("an attachment comes with its length, type, digest and Vietnamese name") {
    Rest rest;
    const auto reply = get(rest, message_path("/attachments/1"));
    CHECK(reply.status == 200);
    CHECK(reply.has("Content-Type: application/pdf\r\n"));
    CHECK(reply.has("Content-Length: 100\r\n"));
    CHECK(reply.has("Repr-Digest: sha-256=:" + sha256("content").base64() + ":\r\n"));
    CHECK(
        reply.has("Content-Disposition: attachment; filename=\"B_o c_o qu_ III.pdf\"; "
                  "filename*=UTF-8''B%C3%A1o%20c%C3%A1o%20qu%C3%BD%20III.pdf\r\n")
    );
    CHECK(reply.body.size() == 100);
    CHECK(get(rest, message_path("/attachments/2")).has("Content-Type: application/octet-stream\r\n"));
}

TEST_CASE("attachments are numbered from 1; other numbers are 404") {
    for (const auto* n : {"0", "-1", "1x", "x", "99999999999999999999999"}) {
        CAPTURE(n);
        Rest rest;
        CHECK(get(rest, message_path("/attachments/" + std::string{n})).status == 404);
        CHECK(rest.calls.empty());
    }
    Rest rest;
    CHECK(get(rest, message_path("/attachments/3")).status == 404);
}

TEST_CASE("an envelope comes as XML with its length, and the connection goes on") {
    Rest rest;
    const Ask ask{"GET", message_path("/envelope"), {}, {}};
    const auto replies =
        talk(rest.server, text_of(ask, bearer("token-98")) + text_of(ask, bearer("token-98")));
    REQUIRE(replies.size() == 2);
    CHECK(replies[0].has("Content-Type: application/xml\r\n"));
    CHECK(replies[0].has("Content-Length: 100\r\n"));
    CHECK(replies[0].body == replies[1].body);
}

TEST_CASE("a file that cannot be read from its beginning is a problem reply") {
    Wishes wishes;
    wishes.first_piece = errc::blob_missing;
    Rest rest{wishes};
    const auto reply = get(rest, message_path("/envelope"));
    CHECK(reply.status == 500);
    CHECK(names(reply, "spool.missing"));
}

TEST_CASE("a stream that fails in its middle, or is not as long as it said, is cut and never looks complete"
) {
    Wishes broken;
    broken.later_piece = errc::io_failed;
    Wishes longer;
    longer.surplus_pieces = 1;
    for (const auto& wishes : {broken, longer}) {
        Rest rest{wishes};
        RawClient client{rest.server};
        const Ask ask{"GET", message_path("/attachments/1"), {}, {}};
        client.send(text_of(ask, bearer("token-98")));

        const auto wire = client.read_all();

        CHECK(wire.find("Content-Length: 100\r\n") != std::string::npos);
        const bool whole = body_of(wire).size() == 100 && !client.was_reset();
        CHECK(
            whole == (wishes.surplus_pieces > 0)
        );  // the promised bytes were true; the connection ended all the same
    }
}

TEST_SUITE_END();
