// Goal: schemas/*.schema.json and the parser say the same. Method: walk a schema beside examples that
// together use every property, break one property at a time in each way the schema forbids, and see that the
// parser names just that fault at that place.
#include "gateway/base/file.hpp"
#include "gateway/package/package.hpp"
#include "gateway/package/tables.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <set>

using namespace axis;
using namespace axis::package;
namespace fs = std::filesystem;

namespace {

const fs::path schemas = fs::path{AXIS_SOURCE_DIR} / "schemas";

json::value load(const fs::path& path) {
    return json::parse(read_file(path).value());
}

using Parse = Error (*)(std::string_view);

Error parse_as_package(std::string_view text) {
    const auto parsed = parse(text);
    return parsed ? Error{} : parsed.error();
}

Error parse_as_status(std::string_view text) {
    const auto parsed = parse_status(text);
    return parsed ? Error{} : parsed.error();
}

errc code_named(std::string_view name) {
    for (const auto& row : error_table())
        if (row.code == name) return row.value;
    return errc::none;
}

using Names = std::set<std::string>;

// "/to/1/name" → "/to/*/name".
std::string general(std::string_view pointer) {
    std::string out;
    while (!pointer.empty()) {
        pointer.remove_prefix(1);
        const auto step = pointer.substr(0, pointer.find('/'));
        const bool index = !step.empty() && std::all_of(step.begin(), step.end(), ::isdigit);
        out.append("/").append(index ? "*" : step);
        pointer.remove_prefix(step.size());
    }
    return out;
}

// One schema, one instance, the parser under test.
class Comparison {
public:
    Comparison(json::value schema, json::value instance, Parse parse)
        : schema_(std::move(schema)), whole_(std::move(instance)), parse_(parse) {}

    void run() { walk(schema_, ""); }
    int case_count() const { return case_count_; }
    const Names& covered() const { return covered_; }

    // Every property that software may write.
    Names properties() const {
        Names out;
        collect(schema_, "", out);
        return out;
    }

private:
    // Replaces what stands at `pointer` and parses the whole.
    std::vector<Fault> faults_with(std::string_view pointer, json::value value) {
        auto changed = whole_;
        changed.at_pointer(pointer) = std::move(value);
        return faults_of(changed);
    }
    std::vector<Fault> faults_of(const json::value& value) {
        ++case_count_;
        return parse_(json::serialize(value)).faults;
    }
    void expect_one(const std::vector<Fault>& faults, const std::string& pointer, errc code) {
        CAPTURE(pointer);
        CAPTURE(row(code).code);
        REQUIRE(faults.size() == 1);
        CHECK(faults[0].pointer == pointer);
        CHECK(row(faults[0].code).code == row(code).code);
    }

    const json::object& target(const json::object& object) const {
        const auto* ref = object.if_contains("$ref");
        return ref ? schema_.at_pointer(ref->as_string().subview(1)).as_object() : object;
    }

    static std::string type_of(const json::object& rules) {
        const auto& type = rules.at("type");
        return std::string{type.is_array() ? type.get_array().at(0).as_string() : type.as_string()};
    }

    // The rules for what stands there; of a choice, those of its type.
    const json::object& resolved(const json::object& schema, const json::value& instance) const {
        const auto& object = target(schema);
        const auto* choices = object.if_contains("oneOf");
        if (!choices) return object;
        const std::string_view wanted = instance.is_string()  ? "string"
                                        : instance.is_array() ? "array"
                                                              : "object";
        for (const auto& choice : choices->as_array())
            if (type_of(target(choice.as_object())) == wanted) return target(choice.as_object());
        throw std::runtime_error{"no choice fits"};
    }

    void collect(const json::value& schema, const std::string& pointer, Names& out) const {
        const auto& rules = target(schema.as_object());
        if (rules.contains("readOnly") || schema.as_object().contains("readOnly")) return;
        if (!pointer.ends_with("*") && !pointer.empty()) out.insert(pointer);
        if (const auto* choices = rules.if_contains("oneOf"))
            for (const auto& choice : choices->as_array()) collect(choice, pointer, out);
        if (const auto* properties = rules.if_contains("properties"))
            for (const auto& [key, property] : properties->as_object())
                collect(property, pointer + "/" + std::string{key}, out);
        if (const auto* items = rules.if_contains("items")) collect(*items, pointer + "/*", out);
    }

    void walk(const json::value& schema, const std::string& pointer) {
        CAPTURE(pointer);
        const auto& instance = whole_.at_pointer(pointer);
        const auto& rules = resolved(schema.as_object(), instance);
        const auto type = type_of(rules);
        const bool choice = target(schema.as_object()).contains("oneOf");
        if (!pointer.empty())
            expect_one(faults_with(pointer, choice ? 7 : wrong(type)), pointer, errc::field_type);
        if (rules.at("type").is_array()) CHECK(faults_with(pointer, nullptr).empty());
        if (type == "object") check_object(rules, pointer);
        if (type == "array") check_array(rules, pointer);
        if (type == "string") check_string(rules, pointer);
        if (type == "integer") check_integer(rules, pointer);
    }

