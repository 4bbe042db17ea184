// The rows of fields.hpp for numbers: the package says a word where there is one, else null and KEY_raw.
#pragma once

#include "gateway/package/fields.hpp"
#include "gateway/package/words.hpp"

#include <utility>

namespace axis::package {

std::optional<int> read_word(Context& context, const json::value& value, Words words);

// The word; null when there is none, and raw() tells the number.
template <class T, class Get>
Field<T> word(std::string_view key, Words words, Get get) {
    return {
        key,
        Need::optional,
        [=](Context& context, const json::value& value, T& out) {
            if (value.is_null()) return;
            if (const auto n = read_word(context, value, words)) get(out) = *n;
        },
        [=](const T& from, json::object& object) {
            if (!get(from)) return;
            const auto known = word_of(words, *get(from));
            object[key] = known.empty() ? json::value(nullptr) : json::value(known);
        }};
}

// 0 and 1 as false and true.
template <class T, class Get>
Field<T> yes_no(std::string_view key, Get get) {
    return {
        key,
        Need::optional,
        [=](Context& context, const json::value& value, T& out) {
            if (value.is_null()) return;
            if (const auto held = read_flag(context, value)) get(out) = *held ? 1 : 0;
        },
        [=](const T& from, json::object& object) {
            if (!get(from)) return;
            const bool known = !word_of(yes_or_no, *get(from)).empty();
            object[key] = known ? json::value(*get(from) == 1) : json::value(nullptr);
        }};
}

// KEY_raw: the number beside word() or yes_no(), whose row it follows. Written when there is no word for it.
template <class T, class Get>
Field<T> raw(std::string_view key, Words words, Get get) {
    constexpr int posted_max = 9999;
    auto row = number<T>(key, 0, posted_max, get);
    const auto read = row.read;
    row.read = [=](Context& context, const json::value& value, T& out) {
        const auto said = std::exchange(get(out), std::nullopt);
        read(context, value, out);
        if (said && get(out) && *said != *get(out)) context.fault(errc::field_value, "not the word's number");
        if (!get(out)) get(out) = said;
    };
    row.write = [=](const T& from, json::object& object) {
        if (get(from) && word_of(words, *get(from)).empty()) object[key] = *get(from);
    };
    return row;
}

}  // namespace axis::package
