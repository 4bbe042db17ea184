#include "gateway/package/context.hpp"

#include "gateway/base/text.hpp"
#include "gateway/model/date.hpp"

#include <algorithm>

namespace axis::package {

namespace {

constexpr std::size_t key_bytes_max = 64;

// XML 1.0 cannot carry these, escaped or not; the envelope is XML.
bool fits_xml(std::string_view text) {
    const auto forbidden = [](char c) {
        return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r';
    };
    if (std::any_of(text.begin(), text.end(), forbidden)) return false;
    return text.find("\uFFFE") == std::string_view::npos && text.find("\uFFFF") == std::string_view::npos;
}

// `shape` with 9 for any digit.
bool has_shape(std::string_view text, std::string_view shape) {
    const auto fits = [](char c, char want) { return want == '9' ? c >= '0' && c <= '9' : c == want; };
    return std::equal(text.begin(), text.end(), shape.begin(), shape.end(), fits);
}

}  // namespace

std::string pointer_step(std::string_view key) {
    auto shown = key.substr(0, key_bytes_max);
    while (!is_utf8(shown)) shown.remove_suffix(1);
    std::string out{'/'};
    for (const char c : shown) {
        if (c == '~')
            out += "~0";
        else if (c == '/')
            out += "~1";
        else
            out += c;
    }
    if (shown.size() < key.size()) out += "…";
    return out;
}

void Context::fault(errc code, std::string detail) {
    if (++count_ <= fault_count_max) faults_.push_back({pointer_, code, std::move(detail)});
}

void Context::fault_below(std::string_view key, errc code, std::string detail) {
    const At at{*this, key};
    fault(code, std::move(detail));
}

Context::At::At(Context& context, std::string_view key)
    : context_{context}, size_before_{context.pointer_.size()} {
    context.pointer_ += pointer_step(key);
}

bool check_text(Context& context, std::string_view text, std::size_t characters_max) {
    const auto count = code_point_count(text);
    if (context.posted() && count > characters_max) {
        context.fault(
            errc::field_too_long,
            std::to_string(count) + " characters, at most " + std::to_string(characters_max)
        );
        return false;
    }
    if (!fits_xml(text)) {
        context.fault(errc::field_value, "a control character");
        return false;
    }
    return true;
}

bool check_date(Context& context, std::string_view text) {
    const bool fits = has_shape(text, "9999-99-99") && model::Date::read(text).day;
    if (!fits) context.fault(errc::date_invalid);
    return fits;
}

bool is_rfc3339(std::string_view text) {
    constexpr std::string_view seconds = "9999-99-99T99:99:99";
    if (!has_shape(text.substr(0, seconds.size()), seconds)) return false;
    auto zone = text.substr(seconds.size());
    if (has_shape(zone.substr(0, 4), ".999")) zone.remove_prefix(4);
    return zone == "Z" || has_shape(zone, "+99:99") || has_shape(zone, "-99:99");
}

}  // namespace axis::package
