// Goal: a comparison names what changed in meaning, and sets apart what changed in form. Method: a document
// and copies of it with one thing changed.
#include "gateway/package/difference.hpp"

#include <doctest/doctest.h>

using namespace axis;
using namespace axis::package;

namespace {

model::AgencyCode agency(std::string_view text) {
    return model::AgencyCode::parse(text).value();
}

model::Document document() {
    model::Document d;
    d.from.code = agency("G98");
    d.to.resize(2);
    d.to[0].code = agency("G99");
    d.to[0].name = "Bộ A";
    d.to[1].code = agency("G97");
    d.subject = "V/v thử";
    d.issued = model::Date::read("2026/11/21");
    d.to_places = {"VT"};
    d.attachments.resize(2);
    d.attachments[0].name = d.attachments[1].name = "a.pdf";
    d.attachments[0].facts.file_sha256 = sha256("a");
    d.trace = {{agency("G98"), "2026/11/21 08:00:00"}};
    return d;
}

// The only difference.
Difference changed(void (*change)(model::Document&)) {
    auto other = document();
    change(other);
    const auto found = differences(document(), other);
    REQUIRE(found.size() == 1);
    return found[0];
}

void check_meaning(
    void (*change)(model::Document&), std::string_view field, std::string_view a, std::string_view b
) {
    const auto found = changed(change);
    CHECK(found.field == field);
    CHECK(found.a == a);
    CHECK(found.b == b);
    CHECK(found.of_meaning);
}

void check_form(void (*change)(model::Document&), std::string_view field) {
    const auto found = changed(change);
    CHECK(found.field == field);
    CHECK_FALSE(found.of_meaning);
}

}  // namespace

TEST_SUITE_BEGIN("package/difference");

TEST_CASE("a document does not differ from itself, nor by the order of its recipients") {
    CHECK(differences(document(), document()).empty());
    auto other = document();
    std::swap(other.to[0], other.to[1]);
    CHECK(differences(document(), other).empty());
    other.issued = model::Date::read("21/11/2026");
    CHECK(differences(document(), other).empty());
}

TEST_CASE("what was changed, added or lost is named by the package's names") {
    check_meaning([](auto& d) { d.subject = "V/v khác"; }, "subject", "\"V/v thử\"", "\"V/v khác\"");
    check_meaning([](auto& d) { d.content = "x"; }, "content", "", "\"x\"");
    check_meaning([](auto& d) { d.to.pop_back(); }, "to/G97", "{\"code\":\"G97\"}", "");
    check_meaning([](auto& d) { d.to[0].name.clear(); }, "to/G99/name", "\"Bộ A\"", "");
    check_meaning([](auto& d) { d.to[1].fax = "1"; }, "to/G97/fax", "", "\"1\"");
    check_meaning([](auto& d) { d.to_places.push_back("X"); }, "to_places", "[\"VT\"]", "[\"VT\",\"X\"]");
    check_meaning([](auto& d) { d.other.priority = 1; }, "priority", "", "\"khan\"");
    check_meaning([](auto& d) { d.other.direction = true; }, "directive", "", "true");
    check_meaning([](auto& d) { d.attachments[1].facts.file_bytes = 7; }, "files/a.pdf#2/bytes", "0", "7");
    check_meaning(
        [](auto& d) {
            d.extensions = {{"edXMLEnvelope", "<a/>"}};
        },
        "extensions",
        "",
        "[{\"place\":\"edXMLEnvelope\",\"xml\":\"<a/>\"}]"
    );
    CHECK(changed([](auto& d) { d.business.type = model::BusinessType::revoke; }).field == "business");
}

TEST_CASE("the way, the wrapping and defaults that are spelled out are form") {
    check_form([](auto& d) { d.trace.push_back({agency("G1"), "x"}); }, "trace/G1");
    check_form([](auto& d) { d.trace.clear(); }, "trace");
    check_form([](auto& d) { d.attachments[0].facts.wrapped = true; }, "files/a.pdf/wrapped");
    check_form(
        [](auto& d) { d.attachments[0].content_type = "application/zip"; }, "files/a.pdf/content_type"
    );
    check_form([](auto& d) { d.attachments[0].content_id = "1"; }, "files/a.pdf/content_id");
    check_form([](auto& d) { d.other.direction = false; }, "directive");
    check_form([](auto& d) { d.business.paper = 0; }, "paper");
    check_form([](auto& d) { d.other.priority = 0; }, "priority");
    check_form([](auto& d) { d.subject = " V/v thu\u031B\u0309 "; }, "subject");
    check_form([](auto& d) { d.to[0].code = agency("g99"); }, "to/G99/code");
}

TEST_CASE("statuses are compared with what they are about") {
    model::Status a;
    a.from.code = agency("G99");
    a.code = "03";
    a.response_for = {agency("G98"), "251/A", "x", model::Date::read("2026/11/21")};
    auto b = a;
    CHECK(differences(a, b).empty());
    b.code = "02";
    b.description = "Gửi nhầm";
    b.response_for.document_id = "y";
    b.staff.staff = "A";
    const auto found = differences(a, b);
    REQUIRE(found.size() == 4);
    CHECK(found[0].field == "code");
    CHECK(found[3].field == "staff");
}

TEST_SUITE_END();
