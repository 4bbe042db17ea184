// Goal: what we write is read back as it was, and what would not be is refused. Method: fully populated
// values, written, scanned, read and compared; one member of them spoilt. (Any values: property_test.cpp.
// What the SDK wrote: samples_test.cpp.)
#include "gateway/base/base64.hpp"
#include "gateway/envelope/relay.hpp"
#include "tests/unit/envelope/support.hpp"

#include <doctest/doctest.h>

using namespace axis;
using namespace axis::envelope;
using model::AgencyCode;
using model::Date;

TEST_SUITE_BEGIN("envelope");

namespace {

AgencyCode agency(std::string_view text) {
    return AgencyCode::parse(text).value();
}

model::Organization organization(std::string_view code) {
    return {
        agency(code),
        "Chính phủ",
        "Bộ Thử nghiệm <" + std::string{code} + ">",
        "1 phố Thử & Nghiệm",
        "vanthu@g98.example",
        "(024) 0000 0000",
        "024",
        "g98.example"};
}

model::Document full_document() {
    model::Document d;
    d.from = organization("G98");
    d.to = {organization("G98.11"), organization("000.00.00.G99")};
    d.document_id = "G98,2026/11/21,251/TMĐT-TTTH";
    d.number = "251";
    d.notation = "TMĐT-TTTH";
    d.place = "Hà Nội";
    d.issued = Date::read("2026-11-21");
    d.type = {2, 18, "Công văn"};
    d.subject = "V/v thử \"nghiệm\" ]]> dòng một\r\ndòng hai\tcột";
    d.content = "Nội dung";
    d.signer = {"KT. BỘ TRƯỞNG", "Thứ trưởng", "Nguyễn Văn Thử"};
    d.due = Date::read("2026/12/01");
    d.other = {3, "Lưu hành nội bộ", "TVC", 10, 2, {"Phụ lục 1", "Phụ lục 2"}, true, "a;b", "c;d"};
    d.response_for = {{agency("G99"), "12/G99-VP", "G99,2026/10/01,12/G99-VP", Date::read("2026/10/01")}};
    d.steering = 1;
    d.tasks = {"NV-1", "NV-2"};
    d.application_type = "MCDT_DT";
    d.to_places = {"Như trên", "Lưu: VT"};
    d.trace = {{agency("G98"), "2026/11/21 08:00:00"}, {AgencyCode{}, "2026/11/21 08:00:01"}};
    d.business = {
        model::BusinessType::replace,
        "Thay thế",
        "G98,2026/11/01,250/TMĐT",
        1,
        {{1, 1, {{agency("G98.11"), 0}, {agency("G98.12"), 1}}}, {0, 0, {}}},
        {{"G98,2026/11/01,250/TMĐT", {agency("G98.11"), agency("G99")}}},
        {{"Văn thư", "Trần Thị Thử", "tt@g98.example", "0900000000", "VT", "tt"},
         {"", "Người thứ hai", "", "", "", ""}}};
    d.attachments = {
        {"0001", "công văn.pdf", "bản ký", "application/pdf", "file", "application/pdf", {}, "pdf"},
        {"0002", "bảng <1>.xlsx", "", "application/zip", "", "", {}, ""}};
    d.extensions = {
        {"AttachmentEncoded/Attachment[0]", "<Size>12</Size>"},
        {"edXMLEnvelope/edXMLHeader", "<edXML:More><edXML:One>1</edXML:One></edXML:More>"},
        {"edXMLEnvelope/edXMLHeader/MessageHeader", "<n xmlns=\"\"/>"},
        {"edXMLEnvelope/edXMLHeader/MessageHeader/ToPlaces",
         "<x:Note xmlns:x=\"urn:thu\" x:a=\"1&quot;2\">a<x:b/></x:Note>"},
        {"edXMLEnvelope/edXMLHeader/MessageHeader/To[1]", "<edXML:Zip>10000</edXML:Zip>"},
        {"edXMLEnvelope/edXMLHeader/TraceHeaderList/Bussiness/BussinessDocumentInfo[1]",
         "<edXML:Why>vì</edXML:Why>"}};
    return d;
}

model::Status full_status() {
    model::Status s;
    s.from = organization("G98.11");
    s.response_for = {agency("G98"), "251/TMĐT", "G98,2026/11/21,251/TMĐT", Date::read("2026/11/21")};
    s.staff = {"Văn thư", "Trần Thị Thử", "tt@g98.example", "0900000000", "", ""};
    s.code = "02";
    s.description = "Sai nơi nhận";
    s.timestamp = "2026/11/21 10:00:00";
    Time at;
    REQUIRE(parse_time(s.timestamp, at));
    s.at = at;
    return s;
}

Checked checked(const std::string& bytes) {
    auto result = test::check(bytes);
    REQUIRE_MESSAGE(result.has_value(), (result ? "" : to_string(result.error())));
    return std::move(*result);
}

std::string written(const Written& w, const std::vector<std::string>& texts) {
    return test::joined(w.skeleton, w.hole_offsets, texts);
}

}  // namespace

