#include "gateway/settings/toml.hpp"

#include <toml++/toml.h>

#include <algorithm>

namespace axis::settings {

namespace {

int line_of(const toml::node& node) {
    return static_cast<int>(node.source().begin.line);
}

Value value_of(const toml::node& node) {
    Value value;
    if (const auto* text = node.as_string()) {
        value.type = Value::Type::text;
        value.text = text->get();
    } else if (const auto* number = node.as_integer()) {
        value.type = Value::Type::number;
        value.number = number->get();
    } else if (const auto* flag = node.as_boolean()) {
        value.type = Value::Type::flag;
        value.flag = flag->get();
    } else if (const auto* list = node.as_array()) {
        const bool texts =
            std::all_of(list->begin(), list->end(), [](const toml::node& e) { return e.is_string(); });
        value.type = texts ? Value::Type::list : Value::Type::other;
        for (const auto& element : *list) value.list.push_back(element.value_or(std::string{}));
    }
    return value;
}

Table table_of(std::string name, const toml::table& source) {
    Table table{std::move(name), line_of(source), {}};
    for (const auto& [key, node] : source) {
        const auto line = static_cast<int>(key.source().begin.line);
        table.entries.push_back({std::string{key.str()}, line, value_of(node)});
    }
    std::sort(table.entries.begin(), table.entries.end(), [](const Entry& a, const Entry& b) {
        return a.line < b.line;
    });
    return table;
}

// What toml++ says, without what it saw: a secret may stand unquoted on that line.
std::string reason(const toml::parse_error& error) {
    std::string_view text = error.description();
    for (const std::string_view cut : {", saw", "; saw", " '", " \""}) text = text.substr(0, text.find(cut));
    return std::string{text};
}

std::vector<Table> flatten(const toml::table& root) {
    Table top{"", 1, {}};
    std::vector<Table> tables;
    for (const auto& [key, node] : root) {
        const std::string name{key.str()};
        if (const auto* table = node.as_table()) {
            tables.push_back(table_of(name, *table));
        } else if (node.is_array_of_tables()) {
            for (const auto& element : *node.as_array())
                tables.push_back(table_of(name, *element.as_table()));
        } else {
            top.entries.push_back({name, static_cast<int>(key.source().begin.line), value_of(node)});
        }
    }
    tables.push_back(std::move(top));
    std::stable_sort(tables.begin(), tables.end(), [](const Table& a, const Table& b) {
        return a.name.empty() != b.name.empty() ? a.name.empty() : a.line < b.line;
    });
    return tables;
}

}  // namespace

std::vector<model::AgencyCode> Value::codes() const {
    std::vector<model::AgencyCode> codes;
    for (const auto& one : list) codes.push_back(model::AgencyCode::parse(one).value_or(model::AgencyCode{}));
    return codes;
}

std::vector<Sha256> Value::digests() const {
    std::vector<Sha256> digests;
    for (const auto& one : list) digests.push_back(Sha256::from_hex(one).value_or(Sha256{}));
    return digests;
}

Result<std::vector<Table>> parse_toml(std::string_view text) {
    try {
        return flatten(toml::parse(text));
    } catch (const toml::parse_error& error) {
        const auto line = std::to_string(error.source().begin.line);
        return Error{errc::config_syntax, reason(error), {{line, errc::config_syntax, {}}}};
    }
}

}  // namespace axis::settings
