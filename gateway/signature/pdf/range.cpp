#include "gateway/signature/pdf/range.hpp"

#include "gateway/signature/algorithms.hpp"

#include <algorithm>

namespace axis::signature::pdf {

namespace {

constexpr std::size_t piece_bytes = 256 * 1024;

Fault wrong_range(std::string detail) {
    return {Reason::pdf_byte_range, std::move(detail), {}};
}
Fault wrong_contents(std::string detail) {
    return {Reason::pdf_contents, std::move(detail), {}};
}

bool one_case(std::string_view digits) {
    const auto any = [&](char from, char to) {
        return std::any_of(digits.begin(), digits.end(), [&](char c) { return c >= from && c <= to; });
    };
    return !(any('a', 'f') && any('A', 'F'));
}

Read<> digest_part(
    Digest& digest, std::uint64_t begin, std::uint64_t end, std::string& buffer, const ByteSource& source
) {
    while (begin < end) {
        const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(end - begin, buffer.size()));
        auto read = source.read(begin, {buffer.data(), n});
        if (!read) return Fault{Reason::not_checked, "", read.error()};
        digest.update({buffer.data(), n});
        begin += n;
    }
    return {};
}

}  // namespace

Read<Range> range_of(const Dict& signature, std::uint64_t file_bytes) {
    const auto* array = signature["ByteRange"].as<Array>();
    if (array == nullptr) return wrong_range("no /ByteRange");
    if (array->size() != 4) return wrong_range(std::to_string(array->size()) + " numbers");
    std::uint64_t numbers[4]{};
    for (std::size_t i = 0; i < 4; ++i) {
        const auto* n = (*array)[i].as<std::int64_t>();
        if (n == nullptr || *n < 0) return wrong_range("not four natural numbers");
        numbers[i] = static_cast<std::uint64_t>(*n);
    }
    const auto [begin, first, second_begin, second] = numbers;
    if (begin != 0) return wrong_range("does not cover the first byte");
    if (first == 0 || second == 0 || second_begin <= first)
        return wrong_range("the parts overlap, or one is empty");
    if (second_begin > file_bytes || second > file_bytes - second_begin)
        return wrong_range("reaches beyond the file");
    return Range{first, second_begin, second_begin + second};
}

Read<std::string> contents_of(const Dict& signature, const Range& range, Reader& reader) {
    const auto* contents = signature["Contents"].as<String>();
    if (contents == nullptr || contents->bytes.empty()) return wrong_contents("no /Contents");
    if (contents->begin != range.gap_begin || contents->end != range.gap_end)
        return wrong_contents("the gap is not exactly the value of this signature");
    const auto gap_bytes = range.gap_end - range.gap_begin;
    if (gap_bytes > 2 * reader.limits().cms.bytes_max + 2) return beyond("cms_bytes_max");
    const auto text = reader.window(range.gap_begin, range.gap_end, static_cast<std::size_t>(gap_bytes));
    if (!text) return text.error();
    if (text->size() != gap_bytes || text->front() != '<' || text->back() != '>')
        return wrong_contents("not in hexadecimal digits");
    const std::string_view digits{text->data() + 1, text->size() - 2};
    if (digits.find_first_not_of("0123456789abcdefABCDEF") != std::string_view::npos)
        return wrong_contents("something else between its hexadecimal digits");
    if (digits.size() % 2 != 0) return wrong_contents("an odd number of hexadecimal digits");
    if (!one_case(digits)) return wrong_contents("hexadecimal digits of both cases");
    return contents->bytes;
}

Read<std::string> covered_digest(const Range& range, const char* digest, const ByteSource& source) {
    Digest running{digest};
    std::string buffer(piece_bytes, '\0');
    auto read = digest_part(running, 0, range.gap_begin, buffer, source);
    if (read) read = digest_part(running, range.gap_end, range.end, buffer, source);
    if (!read) return read.error();
    return running.finish();
}

}  // namespace axis::signature::pdf
