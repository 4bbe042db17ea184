// Goal: one attempt, one verdict, never a guess. Method: the outlet against a scripted axis, each way it can
// go wrong.
#include "adapters/vxp/outlet.hpp"

#include "tests/unit/vxp/scripted_axis.hpp"

#include <doctest/doctest.h>

using namespace axis;
using namespace axis::vxp;
using model::Verdict;
using test::Say;

TEST_SUITE_BEGIN("vxp/outlet");

namespace {

const std::string envelope = "<edXML>Nội dung của một công văn</edXML>";

ports::Dispatch dispatch() {
    ports::Dispatch d;
    Time begun{};
    REQUIRE(parse_time("2026-11-21T00:30:00+07:00", begun));
    d.begun = begun;
    d.from = "G98.11";
    d.to = {"G97", "G99"};
    d.number = "251/TMĐT-TTTH";
    d.subject = "V/v thử nghiệm";
    d.sha256 = sha256(envelope);
    d.bytes = envelope.size();
    return d;
}

struct Bench {
    explicit Bench(Settings (*change)(Settings) = nullptr) {
        auto settings = axis.settings();
        if (change != nullptr) settings = change(std::move(settings));
        open(std::move(settings), {});
    }
    // The axis says nothing: real time passes, so the limit is short here only.
    void expect_silence() {
        ClientLimits limits;
        limits.http.reply_wait = std::chrono::milliseconds{100};
        open(axis.settings(), limits);
    }
    void open(Settings settings, ClientLimits limits) {
        client = Client::open(axis.io, clock, std::move(settings), limits).value();
    }
    model::Outcome deliver(ports::Dispatch d = dispatch()) {
        return deliver(std::move(d), TextStream{envelope});
    }
    using TextStream = test::TextStream;
    model::Outcome deliver(ports::Dispatch d, TextStream stream) {
        return axis.run(outlet().deliver(std::move(d), stream));
    }
    model::Outcome after(Say answer) {
        axis.say("sendEdoc", {std::move(answer)});
        return deliver();
    }
    model::Outcome reconcile() { return axis.run(outlet().reconcile(dispatch())); }
    Outlet& outlet() { return outlet_.emplace(*client, "G98"); }

    test::ScriptedAxis axis;
    ManualClock clock{
        axis.io, Time{std::chrono::sys_days{std::chrono::year{2026} / 11 / 20}} + std::chrono::hours{18}};
    std::unique_ptr<Client> client;
    std::optional<Outlet> outlet_;
};

Say sent(std::string_view rows) {
    return {R"({"status":"OK","ErrorCode":"0","data":[)" + std::string{rows} + "]}"};
}

constexpr std::string_view two_rows =
    R"({"senderDocId":"d1","receiverDocId":"r1","fromCode":"G98.11","toCode":"G97","title":"V/v thử nghiệm",)"
    R"("notation":"251/TMĐT-TTTH","sentTime":"21/11/2026 00:30:01"},)"
    R"({"senderDocId":"d1","receiverDocId":"r2","fromCode":"G98.11","toCode":"G99","title":"V/v thử nghiệm",)"
    R"("notation":"251/TMĐT-TTTH","sentTime":"21/11/2026 00:30:01"})";

}  // namespace

TEST_CASE("a delivery is one sendEdoc in the SDK's form, under the sender's own code") {
    Bench bench;

    const auto outcome = bench.after({R"({"status":"OK","ErrorCode":"0","DocId":"68edb8c8"})"});

    CHECK(outcome.verdict == Verdict::accepted);
    CHECK(outcome.remote_id == "68edb8c8");
    REQUIRE(bench.axis.heard.size() == 1);
    const auto& call = bench.axis.heard[0];
    CHECK(call.body == envelope + "\r\n");
    CHECK(call.headers.get("Content-Length") == std::to_string(envelope.size() + 2));
    CHECK(call.headers.get("Content-Type") == "application/octet-stream");
    CHECK(call.headers.get("Cache-Control") == "no-cache");
    CHECK(call.headers.get("Accept") == "text/html, image/gif, image/jpeg, */*; q=0.2");
    CHECK(call.headers.count("Expect") == 0);
    CHECK(call.headers.count("XroadVnpt-to") == 0);
    CHECK(call.parameter("from") == "G98.11");
    CHECK(call.parameter("messagetype") == "edoc");
    CHECK(call.parameter("hash-file") == hash_file(sha256(envelope), HashPadding::sdk));
    CHECK(
        call.parameter("sign-header-key") ==
        "systemid;servicetype;messagetype;hash-file;from;timestamp;Content-Type"
    );
}

TEST_CASE("settings turn the SDK's two oddities off") {
    Bench bench{[](Settings s) {
        s.send_crlf = false;
        s.hash_padding = HashPadding::padded;
        return s;
    }};

    bench.deliver();

    CHECK(bench.axis.heard[0].body == envelope);
    CHECK(bench.axis.heard[0].parameter("hash-file") == sha256(envelope).hex());
}

TEST_CASE("a status goes as a status, and a dispatch without sender under the agency's code") {
    Bench bench;
    auto d = dispatch();
    d.kind = model::MessageKind::status;
    d.from.clear();

    bench.deliver(d);

    CHECK(bench.axis.heard[0].parameter("messagetype") == "status");
    CHECK(bench.axis.heard[0].parameter("from") == "G98");
}

