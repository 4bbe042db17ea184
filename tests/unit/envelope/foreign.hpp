// The same message as somebody else might have written it: other prefixes, another order, other blanks, more
// elements. What it says is not changed, so that it must be read as the same document or status.
#pragma once

#include "gateway/envelope/writer.hpp"
#include "tests/support/property.hpp"

#include <iosfwd>
#include <string>
#include <vector>

namespace axis::test {

struct Foreign {
    std::string bytes;
    std::size_t unknown_count = 0;  // elements that no standard knows, put in at any place
};

// `written` has no such elements.
Foreign foreign_form(
    const envelope::Written& written, const std::vector<std::string>& texts, Choices& choices
);

void showValue(const Foreign& foreign, std::ostream& out);  // for RapidCheck

}  // namespace axis::test
