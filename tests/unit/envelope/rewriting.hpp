// What writing a message again may change in it, by name, and no more. gateway/envelope/SAMPLES.md says what
// the names mean and which of them each public sample needs.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace axis::test {

// junk, line-ends, signature, empty, dates, order, blanks: in the order they are applied.
const std::vector<std::string>& rewriting_names();

// `bytes` with these differences made: all of them, and nothing else is our own form.
std::string rewritten(std::string bytes, const std::set<std::string>& names);

}  // namespace axis::test
