// Goal: a package becomes the document it states, and hostile or broken JSON becomes faults.
// Method: text in, values out.
#include "gateway/package/package.hpp"

#include "gateway/base/file.hpp"
#include "gateway/model/file_name.hpp"
#include "gateway/policy/policy.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <doctest/doctest.h>

#include <algorithm>

using namespace axis;
using namespace axis::package;
namespace json = boost::json;

namespace {

const std::string source = AXIS_SOURCE_DIR;

std::string example(const std::string& name) {
    return read_file(source + "/schemas/examples/" + name).value();
}

// The full example with one value replaced, added (new keys) or, by undefined pointers, refused.
std::string with(std::string_view pointer, json::value value) {
    auto whole = json::parse(example("package-full.json"));
    const auto cut = pointer.rfind('/');
    auto& parent = whole.at_pointer(pointer.substr(0, cut));
    parent.as_object()[pointer.substr(cut + 1)] = std::move(value);
    return json::serialize(whole);
}

bool has(const Error& error, std::string_view pointer, errc code) {
    return std::any_of(error.faults.begin(), error.faults.end(), [&](const Fault& f) {
        return f.pointer == pointer && f.code == code;
    });
}

// As its receiver sees it, made a package again: the digest of no file is taken off, the classes are put
// back.
std::string as_package(const model::Document& document, const std::vector<model::DeclaredFile>& files) {
    auto shown = document;
    for (const auto& file : files) {
        model::Attachment attachment;
        attachment.name = file.name;
        attachment.description = file.description;
        shown.attachments.push_back(attachment);
    }
    auto value = json::parse(to_json(shown, "/v1/documents/X/files"));
    for (auto& file : value.at("files").as_array()) file.as_object().erase("sha256");
    auto& object = value.as_object();
    object["security_class"] = "thuong";
    object["restricted_publication"] = false;
    object["denunciation"] = false;
    return json::serialize(value);
}

}  // namespace

TEST_SUITE_BEGIN("package");

TEST_CASE("a full package becomes the document it states") {
    const auto package = parse(example("package-full.json")).value();
    const auto& d = package.document;

    CHECK(package.external_id == "VB-2026-000251");
    CHECK(d.from.code.text() == "G98");
    CHECK(d.from.name == "Bộ Thử nghiệm");
    CHECK(d.from.in_charge == "Chính phủ");
    REQUIRE(d.to.size() == 2);
    CHECK(d.to[0].code.text() == "G99");
    CHECK(d.to[0].name.empty());
    CHECK(d.to[1].website == "https://g97.example");
    CHECK(d.document_id == "G98,2026/11/21,251/TMĐT-TTTH");
    CHECK(d.full_number() == "251/TMĐT-TTTH");
    CHECK(d.issued.slashed() == "2026/11/21");
    CHECK(d.place == "Hà Nội");
    CHECK(d.type == model::DocumentType{2, 18, "Công văn"});
    CHECK(d.signer.full_name == "Nguyễn Văn Thử");
    CHECK(d.due.dashed() == "2026-12-01");
    CHECK(d.other.priority == 1);
    CHECK(d.other.copies == 5u);
    CHECK(d.other.pages == 2u);
    CHECK(d.other.direction == false);
    CHECK(d.other.sphere == "Lưu hành nội bộ");
    CHECK(d.other.typist == "NVT");
    CHECK(d.other.appendixes.size() == 1);
    CHECK(d.to_places == std::vector<std::string>{"Như trên", "Lưu: VT"});
    CHECK(d.steering == 1);
    REQUIRE(d.response_for.size() == 1);
    CHECK(d.response_for[0].code == "78/KT-VP");
    CHECK(d.response_for[0].organ.text() == "G97");
    CHECK(d.tasks == std::vector<std::string>{"G98-2026-0007"});
    CHECK(d.application_type == "MCDT_DT");
    CHECK(d.business.paper == 1);
    CHECK(d.business.type == model::BusinessType::new_document);
    REQUIRE(d.business.staff.size() == 1);
    CHECK(d.business.staff[0].staff == "Trần Thị Thử");
    CHECK(d.attachments.empty());
    REQUIRE(package.files.size() == 1);
    CHECK(package.files[0].sha256 == sha256("test"));
    CHECK(policy::admit(package).has_value());
}

