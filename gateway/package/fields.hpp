// A table of fields: one row per key, which reads, checks and writes it. The tables stand in tables.cpp and
// business.cpp.
//
// A row reaches its member through `get`, a generic lambda `[](auto& x) -> auto& { return x.member; }` that
// serves reading and writing. Writing leaves out what is empty. Lengths, ranges and required keys are
// demanded of what is posted only (package.hpp, Demand).
#pragma once

#include "gateway/base/text.hpp"
#include "gateway/model/date.hpp"
#include "gateway/package/context.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <functional>
#include <limits>
#include <optional>

namespace axis::package {

namespace json = boost::json;

enum class Need {
    optional,
    required,   // when posted
    always,     // whoever made the package: no envelope says it
    read_only,  // the gateways write it: taken from software without effect
    kept,       // only a package made from an envelope has it: unknown when posted
};

template <class T>
struct Field {
    std::string_view key;
    Need need;
    std::function<void(Context&, const json::value&, T&)> read;
    std::function<void(const T&, json::object&)> write;
};
template <class T>
using Table = std::vector<Field<T>>;

template <class T>
void read_object(Context& context, const json::value& value, const Table<T>& table, T& out) {
    const auto* object = value.if_object();
    if (!object) return context.fault(errc::field_type, "an object is wanted");
    for (const auto& field : table) {
        const auto* found = object->if_contains(field.key);
        if (found && field.need == Need::kept && context.posted()) {
            context.fault_below(
                field.key, errc::field_unknown, "only a package made from an envelope has it"
            );
        } else if (found) {
            const Context::At at{context, field.key};
            field.read(context, *found, out);
        } else if (field.need == Need::always || (field.need == Need::required && context.posted())) {
            context.fault_below(field.key, errc::field_missing);
        }
    }
    for (const auto& member : *object) {
        const auto names = [&](const Field<T>& field) { return field.key == std::string_view{member.key()}; };
        if (std::none_of(table.begin(), table.end(), names))
            context.fault_below(member.key(), errc::field_unknown);
    }
}

template <class T>
json::object write_object(const Table<T>& table, const T& value) {
    json::object object;
    for (const auto& field : table) field.write(value, object);
    return object;
}

// ---- rows

// Null when the value is not a text or is unfit, after stating the fault; and when the text is "not given".
const json::string* read_text(
    Context& context, const json::value& value, Need need, std::size_t characters_max
);
std::optional<bool> read_flag(Context& context, const json::value& value);
std::optional<std::int64_t> read_number(
    Context& context, const json::value& value, std::int64_t min, std::int64_t max
);
const json::array* read_array(Context& context, const json::value& value, std::size_t min, std::size_t max);

template <class T, class Get>
Field<T> text(std::string_view key, Need need, std::size_t characters_max, Get get) {
    return {
        key,
        need,
        [=](Context& context, const json::value& value, T& out) {
            if (const auto* s = read_text(context, value, need, characters_max))
                get(out).assign(s->data(), s->size());
        },
        [=](const T& from, json::object& object) {
            if (!get(from).empty()) object[key] = get(from);
        }};
}

// A text that is compared, an id or a number: without the blanks around it.
template <class T, class Get>
Field<T> term(std::string_view key, Need need, std::size_t characters_max, Get get) {
    auto row = text<T>(key, need, characters_max, get);
    row.read = [read = row.read, get](Context& context, const json::value& value, T& out) {
        read(context, value, out);
        get(out) = std::string{trimmed(get(out))};
    };
    return row;
}

template <class T, class Get>
Field<T> date(std::string_view key, Need need, Get get) {
    return {
        key,
        need,
        [=](Context& context, const json::value& value, T& out) {
            const auto* s = value.if_string();
            if (!s) return context.fault(errc::field_type, "a text is wanted");
            if (check_date(context, *s)) get(out) = model::Date::read(*s);
        },
        [=](const T& from, json::object& object) {
            if (get(from).day) object[key] = get(from).dashed();
        }};
}

// What stood where a date should: kept as written. Its row follows the date's.
template <class T, class Get>
Field<T> date_text(std::string_view key, Get get) {
    return {
        key,
        Need::kept,
        [=](Context& context, const json::value& value, T& out) {
            const auto* s = read_text(context, value, Need::kept, 0);
            if (s && !get(out).empty()) return context.fault(errc::field_value, "beside a date");
            if (s) get(out).written.assign(s->data(), s->size());
        },
        [=](const T& from, json::object& object) {
            if (!get(from).empty() && !get(from).day) object[key] = get(from).written;
        }};
}

template <class T, class Get>
Field<T> flag(std::string_view key, Need need, Get get) {
    return {
        key,
        need,
        [=](Context& context, const json::value& value, T& out) {
            if (const auto held = read_flag(context, value)) get(out) = *held;
        },
        [=](const T& from, json::object& object) {
            const std::optional<bool> held = get(from);
            if (held) object[key] = *held;
        }};
}

template <class T, class Get>
Field<T> number(std::string_view key, std::int64_t min, std::int64_t max, Get get) {
    return {
        key,
        Need::optional,
        [=](Context& context, const json::value& value, T& out) {
            using Value = typename std::decay_t<decltype(get(out))>::value_type;
            using Whole = std::numeric_limits<Value>;
            const auto n = context.posted() ? read_number(context, value, min, max)
                                            : read_number(context, value, Whole::min(), Whole::max());
            if (n) get(out) = static_cast<Value>(*n);
        },
        [=](const T& from, json::object& object) {
            if (get(from)) object[key] = *get(from);
        }};
}

}  // namespace axis::package