TEST_CASE("a fully populated document is read back as it was written") {
    const auto document = full_document();
    const auto out = write(document);
    REQUIRE(out.has_value());
    REQUIRE(out->hole_offsets.size() == 2);
    const auto result = checked(written(*out, {base64_encode("%PDF-1.4 thử"), base64_encode("PK no")}));

    auto read = std::get<model::Document>(result.read.content);
    CHECK(read.attachments[0].facts.file_sha256 == sha256("%PDF-1.4 thử"));
    CHECK(read.attachments[0].facts.text_sha256 == sha256(base64_encode("%PDF-1.4 thử")));
    CHECK(read.attachments[0].facts == result.facts[0]);
    for (auto& attachment : read.attachments) attachment.facts = {};
    CHECK(read == document);
    CHECK(result.read.hole_of == std::vector<std::size_t>{0, 1});
    CHECK_FALSE(result.read.has_signature);
    CHECK(write(read).value().skeleton == out->skeleton);
}

TEST_CASE("a fully populated status is read back as it was written") {
    const auto out = write(full_status());
    REQUIRE(out.has_value());
    CHECK(out->hole_offsets.empty());
    CHECK(out->skeleton.find("TraceHeaderList") == std::string::npos);
    CHECK(out->skeleton.find("edXMLBody") == std::string::npos);
    CHECK(std::get<model::Status>(checked(out->skeleton).read.content) == full_status());
}

TEST_CASE("a status keeps the traces that an axis put into it") {
    auto status = full_status();
    const auto bytes = write(status)->skeleton;
    const auto scanned = test::scan({bytes});
    const auto relayed =
        append_trace(scanned.skeleton, scanned.holes, {agency("G99"), "2026/11/21 10:00:01"});
    const auto read = std::get<model::Status>(checked(relayed->skeleton).read.content);

    REQUIRE(read.extensions.size() == 1);
    CHECK(read.extensions[0].place == "edXMLEnvelope/edXMLHeader");
    CHECK(std::get<model::Status>(checked(write(read).value().skeleton).read.content) == read);
}

TEST_CASE("a bare document is written with the business block and nothing else invented") {
    model::Document document;
    document.from.code = agency("G98");
    const auto out = write(document).value();
    const std::string ns = "http://www.mic.gov.vn/TBT/QCVN_102_2016";
    CHECK(
        out.skeleton ==
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n"
        "<edXML xmlns=\"" +
            ns +
            "\">\r\n"
            "  <edXML:edXMLEnvelope xmlns:edXML=\"" +
            ns +
            "\">\r\n"
            "    <edXML:edXMLHeader>\r\n"
            "      <edXML:MessageHeader>\r\n"
            "        <edXML:From>\r\n"
            "          <edXML:OrganId>G98</edXML:OrganId>\r\n"
            "        </edXML:From>\r\n"
            "      </edXML:MessageHeader>\r\n"
            "      <edXML:TraceHeaderList>\r\n"
            "        <edXML:Bussiness>\r\n"
            "          <edXML:BussinessDocType>0</edXML:BussinessDocType>\r\n"
            "        </edXML:Bussiness>\r\n"
            "      </edXML:TraceHeaderList>\r\n"
            "    </edXML:edXMLHeader>\r\n"
            "  </edXML:edXMLEnvelope>\r\n"
            "</edXML>\r\n"
    );
    document.other.pages = 1;
    add_sdk_defaults(document);
    const auto as_sdk = write(document)->skeleton;
    CHECK(as_sdk.find("<edXML:Direction>false</edXML:Direction>") != std::string::npos);
    CHECK(as_sdk.find("<edXML:Paper>0</edXML:Paper>") != std::string::npos);
}

