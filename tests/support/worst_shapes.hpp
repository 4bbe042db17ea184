// The envelopes that cost a parser most per byte, each of any size: for tests of memory and measurements of
// time.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace axis::test {

struct Shape {
    std::string_view name;
    std::function<std::string(std::size_t bytes)> make;  // about so long
    std::size_t full;                                    // bytes at which it nearly meets its limit
};

std::vector<Shape> worst_shapes();

}  // namespace axis::test
