// Goal: nothing a document says is lost on its way into a package and back, however poor or odd the document.
// Method: documents made by hand, written by to_package_json(), read with Demand::received, compared; and
// what of it is refused or without effect when it is posted.
#include "gateway/base/file.hpp"
#include "gateway/package/package.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <doctest/doctest.h>

#include <algorithm>

using namespace axis;
using namespace axis::package;
namespace json = boost::json;

namespace {

const Classes ordinary{model::SecurityClass::ordinary, false, false};

model::AgencyCode agency(std::string_view text) {
    return model::AgencyCode::parse(text).value();
}

model::Organization organization(std::string_view code) {
    return {agency(code), "Chính phủ", "Bộ Thử", "1 phố Thử", "a@g98.example", "024", "025", "g98.example"};
}

model::Attachment attachment(std::string id, std::string name) {
    model::Attachment out{
        std::move(id), std::move(name), "bản ký", "application/pdf", "file", "application/pdf", {}, "pdf"};
    out.facts.file_sha256 = sha256(out.name);
    out.facts.file_bytes = 708;
    out.facts.wrapped = true;
    return out;
}

// Every member has a value of its own.
model::Document full() {
    model::Document d;
    d.from = organization("G98");
    d.to = {organization("G98.11"), organization("000.00.00.G99")};
    d.document_id = "G98,2026/11/21,251/TMĐT-TTTH";
    d.number = "251";
    d.notation = "TMĐT-TTTH";
    d.place = "Hà Nội";
    d.issued = model::Date::read("2026-11-21");
    d.type = {2, 18, "Công văn"};
    d.subject = "V/v \"thử\" dòng một\r\ndòng hai\tcột";
    d.content = " Nội dung ";
    d.signer = {"KT. BỘ TRƯỞNG", "Thứ trưởng", "Nguyễn Văn Thử"};
    d.due = model::Date::read("2026/12/01");
    d.other = {3, "Lưu hành nội bộ", "TVC", 10, 2, {"Phụ lục 1", "Phụ lục 2"}, true, "a;b", "c;d"};
    d.response_for = {
        {agency("G99"), "12/G99-VP", "G99,2026/10/01,12/G99-VP", model::Date::read("2026/10/01")}, {}};
    d.steering = 1;
    d.tasks = {"NV-1", "NV-2"};
    d.application_type = "MCDT_DT";
    d.to_places = {"Như trên", "Lưu: VT"};
    d.trace = {{agency("G98"), "2026/11/21 08:00:00"}, {{}, "21/11/2026 08:00:01"}};
    d.business = {
        model::BusinessType::replace,
        "Thay thế",
        "G98,2026/11/01,250/TMĐT",
        1,
        {{1, 0, {{agency("G98.11"), 0}, {agency("G98.12"), 1}, {{}, {}}}}, {0, 1, {}}, {}},
        {{"G98,2026/11/01,250/TMĐT", {agency("G98.11"), agency("G99")}}, {"x", {}}},
        {{"Văn thư", "Trần Thị Thử", "tt@g98.example", "0900000000", "VT", "tt"},
         {"", "Người thứ hai", "", "", "", ""}}};
    d.attachments = {attachment("1", "công văn.pdf"), attachment("2", "công văn.pdf")};
    d.extensions = {
        {"edXMLEnvelope/edXMLHeader/MessageHeader/To[1]", "<edXML:Zip>1 &lt; 2</edXML:Zip>"},
        {"", "<n/>"}};  // the last one below the root
    return d;
}

model::Document back(const model::Document& document) {
    auto parsed = parse(to_package_json(document, ordinary), {}, Demand::received);
    REQUIRE_MESSAGE(parsed.has_value(), (parsed ? "" : to_string(parsed.error())));
    return std::move(parsed->document);
}

void check_lossless(const model::Document& document) {
    const auto again = back(document);
    CHECK((again == document));
    CHECK(to_package_json(again, ordinary) == to_package_json(document, ordinary));
}

bool has(const Error& error, std::string_view pointer, errc code) {
    return std::any_of(error.faults.begin(), error.faults.end(), [&](const Fault& f) {
        return f.pointer == pointer && f.code == code;
    });
}

json::object example(std::string_view name) {
    return json::parse(read_file(
                           std::string{AXIS_SOURCE_DIR} + "/schemas/examples/package-" + std::string{name} +
                           ".json"
                       )
                           .value())
        .as_object();
}

Result<model::Package> posted(const json::object& package) {
    return parse(json::serialize(package));
}

}  // namespace

TEST_SUITE_BEGIN("package/converted");

TEST_CASE("a document in which every member speaks is read back as it was") {
    check_lossless(full());
    for (const int type : {0, 1, 2, 3}) {
        auto document = full();
        document.business.type = static_cast<model::BusinessType>(type);
        check_lossless(document);
    }
}

