// The rows of fields.hpp that hold objects: one nested, or a list of them.
#pragma once

#include "gateway/package/fields.hpp"

namespace axis::package {

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

struct Count {
    std::size_t min, max;
};
template <class T, class Inner, class Get>
Field<T> objects(std::string_view key, Need need, Count count, const Table<Inner>& table, Get get) {
    return {
        key,
        need,
        [=, &table](Context& context, const json::value& value, T& out) {
            const auto* array = read_array(context, value, count.min, count.max);
            for (std::size_t i = 0; array && i < array->size(); ++i) {
                const Context::At at{context, i};
                read_object(context, (*array)[i], table, get(out).emplace_back());
            }
        },
        [=, &table](const T& from, json::object& to) {
            json::array array;
            for (const auto& one : get(from)) array.push_back(write_object<Inner>(table, one));
            if (!array.empty()) to[key] = std::move(array);
        }};
}

}  // namespace axis::package
