#include "gateway/signature/cms/ber.hpp"

namespace axis::signature::cms {

namespace {

constexpr int depth_max = 32;
constexpr unsigned char integer = 0x02, octets = 0x04, null = 0x05, identifier = 0x06, sequence = 0x30,
                        set = 0x31;
constexpr unsigned char first_context = 0xa0, second_context = 0xa1;

struct Element {
    unsigned char tag = 0;
    std::string_view content;
    bool constructed() const { return (tag & 0x20) != 0; }
};

// Sequences and sets are made of elements; all else of the universal kinds is not, but for long octets.
bool regular_form(unsigned char tag) {
    if ((tag & 0x1f) == 0x1f) return false;
    if ((tag & 0xc0) != 0) return true;
    const unsigned kind = tag & 0x1f;
    const bool constructed = (tag & 0x20) != 0;
    return kind == 16 || kind == 17 ? constructed : !constructed || kind == octets;
}

bool next(std::string_view& rest, Element& out, int depth);

// Up to the two zeros that end what has no length.
bool open_ended(std::string_view& rest, Element& out, int depth) {
    const auto begin = rest;
    while (rest.size() >= 2) {
        if (rest[0] == '\0' && rest[1] == '\0') {
            out.content = begin.substr(0, begin.size() - rest.size());
            rest.remove_prefix(2);
            return true;
        }
        Element inner;
        if (!next(rest, inner, depth + 1)) return false;
    }
    return false;
}

bool next(std::string_view& rest, Element& out, int depth) {
    if (rest.size() < 2 || depth > depth_max) return false;
    out.tag = static_cast<unsigned char>(rest[0]);
    std::size_t length = static_cast<unsigned char>(rest[1]);
    rest.remove_prefix(2);
    if (!regular_form(out.tag)) return false;
    if (length == 0x80) return out.constructed() && open_ended(rest, out, depth);
    if (length > 0x80) {
        const auto count = length & 0x7f;
        if (count > 4 || rest.size() < count) return false;
        length = 0;
        for (const char c : rest.substr(0, count)) length = length << 8 | static_cast<unsigned char>(c);
        rest.remove_prefix(count);
    }
    if (length > rest.size()) return false;
    out.content = rest.substr(0, length);
    rest.remove_prefix(length);
    return true;
}

// `element` and all within it.
bool regular(const Element& element, int depth) {
    if (!element.constructed()) return true;
    auto rest = element.content;
    while (!rest.empty()) {
        Element inner;
        if (!next(rest, inner, depth) || !regular(inner, depth + 1)) return false;
    }
    return true;
}

bool enter(std::string_view& rest, unsigned char tag, std::string_view& content) {
    Element element;
    if (!next(rest, element, 0) || element.tag != tag) return false;
    content = element.content;
    return true;
}

bool small_number(std::string_view& rest, int& out) {
    std::string_view content;
    if (!enter(rest, integer, content) || content.size() != 1) return false;
    out = static_cast<unsigned char>(content[0]);
    return true;
}

// A digest algorithm has no parameters, or NULL for them.
bool digest_algorithm(std::string_view& rest, std::string_view& name) {
    std::string_view algorithm, none;
    return enter(rest, sequence, algorithm) && enter(algorithm, identifier, name) &&
           (algorithm.empty() || (enter(algorithm, null, none) && none.empty() && algorithm.empty()));
}

// SignerInfo: version, who, digest, [0] signed attributes, algorithm, value, [1] unsigned ones. OpenSSL takes
// the attributes, which it writes anew before it verifies, under any tag of their number.
bool signer_info(std::string_view rest, int& version) {
    constexpr unsigned char key_identifier = 0x80;
    Element element;
    std::string_view part;
    if (!small_number(rest, version) || !next(rest, element, 0)) return false;
    if (element.tag != sequence && element.tag != key_identifier) return false;
    if (!digest_algorithm(rest, part) || !next(rest, element, 0)) return false;
    if (element.tag == first_context && !next(rest, element, 0)) return false;
    if (element.tag != sequence || !enter(rest, octets, part)) return false;
    return rest.empty() || (enter(rest, second_context, part) && rest.empty());
}

}  // namespace

std::optional<MessageHead> head_of(std::string_view message) {
    Element whole;
    if (!next(message, whole, 0) || whole.tag != sequence || !regular(whole, 0)) return std::nullopt;
    MessageHead out;
    std::string_view rest = whole.content, type, wrapped, data, digests, part;
    if (!enter(rest, identifier, type) || !enter(rest, first_context, wrapped) || !rest.empty() ||
        !enter(wrapped, sequence, data) || !wrapped.empty())
        return std::nullopt;
    if (!small_number(data, out.version) || !enter(data, set, digests) || !enter(data, sequence, part))
        return std::nullopt;
    while (!digests.empty()) {
        std::string_view name;
        if (!digest_algorithm(digests, name)) return std::nullopt;
        out.digests.push_back(name);
    }
    Element element;
    do {
        if (!next(data, element, 0)) return std::nullopt;
    } while (element.tag == first_context || element.tag == second_context);
    std::string_view signer;
    if (element.tag != set || !data.empty() || !enter(element.content, sequence, signer) ||
        !signer_info(signer, out.signer_version))
        return std::nullopt;
    return out;
}

}  // namespace axis::signature::cms
