#include "gateway/model/agency_code.hpp"

#include "gateway/base/text.hpp"
#include "gateway/model/not_given.hpp"

#include <algorithm>

namespace axis::model {

namespace {

bool upper_or_digit(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool digit(char c) {
    return c >= '0' && c <= '9';
}

// ^[A-Y][0-9]{2}(\.[0-9A-Z]+)*$, at most 35 characters: QĐ 20/2020 Art 4.
bool new_form(std::string_view key) {
    if (key.size() < 3 || key.size() > 35 || key[0] < 'A' || key[0] > 'Y' || !digit(key[1]) || !digit(key[2]))
        return false;
    auto rest = key.substr(3);
    while (!rest.empty()) {
        if (rest[0] != '.') return false;
        rest.remove_prefix(1);
        const auto dot = std::min(rest.find('.'), rest.size());
        if (dot == 0 ||
            !std::all_of(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(dot), upper_or_digit))
            return false;
        rest.remove_prefix(dot);
    }
    return true;
}

// ^\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2}$: QCVN 102:2016.
bool old_form(std::string_view key) {
    constexpr std::string_view shape = "999.99.99.A99";
    if (key.size() != shape.size()) return false;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        const char want = shape[i];
        const char c = key[i];
        const bool fits = want == '9' ? digit(c) : want == 'A' ? (c >= 'A' && c <= 'Z') : c == '.';
        if (!fits) return false;
    }
    return true;
}

}  // namespace

std::optional<AgencyCode> AgencyCode::parse(std::string_view text) {
    text = trimmed(text);
    if (not_given(text) || code_point_count(text) > characters_max || !is_utf8(text) ||
        has_hidden_characters(text))
        return std::nullopt;
    if (text.find_first_of(" \t\r\n,;/\\\"'<>&") != std::string_view::npos) return std::nullopt;
    AgencyCode code;
    code.text_ = text;
    code.key_ = upper_ascii(nfc(text));
    return code;
}

bool AgencyCode::well_formed() const {
    return new_form(key_) || old_form(key_);
}

}  // namespace axis::model
