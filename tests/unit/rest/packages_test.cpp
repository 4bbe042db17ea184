// Goal: POST /v1/packages takes what the contract says and refuses the rest at once. Method: raw requests to
// a real server; the core behind it writes down each call.
#include "gateway/base/file.hpp"
#include "tests/unit/rest/support.hpp"

#include <boost/json/parse.hpp>

#include <filesystem>

using namespace axis;
using namespace axis::test;
namespace json = boost::json;

TEST_SUITE_BEGIN("rest/packages");

namespace {

std::string noise(std::size_t bytes) {
    std::string out(bytes, '\0');
    std::uint32_t x = 1;
    for (auto& c : out) {
        x = x * 1664525 + 1013904223;
        c = static_cast<char>(x >> 24);
    }
    return out;
}

}  // namespace

TEST_CASE("a package and its file reach the core in order, and the receipt has the agreed form") {
    Rest rest;

    const auto reply = call(rest, small_package());

    CHECK(reply.status == 202);
    CHECK(reply.has("Location: /v1/messages/" + std::string{document_id} + "\r\n"));
    CHECK(reply.has("Content-Type: application/json\r\n"));
    CHECK(
        json::parse(reply.body) == json::parse(R"({"id":"01J9X7Z3K8M4N6P2Q5R7S9T1V3","external_id":"VB-1",
        "document_id":"G98,2026/11/21,251/TMĐT-TTTH","recipients":[
        {"code":"G99","delivery":"queued","status":null,"label":"Chưa gửi"},
        {"code":"G97","delivery":"done","status":"03","label":"Đã tiếp nhận"}],"warnings":["document.same_number"]})"
                                   )
    );
    const auto digest = sha256("%PDF").hex();
    const std::vector<std::string> expected{
        "open g98 key=none",
        "package {\"a\":1}",
        "begin a.pdf",
        "end 4 " + digest,
        "pieces small",
        "submit",
        "upload gone"};
    CHECK(rest.calls.all() == expected);
}

TEST_CASE("a dry run is answered 200, without id and Location") {
    Rest rest;

    const auto reply = call(rest, small_package("/v1/packages?dry_run=true"));

    CHECK(reply.status == 200);
    CHECK_FALSE(reply.has("Location:"));
    CHECK_FALSE(json::parse(reply.body).as_object().contains("id"));
    CHECK(json::parse(reply.body).as_object().contains("recipients"));
    CHECK(rest.calls.has("submit dry"));
}

TEST_CASE("dry_run=false is a real submission and any other value is refused before the body is taken") {
    Rest rest;
    CHECK(call(rest, small_package("/v1/packages?dry_run=false")).status == 202);
    CHECK(rest.calls.has("submit"));
    for (const auto* value : {"", "1", "TRUE", "yes"}) {
        Rest other;
        const auto ask = small_package("/v1/packages?dry_run=" + std::string{value});
        check_refused(other, ask, 400, "http.parameter");
        CHECK(other.calls.empty());
    }
}

TEST_CASE("the Idempotency-Key reaches the core as it stands") {
    Rest rest;
    CHECK(call(rest, small_package(), bearer("token-98") + "Idempotency-Key: VB-2026/251\r\n").status == 202);
    CHECK(rest.calls.has("open g98 key=VB-2026/251"));
}

TEST_CASE("an Idempotency-Key that is empty, long, doubled or not visible ASCII is refused") {
    const std::vector<std::string> bad{
        "Idempotency-Key: \r\n",
        "Idempotency-Key: " + std::string(129, 'x') + "\r\n",
        "Idempotency-Key: a b\r\n",
        "Idempotency-Key: a\r\nIdempotency-Key: a\r\n",
        "Idempotency-Key: \xC4\x91\r\n"};
    for (const auto& headers : bad) {
        CAPTURE(headers);
        Rest rest;
        const auto reply = call(rest, small_package(), bearer("token-98") + headers);
        CHECK(reply.status == 400);
        CHECK(names(reply, "http.malformed"));
        CHECK(rest.calls.empty());
    }
}

