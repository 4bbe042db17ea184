// Goal: fields, targets and problem documents. Method: values in, values out.
#include "gateway/http/message.hpp"

#include "gateway/http/server.hpp"

#include <doctest/doctest.h>

using namespace axis;
using namespace axis::http;

TEST_SUITE_BEGIN("http/message");

TEST_CASE(
    "field names compare without case; set replaces all fields of a name by one in the first one's place"
) {
    Headers headers;
    headers.add("A", "1");
    headers.add("X-Two", "first");
    headers.add("x-two", "second");
    CHECK(headers.count("X-TWO") == 2);
    CHECK(headers.get("x-TWO").value() == "first");

    headers.set("x-two", "only");
    headers.set("New", "n");

    CHECK(headers.count("x-two") == 1);
    CHECK(headers.get("X-Two").value() == "only");
    CHECK(headers.get("new").value() == "n");
    CHECK_FALSE(headers.get("absent").has_value());
    CHECK(headers.begin()[1].first == "X-Two");
}

TEST_CASE("a target is taken apart and decoded") {
    const auto target =
        Target::parse("/v1/messages/251%2FTM%C4%90T?after=12&wait=60&q=a+b%26c&flag&=x").value();
    CHECK(target.path == "/v1/messages/251%2FTM%C4%90T");
    CHECK(target.segments == std::vector<std::string>{"v1", "messages", "251/TMĐT"});
    CHECK(target.parameter("after").value() == "12");
    CHECK(target.parameter("q").value() == "a b&c");
    CHECK(target.parameter("flag").value().empty());
    CHECK_FALSE(target.parameter("absent").has_value());
    CHECK(Target::parse("/").value().segments.empty());
    CHECK(Target::parse("/?").value().query.empty());
    CHECK(Target::parse("/a...b/.c").has_value());
}

TEST_CASE("a target that needs guessing is refused") {
    for (const auto* text :
         {"",       "v1",        "*",        "http://h/v1", "/a/../b",  "/..",          "/.",
          "/a/./b", "/%2e%2e/b", "/%2E",     "/a%00b",      "/a\\b",    "/a%5cb",       "/a%",
          "/a%2",   "/a%zz",     "/a b",     "/a#b",        "/a\tb",    "/caf\xc3\xa9", "/%ff",
          "/%0a",   "/x?a=%",    "/x?a=%00", "/x?%g1=a",    "/x?a=%ff", "/x?a=b\\c"}) {
        CAPTURE(text);
        CHECK_FALSE(Target::parse(text).has_value());
    }
}

TEST_CASE("a problem document has the agreed shape and names all faults") {
    const Error error{
        errc::package_invalid,
        "2 faults",
        {{"/code/number", errc::field_missing, ""}, {"/to/0", errc::recipient_unknown, "G77"}}};
    CHECK(
        problem_json(error, "0123456789abcdef") ==
        R"({"type":"urn:axis:error:package.invalid","title":"The package has faults","status":422,)"
        R"("detail":"Gói văn bản có lỗi.","action":"Sửa các lỗi được liệt kê rồi gửi lại.","retryable":false,)"
        R"("request_id":"0123456789abcdef","code":"package.invalid","errors":[)"
        R"({"pointer":"/code/number","code":"field.missing","detail":"Thiếu trường bắt buộc."},)"
        R"({"pointer":"/to/0","code":"recipient.unknown","detail":"Không có cơ quan nhận này trong danh bạ. G77"}],)"
        R"("note":"2 faults"})"
    );
}

TEST_CASE("details of our own failures stay inside, and bytes that are no UTF-8 do not reach JSON") {
    CHECK(problem_json({errc::internal, "secret path"}, "1").find("secret") == std::string::npos);
    CHECK(problem_json({errc::http_malformed, "a\xff"}, "1").find("\"note\":\"a?\"") != std::string::npos);
}

TEST_SUITE_END();
