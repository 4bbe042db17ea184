#include "gateway/envelope/tags.hpp"
#include "tests/fuzz/mutate.hpp"

#include <vector>

namespace axis::fuzz {

namespace {

constexpr std::size_t growth_max = 64;

// Where an element stands; behind a start tag without an end nothing is counted.
struct Element {
    envelope::Tag start, end;

    std::size_t size() const { return end.end - start.begin; }
    std::size_t content() const { return end.begin - start.end; }
};

std::vector<Element> elements_of(std::string_view text) {
    std::vector<Element> elements;
    std::vector<envelope::Tag> open;
    for (auto tag = envelope::next_tag(text, 0); tag; tag = envelope::next_tag(text, tag->end)) {
        if (tag->empty && !tag->closing) elements.push_back({*tag, *tag});
        if (tag->empty) continue;
        if (!tag->closing) {
            open.push_back(*tag);
        } else if (!open.empty()) {
            elements.push_back({open.back(), *tag});
            open.pop_back();
        }
    }
    return elements;
}

std::string_view whole(std::string_view text, const Element& element) {
    return text.substr(element.start.begin, element.size());
}

std::string replaced(std::string_view text, std::size_t at, std::size_t size, std::string_view by) {
    return std::string{text.substr(0, at)}.append(by).append(text.substr(at + size));
}

std::string with_content(std::string_view text, const Element& element, Dice& dice) {
    if (element.start.empty) return std::string{text};
    const auto content = text.substr(element.start.end, element.content());
    const auto by =
        dice.one_in(3) ? mutated_bytes(content.substr(0, 1024), growth_max) : std::string{telling_text(dice)};
    return replaced(text, element.start.end, element.content(), by);
}

// Both tags, the prefix may change with it.
std::string renamed(std::string_view text, const Element& element, std::string_view name) {
    auto out = std::string{text};
    if (!element.start.empty) out = replaced(out, element.end.begin + 2, element.end.name.size(), name);
    return replaced(out, element.start.begin + 1, element.start.name.size(), name);
}

std::string with_attribute(std::string_view text, const Element& element, Dice& dice) {
    constexpr std::array<std::string_view, 9> attributes{
        " a='1'",
        " x:a=\"&lt;&quot;&#9;\"",
        " xmlns:x='urn:x'",
        " xmlns=''",
        " xmlns='urn:y'",
        " xml:space='preserve'",
        " xmlns:edXML='urn:z'",
        " xmlns:x='http://www.mic.gov.vn/TBT/QCVN_102_2016'",
        " xlink:href=\"cid:2\""};
    return replaced(text, element.start.begin + 1 + element.start.name.size(), 0, dice.of(attributes));
}

std::string with_insertion(std::string_view text, const Element& element, Dice& dice) {
    constexpr std::array<std::string_view, 6> pieces{
        "<!-- c -->",
        "<Unknown>1</Unknown>",
        "<x:U xmlns:x='urn:u' x:a='b'>t<x:V/> </x:U>",
        "<u xmlns=''/>",
        " \r\n ",
        "<Attach><b/></Attach>"};
    const std::array<std::size_t, 3> places{element.start.begin, element.start.end, element.end.end};
    return replaced(text, dice.of(places), 0, dice.of(pieces));
}

}  // namespace

std::string mutate_xml(std::string_view input, std::string_view other, Dice& dice) {
    const auto elements = elements_of(input);
    const auto others = elements_of(other);
    if (elements.empty() || others.empty()) return mutated_bytes(input, growth_max);
    const auto& element = dice.of(elements);
    const auto& source = dice.of(others);
    switch (dice.below(9)) {
        case 0:
        case 1:
        case 2:
            return with_content(input, element, dice);
        case 3:
            return replaced(input, element.start.begin, element.size(), {});
        case 4:
            return replaced(input, element.end.end, 0, whole(other, source));
        case 5:
            return replaced(input, element.start.begin, element.size(), whole(other, source));
        case 6:
            return renamed(input, element, source.start.name);
        case 7:
            return with_attribute(input, element, dice);
        default:
            return with_insertion(input, element, dice);
    }
}

}  // namespace axis::fuzz