TEST_CASE("a document that says nothing but its sender is read back as it was") {
    model::Document document;
    document.from.code = agency("G98");
    check_lossless(document);
    CHECK_FALSE(back(document).other.priority.has_value());  // no default is put in
    CHECK_FALSE(back(document).type.type.has_value());

    document.to.resize(2);  // without codes, twice
    document.business.staff.resize(1);
    document.attachments.push_back(attachment("", "a.pdf"));
    document.attachments[0].description.clear();
    check_lossless(document);
}

TEST_CASE("numbers without a word, over-long texts and dates that are none are read back as they were") {
    auto document = full();
    document.type = {71, -3, std::string(400, 'x')};
    document.other.priority = -1;
    document.other.copies = 4'000'000'000u;
    document.steering = 0;
    document.business.paper = 12;
    document.business.updates = {{2, -2, {{agency("G99"), 7}}}};
    document.subject = std::string(5000, 's');
    document.number = "20251020104803000000000000000000000000";
    document.issued = model::Date::read("2014/02/30");
    document.due = model::Date::read("cuối tháng");
    document.response_for[0].date = model::Date::read("2026");
    document.to = {organization("G99"), organization("g99")};
    document.attachments[0].name = std::string(300, 'n') + ".pdf";
    check_lossless(document);

    const auto shown = json::parse(to_package_json(document, std::nullopt));
    CHECK(shown.at_pointer("/issued/date_text") == "2014/02/30");
    CHECK_FALSE(shown.at("issued").as_object().contains("date"));
    CHECK(shown.at("due_date_text") == "cuối tháng");
    CHECK(shown.at("steering").is_null());
    CHECK(shown.at("steering_raw") == 0);
    CHECK(shown.at_pointer("/business/updates/0/document_raw") == 2);
    CHECK(shown.at_pointer("/business/updates/0/receivers/0/type_raw") == 7);
}

TEST_CASE("one person in charge is an object, several are a list") {
    auto document = full();
    CHECK(json::parse(to_package_json(document, ordinary)).at("staff").is_array());
    document.business.staff.resize(1);
    CHECK(json::parse(to_package_json(document, ordinary)).at("staff").is_object());
    check_lossless(document);
}

TEST_CASE("a package made from an envelope never passes for one whose classes were stated") {
    for (const auto demand : {Demand::posted, Demand::received}) {
        const auto error = parse(to_package_json(full(), std::nullopt), {}, demand).error();
        CHECK(has(error, "/security_class", errc::field_missing));
        CHECK(has(error, "/restricted_publication", errc::field_missing));
        CHECK(has(error, "/denunciation", errc::field_missing));
    }
    const Classes secret{model::SecurityClass::secret, true, true};
    const auto package = parse(to_package_json(full(), secret), {}, Demand::received).value();
    CHECK(package.security_class == model::SecurityClass::secret);
    CHECK(package.restricted_publication);
    CHECK(package.denunciation);
    CHECK(security_class_named("tuyet_mat") == model::SecurityClass::utmost_secret);
    CHECK_FALSE(security_class_named("THUONG").has_value());
}

TEST_CASE("what only poor envelopes have is refused when it is posted, and what gateways write has no effect"
) {
    auto document = full();
    document.business.updates.clear();
    document.response_for.pop_back();
    document.issued = model::Date::read("2014/02/30");
    document.due = model::Date::read("?");
    const auto error = parse(to_package_json(document, ordinary)).error();
    CHECK(error.faults.size() == 4);
    CHECK(has(error, "/issued/date", errc::field_missing));
    CHECK(has(error, "/issued/date_text", errc::field_unknown));
    CHECK(has(error, "/due_date_text", errc::field_unknown));
    CHECK(has(error, "/extensions", errc::field_unknown));

    document.issued = full().issued;
    document.due = {};
    document.extensions.clear();
    const auto package = parse(to_package_json(document, ordinary)).value();
    CHECK(package.document.attachments.empty());
    REQUIRE(package.files.size() == 2);
    CHECK(package.files[1].sha256 == document.attachments[1].facts.file_sha256);
    CHECK(package.document.trace == document.trace);  // who sends it puts his own in its place
}

TEST_CASE("keys that nobody knows, wrong types and hostile file names are faults of a converted package too"
) {
    auto value = json::parse(to_package_json(full(), ordinary));
    value.as_object()["no_such_key"] = 1;
    value.at("code").as_object()["number"] = 7;
    value.at("files").as_array()[0].as_object()["name"] = "../a";
    value.at("extensions").as_array()[0].as_object().erase("xml");
    value.at("issued").as_object()["date_text"] = "x";
    const auto error = parse(json::serialize(value), {}, Demand::received).error();
    CHECK(error.faults.size() == 5);
    CHECK(has(error, "/no_such_key", errc::field_unknown));
    CHECK(has(error, "/code/number", errc::field_type));
    CHECK(has(error, "/files/0/name", errc::file_name_invalid));
    CHECK(has(error, "/extensions/0/xml", errc::field_missing));
    CHECK(has(error, "/issued/date_text", errc::field_value));
}

