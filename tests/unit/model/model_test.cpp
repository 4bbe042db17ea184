// Goal: values keep their invariants. Method: values in, values out.
#include "gateway/model/agency_code.hpp"
#include "gateway/model/delivery.hpp"
#include "gateway/model/document.hpp"
#include "gateway/model/ids.hpp"
#include "gateway/model/status.hpp"

#include <doctest/doctest.h>

using namespace axis;
using namespace axis::model;

TEST_SUITE_BEGIN("model");

TEST_CASE("message ids sort by time and survive their text") {
    SeededRandom random{1};
    const auto a = MessageId::make(Time{std::chrono::hours{1}}, random);
    const auto b = MessageId::make(Time{std::chrono::hours{2}}, random);

    CHECK(a < b);
    CHECK(a.text() < b.text());
    CHECK(a.text().size() == 26);
    CHECK(MessageId::parse(a.text()) == a);
    CHECK_FALSE(MessageId::parse("8ZZZZZZZZZZZZZZZZZZZZZZZZZ"));
    CHECK_FALSE(MessageId::parse("not an id"));
    const auto range = MessageId::range(a.text().substr(0, 12));
    REQUIRE(range);
    CHECK(range->first <= a);
    CHECK(a <= range->second);
}

TEST_CASE("agency codes compare without case and blanks, and odd ones are still codes") {
    CHECK(*AgencyCode::parse(" g98.11 ") == *AgencyCode::parse("G98.11"));
    CHECK(AgencyCode::parse("000.00.00.G22")->well_formed());
    CHECK(AgencyCode::parse("G12.18")->well_formed());
    CHECK_FALSE(AgencyCode::parse("vxp.saas.03")->well_formed());
    for (const auto* bad : {"", "  ", "null", " null\n", "G98 11", "G98\u200b", "G9\n8", "G9/8"})
        CHECK_FALSE(AgencyCode::parse(bad));
    CHECK_FALSE(AgencyCode::parse(std::string(65, 'G')));
}

TEST_CASE("dates keep their writing beside their meaning") {
    CHECK(Date::read("2015/09/30") == Date::read("30/09/2015"));
    CHECK(Date::read("2015-09-30T00:00:00").slashed() == "2015/09/30");
    CHECK(Date::read("2014/02/30").slashed() == "2014/02/30");
    CHECK_FALSE(Date::read("2014/02/30").day);
    CHECK(Date::read("").empty());
}

TEST_CASE("the business digest ignores the order of files and the normalisation of keys, nothing else") {
    Document document;
    document.document_id = "G98,2026/11/21,1/TMĐT";
    document.number = "1";
    document.attachments.resize(2);
    document.attachments[0].facts.file_sha256 = sha256("a");
    document.attachments[1].facts.file_sha256 = sha256("b");
    const auto issuer = *AgencyCode::parse("G98");
    const auto digest = business_digest(document, issuer);

    auto other = document;
    std::swap(other.attachments[0], other.attachments[1]);
    other.subject = "changed on the way";
    CHECK(business_digest(other, issuer) == digest);
    other.attachments[0].facts.file_sha256 = sha256("c");
    CHECK(business_digest(other, issuer) != digest);
    CHECK(business_digest(document, *AgencyCode::parse("G99")) != digest);
}

TEST_CASE("status codes have the axis' own wording and unknown ones are kept") {
    CHECK(status_code::normal(" 3 ") == "03");
    CHECK(status_code::label("02") == "Từ chối tiếp nhận");
    CHECK(status_code::needs_reason("13"));
    CHECK_FALSE(status_code::known("14"));
    CHECK(status_code::label("14") == "Trạng thái 14");
    CHECK(label(DeliveryState::done, "") == "Đã gửi");
    CHECK(label(DeliveryState::done, "03") == "Đã tiếp nhận");
    CHECK(delivery_state("offered") == DeliveryState::offered);
    CHECK_FALSE(delivery_state("lost"));
}

TEST_SUITE_END();