TEST_CASE("a forbidden class is read, not refused, so that the gate can name its rule") {
    CHECK(
        parse(with("/security_class", "tuyet_mat")).value().security_class ==
        model::SecurityClass::utmost_secret
    );
    const auto secret = parse(with("/security_class", "mat")).value();
    CHECK(secret.security_class == model::SecurityClass::secret);
    CHECK(policy::admit(secret).error().code == errc::forbidden_class);
    CHECK(parse(with("/denunciation", true)).value().denunciation);
    CHECK(parse(with("/restricted_publication", true)).value().restricted_publication);
    // A class that cannot be read is never taken for an ordinary one.
    for (const auto* key : {"/security_class", "/denunciation", "/restricted_publication"})
        for (const auto& bad :
             {json::value(nullptr), json::value(0), json::value("false"), json::value(json::array{})})
            CHECK_FALSE(parse(with(key, bad)).has_value());
}

TEST_CASE("all faults come at once") {
    const auto error =
        parse(R"({"from":"G98","to":[{"name":"x"},"G 9"],"code":{"number":"1"},"issued":{"date":"2026-02-30"},
        "subject":7,"security_class":"thuong","restricted_publication":false,"denunciation":false,"a/b~c":1,"files":[]})"
        )
            .error();

    CHECK(error.code == errc::package_invalid);
    CHECK(error.faults.size() == 8);
    CHECK(has(error, "/to/0/code", errc::field_missing));
    CHECK(has(error, "/to/1", errc::field_value));
    CHECK(has(error, "/code/notation", errc::field_missing));
    CHECK(has(error, "/issued/date", errc::date_invalid));
    CHECK(has(error, "/type", errc::field_missing));
    CHECK(has(error, "/subject", errc::field_type));
    CHECK(has(error, "/files", errc::field_missing));
    CHECK(has(error, "/a~1b~0c", errc::field_unknown));
}

TEST_CASE("the list of faults is bounded, and long unknown keys are cut at a character") {
    json::object many;
    for (int i = 0; i < 500; ++i) many["k" + std::to_string(i)] = i;
    auto error = parse(json::serialize(many)).error();
    CHECK(error.faults.size() == 100);
    CHECK(error.detail == "510 faults");

    std::string key = "x";
    for (int i = 0; i < 1000; ++i) key += "ệ";
    error = parse(with("/" + key, 1)).error();
    REQUIRE(error.faults.size() == 1);
    CHECK(error.faults[0].pointer.size() < 80);
    CHECK(error.faults[0].pointer.ends_with("ệ…"));
}

TEST_CASE("a recipient may not occur twice, however it is written") {
    const auto error =
        parse(with("/to", {"G99", "g97", json::object{{"code", "g99"}, {"name", "Bộ"}}, " G97 "})).error();
    CHECK(error.faults.size() == 2);
    CHECK(has(error, "/to/2", errc::recipient_duplicate));
    CHECK(has(error, "/to/3", errc::recipient_duplicate));
}

TEST_CASE("limits of the caller hold") {
    const Limits limits{.recipient_count_max = 1, .file_count_max = 1, .file_name_characters_max = 5};
    const auto error = parse(example("package-full.json"), limits).error();
    CHECK(has(error, "/to", errc::field_too_long));
    CHECK(has(error, "/files/0/name", errc::file_name_invalid));
}

TEST_CASE("what is not strict JSON is refused with its place") {
    struct Case {
        std::string text;
        std::string_view place;
    };
    const std::string deep(40, '[');
    const std::vector<Case> cases{
        {"", "line 1, column 1"},
        {"{", "line 1, column 2"},
        {"{\"ệ\":1,\n \"a\":}", "line 2, column 6"},
        {"{\"a\":1,\n\"b\":{},\n\"a\":2}", "line 3"},
        {"{\"a\":{\"b\":1,\"\\u0062\":2}}", "a key occurs twice"},
        {"{} {}", "line 1, column 4"},
        {"{\"a\":1,}", "line 1"},
        {"{/* */}", "line 1"},
        {"{\"a\":NaN}", "line 1"},
        {"{\"a\":\"\xff\"}", "line 1"},
        {"{\"a\":\"\xc0\xaf\"}", "line 1"},
        {"{\"a\":\"\\ud800\"}", "line 1"},
        {"\xef\xbb\xbf{}", "line 1, column 1"},
        {"{\"a\":" + deep, "line 1"},
        {"{\"a\":\"x\ny\"}", "line 1"},
    };
    for (const auto& one : cases) {
        CAPTURE(one.text);
        const auto result = parse(one.text);
        REQUIRE_FALSE(result.has_value());
        CHECK(row(result.error().code).code == "package.not_json");
        CHECK(result.error().detail.find(one.place) != std::string::npos);
        CHECK(parse_status(one.text).error().code == errc::status_invalid);
    }
    for (const auto* other : {"[]", "1", "null", "\"x\""}) {
        const auto error = parse(other).error();
        CHECK(error.code == errc::package_invalid);
        CHECK(has(error, "", errc::field_type));
    }
}