TEST_CASE("only multipart/form-data with a boundary and without encoding is taken") {
    for (const auto* type :
         {"",
          "application/json",
          "application/xml",
          "multipart/mixed; boundary=B",
          "multipart/form-data",
          "multipart/form-data; boundary=\"\""}) {
        CAPTURE(type);
        Rest rest;
        auto ask = small_package();
        ask.content_type = type;
        check_refused(rest, ask, 415, "http.media_type");
    }
    Rest rest;
    const auto reply = call(rest, small_package(), bearer("token-98") + "Content-Encoding: gzip\r\n");
    CHECK(reply.status == 415);
    CHECK(rest.calls.empty());
}

TEST_CASE("the part named package must come first") {
    Rest rest;
    std::vector<PartText> parts;
    parts.push_back({"name=\"file\"; filename=\"a.pdf\"", "%PDF"});
    parts.push_back({"name=\"package\"", "{}"});
    check_refused(rest, package_of(parts), 400, "multipart.order");
    CHECK(rest.calls.all().back() == "upload gone");
    Rest empty;
    check_refused(empty, package_of({}), 400, "multipart.order");
}

TEST_CASE("a package part over its limit is refused while it comes in, one at the limit is taken") {
    rest::Limits limits;
    limits.package_bytes_max = 100'000;
    Rest rest{{}, limits};
    std::vector<PartText> parts;
    parts.push_back({"name=\"package\"", std::string(100'001, ' ')});
    check_refused(rest, package_of(parts), 413, "package.too_large");
    parts[0].body.pop_back();
    CHECK(call(rest, package_of(parts)).status == 202);
    CHECK(rest.calls.has("package " + parts[0].body));
}

TEST_CASE("every part after the package needs a file name, whatever its own name is") {
    Rest rest;
    std::vector<PartText> parts;
    parts.push_back({"name=\"package\"; filename=\"p.json\"", "{}"});
    parts.push_back({"name=\"\"; filename*=UTF-8''B%C3%A1o%20c%C3%A1o.pdf", "1"});
    parts.push_back({"name=\"x\"; filename=\"b.pdf\"", ""});
    CHECK(call(rest, package_of(parts)).status == 202);
    CHECK(rest.calls.has("begin Báo cáo.pdf"));
    CHECK(rest.calls.has("begin b.pdf"));
    Rest other;
    parts.push_back({"name=\"file\"", "2"});
    check_refused(other, package_of(parts), 400, "multipart.malformed");
}

TEST_CASE("a body that ends before its final boundary is refused and leaves nothing") {
    Rest rest;
    auto ask = small_package();
    ask.body.resize(ask.body.size() - 5);
    check_refused(rest, ask, 400, "multipart.malformed");
    CHECK(rest.calls.all().back() == "upload gone");
    Rest other;
    ask.body.replace(ask.body.rfind("--B"), 3, "--C");
    check_refused(other, ask, 400, "multipart.malformed");
}

TEST_CASE("more parts than files are allowed and bodies over the limit are refused") {
    rest::Limits limits;
    limits.file_count_max = 1;
    Rest rest{{}, limits};
    std::vector<PartText> parts;
    parts.push_back({"name=\"package\"", "{}"});
    parts.push_back({"name=\"f\"; filename=\"a\"", "1"});
    parts.push_back({"name=\"f\"; filename=\"b\"", "2"});
    check_refused(rest, package_of(parts), 413, "multipart.too_many");
    limits.upload_bytes_max = 150;
    Rest other{{}, limits};
    check_refused(other, package_of(parts), 413, "http.body_too_large");
}

TEST_CASE("a refusal is answered before the rest of the body comes, and the connection closes") {
    Wishes wishes;
    wishes.package = errc::recipient_unknown;
    Rest rest{wishes};
    const auto ask = small_package();
    const auto half = ask.body.substr(0, ask.body.find("%PDF"));
    RawClient client{rest.server};
    client.send(
        "POST /v1/packages HTTP/1.1\r\nHost: h\r\n" + bearer("token-98") +
        "Content-Type: " + ask.content_type + "\r\nContent-Length: 1000000000\r\n\r\n" + half
    );

    const auto replies = parse_replies(client.read_all());

    REQUIRE(replies.size() == 1);
    CHECK(replies[0].status == 422);
    CHECK(names(replies[0], "recipient.unknown"));
    CHECK(replies[0].has("Connection: close\r\n"));
    CHECK_FALSE(rest.calls.has("begin a.pdf"));
    CHECK(rest.calls.all().back() == "upload gone");
}

TEST_CASE("what the core says at each step becomes the problem reply") {
    Wishes wishes;
    wishes.open = errc::overloaded;
    wishes.file = errc::file_too_large;
    wishes.submit = errc::idempotency_conflict;
    Rest rest{wishes};
    const auto busy = call(rest, small_package());
    CHECK(busy.status == 503);
    CHECK(names(busy, "overloaded"));
    CHECK(busy.has("Retry-After: 10\r\n"));
    rest.wishes.open = errc::none;
    CHECK(names(call(rest, small_package()), "file.too_large"));
    rest.wishes.file = errc::none;
    const auto conflict = call(rest, small_package());
    CHECK(conflict.status == 422);
    CHECK(names(conflict, "idempotency.conflict"));
    CHECK_FALSE(conflict.has("Retry-After"));
    CHECK_FALSE(conflict.has("Location"));
}

TEST_CASE("a client that waits for 100 Continue gets it only when its token is good") {
    Rest rest;
    const auto ask = small_package();
    const auto head =
        "POST /v1/packages HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nConnection: "
        "close\r\nContent-Type: " +
        ask.content_type + "\r\nContent-Length: " + std::to_string(ask.body.size()) + "\r\n";
    RawClient good{rest.server};
    good.send(head + bearer("token-98") + "\r\n");
    CHECK(good.read_bytes(25) == "HTTP/1.1 100 Continue\r\n\r\n");
    good.send(ask.body);
    CHECK(parse_replies(good.read_all()).at(0).status == 202);
    RawClient bad{rest.server};
    bad.send(head + "\r\n");
    CHECK(parse_replies(bad.read_all()).at(0).status == 401);
}

TEST_CASE("20 MB pass through whole, in pieces of at most 64 KiB") {
    Rest rest;
    const auto file = noise(20 * 1024 * 1024);
    std::vector<PartText> parts;
    parts.push_back({"name=\"package\"", "{}"});
    parts.push_back({"name=\"file\"; filename=\"lon.bin\"", file});

    const auto reply = call(rest, package_of(parts));

    CHECK(reply.status == 202);
    CHECK(rest.calls.has("end 20971520 " + sha256(file).hex()));
    CHECK(rest.calls.has("pieces small"));
}

TEST_CASE("the corpus' requests with a wrong content type are refused with 415, with and without a token") {
    const auto corpus = std::filesystem::path{AXIS_SOURCE_DIR} / "../shared/corpora/attacks/http";
    if (!std::filesystem::exists(corpus)) {
        MESSAGE("skipped: ", corpus.string(), " is absent");
        return;
    }
    for (const auto* name : {"h39-content-type-mismatch.http", "h40-charset-mismatch.http"}) {
        CAPTURE(name);
        Rest rest;
        auto text = read_file(corpus / name).value();
        const auto as_it_is = talk(rest.server, text);
        text.replace(text.find("/v1/messages"), 12, "/v1/packages");
        const auto nobody = talk(rest.server, text);
        text.insert(text.find("Host:"), bearer("token-98"));
        const auto known = talk(rest.server, text);
        REQUIRE(as_it_is.size() == 1);
        REQUIRE(nobody.size() == 1);
        REQUIRE(known.size() == 1);
        CHECK(as_it_is[0].status == 415);
        CHECK(nobody[0].status == 401);
        CHECK(known[0].status == 415);
        CHECK(rest.calls.empty());
    }
}

TEST_SUITE_END();
