#include "gateway/http/message.hpp"

#include "gateway/base/text.hpp"
#include "gateway/http/percent.hpp"

#include <algorithm>

namespace axis::http {

namespace {

bool is_plain_target(std::string_view text) {
    const auto bad = [](char c) { return c <= ' ' || c > '~' || c == '\\' || c == '#'; };
    return !text.empty() && text.front() == '/' && std::none_of(text.begin(), text.end(), bad);
}

bool is_safe_segment(std::string_view segment) {
    const auto control = [](char c) { return (c >= 0 && c < ' ') || c == 0x7f || c == '\\'; };
    return segment != "." && segment != ".." && is_utf8(segment) &&
           std::none_of(segment.begin(), segment.end(), control);
}

bool split_path(std::string_view path, std::vector<std::string>& out) {
    path.remove_prefix(1);
    if (path.empty()) return true;
    for (;;) {
        const auto slash = path.find('/');
        auto segment = percent_decoded(path.substr(0, slash), false);
        if (!segment || !is_safe_segment(*segment)) return false;
        out.push_back(std::move(*segment));
        if (slash == std::string_view::npos) return true;
        path.remove_prefix(slash + 1);
    }
}

bool split_query(std::string_view query, std::vector<std::pair<std::string, std::string>>& out) {
    while (!query.empty()) {
        const auto amp = std::min(query.find('&'), query.size());
        const auto piece = query.substr(0, amp);
        query.remove_prefix(std::min(amp + 1, query.size()));
        if (piece.empty()) continue;
        const auto equals = std::min(piece.find('='), piece.size());
        auto name = percent_decoded(piece.substr(0, equals), true);
        auto value = percent_decoded(piece.substr(std::min(equals + 1, piece.size())), true);
        if (!name || !value || !is_utf8(*name) || !is_utf8(*value)) return false;
        out.emplace_back(std::move(*name), std::move(*value));
    }
    return true;
}

}  // namespace

void Headers::set(std::string_view name, std::string value) {
    const auto same = [name](const auto& field) { return equal_ignoring_case(field.first, name); };
    const auto first = std::find_if(fields_.begin(), fields_.end(), same);
    if (first == fields_.end()) return add(std::string{name}, std::move(value));
    first->second = std::move(value);
    fields_.erase(std::remove_if(first + 1, fields_.end(), same), fields_.end());
}

std::optional<std::string_view> Headers::get(std::string_view name) const {
    for (const auto& [key, value] : fields_) {
        if (equal_ignoring_case(key, name)) return value;
    }
    return std::nullopt;
}

std::size_t Headers::count(std::string_view name) const {
    const auto same = [name](const auto& field) { return equal_ignoring_case(field.first, name); };
    return static_cast<std::size_t>(std::count_if(fields_.begin(), fields_.end(), same));
}

std::optional<std::string_view> Target::parameter(std::string_view name) const {
    for (const auto& [key, value] : query) {
        if (key == name) return value;
    }
    return std::nullopt;
}

std::optional<Target> Target::parse(std::string_view text) {
    if (!is_plain_target(text)) return std::nullopt;
    Target target;
    const auto mark = std::min(text.find('?'), text.size());
    target.path = text.substr(0, mark);
    if (!split_path(target.path, target.segments)) return std::nullopt;
    if (!split_query(text.substr(std::min(mark + 1, text.size())), target.query)) return std::nullopt;
    return target;
}

}  // namespace axis::http
