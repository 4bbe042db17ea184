// Goal: what other software hands over becomes the package it means, and nothing is invented or lost on the
// way. Method: sources in each shape, with every key their tables know; then broken ones.
#include "gateway/package/import.hpp"

#include "gateway/base/base64.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <doctest/doctest.h>

#include <algorithm>

using namespace axis;
using namespace axis::package;
namespace json = boost::json;

namespace {

const Classes ordinary{model::SecurityClass::ordinary, false, false};

bool has(const Error& error, std::string_view pointer, errc code) {
    return std::any_of(error.faults.begin(), error.faults.end(), [&](const Fault& f) {
        return f.pointer == pointer && f.code == code;
    });
}

const std::string pvn = R"({
  "from": {"organId": "G98", "organizationInCharge": "Chính phủ", "organName": "Bộ Thử nghiệm", "organAdd": "Hà Nội",
           "email": "a@g98.example", "telephone": "024", "fax": "025", "website": "g98.example"},
  "to": [{"organId": "G99"}, null, {"organId": "G97", "organName": "Bộ Kiểm thử", "organAdd": ""}],
  "subject": "V/v thử", "content": "Nội dung", "codeNumber": 251, "codeNotation": "TMĐT", "place": "Hà Nội",
  "promulgationDate": "2026/11/21 08:00:00", "typeName": "Công văn", "type": "2", "typeDetail": "18",
  "signerFullName": "Nguyễn Văn Thử", "signerPosition": "Vụ trưởng", "priority": "1", "sphereOfPromulgation": "Nội bộ",
  "typerNotation": "NVT", "promulgationAmount": "5", "pageAmount": 2, "direction": "false", "appendixes": ["PL I", ""],
  "steeringType": "1", "toPlaces": ["Như trên"], "fromCode": "G98", "serviceType": "eDoc", "messageType": "edoc",
  "aggregate": false})";

const std::string flat = R"({
  "header_messageheader_from_organid": "G98", "header_messageheader_from_organname": "Bộ Thử nghiệm",
  "header_messageheader_toes": [{"organid": "G99", "organname": "Bộ A"}, {"organid": "G97"}],
  "header_messageheader_code_codenumber": "251", "header_messageheader_code_codenotation": "TMĐT",
  "header_messageheader_promulgationinfo_promulgationdate": "2026/11/21 17:19:16",
  "header_messageheader_documenttype_type": "71", "header_messageheader_documenttype_typename": "Công văn",
  "header_messageheader_subject": "V/v thử", "header_messageheader_signerinfo_competence": "TL.",
  "header_messageheader_duedate": "01/12/2026", "header_messageheader_toplaces": ["VT"],
  "header_messageheader_otherinfo_priority": "3", "header_messageheader_otherinfo_appendixes": ["PL"],
  "header_messageheader_responsefors": [{"organid": "G97", "code": "1/A", "promulgationdate": "2026/11/01", "documentid": "x"}],
  "header_messageheader_steeringtype": "0", "header_messageheader_documentid": "G98,2026/11/21,251/TMĐT",
  "header_traceheaderlist_traceheader": [{"organid": "G98"}],
  "header_traceheaderlist_bussiness_bussinessdoctype": "2",
  "header_traceheaderlist_bussiness_bussinessdocreason": "Sửa nơi nhận",
  "header_traceheaderlist_bussiness_bussinessdocumentinfo": [
    {"documentinfo": "0", "documentreceiver": "1", "receiverlist": [
      {"receiver": [{"organid": "G96", "receivertype": "0"}, {"organid": "G95", "receivertype": "1"}]},
      {"receiver": [{"organid": "G94", "receivertype": "5"}]}]}],
  "header_traceheaderlist_bussiness_documentid": "G98,2026/11/20,250/TMĐT",
  "header_traceheaderlist_bussiness_staffinfoes": [{"department": "VT", "staff": "A", "mobile": "09", "email": "a@g98.example"}, {"staff": "B"}],
  "header_traceheaderlist_bussiness_paper": "2",
  "header_signature_signaturevalue": "abc", "header_signature_signatureinfo_references": [{"uri": "", "transforms": ["1"]}],
  "attachments": [{"attachmentname": "a.pdf", "description": "bản chính"}, {"attachmentname": "b.pdf"}]})";

const std::string small = R"({"trichYeu": "Hồ sơ", "tenHoSo": "Hồ sơ", "maHoSo": "HS-1",
  "files": [{"fileName": "a.txt", "fileByte": "dGjhu60=", "size": 5}, {"fileName": "b.txt", "fileByte": "YQ=="}]})";

