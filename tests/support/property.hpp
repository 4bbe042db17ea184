// Properties of values that RapidCheck makes: the same values every time, others or more when asked by its
// own variable RC_PARAMS:
//
//   RC_PARAMS="max_success=100000"     so many values for each property
//   RC_PARAMS="seed=5"                 other values
//   RC_PARAMS="reproduce=…"            only the value that failed, as printed with the failure
//
// Seed and count are printed in any case. List property.cpp in the test's sources.
#pragma once

#include <rapidcheck.h>

#include <cstdint>
#include <string>
#include <vector>

namespace axis::test {

inline constexpr std::uint64_t property_seed = 20261121;

bool property_holds(const std::string& name, int count, const rc::detail::Property& property);

// `testable` takes its values as parameters, or draws them by *generator; it says what is wrong by RC_ASSERT.
template <class Testable>
bool holds(const std::string& name, int count, Testable&& testable) {
    return property_holds(name, count, rc::detail::toProperty(std::forward<Testable>(testable)));
}

// The decisions a value is made from, small numbers in a row. Fewer and smaller ones make a simpler value: so
// it is that RapidCheck shrinks what failed, and no generator has to know how to shrink.
class Choices {
public:
    Choices() = default;
    explicit Choices(std::vector<std::uint8_t> numbers) : numbers_{std::move(numbers)} {}

    std::size_t below(std::size_t bound);  // 0 when there are no more
    bool maybe() { return below(2) == 1; }
    bool rarely() { return below(16) == 15; }
    template <class List>
    const auto& one_of(const List& list) {
        return list[below(std::size(list))];
    }

private:
    std::vector<std::uint8_t> numbers_;
    std::size_t used_ = 0;
};

// At most `most` decisions at RapidCheck's largest size.
rc::Gen<Choices> choices(std::size_t most);

// What `make` makes of them.
template <class Make>
auto made(std::size_t most, Make make) {
    return rc::gen::map(choices(most), [make](Choices choices) { return make(choices); });
}

}  // namespace axis::test
