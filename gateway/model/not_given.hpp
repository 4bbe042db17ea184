// What says nothing wherever a message can say something: no text, white space alone, or the word null, which
// the axis' SDK writes for a value that it does not have (edxml-standard.md §1.3). Nobody holds such a text:
// readers make it "not given", the writer refuses it.
#pragma once

#include "gateway/base/text.hpp"

#include <string_view>

namespace axis::model {

inline bool not_given(std::string_view text) {
    const auto said = trimmed(text);
    return said.empty() || said == "null";
}

}  // namespace axis::model