const std::string rest = R"({"from": "G98.11", "to": ["G98"], "code": {"number": "7", "notation": "HS"},
  "issued": {"date": "2026-11-21"}, "type": {"name": "Phiếu chuyển"}, "subject": "không dùng"})";

model::Document document_of(const Imported& imported) {
    return parse(imported.package_json).value().document;
}

// The source with one member replaced or added.
std::string with(const std::string& source, std::string_view key, json::value value) {
    auto object = json::parse(source).as_object();
    object[key] = std::move(value);
    return json::serialize(object);
}

const std::string file_list = R"({"files": [{"name": "a.pdf"}]})";

}  // namespace

TEST_SUITE_BEGIN("package/import");

TEST_CASE("the JSON part of a multipart form becomes a package") {
    const auto imported = import_package(Shape::pvn, pvn, file_list, ordinary).value();
    const auto d = document_of(imported);

    CHECK(d.from.code.text() == "G98");
    CHECK(d.from.in_charge == "Chính phủ");
    REQUIRE(d.to.size() == 2);  // the empty one is none
    CHECK(d.to[1].name == "Bộ Kiểm thử");
    CHECK(d.to[1].address.empty());
    CHECK(d.full_number() == "251/TMĐT");
    CHECK(d.issued.dashed() == "2026-11-21");
    CHECK(d.type == model::DocumentType{2, 18, "Công văn"});
    CHECK(d.signer == model::Signer{"", "Vụ trưởng", "Nguyễn Văn Thử"});
    CHECK(d.other.priority == 1);
    CHECK(d.other.copies == 5u);
    CHECK(d.other.pages == 2u);
    CHECK(d.other.direction == false);
    CHECK(d.other.appendixes == std::vector<std::string>{"PL I"});
    CHECK(d.steering == 1);
    CHECK(json::parse(imported.package_json).at("priority") == "khan");
    CHECK(imported.left_out == std::vector<std::string>{"/serviceType", "/messageType", "/aggregate"});
}

TEST_CASE("a comma list of recipients is a list of recipients") {
    auto object = json::parse(pvn).as_object();
    object.erase("to");
    object["toCode"] = "G99, G97 ,,g96";
    const auto d =
        document_of(import_package(Shape::pvn, json::serialize(object), file_list, ordinary).value());
    REQUIRE(d.to.size() == 3);
    CHECK(d.to[2].code.text() == "g96");
}

TEST_CASE("flat keys become a package, lists within lists one list") {
    const auto imported = import_package(Shape::flat, flat, "", ordinary).value();
    const auto d = document_of(imported);

    CHECK(d.document_id == "G98,2026/11/21,251/TMĐT");
    CHECK(d.type.type == 71);
    CHECK(d.due.dashed() == "2026-12-01");
    CHECK(d.other.priority == 3);
    CHECK(d.steering == 0);
    REQUIRE(d.response_for.size() == 1);
    CHECK(d.response_for[0].date.dashed() == "2026-11-01");
    CHECK(d.business.type == model::BusinessType::update);
    CHECK(d.business.paper == 2);
    CHECK(d.business.staff.size() == 2);
    REQUIRE(d.business.updates.size() == 1);
    CHECK(d.business.updates[0].document == 0);
    CHECK(d.business.updates[0].receiver == 1);
    REQUIRE(d.business.updates[0].receivers.size() == 3);
    CHECK(d.business.updates[0].receivers[2].organ.text() == "G94");
    CHECK(d.business.updates[0].receivers[2].type == 5);
    CHECK(parse(imported.package_json).value().files[0].description == "bản chính");
    CHECK(imported.left_out.size() == 2);
}

TEST_CASE("replaced documents of a flat source come from lists of lists") {
    auto object = json::parse(flat).as_object();
    const std::string business = "header_traceheaderlist_bussiness_";
    object.erase(business + "bussinessdocumentinfo");
    object[business + "bussinessdoctype"] = 3;
    object[business + "replacementinfolist_replacementinfo"] = json::parse(
        R"([[{"documentid": "a", "organidlist": ["G99", "G97"]}, {"documentid": "b"}], [], [{"documentid": "c", "organidlist": ["G96"]}]])"
    );
    const auto d = document_of(import_package(Shape::flat, json::serialize(object), "", ordinary).value());
    REQUIRE(d.business.replacements.size() == 3);
    CHECK(d.business.replacements[0].organs.size() == 2);
    CHECK(d.business.replacements[1].organs.empty());
    CHECK(d.business.replacements[2].document_id == "c");
    CHECK(d.business.replacements[2].organs[0].text() == "G96");
}

