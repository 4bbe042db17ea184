#include "adapters/rest/parameters.hpp"

#include "gateway/base/clock.hpp"
#include "gateway/base/text.hpp"
#include "gateway/model/delivery.hpp"

#include <algorithm>
#include <charconv>

namespace axis::rest {

namespace {

constexpr std::size_t text_characters_max = 200;

}  // namespace

Error bad_parameter(std::string_view name, std::string detail) {
    const std::string pointer{name};
    std::vector<Fault> faults{Fault{pointer, errc::http_parameter, detail}};
    return {errc::http_parameter, pointer + ": " + detail, std::move(faults)};
}

Result<> check_parameters(const http::Target& target, const std::vector<std::string_view>& known) {
    std::vector<std::string_view> seen;
    for (const auto& [name, value] : target.query) {
        if (std::find(known.begin(), known.end(), name) == known.end())
            return bad_parameter(name, "no such parameter here");
        if (std::find(seen.begin(), seen.end(), name) != seen.end())
            return bad_parameter(name, "given more than once");
        seen.push_back(name);
    }
    return {};
}

Result<bool> flag_parameter(const http::Target& target, std::string_view name) {
    const auto text = target.parameter(name);
    if (!text || *text == "false") return false;
    if (*text == "true") return true;
    return bad_parameter(name, "true or false is wanted");
}

Result<std::string> word_parameter(
    const http::Target& target, std::string_view name, std::initializer_list<std::string_view> words
) {
    const auto text = target.parameter(name);
    if (!text) return std::string{*words.begin()};
    std::string wanted = "wanted is one of";
    for (const auto word : words) {
        if (*text == word) return std::string{word};
        wanted.append(" ").append(word);
    }
    return bad_parameter(name, wanted);
}

Result<std::int64_t> number_parameter(const http::Target& target, std::string_view name, NumberRange range) {
    const auto text = target.parameter(name);
    if (!text) return range.standard;
    std::int64_t value = 0;
    const auto* end = text->data() + text->size();
    const auto read = std::from_chars(text->data(), end, value);
    if (read.ec == std::errc{} && read.ptr == end && value >= range.min && value <= range.max) return value;
    return bad_parameter(
        name,
        "a whole number from " + std::to_string(range.min) + " to " + std::to_string(range.max) + " is wanted"
    );
}

Result<std::string> text_parameter(const http::Target& target, std::string_view name) {
    const auto text = target.parameter(name);
    if (!text) return std::string{};
    if (trimmed(*text).empty()) return bad_parameter(name, "empty");
    if (code_point_count(*text) > text_characters_max) return bad_parameter(name, "over 200 characters");
    return std::string{*text};
}

Result<std::string> state_parameter(const http::Target& target, std::string_view name) {
    auto text = text_parameter(target, name);
    if (!text || text->empty() || model::delivery_state(*text)) return text;
    return bad_parameter(
        name, "one of queued sending offered reconciling held quarantined cancelled done is wanted"
    );
}

Result<std::string> time_parameter(const http::Target& target, std::string_view name) {
    auto text = text_parameter(target, name);
    Time ignored;
    if (!text || text->empty() || parse_time(*text, ignored)) return text;
    return bad_parameter(name, "2026-11-21 or 2026-11-21T09:00:00+07:00 is wanted; write + as %2B");
}

}  // namespace axis::rest
