// The rows of fields.hpp that hold more than one value: objects, lists, agencies.
#pragma once

#include "gateway/model/agency_code.hpp"
#include "gateway/package/fields.hpp"

namespace axis::package {

// The accessor of a member, for reading and for writing.
#define AXIS_MEMBER(path)  \
    [](auto& x) -> auto& { \
        return x.path;     \
    }

// Nothing, after stating the fault, when it is no code; or when it is blank, and optional.
std::optional<model::AgencyCode> read_agency(Context& context, const json::value& value, Need need);

template <class T, class Get>
Field<T> agency(std::string_view key, Need need, Get get) {
    return {
        key,
        need,
        [=](Context& context, const json::value& value, T& out) {
            if (const auto code = read_agency(context, value, need)) get(out) = *code;
        },
        [=](const T& from, json::object& object) {
            if (!get(from).empty()) object[key] = get(from).text();
        }};
}

struct Count {
    std::size_t min, max;
};

// `read_one(context, value)` gives an optional entry, `write_one(entry)` its value.
template <class T, class ReadOne, class WriteOne, class Get>
Field<T> list(std::string_view key, Need need, Count count, ReadOne read_one, WriteOne write_one, Get get) {
    return {
        key,
        need,
        [=](Context& context, const json::value& value, T& out) {
            const auto* array = read_array(context, value, count.min, count.max);
            for (std::size_t i = 0; array && i < array->size(); ++i) {
                const Context::At at{context, i};
                if (auto one = read_one(context, (*array)[i])) get(out).push_back(std::move(*one));
            }
        },
        [=](const T& from, json::object& to) {
            json::array array;
            for (const auto& one : get(from)) array.push_back(write_one(one));
            if (!array.empty()) to[key] = std::move(array);
        }};
}

template <class T, class Get>
Field<T> texts(std::string_view key, std::size_t characters_max, std::size_t count_max, Get get) {
    const auto read_one = [=](Context& context, const json::value& value) -> std::optional<std::string> {
        const auto* s = read_text(context, value, Need::required, characters_max);
        return s ? std::optional<std::string>{std::in_place, s->data(), s->size()} : std::nullopt;
    };
    const auto write_one = [](const std::string& s) { return json::value(s); };
    return list<T>(key, Need::optional, {0, count_max}, read_one, write_one, get);
}

template <class T, class Get>
Field<T> agencies(std::string_view key, std::size_t count_max, Get get) {
    const auto read_one = [](Context& context, const json::value& value) {
        return read_agency(context, value, Need::required);
    };
    const auto write_one = [](const model::AgencyCode& code) { return json::value(code.text()); };
    return list<T>(key, Need::optional, {0, count_max}, read_one, write_one, get);
}

// A nested object. With `get` the identity, its keys are members of the same struct.
template <class T, class Inner, class Get>
Field<T> object(std::string_view key, Need need, const Table<Inner>& table, Get get) {
    return {
        key,
        need,
        [=, &table](Context& context, const json::value& value, T& out) {
            read_object(context, value, table, get(out));
        },
        [=, &table](const T& from, json::object& to) {
            auto inner = write_object<Inner>(table, get(from));
            if (!inner.empty()) to[key] = std::move(inner);
        }};
}

template <class T, class Inner, class Get>
Field<T> objects(std::string_view key, Need need, Count count, const Table<Inner>& table, Get get) {
    const auto read_one = [&table](Context& context, const json::value& value) {
        std::optional<Inner> one{std::in_place};
        read_object(context, value, table, *one);
        if (context.posted() && *one == Inner{}) one.reset();  // says nothing, as an absent key
        return one;
    };
    const auto write_one = [&table](const Inner& one) { return json::value(write_object(table, one)); };
    return list<T>(key, need, count, read_one, write_one, get);
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
