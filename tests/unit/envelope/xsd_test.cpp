// Goal: the schemas inside the program say yes to what we write and name the element that breaks a rule,
// without repeating its text. Method: one small document, written, then damaged. What the schemas themselves
// mean is tests/scenario/xsd.py's matter.
#include "gateway/envelope/xsd.hpp"

#include "tests/unit/envelope/support.hpp"

#include <doctest/doctest.h>

using namespace axis;
using namespace axis::envelope;

TEST_SUITE_BEGIN("envelope");

namespace {

model::Document document() {
    model::Document d;
    d.from.code = *model::AgencyCode::parse("G98");
    d.from.name = "Bộ Thử nghiệm";
    d.from.address = "Hà Nội";
    d.to = {d.from};
    d.to[0].code = *model::AgencyCode::parse("G99");
    d.document_id = "G98,2026/11/21,12/TN-VP";
    d.number = "12";
    d.notation = "TN-VP";
    d.issued = model::Date::read("2026/11/21");
    d.type = {2, std::nullopt, "Công văn"};
    d.subject = "V/v thử";
    d.steering = 1;
    d.trace = {{d.from.code, "2026/11/21 09:00:00"}};
    model::Attachment file;
    file.content_id = "1";
    file.name = "a.pdf";
    file.content_type = "application/pdf";
    d.attachments = {file};
    return d;
}

struct Skeleton {
    std::string text;
    std::vector<Hole> holes;

    explicit Skeleton(const model::Document& d) {
        const auto out = write(d).value();
        text = out.skeleton;
        holes.resize(out.hole_offsets.size());
        for (std::size_t i = 0; i < holes.size(); ++i) holes[i].offset = out.hole_offsets[i];
    }
};

}  // namespace

TEST_CASE("what the writer writes fits both schemas") {
    const Skeleton good{document()};
    CHECK(Xsd{Xsd::Which::emit}.check(good.text, good.holes).has_value());
    CHECK(Xsd{Xsd::Which::accept}.check(good.text, good.holes).has_value());
}

TEST_CASE("what does not fit is named by its place, not by its text") {
    auto d = document();
    d.subject = std::string(600, 's');
    const Skeleton bad{d};
    const auto checked = Xsd{Xsd::Which::emit}.check(bad.text, bad.holes);
    REQUIRE_FALSE(checked.has_value());
    const auto error = checked.error();
    CHECK(error.code == errc::envelope_schema);
    CHECK(error.detail.find("edXMLHeader/MessageHeader/Subject: too long") != std::string::npos);
    CHECK(error.detail.find("sss") == std::string::npos);
    const auto line =
        std::count(
            bad.text.begin(), bad.text.begin() + static_cast<long>(bad.text.find("<edXML:Subject")), '\n'
        ) +
        1;
    CHECK(error.detail.starts_with(std::to_string(line) + ":"));
}

TEST_CASE("an element too many is named, and what else is wrong is counted") {
    Skeleton bad{document()};
    const std::string subject = "<edXML:Subject>";
    bad.text.insert(bad.text.find(subject), "<edXML:Nonsense/>");
    bad.holes[0].offset += std::string_view{"<edXML:Nonsense/>"}.size();
    const auto error = Xsd{Xsd::Which::emit}.check(bad.text, bad.holes).error();
    CHECK(
        error.detail.find("MessageHeader/Nonsense: an element that does not belong here") != std::string::npos
    );
    CHECK(Xsd{Xsd::Which::accept}.check("<a", {}).error().code == errc::xml_malformed);
}

TEST_SUITE_END();
