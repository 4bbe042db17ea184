// Goal: each call leaves in the captured form, and documents arrive whole or not at all. Method: a scripted
// axis.
#include "gateway/base/base64.hpp"
#include "tests/unit/vxp/scripted_axis.hpp"

#include <doctest/doctest.h>

using namespace axis;
using namespace axis::vxp;
using test::Say;

TEST_SUITE_BEGIN("vxp/client");

namespace {

struct Bench {
    explicit Bench(ClientLimits limits = {}) : clock{axis.io, Time{}} {
        Time now{};
        REQUIRE(parse_time("2026-11-21T18:04:06.749+07:00", now));
        clock.advance(now - clock.now());
        client = Client::open(axis.io, clock, axis.settings(), limits).value();
    }
    Fetched download() { return axis.run(client->download("d1", taker)); }
    Fetched get() { return axis.run(client->get_edoc("d1", taker)); }

    test::ScriptedAxis axis;
    ManualClock clock;
    std::unique_ptr<Client> client;
    std::string taken;
    Error refuse;
    Taker taker = [this](std::string_view bytes) { return take(bytes); };

private:
    Task<Result<>> take(std::string_view bytes) {
        if (refuse.code != errc::none) co_return refuse;
        taken += bytes;
        co_return Result<>{};
    }
};

std::string get_reply(const std::string& envelope) {
    return R"({"status":"OK","ErrorCode":"0","data":")" + base64_encode(envelope) + "\"}";
}

const std::string envelope = "<?xml version=\"1.0\"?>\r\n<edXML xmlns=\"u\">Nội dung</edXML>\r\n";

}  // namespace

TEST_CASE("calls carry the parameters, bodies and paths the SDK sends, and no local path") {
    Bench bench;
    auto& client = *bench.client;

    bench.axis.run(client.received_list(model::MessageKind::status));
    bench.axis.run(client.update_status("d1", TransportStatus::done));
    bench.axis.run(client.sent_list(SentQuery{model::MessageKind::document, "d1", {}, {}}));
    bench.get();
    bench.download();

    const auto& heard = bench.axis.heard;
    REQUIRE(heard.size() == 5);
    const auto keys = [&](std::size_t i) { return heard[i].parameter("sign-header-key"); };
    CHECK(keys(0) == "systemid;servicetype;messagetype;timestamp;Content-Type");
    CHECK(heard[0].parameter("messagetype") == "status");
    CHECK(heard[0].headers.get("Content-Length") == "0");
    CHECK(heard[0].parameter("timestamp") == "21112026T180406+0749");
    CHECK(keys(1) == "systemid;docid;timestamp;Content-Type;status");
    CHECK(heard[1].body == "{}");
    CHECK(keys(2) == "systemid;servicetype;messagetype;docId;timestamp;Content-Type");
    CHECK(heard[3].parameter("filePath") == ".");
    CHECK(heard[3].body == "{}");
    CHECK(heard[4].method == "GET");
    CHECK(heard[4].operation == "downloadEdoc");
    for (const auto& call : heard) CHECK(call.headers.count("Expect") == 0);
}

TEST_CASE("every call is signed with the time of the moment") {
    Bench bench;

    bench.axis.run(bench.client->received_list(model::MessageKind::document));
    bench.clock.advance(Duration{1500});
    bench.axis.run(bench.client->received_list(model::MessageKind::document));

    CHECK(bench.axis.heard[1].parameter("timestamp") == "21112026T180408+0249");
}

TEST_CASE("a downloaded envelope is passed on to the byte") {
    for (const auto how : {Say::How::reply, Say::How::page_without_length}) {
        Bench bench;
        bench.axis.say("downloadEdoc", {{envelope, 200, how}});

        const auto fetched = bench.download();

        CHECK(fetched.how == Fetched::How::whole);
        CHECK(bench.taken == envelope);
    }
}

