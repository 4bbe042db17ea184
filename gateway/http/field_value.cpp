#include "gateway/http/field_value.hpp"

#include "gateway/base/text.hpp"
#include "gateway/http/percent.hpp"

#include <algorithm>

namespace axis::http {

namespace {

// Takes `"…"` off the front of `text`.
std::optional<std::string> take_quoted(std::string_view& text) {
    std::string out;
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '"') {
            text.remove_prefix(i + 1);
            return out;
        }
        const bool escape =
            text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\');
        if (escape) ++i;
        out += text[i];
    }
    return std::nullopt;
}

// Takes up to the next semicolon off the front of `text`.
std::string take_token(std::string_view& text) {
    const auto end = std::min(text.find(';'), text.size());
    std::string out{trimmed(text.substr(0, end))};
    text.remove_prefix(end);
    return out;
}

}  // namespace

std::optional<std::string_view> FieldValue::parameter(std::string_view name) const {
    for (const auto& [key, text] : parameters) {
        if (key == name) return text;
    }
    return std::nullopt;
}

std::size_t FieldValue::count(std::string_view name) const {
    const auto same = [name](const auto& p) { return p.first == name; };
    return static_cast<std::size_t>(std::count_if(parameters.begin(), parameters.end(), same));
}

std::optional<FieldValue> FieldValue::parse(std::string_view text) {
    FieldValue out;
    out.value = lower_ascii(take_token(text));
    while (!text.empty()) {
        text = trimmed(text.substr(1));  // the semicolon
        if (text.empty()) break;
        const auto equals = text.find('=');
        if (equals == std::string_view::npos || equals > text.find(';')) return std::nullopt;
        std::string name = lower_ascii(trimmed(text.substr(0, equals)));
        text = trimmed(text.substr(equals + 1));
        const bool quoted = !text.empty() && text.front() == '"';
        auto value = quoted ? take_quoted(text) : take_token(text);
        text = trimmed(text);
        if (name.empty() || !value || (!text.empty() && text.front() != ';')) return std::nullopt;
        out.parameters.emplace_back(std::move(name), std::move(*value));
    }
    return out;
}

std::optional<std::string> extended_value(std::string_view text) {
    const auto first = text.find('\'');
    if (first == std::string_view::npos || !equal_ignoring_case(text.substr(0, first), "utf-8"))
        return std::nullopt;
    const auto second = text.find('\'', first + 1);
    if (second == std::string_view::npos) return std::nullopt;
    auto out = percent_decoded(text.substr(second + 1), false);
    if (!out || !is_utf8(*out)) return std::nullopt;
    return out;
}

}  // namespace axis::http
