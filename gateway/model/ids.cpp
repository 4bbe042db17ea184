#include "gateway/model/ids.hpp"

#include <algorithm>

namespace axis::model {

namespace {

constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t text_size = 26;

int value_of(char c) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    const auto at = alphabet.find(c);
    return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

}  // namespace

std::string MessageId::text() const {
    // 128 bits in 26 groups of five, the first of which holds three.
    std::string out(text_size, '0');
    for (std::size_t i = 0; i < text_size; ++i) {
        unsigned group = 0;
        for (std::size_t b = 0; b < 5; ++b) {
            const std::size_t bit = i * 5 + b;  // counted over 130 bits, two leading zeros
            unsigned v = 0;
            if (bit >= 2) v = (static_cast<unsigned>(bytes[(bit - 2) / 8]) >> (7 - (bit - 2) % 8)) & 1u;
            group = group << 1 | v;
        }
        out[i] = alphabet[group];
    }
    return out;
}

MessageId MessageId::make(Time at, Random& random) {
    MessageId id;
    random.fill(id.bytes);
    auto ms = static_cast<std::uint64_t>(at.time_since_epoch().count());
    for (std::size_t i = 6; i-- > 0; ms >>= 8) id.bytes[i] = static_cast<std::uint8_t>(ms);
    return id;
}

std::optional<MessageId> MessageId::parse(std::string_view text) {
    if (text.size() != text_size || value_of(text[0]) > 7) return std::nullopt;
    MessageId id;
    for (std::size_t i = 0; i < text_size; ++i) {
        const int v = value_of(text[i]);
        if (v < 0) return std::nullopt;
        for (std::size_t b = 0; b < 5; ++b) {
            const std::size_t bit = i * 5 + b;
            if (bit < 2 || ((v >> (4 - b)) & 1) == 0) continue;
            auto& byte = id.bytes[(bit - 2) / 8];
            byte = static_cast<std::uint8_t>(byte | 1u << (7 - (bit - 2) % 8));
        }
    }
    return id;
}

std::optional<std::pair<MessageId, MessageId>> MessageId::range(std::string_view prefix) {
    if (prefix.empty() || prefix.size() > text_size) return std::nullopt;
    std::string low{prefix};
    std::string high{prefix};
    low.resize(text_size, '0');
    high.resize(text_size, 'Z');
    const auto first = parse(low);
    const auto last = parse(high);
    if (!first || !last) return std::nullopt;
    return std::pair{*first, *last};
}

std::optional<EndpointName> EndpointName::parse(std::string_view text) {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    };
    if (text.empty() || text.size() > 63 || !std::all_of(text.begin(), text.end(), allowed) ||
        text[0] == '-' || text[0] == '_')
        return std::nullopt;
    return EndpointName{std::string{text}};
}

}  // namespace axis::model