TEST_CASE("what the axis answers decides the verdict") {
    struct Row {
        Say answer;
        Verdict verdict;
        errc reason;
    };
    const std::vector<Row> rows{
        {test::fail("18"), Verdict::rejected, errc::peer_rejected},
        {test::fail("20", 500), Verdict::deferred, errc::peer_deferred},
        {test::fail("15"), Verdict::unauthorised, errc::peer_unauthorised},
        {test::fail("15", 401), Verdict::unauthorised, errc::peer_unauthorised},
        {{"<html>Bad Gateway</html>", 502}, Verdict::unknown, errc::peer_http},
        {{"<html>Welcome</html>", 200}, Verdict::unknown, errc::peer_http},
        {{"", 200}, Verdict::unknown, errc::peer_http},
        {{}, Verdict::unknown, errc::peer_unknown},  // OK without DocId
        {{R"({"status":"OK","ErrorCode":"0","DocId":"d1"})", 200, Say::How::part},
         Verdict::unknown,
         errc::peer_http},
        {{"", 200, Say::How::cut}, Verdict::unknown, errc::peer_http},
        {{"", 200, Say::How::silence}, Verdict::unknown, errc::peer_timeout},
    };
    for (const auto& row : rows) {
        CAPTURE(row.answer.body);
        CAPTURE(static_cast<int>(row.answer.how));
        Bench bench;
        if (row.answer.how == Say::How::silence) bench.expect_silence();

        const auto outcome = bench.after(row.answer);

        CHECK(outcome.verdict == row.verdict);
        CHECK(outcome.reason == row.reason);
        CHECK(outcome.detail.size() <= 1000);
        CHECK(bench.axis.heard.size() == 1);  // never twice
    }
}

TEST_CASE("an axis nobody listens for is deferred") {
    Bench bench;
    bench.axis.close();

    const auto outcome = bench.deliver();

    CHECK(outcome.verdict == Verdict::deferred);
    CHECK(outcome.reason == errc::peer_tcp);
}

TEST_CASE("a sender that cannot stand in a header is rejected and nothing is sent") {
    Bench bench;
    auto d = dispatch();
    d.from = "ĐV98";

    const auto outcome = bench.deliver(d);

    CHECK(outcome.verdict == Verdict::rejected);
    CHECK(outcome.reason == errc::peer_header_not_ascii);
    CHECK(bench.axis.heard.empty());
}

TEST_CASE("an envelope that cannot be read to its end is no complete request, and ours") {
    Bench bench;

    const auto outcome = bench.deliver(dispatch(), test::TextStream{envelope, 7, 3});

    CHECK(outcome.verdict == Verdict::deferred);
    CHECK(outcome.reason == errc::blob_missing);
}

TEST_CASE("reconciling asks for the day before and after in Vietnam's time and finds the attempt") {
    Bench bench;
    bench.axis.say("getSentEdocList", {sent(two_rows)});

    const auto outcome = bench.reconcile();

    CHECK(outcome.verdict == Verdict::accepted);
    CHECK(outcome.remote_id == "d1");
    const auto& call = bench.axis.heard.at(0);
    CHECK(call.parameter("fromDate") == "20/11/2026 00:30:00");
    CHECK(call.parameter("toDate") == "22/11/2026 00:30:00");
    CHECK(call.parameter("docId") == "(absent)");
}

TEST_CASE("an attempt of long ago is looked for until now: a restored ledger does not know when it was sent"
) {
    Bench bench;
    bench.axis.say("getSentEdocList", {sent(two_rows)});
    bench.clock.advance(std::chrono::hours{24 * 3});

    (void)bench.reconcile();

    CHECK(bench.axis.heard.at(0).parameter("fromDate") == "20/11/2026 00:30:00");
    CHECK(bench.axis.heard.at(0).parameter("toDate") == "24/11/2026 01:00:00");
}

TEST_CASE("reconciling says not there only for a complete list without anything like it") {
    struct Row {
        Say answer;
        Verdict verdict;
    };
    const std::vector<Row> rows{
        {sent(""), Verdict::deferred},
        {sent(R"({"senderDocId":"d9","notation":"252/TMĐT-TTTH","sentTime":"21/11/2026 00:30:01"})"),
         Verdict::deferred},
        {sent(two_rows.substr(0, two_rows.find("},") + 1)), Verdict::unknown},  // one recipient only
        {{}, Verdict::unknown},                                                 // OK, but no list
        {test::fail("10"), Verdict::unknown},
        {test::fail("15", 401), Verdict::unknown},
        {{"<html></html>", 200}, Verdict::unknown},
        {{"", 200, Say::How::silence}, Verdict::unknown},
    };
    for (const auto& row : rows) {
        CAPTURE(row.answer.body);
        Bench bench;
        if (row.answer.how == Say::How::silence) bench.expect_silence();
        bench.axis.say("getSentEdocList", {row.answer});

        const auto outcome = bench.reconcile();

        CHECK(outcome.verdict == row.verdict);
        CHECK_FALSE(outcome.detail.empty());
    }
}

TEST_CASE("a status is not asked about, it is sent again") {
    Bench bench;
    auto d = dispatch();
    d.kind = model::MessageKind::status;

    const auto outcome = bench.axis.run(bench.outlet().reconcile(d));

    CHECK(outcome.verdict == Verdict::deferred);
    CHECK(bench.axis.heard.empty());
}

TEST_SUITE_END();
