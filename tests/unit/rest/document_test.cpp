// Goal: what we tell vendors and what the program does are the same. Method: read schemas/openapi.yaml line
// by line (its form is regular) and schemas/events/*.json, and compare with the table of routes, the table of
// errors and the package codec.
#include "adapters/rest/rest.hpp"
#include "gateway/base/file.hpp"
#include "gateway/package/package.hpp"

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <sstream>

using namespace axis;
namespace fs = std::filesystem;
namespace json = boost::json;

TEST_SUITE_BEGIN("rest/document");

namespace {

const fs::path schemas = fs::path{AXIS_SOURCE_DIR} / "schemas";
using Names = std::set<std::string>;

std::vector<std::string> lines_of(const fs::path& path) {
    std::istringstream text{read_file(path).value()};
    std::vector<std::string> out;
    for (std::string line; std::getline(text, line);) out.push_back(line);
    return out;
}

struct Operation {
    Names parameters;                    // of the query
    std::map<std::string, Names> codes;  // by status
};

// "GET /v1/events" → what the document says of it.
std::map<std::string, Operation> operations() {
    static const std::regex path{"^  (/[^:]*):$"}, method{"^    (get|post|put|delete|patch|head):$"},
        name{"^        - name: (.*)$"}, status{"^        \"([0-9]{3})\":$"},
        codes{"^          x-codes: \\[(.*)\\]$"};
    std::map<std::string, Operation> out;
    std::string at, operation, parameter, reply;
    std::smatch m;
    for (const auto& line : lines_of(schemas / "openapi.yaml")) {
        if (line == "components:") break;
        if (std::regex_match(line, m, path)) at = m[1];
        if (std::regex_match(line, m, method)) {
            operation = m[1].str() + " " + at;
            std::transform(
                operation.begin(), operation.begin() + m[1].length(), operation.begin(), ::toupper
            );
            out[operation];
        }
        if (std::regex_match(line, m, name)) parameter = m[1];
        if (line == "          in: query") out.at(operation).parameters.insert(parameter);
        if (std::regex_match(line, m, status)) reply = m[1];
        if (std::regex_match(line, m, codes)) {
            std::istringstream list{m[1].str()};
            for (std::string code; std::getline(list >> std::ws, code, ',');)
                out.at(operation).codes[reply].insert(code);
        }
    }
    return out;
}

json::object load(const std::string& event) {
    return json::parse(read_file(schemas / "events" / (event + ".schema.json")).value()).as_object();
}

const Names event_types{
    "document.received",
    "document.revoked",
    "document.updated",
    "document.replaced",
    "document.recall_requested",
    "status.received",
    "status.unmatched",
    "recipient.changed"};

// Each required member is there, and each member is known. References inside `root` are followed; a choice
// of text and object is checked as an object.
void check_members(const json::object& value, const json::object& schema, const json::object& root);

void check_value(const json::value& value, const json::object& schema, const json::object& root) {
    if (const auto* reference = schema.if_contains("$ref")) {
        if (!reference->as_string().starts_with("#")) return;
        const auto pointer = reference->as_string().subview(1);
        return check_value(value, json::value(root).at_pointer(pointer).as_object(), root);
    }
    if (const auto* choices = schema.if_contains("oneOf")) {
        const std::size_t choice =
            value.is_object() == choices->as_array().at(1).as_object().contains("$ref");
        return check_value(value, choices->as_array().at(choice).as_object(), root);
    }
    if (value.is_object() && schema.contains("properties")) check_members(value.get_object(), schema, root);
    const auto* items = schema.if_contains("items");
    if (!value.is_array() || !items) return;
    for (const auto& item : value.get_array()) check_value(item, items->as_object(), root);
}

void check_members(const json::object& value, const json::object& schema, const json::object& root) {
    const auto& known = schema.at("properties").as_object();
    if (const auto* required = schema.if_contains("required")) {
        for (const auto& name : required->as_array()) {
            CAPTURE(name.as_string().c_str());
            CHECK(value.contains(name.as_string()));
        }
    }
    for (const auto& member : value) {
        CAPTURE(std::string{member.key()});
        const auto* inner = known.if_contains(member.key());
        CHECK(inner != nullptr);
        if (inner) check_value(member.value(), inner->as_object(), root);
    }
}

model::Document full_document() {
    auto package = package::parse(read_file(schemas / "examples" / "package-full.json").value()).value();
    auto document = std::move(package.document);
    document.business.type = model::BusinessType::update;
    document.business.reason = "r";
    document.business.document_id = "d";
    document.business.updates.push_back({1, 7, {{document.from.code, 1}, {document.from.code, 7}}});
    document.business.replacements.push_back({"d", {document.from.code}});
    document.business.staff.push_back(document.business.staff.front());
    document.business.paper = 7;
    document.other.priority = 9;
    document.steering = 9;
    document.type.type = 9;
    document.due = model::Date::read("2026/02/30");
    document.issued = model::Date::read("?");
    document.response_for.push_back({document.from.code, "1", "d", model::Date::read("?")});
    document.trace.push_back({document.from.code, "2026/11/21 08:00:00"});
    document.extensions.push_back({"edXMLEnvelope", "<a/>"});
    model::Attachment file{"1", "a.pdf", "x", "application/pdf", "f", "application/pdf", {}, "pdf"};
    document.attachments.push_back(file);
    return document;
}

}  // namespace

