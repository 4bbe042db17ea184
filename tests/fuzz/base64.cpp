// base64: the decoder says the same however the text is cut, takes back what the encoder wrote, and what it
// takes is what the encoder would have written, but for white space, padding and the last bits.
#include "gateway/base/base64.hpp"

#include "tests/fuzz/harness.hpp"

using namespace axis;
using namespace axis::fuzz;

namespace {

struct Decoded {
    bool ok = false;
    std::string bytes;
    bool cr = false, space = false, padding_missing = false;
    friend bool operator==(const Decoded&, const Decoded&) = default;
};

Decoded decode(const Cut& cut) {
    Decoded out;
    Base64Decoder decoder;
    const auto fed = cut.feed([&](std::string_view piece) {
        return decoder.update(piece, out.bytes) ? Result<>{} : Error{errc::attachment_base64};
    });
    out.ok = fed && decoder.finish(out.bytes);
    if (!out.ok) return {};  // a refusal leaves what it had
    out.cr = decoder.had_cr();
    out.space = decoder.had_space();
    out.padding_missing = decoder.padding_missing();
    return out;
}

std::string encode(const Cut& cut) {
    std::string out;
    Base64Encoder encoder;
    const auto fed = cut.feed([&](std::string_view piece) {
        encoder.update(piece, out);
        return Result<>{};
    });
    require(fed.has_value(), "an encoder takes everything");
    encoder.finish(out);
    return out;
}

// The characters that carry bits.
std::string characters(std::string_view text) {
    std::string out;
    for (const char c : text)
        if (std::string_view{" \t\r\n="}.find(c) == std::string_view::npos) out += c;
    return out;
}

void check_text(std::string_view text) {
    const auto decoded = same_however_cut(text, "a text decodes the same however it is cut", decode);
    if (!decoded.ok) return;
    const auto given = characters(text);
    const auto canonical = characters(base64_encode(decoded.bytes));
    require(given.size() == canonical.size(), "no character is lost");
    const auto whole = given.size() / 4 * 4;  // an open group has bits that belong to no byte
    const auto sure = given.size() == whole ? whole : given.size() - 1;
    require(given.substr(0, sure) == canonical.substr(0, sure), "what is decoded encodes to the text");
    require(decoded.cr == (text.find('\r') != std::string_view::npos), "carriage returns are seen");
    require(
        decoded.space == (text.find_first_of(" \t\r\n") != std::string_view::npos), "white space is seen"
    );
    const bool padded = text.find('=') != std::string_view::npos;
    require(decoded.padding_missing == (given.size() != whole && !padded), "missing padding is seen");
}

void check_bytes(std::string_view bytes) {
    const auto text = same_however_cut(bytes, "bytes encode the same however they are cut", encode);
    std::string back;
    require(base64_decode(text, back) && back == bytes, "what is encoded decodes to the bytes");
    require(text.size() == (bytes.size() + 2) / 3 * 4, "padding is complete");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    check_text(text_of(data, size));
    check_bytes(text_of(data, size));
    return 0;
}