    static json::value wrong(const std::string& type) {
        if (type == "array") return json::object{};
        if (type == "string" || type == "object") return 7;
        return "x";
    }

    void check_object(const json::object& rules, const std::string& pointer) {
        CHECK(rules.at("additionalProperties") == json::value(false));
        auto with_unknown = whole_;
        with_unknown.at_pointer(pointer).as_object()["no_such_key"] = 1;
        expect_one(faults_of(with_unknown), pointer + "/no_such_key", errc::field_unknown);
        Names required;
        if (const auto* names = rules.if_contains("required"))
            for (const auto& name : names->as_array()) required.emplace(name.as_string());
        for (const auto& [key, property] : rules.at("properties").as_object()) {
            const auto below = pointer + "/" + std::string{key};
            CAPTURE(below);
            CHECK_FALSE(described(property).empty());
            if (!whole_.at_pointer(pointer).as_object().contains(key)) continue;
            covered_.insert(general(below));
            auto without = whole_;
            without.at_pointer(pointer).as_object().erase(key);
            if (required.erase(std::string{key}) > 0)
                expect_one(faults_of(without), below, errc::field_missing);
            else if (!conditional_.contains(below))
                CHECK(faults_of(without).empty());
            walk(property, below);
        }
        CHECK(required.empty());
    }

    // The Vietnamese and English sentence; empty when one is missing.
    static std::string described(const json::value& property) {
        const auto& object = property.as_object();
        if (!object.contains("description") || !object.contains("x-vi")) return {};
        return std::string{object.at("description").as_string()} + std::string{object.at("x-vi").as_string()};
    }

    void check_array(const json::object& rules, const std::string& pointer) {
        const auto items = whole_.at_pointer(pointer).as_array();
        if (items.empty()) return;
        const auto max = static_cast<std::size_t>(rules.at("maxItems").as_int64());
        expect_one(faults_with(pointer, json::array(max + 1, items.at(0))), pointer, errc::field_too_long);
        for (const auto& fault : faults_with(pointer, json::array(max, items.at(0))))
            CHECK(row(fault.code).code == row(errc::recipient_duplicate).code);
        if (rules.contains("minItems"))
            expect_one(faults_with(pointer, json::array{}), pointer, errc::field_missing);
        else if (!conditional_.contains(pointer))
            CHECK(faults_with(pointer, json::array{}).empty());
        for (std::size_t i = 0; i < items.size(); ++i)
            walk(rules.at("items"), pointer + "/" + std::to_string(i));
    }

    void check_string(const json::object& rules, const std::string& pointer) {
        const auto own = [&](errc usual) {
            const auto* name = rules.if_contains("x-error");
            return name ? code_named(name->as_string()) : usual;
        };
        if (const auto* max = rules.if_contains("maxLength")) {
            std::string text;
            for (std::int64_t i = 0; i < max->as_int64(); ++i) text += "ệ";
            if (own(errc::none) != errc::field_value) CHECK(faults_with(pointer, json::value(text)).empty());
            expect_one(faults_with(pointer, json::value(text + "ệ")), pointer, own(errc::field_too_long));
        }
        if (const auto* words = rules.if_contains("enum")) {
            for (const auto& word : words->as_array())
                if (!conditional_.contains(pointer)) CHECK(faults_with(pointer, word).empty());
            for (const auto* bad : {"", "x", " thuong", "THUONG"})
                expect_one(faults_with(pointer, bad), pointer, errc::field_value);
        }
        if (const auto* pattern = rules.if_contains("pattern"); pattern && pattern->as_string() == "\\S")
            for (const auto* blank : {"", " \t\n"})
                expect_one(faults_with(pointer, blank), pointer, errc::field_missing);
        if (rules.contains("format"))
            for (const auto* bad :
                 {"",
                  "2026-02-30",
                  "2026/11/21",
                  "21-11-2026",
                  "2026-11-21 ",
                  "2026-1-1",
                  "2026-13-01",
                  "2026-11-21T25:00:00Z",
                  "2026-11-21T10:00:00"})
                expect_one(faults_with(pointer, bad), pointer, errc::date_invalid);
    }

    void check_integer(const json::object& rules, const std::string& pointer) {
        const auto min = rules.at("minimum").as_int64();
        const auto max = rules.at("maximum").as_int64();
        CHECK(faults_with(pointer, min).empty());
        CHECK(faults_with(pointer, max).empty());
        expect_one(faults_with(pointer, min - 1), pointer, errc::field_value);
        expect_one(faults_with(pointer, max + 1), pointer, errc::field_value);
        expect_one(faults_with(pointer, 0xffffffffffffffffu), pointer, errc::field_value);
        expect_one(faults_with(pointer, 1.5), pointer, errc::field_type);
    }