TEST_CASE("an envelope with a byte order mark, blanks before it, or hardly any bytes is an envelope") {
    for (const std::string text :
         {"\xEF\xBB\xBF<edXML/>", "\r\n \t<edXML/>", "<edXML/>", "<!DOCTYPE evil><edXML/>"}) {
        Bench bench;
        bench.axis.say("downloadEdoc", {{text, 200}});

        CHECK(bench.download().how == Fetched::How::whole);
        CHECK(bench.taken == text);
    }
}

TEST_CASE("an error page instead of a download is a failure and no byte of it is passed on") {
    for (const std::string page :
         {"<html><body>502</body></html>", "<!DOCTYPE HTML PUBLIC \"-//W3C\"><HTML></HTML>", ""}) {
        for (const unsigned status : {200u, 502u}) {
            Bench bench;
            bench.axis.say("downloadEdoc", {{page, status}});

            CHECK(bench.download().how == Fetched::How::failed);
            CHECK(bench.taken.empty());
        }
    }
}

TEST_CASE("a download that is no envelope asks for the other call") {
    const std::vector<Say> answers{
        test::fail("20"), test::fail("15", 401), {"PGVkWE1MLz4=", 200}, {"<html>not here</html>", 404}};
    for (const auto& answer : answers) {
        Bench bench;
        bench.axis.say("downloadEdoc", {answer});

        CHECK(bench.download().how == Fetched::How::not_an_envelope);
        CHECK(bench.taken.empty());
    }
}

TEST_CASE("a download that breaks off is a failure") {
    Bench bench;
    bench.axis.say("downloadEdoc", {{envelope, 200, Say::How::part}});

    const auto fetched = bench.download();

    CHECK(fetched.how == Fetched::How::failed);
    CHECK(fetched.answer.failure.has_value());
}

TEST_CASE("getEdoc streams the decoded envelope, however large") {
    std::string large = "<edXML>";
    while (large.size() < 3'000'000) large += "0123456789abcdef";
    large += "</edXML>";
    Bench bench;
    bench.axis.say("getEdoc", {{get_reply(large), 200}});

    const auto fetched = bench.get();

    CHECK(fetched.how == Fetched::How::whole);
    CHECK(bench.taken == large);
}

TEST_CASE("getEdoc without a document is a failure") {
    const std::vector<Say> answers{
        test::fail("20"),
        {R"({"status":"OK","ErrorCode":"0"})", 200},
        {R"({"status":"OK","ErrorCode":"0","data":"<edXML/>"})", 200},
        {R"({"data":"PGVkWE1MLz4=","status":"FAIL","ErrorCode":"21"})", 200},
        {get_reply(envelope), 500},
        {"<html></html>", 200},
        {get_reply(envelope), 200, Say::How::part}};
    for (const auto& answer : answers) {
        CAPTURE(answer.body);
        Bench bench;
        bench.axis.say("getEdoc", {answer});

        CHECK(bench.get().how == Fetched::How::failed);
    }
}

TEST_CASE("when our own side refuses the bytes it is ours, not the axis'") {
    Bench bench;
    bench.refuse = Error{errc::disk_full};
    bench.axis.say("downloadEdoc", {{envelope, 200}});
    bench.axis.say("getEdoc", {{get_reply(envelope), 200}});

    CHECK(bench.download().answer.ours.code == errc::disk_full);
    CHECK(bench.get().answer.ours.code == errc::disk_full);
}

TEST_CASE("replies beyond their bound are cut off") {
    ClientLimits limits;
    limits.envelope_bytes_max = 30;
    limits.list_bytes_max = 30;
    Bench bench{limits};
    bench.axis.say("downloadEdoc", {{envelope, 200}});
    bench.axis.say("getEdoc", {{get_reply(envelope), 200}});
    bench.axis.say("getReceivedEdocList", {{R"({"status":"OK","ErrorCode":"0","data":[]})", 200}});

    CHECK(bench.download().how == Fetched::How::failed);
    CHECK(bench.get().how == Fetched::How::failed);
    const auto list = bench.axis.run(bench.client->received_list(model::MessageKind::document));
    CHECK_FALSE(succeeded(list.answer));
}

TEST_SUITE_END();
