#include "gateway/envelope/bytes.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace axis::envelope {

namespace {

// What a character is in a diverted text.
constexpr std::uint8_t base64 = 0, white = 1, foreign = 2;
constexpr auto kinds = [] {
    std::array<std::uint8_t, 256> table{};
    for (auto& entry : table) entry = foreign;
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
    for (const char c : alphabet) table[static_cast<unsigned char>(c)] = base64;
    for (const char c : {' ', '\t', '\r', '\n'}) table[static_cast<unsigned char>(c)] = white;
    return table;
}();

std::uint8_t kind_at(const char* p) {
    return kinds[static_cast<unsigned char>(*p)];
}

// Eight at a time: one branch for all.
constexpr std::size_t block = 8;
std::uint8_t kinds_in_block(const char* p) {
    return kind_at(p) | kind_at(p + 1) | kind_at(p + 2) | kind_at(p + 3) | kind_at(p + 4) | kind_at(p + 5) |
           kind_at(p + 6) | kind_at(p + 7);
}

// 1 for what may end a run inside a tag: quotes, '=', '<', '>'.
constexpr auto tag_mark = [] {
    std::array<std::uint8_t, 256> table{};
    for (const char c : std::string_view{"\"'=<>"}) table[static_cast<unsigned char>(c)] = 1;
    return table;
}();

// ASCII that may stand in markup: 1 for all others.
constexpr auto unusual = [] {
    std::array<std::uint8_t, 256> table{};
    for (std::size_t c = 0; c < table.size(); ++c)
        table[c] = c >= 0x80 || (c < 0x20 && c != '\t' && c != '\n' && c != '\r') ? 1 : 0;
    return table;
}();

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

void Place::pass(std::uint64_t bytes, std::uint64_t line_feeds, std::uint64_t last_line) {
    bytes_ += bytes;
    line_ += line_feeds;
    if (line_feeds > 0) line_start_ = bytes_ - last_line;
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
        if (pending_ == 0 && unusual[c] == 0) continue;
        if (c == 0) {
            fault = errc::xml_nul;
        } else if (pending_ > 0) {
            if (!continues(c)) fault = errc::xml_not_utf8;
        } else if (c >= 0x80) {
            if (!starts(c)) fault = errc::xml_not_utf8;
        } else {
            fault = errc::xml_malformed;
        }
        if (fault != errc::none) return i;
    }
    return bytes.size();
}

Base64Run base64_run(std::string_view text) {
    std::size_t n = 0;
    std::uint8_t seen = 0;
    while (text.size() - n >= block) {
        const auto more = kinds_in_block(text.data() + n);
        if ((more & foreign) != 0) break;
        seen |= more;
        n += block;
    }
    for (; n < text.size() && kind_at(text.data() + n) != foreign; ++n) seen |= kind_at(text.data() + n);
    return {n, (seen & white) != 0};
}

std::size_t tag_run(std::string_view text) {
    const auto ends = [](char c) { return tag_mark[static_cast<unsigned char>(c)] != 0; };
    return static_cast<std::size_t>(std::find_if(text.begin(), text.end(), ends) - text.begin());
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
