// Goal: what a worker and its owner say arrives as it was said, in any language, and anything else is
// refused.
#include "gateway/delivery/worker_protocol.hpp"

#include <doctest/doctest.h>

using namespace axis;

namespace {

ports::Dispatch dispatch() {
    ports::Dispatch d;
    d.message = *model::MessageId::parse("01J9X7Z3K8M4N6P2Q5R7S9T1V3");
    d.kind = model::MessageKind::status;
    d.attempt = 3;
    d.begun = Time{Duration{1'795'000'000'123}};
    d.from = "G98.11";
    d.to = {"G99", "G97"};
    d.document_id = "G98,2026/11/21,1/GM-VP";
    d.number = "1/GM-VP";
    d.subject = "V/v \"thử\" \\ tiếng Việt\n";
    d.sha256 = sha256("x");
    d.bytes = 5'000'000'000;
    return d;
}

}  // namespace

TEST_SUITE_BEGIN("delivery");

TEST_CASE("a dispatch is read back as it was") {
    const auto said = dispatch();

    const auto heard = delivery::dispatch_from(delivery::to_json(said));

    REQUIRE(heard);
    CHECK(heard->message == said.message);
    CHECK(heard->kind == said.kind);
    CHECK(heard->attempt == said.attempt);
    CHECK(heard->begun == said.begun);
    CHECK(heard->from == said.from);
    CHECK(heard->to == said.to);
    CHECK(heard->document_id == said.document_id);
    CHECK(heard->number == said.number);
    CHECK(heard->subject == said.subject);
    CHECK(heard->sha256 == said.sha256);
    CHECK(heard->bytes == said.bytes);
}

TEST_CASE("a report is read back as it was") {
    delivery::Report said;
    said.reference = {model::DeliveryId{16}, 2};
    said.outcome.verdict = model::Verdict::deferred;
    said.outcome.reason = errc::peer_deferred;
    said.outcome.detail = "HTTP 200 {\"ErrorDesc\":\"lỗi\"}";
    said.outcome.remote_id = "7b82";
    said.outcome.connect = Duration{12};
    said.outcome.transfer = Duration{345};

    const auto heard = delivery::report_of(delivery::to_json(said));

    REQUIRE(heard);
    CHECK(heard->reference == said.reference);
    CHECK(heard->outcome.verdict == said.outcome.verdict);
    CHECK(heard->outcome.reason == said.outcome.reason);
    CHECK(heard->outcome.detail == said.outcome.detail);
    CHECK(heard->outcome.remote_id == said.outcome.remote_id);
    CHECK(heard->outcome.connect == said.outcome.connect);
    CHECK(heard->outcome.transfer == said.outcome.transfer);
}

TEST_CASE("a reason this version does not know leaves the verdict") {
    auto text = delivery::to_json(delivery::Report{{model::DeliveryId{1}, 1}, {}});
    text.replace(text.find("\"reason\":\"\""), 11, "\"reason\":\"of.tomorrow\"");

    const auto heard = delivery::report_of(text);

    REQUIRE(heard);
    CHECK(heard->outcome.verdict == model::Verdict::unknown);
    CHECK(heard->outcome.reason == errc::internal);
}

TEST_CASE("who comes has a name and is welcomed with a lease") {
    const auto hello = delivery::hello_of(delivery::to_json(delivery::Hello{"máy 1:\"7\""}));
    const auto longer = delivery::hello_of(delivery::to_json(delivery::Hello{std::string(300, 'x')}));
    const auto welcome =
        delivery::welcome_of(delivery::to_json(delivery::Welcome{"w", Duration{15'000}, Duration{3'000}}));

    REQUIRE(hello);
    CHECK(hello->name == "máy 1:\"7\"");
    REQUIRE(longer);
    CHECK(longer->name == std::string(100, 'x'));
    CHECK_FALSE(delivery::hello_of(R"({"name":""})"));
    CHECK_FALSE(delivery::hello_of(R"({"name":7})"));
    REQUIRE(welcome);
    CHECK(welcome->worker == "w");
    CHECK(welcome->lease == Duration{15'000});
    CHECK(welcome->beat == Duration{3'000});
    CHECK_FALSE(delivery::welcome_of(R"({"worker":"w","lease_ms":"1","beat_ms":1})"));
}

TEST_CASE("what is cut, or says something else, is nothing") {
    const auto report = delivery::to_json(delivery::Report{{model::DeliveryId{1}, 1}, {}});
    for (std::size_t n = 0; n < report.size(); ++n) CHECK_FALSE(delivery::report_of(report.substr(0, n)));
    const auto said = delivery::to_json(dispatch());
    for (std::size_t n = 0; n < said.size(); ++n) CHECK_FALSE(delivery::dispatch_from(said.substr(0, n)));
    auto other = report;
    other.replace(other.find("unknown"), 7, "perhaps");
    CHECK_FALSE(delivery::report_of(other));
    CHECK_FALSE(delivery::report_of("[]"));
    CHECK_FALSE(delivery::dispatch_from("{}"));
}
