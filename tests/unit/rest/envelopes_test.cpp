// Goal: POST /v1/envelopes hands the bytes over as they come and wants its three facts. Method: raw requests
// to the surface over a core that writes down what it was asked.
#include "tests/unit/rest/support.hpp"

#include <boost/json/parse.hpp>

using namespace axis;
using namespace axis::test;
namespace json = boost::json;

TEST_SUITE_BEGIN("rest envelopes");

TEST_CASE("a ready envelope reaches the core with what was declared of it, and is answered like a package") {
    Rest rest;
    const auto reply = call(rest, ready_envelope(), bearer("token-98") + "Idempotency-Key: E-1\r\n");
    CHECK(reply.status == 202);
    CHECK(reply.has("Location: /v1/messages/" + std::string{document_id}));
    CHECK(json::parse(reply.body).as_object().contains("recipients"));
    const std::vector<std::string> expected{
        "open envelope g98 key=E-1 thuong", "submit envelope", "envelope <edXML/>"};
    CHECK(rest.calls.all() == expected);
}

TEST_CASE("a dry run of an envelope is answered 200 without id") {
    Rest rest;
    const auto reply = call(
        rest, ready_envelope("dry_run=true&security_class=mat&restricted_publication=true&denunciation=true")
    );
    CHECK(reply.status == 200);
    CHECK_FALSE(json::parse(reply.body).as_object().contains("id"));
    CHECK(rest.calls.has("open envelope g98 key=none mat restricted denunciation"));
    CHECK(rest.calls.has("submit envelope dry"));
}

TEST_CASE("without its three facts, each with a meaning, nothing of an envelope is taken") {
    for (const auto* query :
         {"",
          "restricted_publication=false&denunciation=false",
          "security_class=thuong&denunciation=false",
          "security_class=thuong&restricted_publication=false",
          "security_class=khac&restricted_publication=false&denunciation=false",
          "security_class=thuong&restricted_publication=0&denunciation=false",
          "security_class=thuong&restricted_publication=false&denunciation="}) {
        Rest rest;
        check_refused(rest, ready_envelope(query), 400, "http.parameter");
        CHECK(rest.calls.empty());
    }
}

TEST_CASE("an envelope that is not sent as XML is refused") {
    Rest rest;
    auto ask = ready_envelope();
    ask.content_type = "application/json";
    check_refused(rest, ask, 415, "http.media_type");
    ask.content_type = "text/xml; charset=UTF-8";
    CHECK(call(rest, ask).status == 202);
}

TEST_SUITE_END();
