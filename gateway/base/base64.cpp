#include "gateway/base/base64.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace axis {

namespace {

constexpr std::uint8_t bad = 0xff, space = 0xfe, pad = 0xfd;

constexpr auto values = [] {
    std::array<std::uint8_t, 256> table{};
    for (auto& v : table) v = bad;
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    for (const char c : {' ', '\t', '\r', '\n'}) table[static_cast<unsigned char>(c)] = space;
    table['='] = pad;
    return table;
}();

// The four characters of a group, each where its bits go; `bad_group` in what is not of the alphabet.
constexpr std::uint32_t bad_group = 1u << 24;
constexpr auto group_bits = [] {
    std::array<std::array<std::uint32_t, 256>, 4> table{};
    for (std::size_t place = 0; place < 4; ++place)
        for (std::size_t c = 0; c < 256; ++c)
            table[place][c] = values[c] < 64 ? std::uint32_t{values[c]} << (18 - 6 * place) : bad_group;
    return table;
}();

std::uint32_t group_of(const unsigned char* p) {
    return group_bits[0][p[0]] | group_bits[1][p[1]] | group_bits[2][p[2]] | group_bits[3][p[3]];
}

// Three bytes; a fourth may be overwritten.
void put_group(char* out, std::uint32_t group) {
    if constexpr (std::endian::native == std::endian::little) {
        const auto bytes = __builtin_bswap32(group << 8);
        std::memcpy(out, &bytes, sizeof bytes);
    } else {
        out[0] = static_cast<char>(group >> 16);
        out[1] = static_cast<char>(group >> 8);
        out[2] = static_cast<char>(group);
    }
}

// Whole groups of three; OpenSSL's block encoder is a table walk without line breaks.
void encode_groups(const char* bytes, std::size_t size, std::string& out) {
    const auto at = out.size();
    out.resize(at + (size + 2) / 3 * 4 + 1);
    const int n = EVP_EncodeBlock(
        reinterpret_cast<unsigned char*>(out.data() + at),
        reinterpret_cast<const unsigned char*>(bytes),
        static_cast<int>(size)
    );
    out.resize(at + static_cast<std::size_t>(n));
}

}  // namespace

void Base64Encoder::update(std::string_view bytes, std::string& out) {
    while (held_count_ > 0 && held_count_ < 3 && !bytes.empty()) {
        held_[held_count_++] = static_cast<std::uint8_t>(bytes.front());
        bytes.remove_prefix(1);
    }
    if (held_count_ == 3) {
        encode_groups(reinterpret_cast<const char*>(held_), 3, out);
        held_count_ = 0;
    }
    if (held_count_ > 0) return;
    const auto whole = bytes.size() / 3 * 3;
    if (whole > 0) encode_groups(bytes.data(), whole, out);
    for (const char c : bytes.substr(whole)) held_[held_count_++] = static_cast<std::uint8_t>(c);
}

void Base64Encoder::finish(std::string& out) {
    if (held_count_ > 0) encode_groups(reinterpret_cast<const char*>(held_), held_count_, out);
    held_count_ = 0;
}

bool Base64Decoder::update(std::string_view text, std::string& out) {
    const auto* p = reinterpret_cast<const unsigned char*>(text.data());
    const auto* const end = p + text.size();
    const auto at = out.size();
    out.resize(at + text.size() / 4 * 3 + 4);
    char* o = out.data() + at;
    bool ok = true;
    while (p < end) {
        // The common case: four characters of the alphabet on a group boundary.
        if (count_ == 0 && padding_ == 0) {
            for (; end - p >= 4; p += 4, o += 3) {
                const auto group = group_of(p);
                if (group >= bad_group) break;
                put_group(o, group);
            }
            if (p == end) break;
        }
        const std::uint8_t v = values[*p];
        if (v == space) {
            had_space_ = true;
            had_cr_ = had_cr_ || *p == '\r';
        } else if (v == pad) {
            ++padding_;
            if (count_ + padding_ > 4 || count_ < 2) ok = false;
        } else if (v == bad || padding_ > 0) {
            ok = false;
        } else {
            bits_ = bits_ << 6 | v;
            if (++count_ == 4) {
                *o++ = static_cast<char>(bits_ >> 16);
                *o++ = static_cast<char>(bits_ >> 8);
                *o++ = static_cast<char>(bits_);
                count_ = 0;
                bits_ = 0;
            }
        }
        if (!ok) break;
        ++p;
    }
    out.resize(static_cast<std::size_t>(o - out.data()));
    return ok;
}

bool Base64Decoder::finish(std::string& out) {
    if (count_ == 1) return false;
    if (padding_ > 0 && count_ + padding_ != 4) return false;
    padding_missing_ = count_ > 0 && padding_ == 0;
    if (count_ == 2) out += static_cast<char>(bits_ >> 4);
    if (count_ == 3) {
        out += static_cast<char>(bits_ >> 10);
        out += static_cast<char>(bits_ >> 2);
    }
    count_ = 0;
    bits_ = 0;
    padding_ = 0;
    return true;
}

std::string base64_encode(std::string_view bytes) {
    std::string out;
    Base64Encoder encoder;
    encoder.update(bytes, out);
    encoder.finish(out);
    return out;
}

bool base64_decode(std::string_view text, std::string& out) {
    Base64Decoder decoder;
    return decoder.update(text, out) && decoder.finish(out);
}

}  // namespace axis
