// A table of fields: one row per key, which reads, checks and writes it. The tables stand in tables.cpp.
//
// A row reaches its member through `get`, a generic lambda `[](auto& x) -> auto& { return x.member; }` that
// serves reading and writing. Writing leaves out what is empty; numbers without a word become null and
// KEY_raw.
#pragma once

#include "gateway/base/text.hpp"
#include "gateway/model/date.hpp"
#include "gateway/package/context.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <functional>
#include <optional>
#include <span>

namespace axis::package {

namespace json = boost::json;

enum class Need { optional, required };

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
        if (const auto* found = object->if_contains(field.key)) {
            const Context::At at{context, field.key};
            field.read(context, *found, out);
        } else if (field.need == Need::required) {
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

// Null when the value is not a text or is unfit, after stating the fault. A blank text is "not given".
const json::string* read_text(
    Context& context, const json::value& value, Need need, std::size_t characters_max
);
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
            if (!get(from).empty()) object[key] = get(from).dashed();
        }};
}

template <class T, class Get>
Field<T> flag(std::string_view key, Need need, Get get) {
    return {
        key,
        need,
        [=](Context& context, const json::value& value, T& out) {
            if (!value.is_bool()) return context.fault(errc::field_type, "true or false is wanted");
            get(out) = value.get_bool();
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
            if (const auto n = read_number(context, value, min, max)) get(out) = static_cast<Value>(*n);
        },
        [=](const T& from, json::object& object) {
            if (get(from)) object[key] = *get(from);
        }};
}

// A number that the package calls by a word.
struct Word {
    std::string_view word;
    int number;
};
std::optional<int> read_word(Context& context, const json::value& value, std::span<const Word> words);
void write_word(json::object& object, std::string_view key, std::span<const Word> words, int number);

template <class T, class Get>
Field<T> word(std::string_view key, std::span<const Word> words, Get get) {
    return {
        key,
        Need::optional,
        [=](Context& context, const json::value& value, T& out) {
            if (const auto n = read_word(context, value, words)) get(out) = *n;
        },
        [=](const T& from, json::object& object) {
            if (get(from)) write_word(object, key, words, *get(from));
        }};
}

template <class T, class Get>
Field<T> texts(std::string_view key, std::size_t characters_max, std::size_t count_max, Get get) {
    return {
        key,
        Need::optional,
        [=](Context& context, const json::value& value, T& out) {
            const auto* array = read_array(context, value, 0, count_max);
            for (std::size_t i = 0; array && i < array->size(); ++i) {
                const Context::At at{context, i};
                if (const auto* s = read_text(context, (*array)[i], Need::required, characters_max))
                    get(out).emplace_back(s->data(), s->size());
            }
        },
        [=](const T& from, json::object& object) {
            json::array array;
            for (const auto& s : get(from)) array.emplace_back(s);
            if (!array.empty()) object[key] = std::move(array);
        }};
}

// The same row for a larger value that holds the smaller one.
template <class T, class Inner, class Get>
Field<T> lifted(const Field<Inner>& field, Get get) {
    return {
        field.key,
        field.need,
        [=](Context& context, const json::value& value, T& out) { field.read(context, value, get(out)); },
        [=](const T& from, json::object& to) { field.write(get(from), to); }};
}

}  // namespace axis::package
