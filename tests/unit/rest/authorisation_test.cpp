// Goal: nobody gets anywhere without the right token. Method: for each route and method the same questions,
// asked with no token, a wrong one, one of an endpoint that is off, and the right ones; the core behind it
// writes down who comes.
#include "tests/unit/rest/support.hpp"

using namespace axis;
using namespace axis::test;

TEST_SUITE_BEGIN("rest/authorisation");

namespace {

void check_refused(const Ask& ask, std::string_view headers, unsigned status, std::string_view code) {
    Rest rest;
    CAPTURE(headers);

    const auto reply = call(rest, ask, headers);

    CHECK(reply.status == status);
    CHECK(names(reply, code));
    CHECK(reply.has("WWW-Authenticate: Bearer") == (status == 401));
    CHECK(rest.calls.empty());
}

void check_served(const Ask& ask, std::string_view token, std::string_view endpoint, unsigned status) {
    Rest rest;
    CAPTURE(token);

    const auto reply = call(rest, ask, bearer(token));

    CHECK(reply.status == status);
    REQUIRE_FALSE(rest.calls.empty());
    CHECK(rest.calls.all().front().find(" " + std::string{endpoint}) != std::string::npos);
}

void check_authorisation(const Ask& ask, unsigned status) {
    check_refused(ask, "", 401, "token.missing");
    check_refused(ask, "Authorization: Basic dG9rZW4tOTg=\r\n", 401, "token.missing");
    check_refused(ask, "Authorization: Bearer \r\n", 401, "token.missing");
    check_refused(ask, bearer("token-98") + bearer("token-97"), 401, "token.missing");
    check_refused(ask, bearer("token-99"), 401, "token.unknown");
    check_refused(ask, bearer(sha256("token-98").hex()), 401, "token.unknown");
    check_refused(ask, bearer("token-off"), 403, "endpoint.off");
    check_served(ask, "token-98", "g98", status);
    check_served(ask, "token-98-old", "g98", status);
    check_served(ask, "token-97", "g97", status);

    auto foolish = ask;
    foolish.target += "?bogus=1";
    foolish.content_type = "text/plain";
    check_refused(foolish, "", 401, "token.missing");
}

class Lines {
public:
    Lines() {
        before_ =
            log::watch([this](log::Level, std::string_view event, const std::vector<log::Field>& fields) {
                std::string text{event};
                for (const auto& field : fields) text += " " + std::string{field.key} + "=" + field.value;
                if (event == "token.refused") calls_.add(std::move(text));
            });
    }
    ~Lines() { log::watch(before_); }
    std::vector<std::string> all() const { return calls_.all(); }

private:
    Calls calls_;
    log::Watcher before_;
};

}  // namespace

TEST_CASE("POST /v1/packages wants the token of an endpoint that is on") {
    check_authorisation(small_package(), 202);
}

TEST_CASE("POST /v1/envelopes wants the token of an endpoint that is on") {
    check_authorisation(ready_envelope(), 202);
}

TEST_CASE("POST /v1/files wants the token of an endpoint that is on") {
    check_authorisation({"POST", "/v1/files", "application/octet-stream", "bytes"}, 201);
}

TEST_CASE("GET /v1/messages wants the token of an endpoint that is on") {
    check_authorisation({"GET", "/v1/messages", {}, {}}, 200);
}

TEST_CASE("GET /v1/messages/{id} wants the token of an endpoint that is on") {
    check_authorisation({"GET", message_path(), {}, {}}, 200);
}

TEST_CASE("GET /v1/messages/{id}/envelope wants the token of an endpoint that is on") {
    check_authorisation({"GET", message_path("/envelope"), {}, {}}, 200);
}

TEST_CASE("GET /v1/messages/{id}/attachments/{n} wants the token of an endpoint that is on") {
    check_authorisation({"GET", message_path("/attachments/1"), {}, {}}, 200);
}

TEST_CASE("POST /v1/messages/{id}/statuses wants the token of an endpoint that is on") {
    check_authorisation(status_report(), 202);
}

TEST_CASE("GET /v1/events wants the token of an endpoint that is on") {
    check_authorisation({"GET", "/v1/events", {}, {}}, 200);
}

TEST_CASE("POST /v1/events/ack wants the token of an endpoint that is on") {
    check_authorisation(acknowledgement(), 204);
}

TEST_CASE("the surface has no route beside those whose authorisation is tested above") {
    std::vector<std::string> found;
    for (const auto& route : rest::Api::routes())
        found.push_back(std::string{route.method} + " " + std::string{route.pattern});
    const std::vector<std::string> tested{
        "POST /v1/packages",
        "POST /v1/envelopes",
        "POST /v1/files",
        "GET /v1/messages",
        "GET /v1/messages/{id}",
        "GET /v1/messages/{id}/envelope",
        "GET /v1/messages/{id}/attachments/{n}",
        "POST /v1/messages/{id}/statuses",
        "GET /v1/events",
        "POST /v1/events/ack"};
    CHECK(found == tested);
}

TEST_CASE("the second request of a connection is authorised by itself") {
    Rest rest;
    const Ask ask{"GET", "/v1/messages", {}, {}};

    const auto replies = talk(rest.server, text_of(ask, bearer("token-98")) + text_of(ask, ""));

    REQUIRE(replies.size() == 2);
    CHECK(replies[0].status == 200);
    CHECK(replies[1].status == 401);
    CHECK(rest.calls.all().size() == 1);
}

TEST_CASE("refused tokens are logged with the peer, at most twenty lines a minute, the others counted") {
    Lines lines;
    Rest rest;
    const Ask ask{"GET", "/v1/messages", {}, {}};
    for (int i = 0; i < 25; ++i) CHECK(call(rest, ask, bearer("token-99")).status == 401);
    CHECK(call(rest, ask, "").status == 401);  // nothing was tried: not worth a line
    CHECK(lines.all().size() == 20);
    CHECK(lines.all().front().find("peer=127.0.0.1") != std::string::npos);
    CHECK(lines.all().front().find("token-99") == std::string::npos);

    rest.clock.advance(std::chrono::minutes{1});
    CHECK(call(rest, ask, bearer("token-off")).status == 403);

    REQUIRE(lines.all().size() == 21);
    CHECK(lines.all().back().find("reason=endpoint.off endpoint=off") != std::string::npos);
    CHECK(lines.all().back().find("unlogged=5") != std::string::npos);
}

TEST_SUITE_END();
