// Goal: POST /v1/files hands the body over as it comes and answers with the claim; a refusal keeps nothing.
// Method: raw requests to the surface over a core that writes down what it was asked.
#include "tests/unit/rest/support.hpp"

#include <boost/json/parse.hpp>

using namespace axis;
using namespace axis::test;
namespace json = boost::json;

TEST_SUITE_BEGIN("rest/files");

namespace {

Ask file(std::string body, std::string content_type = "application/octet-stream") {
    return {"POST", "/v1/files", std::move(content_type), std::move(body)};
}

std::string digest_field(std::string_view bytes) {
    return bearer("token-98") + "Repr-Digest: sha-256=:" + sha256(bytes).base64() + ":\r\n";
}

RawReply call_with(const Rest& rest, const Ask& ask, const std::string& field) {
    return call(rest, ask, bearer("token-98") + field + "\r\n");
}

}  // namespace

TEST_CASE("a file reaches the core as it came, in small pieces, and its claim is answered") {
    Rest rest;
    const std::string bytes(300'000, 'x');

    const auto reply = call(rest, file(bytes));

    CHECK(reply.status == 201);
    CHECK(reply.has("Content-Type: application/json\r\n"));
    const auto digest = sha256(bytes).hex();
    CHECK(
        json::parse(reply.body) ==
        json::parse(
            R"({"claim":"a-claim","bytes":300000,"until":"1970-01-02T07:00:00.000+07:00","sha256":")" +
            digest + "\"}"
        )
    );
    const std::vector<std::string> expected{
        "open file g98", "keep 300000 " + digest, "pieces small", "file gone"};
    CHECK(rest.calls.all() == expected);
}

TEST_CASE("whatever content type the file has is taken, but for a form") {
    for (const auto* type :
         {"", "application/pdf", "text/plain; charset=utf-16", "application/json", "nonsense"}) {
        CAPTURE(type);
        Rest rest;
        CHECK(call(rest, file("x", type)).status == 201);
    }
    Rest rest;
    check_refused(rest, file("x", "Multipart/Form-Data; boundary=B"), 415, "http.media_type");
    CHECK(rest.calls.empty());
}

TEST_CASE("a file that is not what Repr-Digest says is never kept") {
    Rest rest;
    CHECK(call(rest, file("bytes"), digest_field("bytes")).status == 201);

    Rest other;
    const auto reply = call(other, file("bytes"), digest_field("other bytes"));
    CHECK(reply.status == 422);
    CHECK(names(reply, "file.digest"));
    CHECK(reply.body.find(sha256("bytes").hex()) != std::string::npos);  // of what came, to compare
    const std::vector<std::string> expected{"open file g98", "file gone"};
    CHECK(other.calls.all() == expected);
}

TEST_CASE("Repr-Digest has sha-256 once; other digests beside it are passed over") {
    const auto good = "sha-256=:" + sha256("x").base64() + ":";
    for (const auto& value : {good, "sha-512=:AAAA:, " + good, good + ",sha-512=:AAAA:"}) {
        Rest rest;
        CHECK(call_with(rest, file("x"), "Repr-Digest: " + value).status == 201);
        CHECK(call_with(rest, file("y"), "Repr-Digest: " + value).status == 422);
    }
    const auto base64 = sha256("x").base64();
    for (const auto& value :
         {std::string{},
          std::string{","},
          std::string{"sha-256"},
          std::string{"sha-256=::"},
          std::string{"sha-512=:AAAA:"},
          "sha-256=" + base64,
          "sha-256=:" + base64,
          "sha-256=:" + base64.substr(0, 40) + ":",
          "sha-256=:*" + base64.substr(1) + ":",
          "sha-256=:" + sha256("x").hex() + ":",
          good + "\r\nRepr-Digest: " + good}) {
        CAPTURE(value);
        Rest rest;
        const auto reply = call_with(rest, file("x"), "Repr-Digest: " + value);
        CHECK(reply.status == 400);
        CHECK(names(reply, "http.malformed"));
        CHECK(rest.calls.empty());
    }
}

TEST_CASE("what the core refuses of a file is a problem, with Retry-After where it may be repeated") {
    struct Refusal {
        Wishes wishes;
        unsigned status;
        std::string_view code;
    };
    Wishes open, piece, kept;
    open.open = errc::overloaded;
    piece.file = errc::file_too_large;
    kept.submit = errc::file_empty;
    for (const auto& [wishes, status, code] :
         {Refusal{open, 503, "overloaded"},
          Refusal{piece, 413, "file.too_large"},
          Refusal{kept, 422, "file.empty"}}) {
        Rest rest{wishes};
        const auto reply = call(rest, file("bytes"));
        CHECK(reply.status == status);
        CHECK(names(reply, code));
        CHECK(reply.has("Retry-After: 10\r\n") == (status == 503));
    }
}

TEST_CASE("a file beyond the limit of a body is refused by its length alone") {
    rest::Limits limits;
    limits.upload_bytes_max = 1'000;
    Rest rest{{}, limits};
    check_refused(rest, file(std::string(1'001, 'x')), 413, "http.body_too_large");
    CHECK(call(rest, file(std::string(1'000, 'x'))).status == 201);
}

TEST_SUITE_END();
