#include "gateway/base/text.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>

namespace axis {

namespace {

const utf8proc_uint8_t* raw(std::string_view text) {
    return reinterpret_cast<const utf8proc_uint8_t*>(text.data());
}

// Calls f for each code point; false when the text is not UTF-8.
template <class F>
bool each_code_point(std::string_view text, F f) {
    while (!text.empty()) {
        utf8proc_int32_t point = 0;
        const auto n = utf8proc_iterate(raw(text), static_cast<utf8proc_ssize_t>(text.size()), &point);
        if (n <= 0) return false;
        f(point);
        text.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

bool is_utf8(std::string_view text) {
    return each_code_point(text, [](auto) {});
}

std::size_t code_point_count(std::string_view utf8) {
    return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    }));
}

std::string nfc(std::string_view utf8) {
    if (std::all_of(utf8.begin(), utf8.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; }))
        return std::string{utf8};
    utf8proc_uint8_t* out = nullptr;
    const auto n = utf8proc_map(
        raw(utf8),
        static_cast<utf8proc_ssize_t>(utf8.size()),
        &out,
        static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE)
    );
    if (n < 0) return std::string{utf8};
    std::string text{reinterpret_cast<const char*>(out), static_cast<std::size_t>(n)};
    std::free(out);
    return text;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string lower_ascii(std::string_view text) {
    std::string out{text};
    std::transform(out.begin(), out.end(), out.begin(), lower);
    return out;
}

std::string upper_ascii(std::string_view text) {
    std::string out{text};
    for (auto& c : out)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return out;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

std::string json_quoted(std::string_view utf8) {
    static constexpr char hex[] = "0123456789abcdef";
    std::string out{"\""};
    for (const char c : utf8) {
        const auto u = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (u < 0x20) {
            out += "\\u00";
            out += hex[u >> 4];
            out += hex[u & 15];
        } else {
            out += c;
        }
    }
    return out += '"';
}

bool has_hidden_characters(std::string_view utf8) {
    bool hidden = false;
    const bool valid = each_code_point(utf8, [&hidden](utf8proc_int32_t p) {
        const auto category = utf8proc_category(p);
        if (category == UTF8PROC_CATEGORY_CC || category == UTF8PROC_CATEGORY_CF ||
            category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP)
            hidden = true;
    });
    return hidden || !valid;
}

}  // namespace axis
