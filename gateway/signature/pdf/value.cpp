#include "gateway/signature/pdf/value.hpp"

#include <algorithm>

namespace axis::signature::pdf {

std::string to_text(Ref ref) {
    return std::to_string(ref.number) + " " + std::to_string(ref.generation) + " R";
}

namespace {

const Value null;

auto find(const std::vector<Entry>& entries, std::string_view key) {
    const auto at =
        std::lower_bound(entries.begin(), entries.end(), key, [](const Entry& entry, std::string_view k) {
            return entry.key < k;
        });
    return at != entries.end() && at->key == key ? at : entries.end();
}

}  // namespace

Dict::Dict(std::vector<Entry> sorted) : entries_{std::move(sorted)} {}

const Value& Dict::operator[](std::string_view key) const {
    const auto at = find(entries_, key);
    return at == entries_.end() ? null : at->value;
}

bool Dict::has(std::string_view key) const {
    return find(entries_, key) != entries_.end();
}

bool Dict::operator==(const Dict& other) const {
    return entries_ == other.entries_;
}

void collect_refs(const Value& value, std::vector<Ref>& out) {
    const auto all = [&out](const Dict& dict) {
        for (const auto& entry : dict.entries()) collect_refs(entry.value, out);
    };
    if (const auto* ref = value.as<Ref>())
        out.push_back(*ref);
    else if (const auto* array = value.as<Array>())
        for (const auto& item : *array) collect_refs(item, out);
    else if (const auto* dict = value.as<Dict>())
        all(*dict);
    else if (const auto* stream = value.as<Stream>())
        all(stream->dict);
}

}  // namespace axis::signature::pdf
