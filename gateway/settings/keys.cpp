#include "gateway/settings/keys.hpp"

#include <algorithm>
#include <numeric>

namespace axis::settings {

std::filesystem::path Draft::path(const Value& value) const {
    return value.text.empty() ? std::filesystem::path{} : (folder / value.text).lexically_normal();
}

void Draft::set_codes(const Value& value) {
    endpoint.any_code = value.list == std::vector<std::string>{"*"};
    if (!endpoint.any_code) endpoint.codes = value.codes();
}

const std::vector<Key>& keys() {
    static const std::vector<Key> table{
#define AXIS_KEY(section, name, kind, presence, shown, standard, limits, vi, en, ...) \
    {section,                                                                         \
     name,                                                                            \
     Kind::kind,                                                                      \
     Presence::presence,                                                              \
     Shown::shown,                                                                    \
     standard,                                                                        \
     limits,                                                                          \
     vi,                                                                              \
     en,                                                                              \
     []([[maybe_unused]] Draft& d, const Value& v) { __VA_ARGS__; }},
#include "gateway/settings/keys.def"
#undef AXIS_KEY
    };
    return table;
}

const Key* find(std::string_view section, std::string_view name) {
    const auto& all = keys();
    const auto it = std::find_if(all.begin(), all.end(), [&](const Key& k) {
        return k.section == section && k.name == name;
    });
    return it == all.end() ? nullptr : &*it;
}

namespace {

// How many letters must change to make one word the other (Levenshtein).
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t corner = row[0]++;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t replaced = corner + (a[i] == b[j] ? 0 : 1);
            corner = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, corner + 1});
        }
    }
    return row.back();
}

}  // namespace

std::string_view nearest(std::string_view section, std::string_view name) {
    std::string_view best;
    std::size_t best_distance = std::min<std::size_t>(name.size() / 2 + 1, 4);
    for (const auto& key : keys()) {
        if (key.section != section) continue;
        if (name.size() > 2 && key.name.starts_with(name)) return key.name;
        const auto d = distance(name, key.name);
        if (d < best_distance) {
            best = key.name;
            best_distance = d;
        }
    }
    return best;
}

}  // namespace axis::settings
