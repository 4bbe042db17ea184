// Something new in an envelope that is written already: beside an element or in it, with the prefix and the
// margin found there. Every other byte stays as it is. Internal to envelope/. Pure; any thread.
#pragma once

#include "gateway/envelope/xml.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace axis::envelope {

// What is to be written.
struct Piece {
    std::string name;  // gets the prefix of the place, unless it brings its own
    std::string text{};
    std::vector<Piece> parts{};
    std::string attributes{};  // " a=\"b\""
    bool hole = false;         // its text comes later
};

struct Place {
    enum class Side { behind, inside } side;  // inside: in front of what is there
    Node element;
    bool plain = false;  // no prefix where that means the same

    Node scope() const { return side == Side::behind ? element.parent() : element; }
};

// `from` to `until` become `by`.
struct Insertion {
    std::size_t from = 0, until = 0;
    std::string by;
    std::optional<std::size_t> hole;  // in `by`
};

// Nothing when the element is not found among the tags of `xml`, whose tree it is from.
std::optional<Insertion> insertion_at(std::string_view xml, const Place& place, const Piece& piece);

}  // namespace axis::envelope