TEST_CASE("a file of an envelope keeps a name that nobody could post, but a file without a name is none") {
    auto document = full();
    document.attachments[0].name = "12: về việc.pdf";
    document.attachments[1].name = std::string(300, 'a') + ".pdf";
    check_lossless(document);
    auto value = json::parse(to_package_json(document, ordinary));
    value.at("files").as_array()[0].as_object().erase("name");
    const auto error = parse(json::serialize(value), {}, Demand::received).error();
    CHECK(error.faults.size() == 1);
    CHECK(has(error, "/files/0/name", errc::field_missing));
}

TEST_CASE("a number may stand beside its word or instead of it, but not against it") {
    auto package = example("minimal");
    package["priority"] = "khan";
    package["priority_raw"] = 1;
    CHECK(posted(package).value().document.other.priority == 1);
    package["priority_raw"] = 2;
    CHECK(has(posted(package).error(), "/priority_raw", errc::field_value));
    package["priority"] = nullptr;
    CHECK(posted(package).value().document.other.priority == 2);
    package.erase("priority_raw");
    CHECK(posted(package).value().document.other.priority == 0);
    package["paper"] = true;
    package["paper_raw"] = 0;
    CHECK(has(posted(package).error(), "/paper_raw", errc::field_value));
}

TEST_CASE("each kind of business demands what it needs, at its place") {
    using model::BusinessType;
    CHECK(posted(example("revoke")).value().document.business.type == BusinessType::revoke);
    const auto update = posted(example("update")).value().document.business;
    CHECK(update.type == BusinessType::update);
    CHECK(update.updates[0].receivers[0] == model::Receiver{agency("G97"), 0});
    CHECK(update.updates[0].receivers[1].type == 2);
    CHECK(update.staff.size() == 2);
    const auto replace = posted(example("replace")).value().document.business;
    CHECK(replace.replacements[0].organs == std::vector{agency("G99")});

    const auto without = [](std::string_view name, std::string_view key) {
        auto package = example(name);
        package["business"].as_object().erase(key);
        return package;
    };
    const auto refused = [](const json::object& package, std::string_view pointer, errc code) {
        const auto result = posted(package);
        REQUIRE_FALSE(result.has_value());
        CHECK(result.error().faults.size() == 1);
        CHECK(has(result.error(), pointer, code));
    };
    for (const auto* name : {"revoke", "update", "replace"})
        refused(without(name, "reason"), "/business/reason", errc::field_missing);
    refused(without("update", "document_id"), "/business/document_id", errc::field_missing);
    refused(without("replace", "replacements"), "/business/replacements", errc::field_missing);

    auto package = without("revoke", "document_id");  // the document's own id says which
    CHECK(posted(package).has_value());
    package.erase("document_id");
    refused(package, "/business/document_id", errc::field_missing);

    package = example("revoke");
    package["business"].as_object()["updates"] = json::array{json::object{{"document", true}}};
    refused(package, "/business/updates", errc::field_value);
    package = example("update");
    package["business"].as_object()["replacements"] = json::array{json::object{{"document_id", "x"}}};
    refused(package, "/business/replacements", errc::field_value);
}

TEST_CASE("only a revocation and an update may come without files") {
    for (const auto* name : {"minimal", "replace", "revoke", "update"}) {
        CAPTURE(name);
        auto package = example(name);
        package["files"] = json::array{};
        const bool may = name == std::string_view{"revoke"} || name == std::string_view{"update"};
        CHECK(posted(package).has_value() == may);
        if (!may) CHECK(has(posted(package).error(), "/files", errc::field_missing));
        package.erase("files");
        CHECK(has(posted(package).error(), "/files", errc::field_missing));
    }
}

TEST_CASE("a receiver is told of business only when there is any, and not of extensions") {
    auto document = full();
    auto shown = json::parse(to_json(document, "")).as_object();
    CHECK(shown.at("business").at("type") == "replace");
    CHECK_FALSE(shown.contains("extensions"));
    document.business.type =
        model::BusinessType::new_document;  // with a reason and targets that mean nothing
    shown = json::parse(to_json(document, "")).as_object();
    CHECK_FALSE(shown.contains("business"));
    CHECK(shown.contains("staff"));
}

TEST_CASE("a status is shown with what it is about") {
    model::Status status;
    status.from = organization("G98.11");
    status.code = "07";
    status.timestamp = "hôm qua";
    status.response_for = {agency("G98"), "251/A", "G98,2026/11/21,251/A", model::Date::read("2026/11/21")};
    status.extensions = {{"edXMLEnvelope", "<a/>"}};

    const auto shown = json::parse(to_json(status));

    CHECK(shown.at("code") == "07");
    CHECK(shown.at("at_text") == "hôm qua");
    CHECK(shown.at_pointer("/response_for/date") == "2026-11-21");
    CHECK(shown.at_pointer("/extensions/0/xml") == "<a/>");
}

TEST_SUITE_END();