TEST_CASE("a key that is repeated in another object, or far below, is no repetition") {
    const std::string siblings = R"({"a":{"b":1},"c":{"b":1},"b":[{"b":1},{"b":1}]})";
    CHECK(parse(siblings).error().code == errc::package_invalid);
    CHECK(
        parse("{\"" + std::string(5000, 'k') + "\":1,\"" + std::string(5000, 'k') + "\":2}").error().code ==
        errc::package_not_json
    );
}

TEST_CASE("a text that XML cannot carry is refused") {
    for (const auto* bad : {"a\x01z", "a\x1bz", "a\uFFFEz", "a\uFFFFz"}) {
        CHECK(has(parse(with("/subject", bad)).error(), "/subject", errc::field_value));
        CHECK(has(parse(with("/appendixes", {"ok", bad})).error(), "/appendixes/1", errc::field_value));
    }
    CHECK(has(
        parse(with("/subject", json::value(json::string("a\0z", 3)))).error(), "/subject", errc::field_value
    ));
    CHECK(parse(with("/subject", "dòng một\n\tdòng hai")).has_value());
}

TEST_CASE("an empty optional text is not given, and an empty required one is missing") {
    CHECK(parse(with("/content", "  ")).value().document.content.empty());
    CHECK(has(parse(with("/subject", "")).error(), "/subject", errc::field_missing));
    CHECK(has(parse(with("/from", "")).error(), "/from", errc::field_missing));
    CHECK(has(parse(with("/content", nullptr)).error(), "/content", errc::field_type));
    CHECK(parse(with("/content", " null ")).value().document.content.empty());  // as every reader has it
    CHECK(has(parse(with("/subject", "null")).error(), "/subject", errc::field_missing));
    CHECK(has(parse(with("/to", json::array{"null"})).error(), "/to/0", errc::field_missing));
}

TEST_CASE("what is compared is kept without the blanks around it, and entries that say nothing are none") {
    const auto posted = [](std::string_view pointer, json::value value) {
        return parse(with(pointer, std::move(value))).value();
    };
    CHECK(posted("/code/number", " 251\n").document.full_number() == "251/TMĐT-TTTH");
    CHECK(posted("/code/notation", "A ").document.notation == "A");
    CHECK(posted("/document_id", " x ").document.document_id == "x");
    CHECK(posted("/files", json::array{json::object{{"name", " a.pdf "}}}).files[0].name == "a.pdf");
    CHECK(posted("/subject", " V/v ").document.subject == " V/v ");
    const auto references =
        json::array{json::object{}, json::object{{"code", " 7 "}}, json::object{{"code", " "}}};
    const auto document = posted("/response_for", references).document;
    REQUIRE(document.response_for.size() == 1);
    CHECK(document.response_for[0].code == "7");
}

TEST_CASE("unsafe file names are faults") {
    std::string longest;
    for (int i = 0; i < 255; ++i) longest += "ệ";
    const std::vector<std::string> bad{
        "",
        " ",
        ".",
        "..",
        "../a.pdf",
        "a/b.pdf",
        "a\\b.pdf",
        "C:a.pdf",
        "a.pdf:x",
        "a\nb.pdf",
        "a\u202Efdp.exe",
        "a\u200bb.pdf",
        "CON",
        "con.pdf",
        "Nul.tar.gz",
        "LPT1.doc",
        "com9",
        "aux .txt",
        "axisd-signature.xml",
        longest + "ệ",
        "null",
        std::string("a\0.pdf", 6)};
    const json::value noncharacter = json::array{json::object{{"name", "a\uFFFE.pdf"}}};
    CHECK(has(parse(with("/files", noncharacter)).error(), "/files/0/name", errc::field_value));
    for (const auto& name : bad) {
        CAPTURE(name);
        CHECK(model::check_file_name(name).error().code == errc::file_name_invalid);
        const json::value files = json::array{json::object{{"name", name}}};
        CHECK(has(parse(with("/files", files)).error(), "/files/0/name", errc::file_name_invalid));
    }
    for (const auto& name :
         {std::string{"Công văn số 251 (bản chính).signed.pdf"},
          std::string{"console.txt"},
          std::string{"com10.doc"},
          std::string{".htaccess"},
          longest})
        CHECK(model::check_file_name(name).has_value());
    CHECK_FALSE(model::check_file_name("a\xff.pdf").has_value());
}