TEST_CASE("what XML cannot carry and what an envelope cannot miss is refused, with its element") {
    for (const std::string& bad :
         {std::string{"a\x01"},
          std::string{"a\0", 2},
          std::string{"\xEF\xBF\xBF"},
          std::string{"\xED\xA0\x80"},
          std::string{"\xFF"}}) {
        auto document = full_document();
        document.subject = bad;
        const auto out = write(document);
        REQUIRE_FALSE(out.has_value());
        CHECK(out.error().code == errc::envelope_field);
        CHECK(out.error().detail.find("edXML:MessageHeader/edXML:Subject") != std::string::npos);
    }
    auto document = full_document();
    document.to[0].code = {};
    CHECK(write(document).error().detail.find("edXML:To/edXML:OrganId") != std::string::npos);
    document = full_document();
    document.extensions.push_back({"edXMLEnvelope/edXMLHeader/MessageHeader/To[7]", "<a/>"});
    CHECK(write(document).error().code == errc::envelope_field);
    CHECK(write(document).error().detail.find("MessageHeader/To[7]") != std::string::npos);
    document = full_document();
    document.attachments[0].content_id.clear();
    CHECK(write(document).error().code == errc::envelope_field);
    model::Status status;
    CHECK(write(status).error().code == errc::envelope_field);
}

TEST_CASE("what a reader would take for something else is refused, with its element") {
    const auto refused = [](auto content, auto spoil, std::string_view element) {
        spoil(content);
        const auto out = write(content);
        REQUIRE_FALSE(out.has_value());
        CHECK(out.error().code == errc::envelope_field);
        CHECK_MESSAGE(out.error().detail.find(element) != std::string::npos, out.error().detail);
    };
    const auto document = [&](void (*spoil)(model::Document&), std::string_view element) {
        refused(full_document(), spoil, element);
    };
    document([](auto& d) { d.content = " \t"; }, "edXML:Content would be read as nothing");
    document([](auto& d) { d.to[1].name = "null"; }, "edXML:To/edXML:OrganName would");
    document([](auto& d) { d.number = "251 "; }, "edXML:Code/edXML:CodeNumber has blanks");
    document([](auto& d) { d.due = {" mai", {}}; }, "edXML:DueDate has blanks");
    document([](auto& d) { d.attachments[1].content_id = " 2"; }, "edXML:ContentId has blanks");
    document([](auto& d) { d.attachments[1].name = "a/b"; }, "edXML:AttachmentName is empty or unsafe");
    document([](auto& d) { d.tasks.push_back(""); }, "edXML:TaskCode says nothing");
    document([](auto& d) { d.business.replacements[0].organs[0] = {}; }, "edXML:OrganId says nothing");
    document([](auto& d) { d.to.push_back({}); }, "edXML:To says nothing");
    document([](auto& d) { d.response_for.push_back({}); }, "edXML:ResponseFor says nothing");
    document([](auto& d) { d.trace.push_back({}); }, "edXML:TraceHeader says nothing");
    document([](auto& d) { d.business.staff.push_back({}); }, "edXML:StaffInfo says nothing");
    document([](auto& d) { d.business.updates.push_back({}); }, "edXML:BussinessDocumentInfo says nothing");
    document([](auto& d) { d.business.updates[0].receivers.push_back({}); }, "edXML:Receiver says nothing");
    document([](auto& d) { d.business.replacements.push_back({}); }, "edXML:ReplacementInfo says nothing");
    const auto status = [&](void (*spoil)(model::Status&), std::string_view element) {
        refused(full_status(), spoil, element);
    };
    status([](auto& s) { s.response_for = {}; }, "edXML:ResponseFor is missing");
    status([](auto& s) { s.code = "3"; }, "edXML:StatusCode is not in its normal form");
    status([](auto& s) { s.code.clear(); }, "edXML:StatusCode is missing");
}

TEST_SUITE_END();
