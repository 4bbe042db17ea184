#include "tests/fuzz/mutate.hpp"

#include "tests/fuzz/harness.hpp"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t size_max);

namespace axis::fuzz {

namespace {

constexpr std::size_t steps_max = 4;

std::size_t put(const std::string& text, std::uint8_t* data, std::size_t size_max) {
    const auto n = std::min(text.size(), size_max);
    std::copy_n(text.data(), n, data);
    return n;
}

std::string mutated(std::string_view input, std::string_view other, Dice& dice) {
    std::string text{input};
    const bool json = text.starts_with('{');
    for (auto steps = 1 + dice.below(steps_max); steps > 0; --steps)
        text = json ? mutate_json(text, other, dice) : mutate_xml(text, other, dice);
    return text;
}

}  // namespace

std::string_view telling_text(Dice& dice) {
    using namespace std::string_view_literals;
    static constexpr std::array texts{
        ""sv,
        " "sv,
        "null"sv,
        " null "sv,
        "0"sv,
        "1"sv,
        "2"sv,
        "3"sv,
        "14"sv,
        "-1"sv,
        "01"sv,
        "4294967295"sv,
        "99999999999999999999"sv,
        "true"sv,
        "false"sv,
        "G98"sv,
        "g98"sv,
        " G98.11 "sv,
        "000.00.00.G99"sv,
        "a b"sv,
        "2026/11/21"sv,
        "21/11/2026"sv,
        "2026-02-30"sv,
        "0000-01-01"sv,
        "9999-12-31T23:59:59.999-14:00"sv,
        "2026/11/21 08:00:00"sv,
        "2026-11-21T09:21:07Z"sv,
        "a.pdf"sv,
        "a:b.pdf"sv,
        " a.txt "sv,
        ".."sv,
        "con.txt"sv,
        "com0"sv,
        "conin$"sv,
        "a.zip>"sv,
        "\xE1\xBB\x87"sv,
        "e\xCC\xA3\xCC\x82"sv,
        "\xE2\x80\x8B"sv,
        "\xEF\xBF\xBD"sv,
        "\xEF\xBF\xBE"sv,
        "\xC2\x85"sv,
        "&#13;"sv,
        "&#9;a&#10;"sv,
        "&#xA0;"sv,
        "a\nb"sv,
        "\ta"sv,
        "&lt;&amp;&gt;"sv,
        "]]&gt;"sv,
        "cid:1"sv,
        "cid:cid:1"sv,
        "YQ=="sv,
        "Y Q = ="sv,
        "YQ"sv,
        "YR=="sv,
        "UEsDBBQ="sv,
        "application/zip"sv,
        "01234567890123456789012345678901234567890123456789012345678901234567890123456789"sv};
    return dice.of(texts);
}

std::string mutated_bytes(std::string_view text, std::size_t growth_max) {
    std::string bytes{text};
    bytes.resize(text.size() + growth_max);
    bytes.resize(LLVMFuzzerMutate(reinterpret_cast<std::uint8_t*>(bytes.data()), text.size(), bytes.size()));
    return bytes;
}

}  // namespace axis::fuzz

extern "C" std::size_t LLVMFuzzerCustomMutator(
    std::uint8_t* data, std::size_t size, std::size_t size_max, unsigned seed
) {
    axis::fuzz::Dice dice{seed};
    if (dice.one_in(3)) return LLVMFuzzerMutate(data, size, size_max);
    const auto input = axis::fuzz::text_of(data, size);
    return axis::fuzz::put(axis::fuzz::mutated(input, input, dice), data, size_max);
}

extern "C" std::size_t LLVMFuzzerCustomCrossOver(
    const std::uint8_t* a,
    std::size_t a_size,
    const std::uint8_t* b,
    std::size_t b_size,
    std::uint8_t* out,
    std::size_t size_max,
    unsigned seed
) {
    using namespace axis::fuzz;
    Dice dice{seed};
    return put(mutated(text_of(a, a_size), text_of(b, b_size), dice), out, size_max);
}
