// Goal: what a reply means, whatever form it comes in. Method: bytes in, verdict out; every split of small
// replies.
#include "adapters/vxp/replies.hpp"

#include "gateway/base/base64.hpp"
#include "gateway/base/text.hpp"

#include <doctest/doctest.h>

using namespace axis;
using namespace axis::vxp;
using model::Verdict;

TEST_SUITE_BEGIN("vxp/replies");

namespace {

Answer answer(unsigned http_status, std::string_view body) {
    ReplyReader reader;
    reader.feed(body);
    Answer out;
    out.http_status = http_status;
    read_envelope(reader, out);
    return out;
}

struct Row {
    unsigned http_status;
    std::string_view body;
    Verdict verdict;
};

Answer broken(http::Phase phase, errc code, bool body_began) {
    Answer out;
    out.failure = http::Failure{phase, code, "made to fail", body_began};
    return out;
}

}  // namespace

TEST_CASE("a reply is classified by the axis' words only, and only when they are complete and agree") {
    const std::vector<Row> rows{
        {200,
         R"({"status":"OK","ErrorCode":"0","ErrorDesc":"Thanh cong","DocId":"68edb8c8"})",
         Verdict::accepted},
        {201, R"({"status":"OK","ErrorCode":0})", Verdict::accepted},
        {200, "\xEF\xBB\xBF {\"status\":\"OK\",\"ErrorCode\":\"0\"}\r\n", Verdict::accepted},
        {200, R"({"status":"FAIL","ErrorCode":"10"})", Verdict::rejected},
        {200, R"({"status":"FAIL","ErrorCode":"18"})", Verdict::rejected},
        {200, R"({"status":"FAIL","ErrorCode":22})", Verdict::rejected},
        {200, R"({"status":"FAIL","ErrorCode":"23"})", Verdict::rejected},
        {200, R"({"status":"FAIL","ErrorCode":"15"})", Verdict::unauthorised},
        {200, R"({"status":"FAIL","ErrorCode":"19"})", Verdict::unauthorised},
        {401, R"({"message":"no"})", Verdict::unauthorised},
        {403, R"({"status":"FAIL","ErrorCode":"99"})", Verdict::unauthorised},
        {500, R"({"status":"FAIL","ErrorCode":"20","ErrorDesc":"Lỗi hệ thống"})", Verdict::deferred},
        {200, R"({"status":"FAIL","ErrorCode":"21"})", Verdict::deferred},
        {200, R"({"status":"FAIL","ErrorCode":"-1"})", Verdict::deferred},
        {200, R"({"status":"FAIL"})", Verdict::deferred},
        // Contradictions and silence: nobody knows.
        {500, R"({"status":"OK","ErrorCode":"0","DocId":"68edb8c8"})", Verdict::unknown},
        {200, R"({"status":"FAIL","ErrorCode":"0"})", Verdict::unknown},
        {200, R"({"status":"OK","ErrorCode":"77"})", Verdict::unknown},
        {200, R"({"status":"OK"})", Verdict::unknown},
        {200, R"({"ErrorCode":"0"})", Verdict::unknown},
        {200, R"(["OK","0"])", Verdict::unknown},
        {200, R"("OK")", Verdict::unknown},
        {200, "", Verdict::unknown},
        {200, "   ", Verdict::unknown},
        {200, "<html><body>OK</body></html>", Verdict::unknown},
        {401, "<html>login</html>", Verdict::unknown},
        {502, "<html>Bad Gateway</html>", Verdict::unknown},
        {200, R"({"status":"OK","ErrorCode":"0","DocId":"68ed)", Verdict::unknown},
        {200, R"({"status":"OK","ErrorCode":"0"} trailing)", Verdict::unknown},
        {200, R"({"status":"OK","ErrorCode":"0"}{"status":"OK"})", Verdict::unknown},
    };
    for (const auto& row : rows) {
        CAPTURE(row.http_status);
        CAPTURE(row.body);
        CHECK(judge(answer(row.http_status, row.body)) == row.verdict);
    }
}

TEST_CASE("before the first body byte a broken wire is deferred, after it unknown") {
    const auto before = broken(http::Phase::tls, errc::peer_tls, false);
    const auto after = broken(http::Phase::reply, errc::peer_timeout, true);

    CHECK(judge(before) == Verdict::deferred);
    CHECK(why(before).code == errc::peer_tls);
    CHECK(judge(after) == Verdict::unknown);
    CHECK(why(after).code == errc::peer_timeout);
    CHECK(why(after).detail == "reply: made to fail");
}

TEST_CASE("a sending the axis calls good without a DocId is unknown") {
    for (const std::string_view id :
         {"", R"(,"DocId":"")", R"(,"DocId":"0")", R"(,"DocId":null)", R"(,"DocId":"ă")"}) {
        CAPTURE(id);
        const auto outcome =
            send_outcome(answer(200, R"({"status":"OK","ErrorCode":"0")" + std::string{id} + "}"));
        CHECK(outcome.verdict == Verdict::unknown);
        CHECK(outcome.reason == errc::peer_unknown);
        CHECK(outcome.remote_id.empty());
    }
}