TEST_CASE("what its receiver reads is the package again") {
    for (const auto* name : {"package-full.json", "package-minimal.json", "package-circular.json"}) {
        CAPTURE(name);
        const auto package = parse(example(name)).value();

        const auto again = parse(as_package(package.document, package.files));

        REQUIRE(again.has_value());
        CHECK((again->document == package.document));
        CHECK(to_json(again->document, "") == to_json(package.document, ""));
    }
}

TEST_CASE("a received document shows its files, its business and numbers without a word") {
    auto document = parse(example("package-full.json")).value().document;
    document.other.priority = 7;
    document.steering = 0;
    document.type.type = 5;
    document.business.paper = 12;
    document.business.type = model::BusinessType::replace;
    document.business.reason = "Thay thế";
    document.business.replacements.push_back({"G98,2026/11/01,1/A", {*model::AgencyCode::parse("G99")}});
    document.business.updates.push_back({1, 0, {{*model::AgencyCode::parse("G97"), 1}}});
    model::Attachment attachment;
    attachment.name = "a.pdf";
    attachment.facts.file_sha256 = sha256("abc");
    attachment.facts.file_bytes = 3;
    document.attachments = {attachment, attachment};

    const auto shown = json::parse(to_json(document, "/v1/documents/X/files"));

    CHECK(shown.at("priority").is_null());
    CHECK(shown.at("priority_raw") == 7);
    CHECK(shown.at("steering").is_null());
    CHECK(shown.at("steering_raw") == 0);
    CHECK(shown.at_pointer("/type/group").is_null());
    CHECK(shown.at_pointer("/type/group_raw") == 5);
    CHECK(shown.at("paper").is_null());
    CHECK(shown.at("paper_raw") == 12);
    CHECK(shown.at_pointer("/business/type") == "replace");
    CHECK(shown.at_pointer("/business/reason") == "Thay thế");
    CHECK(shown.at_pointer("/business/replacements/0/organs/0") == "G99");
    CHECK(shown.at_pointer("/business/updates/0/receivers/0/type") == "added");
    CHECK(shown.at_pointer("/files/1/url") == "/v1/documents/X/files/2");
    CHECK(shown.at_pointer("/files/0/bytes") == 3);
    CHECK(shown.at_pointer("/files/0/sha256") == json::value(sha256("abc").hex()));
    CHECK_FALSE(json::parse(to_json(document, "")).at_pointer("/files/0").as_object().contains("url"));
    CHECK(json::parse(to_json(model::Document{}, "")).at("files").as_array().empty());
}

TEST_CASE("priorities have words") {
    CHECK(priority_word(0) == "thuong");
    CHECK(priority_word(4) == "hoa_toc_hen_gio");
    CHECK(priority_word(5).empty());
    CHECK(priority_word(-1).empty());
}

TEST_CASE("a status report is read with its time") {
    const auto status = parse_status(example("status-full.json")).value();

    CHECK(status.from.code.text() == "G98.11");
    CHECK(status.code == "02");
    CHECK(status.description == "Gửi nhầm cơ quan nhận");
    CHECK(status.staff.department == "Phòng Văn thư");
    REQUIRE(status.at.has_value());
    CHECK(status.timestamp == "2026/11/21 09:21:07");
    CHECK(to_local_text(*status.at) == "2026-11-21T09:21:07.000+07:00");
    CHECK_FALSE(parse_status(example("status-registered.json")).value().at.has_value());
    CHECK(
        parse_status(R"({"from":"G98","code":"03","at":"2026-11-21T02:21:07.5Z"})").error().code ==
        errc::status_invalid
    );
    CHECK(
        parse_status(R"({"from":"G98","code":"03","at":"2026-11-21T02:21:07.512Z"})").value().timestamp ==
        "2026/11/21 09:21:07"
    );
    CHECK(has(parse_status(R"({"from":"G98","code":"3"})").error(), "/code", errc::field_value));
}

TEST_CASE("a reported time is what the envelope says of it") {
    const auto reported = [](const std::string& at) {
        return parse_status(R"({"from":"G98","code":"03","at":")" + at + "\"}");
    };
    const auto status = reported("2026-11-21T02:21:07.512Z").value();
    Time written;
    REQUIRE(parse_time(status.timestamp, written));
    CHECK(status.at == written);  // whole seconds
    for (const auto* beyond : {"0000-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"})
        CHECK(has(reported(beyond).error(), "/at", errc::date_invalid));
}

TEST_SUITE_END();