    json::value schema_;
    json::value whole_;
    Parse parse_;
    // What is demanded of these depends on others: the code of a status, the kind of business.
    const Names conditional_{
        "/description",
        "/document_id",
        "/files",
        "/business/type",
        "/business/reason",
        "/business/document_id",
        "/business/replacements"};
    Names covered_;
    int case_count_ = 0;
};

// The schema's object and the parser's table have the same keys, required alike.
template <class T>
void compare(const json::value& object, const Table<T>& table) {
    std::set<std::string> keys, known, required, needed;
    for (const auto& member : object.at("properties").as_object()) keys.emplace(member.key());
    if (const auto* names = object.as_object().if_contains("required"))
        for (const auto& name : names->as_array()) required.emplace(name.as_string());
    std::size_t count = 0;
    for (const auto& field : table) {
        if (field.need == Need::kept) continue;
        ++count;
        const auto* property = object.at("properties").as_object().if_contains(field.key);
        CHECK((property && property->as_object().contains("readOnly")) == (field.need == Need::read_only));
        known.emplace(field.key);
        if (field.need == Need::required || field.need == Need::always) needed.emplace(field.key);
    }
    CHECK(keys == known);
    CHECK(required == needed);
    CHECK(known.size() == count);
}

}  // namespace

TEST_SUITE_BEGIN("schemas");

TEST_CASE("every example parses") {
    int count = 0;
    for (const auto& entry : fs::directory_iterator{schemas / "examples"}) {
        if (entry.path().extension() != ".json") continue;
        CAPTURE(entry.path().string());
        const auto text = read_file(entry.path()).value();
        const bool is_status = entry.path().filename().string().starts_with("status-");
        CHECK(to_string(is_status ? parse_as_status(text) : parse_as_package(text)) == "none");
        ++count;
    }
    CHECK(count >= 5);
}

TEST_CASE("schema and parser know the same keys") {
    const auto package = load(schemas / "package.schema.json");
    const auto& properties = package.at("properties");
    compare(package, package_table());
    compare(properties.at("code"), code_table());
    compare(properties.at("issued"), issued_table());
    compare(properties.at("type"), type_table());
    compare(properties.at("signer"), signer_table());
    compare(package.at_pointer("/$defs/organization"), organization_table());
    compare(package.at_pointer("/$defs/reference"), reference_table());
    compare(package.at_pointer("/$defs/staff"), staff_table());
    compare(package.at_pointer("/$defs/file"), file_table());
    const auto& business = properties.at("business");
    compare(business, business_table());
    compare(business.at_pointer("/properties/updates/items"), update_table());
    compare(business.at_pointer("/properties/updates/items/properties/receivers/items"), receiver_table());
    compare(business.at_pointer("/properties/replacements/items"), replacement_table());

    const auto status = load(schemas / "status.schema.json");
    compare(status, status_table());
    for (const auto* shared : {"/$defs/organization", "/$defs/staff", "/$defs/agency_code", "/$defs/party"})
        CHECK(status.at_pointer(shared) == package.at_pointer(shared));
}

TEST_CASE("whatever the package schema forbids is a fault at its place, and only there") {
    Names covered, properties;
    int case_count = 0;
    for (const auto* name : {"full", "revoke", "update", "replace"}) {
        CAPTURE(name);
        Comparison comparison{
            load(schemas / "package.schema.json"),
            load(schemas / "examples" / ("package-" + std::string{name} + ".json")),
            parse_as_package};
        comparison.run();
        covered.insert(comparison.covered().begin(), comparison.covered().end());
        properties = comparison.properties();
        case_count += comparison.case_count();
    }

    for (const auto& property : properties) {
        CAPTURE(property);
        CHECK(covered.contains(property));  // the examples are complete
    }
    CHECK(case_count > 700);
}

TEST_CASE("whatever the status schema forbids is a fault at its place, and only there") {
    const auto schema = load(schemas / "status.schema.json");
    auto instance = load(schemas / "examples/status-full.json");
    Comparison comparison{schema, instance, parse_as_status};
    comparison.run();
    CHECK(comparison.covered() == comparison.properties());
    instance.as_object().erase("description");
    for (const auto& word : schema.at_pointer("/properties/code/enum").as_array()) {
        instance.as_object()["code"] = word;
        const bool needed = word == "02" || word == "13" || word == "16";
        const auto error = parse_as_status(json::serialize(instance));
        CHECK((error.code == errc::status_invalid) == needed);
        if (!needed) continue;
        REQUIRE(error.faults.size() == 1);
        CHECK(error.faults[0].pointer == "/description");
        CHECK(error.faults[0].code == errc::field_missing);
    }
}

TEST_CASE("the defaults the schema documents are the parser's") {
    const auto schema = load(schemas / "package.schema.json");
    CHECK(schema.at_pointer("/properties/priority/default") == "thuong");
    CHECK(schema.at_pointer("/properties/type/properties/group/default") == "hanh_chinh");

    const auto package = parse(read_file(schemas / "examples/package-minimal.json").value()).value();
    CHECK(package.document.other.priority == 0);
    CHECK(package.document.type.type == 2);
    CHECK_FALSE(package.document.steering.has_value());
    CHECK_FALSE(package.document.business.paper.has_value());
}

TEST_SUITE_END();