TEST_CASE("openapi.yaml names every route and query parameter of the program, and no others") {
    std::map<std::string, Names> program;
    for (const auto& route : rest::Api::routes()) {
        auto& names = program[std::string{route.method} + " " + std::string{route.pattern}];
        for (const auto name : route.parameters) names.emplace(name);
    }
    std::map<std::string, Names> document;
    for (const auto& [name, operation] : operations()) document[name] = operation.parameters;
    CHECK(program.size() == 10);
    CHECK(document == program);
}

TEST_CASE("every problem code in openapi.yaml is a row of the table of errors, under its own status") {
    std::map<std::string, std::string> table;
    for (const auto& row : error_table()) table[std::string{row.code}] = std::to_string(row.http_status);
    std::size_t count = 0;
    for (const auto& [name, operation] : operations()) {
        CAPTURE(name);
        CHECK(operation.codes.count("401") == 1);
        CHECK(operation.codes.count("403") == 1);
        for (const auto& [status, codes] : operation.codes) {
            for (const auto& code : codes) {
                CAPTURE(code);
                CHECK(table[code] == status);
                ++count;
            }
        }
    }
    CHECK(count > 50);
    static const std::regex list{"^ *x-(fault-)?codes: \\[(.*)\\]$"};
    std::smatch m;
    for (const auto& line : lines_of(schemas / "openapi.yaml")) {
        if (!std::regex_match(line, m, list)) continue;
        std::istringstream codes{m[2].str()};
        for (std::string code; std::getline(codes >> std::ws, code, ',');) {
            CAPTURE(code);
            CHECK(table.count(code) == 1);
        }
    }
}

TEST_CASE("every file that openapi.yaml refers to is there, and every event type is among them") {
    static const std::regex reference{"\\$ref: \"([^\"#]+)\""};
    Names files;
    for (const auto& line : lines_of(schemas / "openapi.yaml")) {
        for (std::sregex_iterator i{line.begin(), line.end(), reference}, end; i != end; ++i)
            files.insert((*i)[1]);
    }
    for (const auto& file : files) {
        CAPTURE(file);
        CHECK(fs::exists(schemas / file));
    }
    for (const auto& type : event_types) CHECK(files.count("events/" + type + ".schema.json") == 1);
}

TEST_CASE("each event type has its schema, whose example has the members the schema demands and knows") {
    for (const auto& type : event_types) {
        CAPTURE(type);
        const auto schema = load(type);
        const auto& example = schema.at("examples").as_array().at(0).as_object();
        CHECK(schema.at("properties").at("type").at("const").as_string() == type);
        CHECK(example.at("type").as_string() == type);
        check_members(example, schema, schema);
    }
}

TEST_CASE("what the program writes of a document is what the event schema says") {
    const auto text =
        package::to_json(full_document(), "/v1/messages/01J9X7Z3K8M4N6P2Q5R7S9T1V3/attachments");
    const auto written = json::parse(text).as_object();
    const auto schema = load("document");

    check_members(written, schema, schema);

    // and nothing the schema knows is missing in a document that says everything
    const Names instead{"due_date"};  // due_date_text stands for it
    for (const auto& member : schema.at("properties").as_object()) {
        CAPTURE(std::string{member.key()});
        CHECK(written.contains(member.key()) != instead.contains(std::string{member.key()}));
    }
}

TEST_SUITE_END();
