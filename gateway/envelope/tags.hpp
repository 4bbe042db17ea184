// The tags of a skeleton that was scanned, one after the other, and where its bytes stood in the input.
// Internal to envelope/. Pure; any thread.
#pragma once

#include "gateway/envelope/scanner.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace axis::envelope {

struct Tag {
    std::size_t begin = 0;  // of '<'
    std::size_t end = 0;    // behind '>'
    bool closing = false;
    bool empty = false;     // <a/>
    std::string_view name;  // with its prefix

    std::string_view prefix() const { return name.substr(0, name.find(':') + 1); }  // "" when there is none
    std::string_view local() const { return name.substr(prefix().size()); }
};

// The first at or behind `at`; comments and the XML declaration are passed over.
std::optional<Tag> next_tag(std::string_view text, std::size_t at);

// The n-th element in document order, from 0; of an empty one both tags are the same.
struct Element {
    Tag start, end;
};
std::optional<Element> element_at(std::string_view text, std::size_t n);

// Lines and columns (bytes) of the input, the diverted texts counted in.
Position position_in_input(std::string_view skeleton, const std::vector<Hole>& holes, std::size_t offset);
std::string to_string(Position position);  // "line:column"

}  // namespace axis::envelope