TEST_CASE("a DocId may be a number and of any form up to 64 characters") {
    const auto numeric = send_outcome(answer(200, R"({"status":"OK","ErrorCode":"0","docId":123456789012})"));
    const std::string long_id(64, 'x');
    const auto longest =
        send_outcome(answer(200, R"({"status":"OK","ErrorCode":"0","DocId":")" + long_id + "\"}"));
    const auto too_long =
        send_outcome(answer(200, R"({"status":"OK","ErrorCode":"0","DocId":")" + long_id + "x\"}"));

    CHECK(numeric.verdict == Verdict::accepted);
    CHECK(numeric.remote_id == "123456789012");
    CHECK(longest.remote_id == long_id);
    CHECK(too_long.verdict == Verdict::unknown);
}

TEST_CASE("the reply is kept for the operator, printable and at most 500 bytes of it") {
    std::string body =
        R"({"status":"FAIL","ErrorCode":"18","ErrorDesc":"Đơn vị nhận)" + std::string{"\xff\x01\n"};
    for (int i = 0; i < 300; ++i) body += "ộ";
    body += "\"}";

    const auto outcome = send_outcome(answer(200, body));

    CHECK(outcome.detail.starts_with("HTTP 200 {\"status\":\"FAIL\""));
    CHECK(outcome.detail.find("Đơn vị nhận\xEF\xBF\xBD ") != std::string::npos);
    CHECK(outcome.detail.size() <= 500 + 9);
    CHECK(is_utf8(outcome.detail));
}

TEST_CASE("broken UTF-8 in a description does not cost the DocId") {
    const auto outcome = send_outcome(
        answer(200, "{\"status\":\"OK\",\"ErrorCode\":\"0\",\"ErrorDesc\":\"\xC4\x28\",\"DocId\":\"d1\"}")
    );

    CHECK(outcome.verdict == Verdict::accepted);
    CHECK(outcome.remote_id == "d1");
}

TEST_CASE("a list gives its usable rows, wherever data stands and whatever surrounds it") {
    std::vector<ReceivedItem> items;
    std::size_t unusable = 0;
    const auto on_row = [&](const Fields& row) {
        if (auto item = received_item(row))
            items.push_back(*item);
        else
            ++unusable;
    };
    const std::string_view body =
        R"({"data":[{"docId":"a","from":"G97","status":"INITIAL","more":{"docId":"inner","list":[{"docId":"deep"}]}},)"
        R"({"docId":17},{"docid":null},"text",[{"docId":"nested"}],{"docId":"with blank"},{"from":"G97","docId":"b"}],)"
        R"("meta":{"data":[{"docId":"not this"}]},"other":[{"docId":"nor this"}],"status":"OK","ErrorCode":"0"})";

    for (std::size_t split = 0; split <= body.size(); ++split) {
        CAPTURE(split);
        items.clear();
        unusable = 0;
        ReplyReader reader{on_row};
        reader.feed(body.substr(0, split));
        reader.feed(body.substr(split));
        Answer out;
        out.http_status = 200;
        read_envelope(reader, out);

        CHECK(succeeded(out));
        CHECK(reader.data() == ReplyReader::Data::list);
        REQUIRE(items.size() == 3);
        CHECK(items[0].doc_id == "a");
        CHECK(items[0].from == "G97");
        CHECK(items[0].status == "initial");
        CHECK(items[1].doc_id == "17");
        CHECK(items[2].doc_id == "b");
        CHECK(unusable == 2);
    }
}

TEST_CASE("an envelope inside JSON is decoded while it passes, split anywhere") {
    const std::string envelope = "\xff\xff\xff<edXML>Công văn số 251/TMĐT-TTTH\x01\x02</edXML>";
    std::string text = base64_encode(envelope);
    REQUIRE(text.starts_with("////"));
    text.insert(40, "\\r\\n");  // a line break as JSON writes it
    text.insert(0, "\\");       // an escaped solidus is base64's own
    const std::string body = R"({"status":"OK","ErrorCode":"0","data":")" + text + R"(","ErrorDesc":"x"})";

    for (std::size_t split = 0; split <= body.size(); ++split) {
        CAPTURE(split);
        ReplyReader reader;
        reader.feed(std::string_view{body}.substr(0, split));
        std::string decoded = reader.take_data();
        reader.feed(std::string_view{body}.substr(split));
        decoded += reader.take_data();

        CHECK(reader.finish());
        CHECK(reader.data() == ReplyReader::Data::text);
        CHECK(reader.data_is_base64());
        CHECK(decoded == envelope);
        CHECK(reader.envelope().get("status") == "OK");
    }
}

TEST_CASE("data that is not base64 is noticed") {
    for (const std::string_view data : {"<edXML/>", "QUJD=QUJD", "QUJDQ"}) {
        CAPTURE(data);
        ReplyReader reader;
        reader.feed(R"({"status":"OK","ErrorCode":"0","data":")");
        reader.feed(data);
        reader.feed("\"}");
        CHECK(reader.finish());
        CHECK_FALSE(reader.data_is_base64());
    }
}

TEST_CASE("one value and one row take a bounded place in memory") {
    Fields last;
    ReplyReader reader{[&](const Fields& row) { last = row; }, {.text_bytes_max = 16, .field_count_max = 3}};

    reader.feed(R"({"data":[{"docId":"d1","title":")" + std::string(100'000, 'x') + "\"");
    for (int i = 0; i < 1000; ++i) reader.feed(",\"k" + std::to_string(i) + "\":1");
    reader.feed("}]}");

    CHECK(reader.finish());
    CHECK(last.size() == 3);
    CHECK(last.get("title") == std::string(16, 'x'));
}

TEST_SUITE_END();