TEST_CASE("files in base64 come out as files, and the caller says what the shape cannot") {
    const auto imported = import_package(Shape::inline_files, small, rest, ordinary).value();
    const auto package = parse(imported.package_json).value();

    CHECK(package.external_id == "HS-1");
    CHECK(package.document.subject == "Hồ sơ");  // the source wins
    CHECK(package.document.full_number() == "7/HS");
    REQUIRE(imported.files.size() == 2);
    CHECK(imported.files[0].name == "a.txt");
    CHECK(imported.files[0].bytes == "thử");
    CHECK(package.files[1].sha256 == sha256("a"));

    const auto error = import_package(Shape::inline_files, small, "", ordinary).error();
    CHECK(has(error, "/from", errc::field_missing));
    CHECK(has(error, "/code", errc::field_missing));
    CHECK(error.detail.find("in the package") != std::string::npos);
}

TEST_CASE("the classes are the caller's to state, never assumed") {
    const auto error = import_package(Shape::flat, flat, "", std::nullopt).error();
    CHECK(error.faults.size() == 3);
    CHECK(has(error, "/security_class", errc::field_missing));
    CHECK(has(error, "/restricted_publication", errc::field_missing));
    CHECK(has(error, "/denunciation", errc::field_missing));

    const auto stated = R"({"security_class": "mat", "restricted_publication": true, "denunciation": false})";
    const auto secret = import_package(Shape::flat, flat, stated, std::nullopt).value();
    CHECK(parse(secret.package_json).value().security_class == model::SecurityClass::secret);
    const auto both = import_package(Shape::flat, flat, stated, ordinary).value();
    CHECK(parse(both.package_json).value().security_class == model::SecurityClass::ordinary);
}

TEST_CASE("every fault of the source is named at its place in the source") {
    auto source = with(pvn, "a/b", 1);
    source = with(source, "promulgationDate", "30/02/2026");
    source = with(source, "pageAmount", "hai");
    source = with(source, "direction", "có");
    source = with(source, "subject", json::array{});
    source = with(source, "toPlaces", "VT");
    source = with(source, "fromCode", "G97");
    source = with(source, "priority", "gấp");
    source = with(source, "from", json::parse(R"({"organId": "G98", "ten": "x"})"));
    const auto error = import_package(Shape::pvn, source, file_list, ordinary).error();

    CHECK(error.code == errc::package_invalid);
    CHECK(error.faults.size() == 9);
    CHECK(has(error, "/a~1b", errc::field_unknown));
    CHECK(has(error, "/promulgationDate", errc::date_invalid));
    CHECK(has(error, "/pageAmount", errc::field_value));
    CHECK(has(error, "/direction", errc::field_value));
    CHECK(has(error, "/subject", errc::field_value));
    CHECK(has(error, "/toPlaces", errc::field_type));
    CHECK(has(error, "/fromCode", errc::field_value));  // said twice, differently
    CHECK(has(error, "/priority", errc::field_value));
    CHECK(has(error, "/from/ten", errc::field_unknown));
    CHECK(error.detail.find("in the source") != std::string::npos);
}

TEST_CASE("recipients said in two ways, an unknown kind of business and broken files are faults") {
    const auto both = with(pvn, "toCode", "G99");
    CHECK(import_package(Shape::pvn, both, file_list, ordinary).error().faults.size() >= 1);
    const auto kind = with(flat, "header_traceheaderlist_bussiness_bussinessdoctype", "12334");
    CHECK(
        has(import_package(Shape::flat, kind, "", ordinary).error(),
            "/header_traceheaderlist_bussiness_bussinessdoctype",
            errc::field_value)
    );
    auto file = json::parse(small);
    file.at_pointer("/files/0/fileByte") = "%%%";
    CHECK(
        has(import_package(Shape::inline_files, json::serialize(file), rest, ordinary).error(),
            "/files/0/fileByte",
            errc::attachment_base64)
    );
    file = json::parse(small);
    file.at_pointer("/files/0/size") = 4;
    CHECK(
        import_package(Shape::inline_files, json::serialize(file), rest, ordinary).error().faults.size() == 1
    );
}

TEST_CASE("what is not an object in JSON is refused") {
    for (const auto* source : {"", "{", "[]", "7", "{\"subject\":1,\"subject\":2}"}) {
        CAPTURE(source);
        for (const auto shape : {Shape::pvn, Shape::flat, Shape::inline_files})
            CHECK_FALSE(import_package(shape, source, rest, ordinary).has_value());
    }
    CHECK(import_package(Shape::flat, flat, "[]", ordinary).error().code == errc::package_not_json);
    CHECK(shape_named("inline") == Shape::inline_files);
    CHECK_FALSE(shape_named("bkav").has_value());
}

TEST_SUITE_END();
