#include "gateway/envelope/bytes.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace axis::envelope {

namespace {

// 0 for base64 characters and white space, 1 for all others.
constexpr auto foreign = [] {
    std::array<std::uint8_t, 256> table{};
    for (auto& entry : table) entry = 1;
    constexpr std::string_view own =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/= \t\r\n";
    for (const char c : own) table[static_cast<unsigned char>(c)] = 0;
    return table;
}();

std::uint8_t foreign_at(const char* p) {
    return foreign[static_cast<unsigned char>(*p)];
}

// Eight at a time: one branch for all.
constexpr std::size_t block = 8;
bool foreign_in_block(const char* p) {
    return (foreign_at(p) | foreign_at(p + 1) | foreign_at(p + 2) | foreign_at(p + 3) | foreign_at(p + 4) |
            foreign_at(p + 5) | foreign_at(p + 6) | foreign_at(p + 7)) != 0;
}

}  // namespace

void Place::pass(std::string_view bytes) {
    const char* p = bytes.data();
    const char* const end = p + bytes.size();
    while (p < end) {
        const auto* newline =
            static_cast<const char*>(std::memchr(p, '\n', static_cast<std::size_t>(end - p)));
        if (newline == nullptr) break;
        p = newline + 1;
        ++line_;
        line_start_ = bytes_ + static_cast<std::uint64_t>(p - bytes.data());
    }
    bytes_ += bytes.size();
}

bool MarkupCheck::continues(unsigned char c) {
    if (c < low_ || c > high_) return false;
    --pending_;
    low_ = 0x80;
    high_ = lead_ == 0xEF && pending_ == 1 && c == 0xBF ? 0xBD : 0xBF;  // no U+FFFE and U+FFFF
    return true;
}

bool MarkupCheck::starts(unsigned char c) {
    if (c < 0xC2 || c > 0xF4) return false;
    lead_ = c;
    pending_ = c < 0xE0 ? 1 : c < 0xF0 ? 2 : 3;
    if (c == 0xE0) low_ = 0xA0;   // no overlong forms
    if (c == 0xED) high_ = 0x9F;  // no surrogates
    if (c == 0xF0) low_ = 0x90;
    if (c == 0xF4) high_ = 0x8F;  // nothing beyond U+10FFFF
    return true;
}

std::size_t MarkupCheck::pass(std::string_view bytes, errc& fault) {
    fault = errc::none;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto c = static_cast<unsigned char>(bytes[i]);
        if (c == 0) {
            fault = errc::xml_nul;
        } else if (pending_ > 0) {
            if (!continues(c)) fault = errc::xml_not_utf8;
        } else if (c >= 0x80) {
            if (!starts(c)) fault = errc::xml_not_utf8;
        } else if (c < 0x20 && c != '\t' && c != '\n' && c != '\r') {
            fault = errc::xml_malformed;
        }
        if (fault != errc::none) return i;
    }
    return bytes.size();
}

std::size_t base64_run(std::string_view text) {
    std::size_t n = 0;
    while (text.size() - n >= block && !foreign_in_block(text.data() + n)) n += block;
    while (n < text.size() && foreign_at(text.data() + n) == 0) ++n;
    return n;
}

std::size_t white_run(std::string_view text) {
    return std::min(text.find_first_not_of(" \t\r\n"), text.size());
}

std::string_view shown(std::string_view name) {
    constexpr std::size_t bytes_max = 64;
    auto n = std::min(name.size(), bytes_max);
    while (n > 0 && n < name.size() && (static_cast<unsigned char>(name[n]) & 0xC0) == 0x80) --n;
    return name.substr(0, n);
}

}  // namespace axis::envelope
