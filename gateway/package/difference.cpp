#include "gateway/package/difference.hpp"

#include "gateway/base/text.hpp"
#include "gateway/package/package.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace axis::package {

namespace json = boost::json;

namespace {

struct Default {
    std::string_view field;
    std::string_view value;  // as JSON
};
constexpr std::array<Default, 3> defaults{
    {{"directive", "false"}, {"paper", "false"}, {"priority", "\"thuong\""}}};
constexpr std::array<std::string_view, 6> travel{
    "content_id", "content_type", "field_name", "mime_type", "format", "wrapped"};
// What names an entry of a list, the first that it has.
constexpr std::array<std::string_view, 5> names{"code", "document_id", "name", "organ", "place"};

template <std::size_t n>
bool among(const std::array<std::string_view, n>& list, std::string_view word) {
    return std::find(list.begin(), list.end(), word) != list.end();
}

std::string_view last_step(std::string_view field) {
    return field.substr(field.rfind('/') + 1);
}

bool is_form(std::string_view field) {
    if (field == "trace" || field.starts_with("trace/")) return true;
    return field.starts_with("files/") && among(travel, last_step(field));
}

bool differ_in_form_only(std::string_view field, const json::value* a, const json::value* b) {
    if (is_form(field)) return true;
    if (!a || !b) {
        const auto said = json::serialize(a ? *a : *b);
        return std::any_of(defaults.begin(), defaults.end(), [&](const Default& row) {
            return row.field == field && row.value == said;
        });
    }
    if (!a->is_string() || !b->is_string()) return false;
    const auto text_a = nfc(trimmed(a->get_string()));
    const auto text_b = nfc(trimmed(b->get_string()));
    const auto step = last_step(field);
    return text_a == text_b || ((step == "code" || step == "organ") && equal_ignoring_case(text_a, text_b));
}

class Comparison {
public:
    std::vector<Difference> run(const json::value& a, const json::value& b) {
        compare(&a, &b, "");
        return std::move(found_);
    }

private:
    using Entries = std::vector<std::pair<std::string, const json::value*>>;

    void compare(const json::value* a, const json::value* b, const std::string& field) {
        if (a && b && *a == *b) return;
        if (a && b && a->is_object() && b->is_object())
            return compare(members(a->get_object()), members(b->get_object()), field);
        if (is_list_of_objects(a) && is_list_of_objects(b))
            return compare(entries(a->get_array()), entries(b->get_array()), field);
        const auto said = [](const json::value* value) { return value ? json::serialize(*value) : ""; };
        found_.push_back({field, said(a), said(b), !differ_in_form_only(field, a, b)});
    }

    // In the order of `a`, then what only `b` has.
    void compare(const Entries& a, const Entries& b, const std::string& field) {
        std::map<std::string, const json::value*> in_b(b.begin(), b.end());
        std::set<std::string> in_a;
        const auto below = [&](const std::string& name) { return field.empty() ? name : field + "/" + name; };
        for (const auto& [name, value] : a) {
            in_a.insert(name);
            const auto other = in_b.find(name);
            compare(value, other == in_b.end() ? nullptr : other->second, below(name));
        }
        for (const auto& [name, value] : b)
            if (!in_a.contains(name)) compare(nullptr, value, below(name));
    }

    static bool is_list_of_objects(const json::value* value) {
        if (!value || !value->is_array()) return false;
        const auto& array = value->get_array();
        return std::all_of(array.begin(), array.end(), [](const json::value& v) { return v.is_object(); });
    }

    static Entries members(const json::object& object) {
        Entries out;
        for (const auto& member : object) out.emplace_back(member.key(), &member.value());
        return out;
    }

    // By name, the second of a name as "name#2"; without a name by place, from 1.
    static Entries entries(const json::array& array) {
        Entries out;
        std::map<std::string, int> seen;
        for (const auto& entry : array) {
            auto name = std::to_string(out.size() + 1);
            for (const auto key : names) {
                const auto* value = entry.get_object().if_contains(key);
                if (!value || !value->is_string()) continue;
                name = nfc(trimmed(value->get_string()));
                if (key == "code" || key == "organ") name = upper_ascii(name);
                break;
            }
            const auto count = ++seen[name];
            out.emplace_back(count == 1 ? name : name + "#" + std::to_string(count), &entry);
        }
        return out;
    }

    std::vector<Difference> found_;
};

// A party that is its code alone as an object, one person in charge as a list of one: so that they compare.
json::value comparable(std::string_view text) {
    auto value = json::parse(text);
    auto& object = value.as_object();
    const auto party = [](json::value& one) {
        if (one.is_string()) one = json::object{{"code", one}};
    };
    party(object["from"]);
    if (auto* to = object.if_contains("to"))
        for (auto& one : to->as_array()) party(one);
    if (auto* staff = object.if_contains("staff"))
        if (staff->is_object() && object.contains("files")) *staff = json::array{*staff};
    return value;
}

}  // namespace

std::vector<Difference> differences(const model::Document& a, const model::Document& b) {
    return Comparison{}.run(
        comparable(to_package_json(a, std::nullopt)), comparable(to_package_json(b, std::nullopt))
    );
}

std::vector<Difference> differences(const model::Status& a, const model::Status& b) {
    return Comparison{}.run(comparable(to_json(a)), comparable(to_json(b)));
}

}  // namespace axis::package
