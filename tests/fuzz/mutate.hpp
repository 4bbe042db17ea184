// Mutations that know a format: libFuzzer's own break XML and JSON in nearly every step, so that what lies
// behind the parser is rarely reached. Only with libFuzzer; findings are kept as plain inputs all the same.
#pragma once

#include "gateway/base/random.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace axis::fuzz {

class Dice {
public:
    explicit Dice(unsigned seed) : random_{seed} {}
    std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_.below(bound)); }
    bool one_in(std::size_t n) { return below(n) == 0; }
    template <class List>
    auto& of(List& list) {
        return list[below(list.size())];
    }

private:
    SeededRandom random_;
};

// A text that rules of fields disagree about.
std::string_view telling_text(Dice& dice);
// What libFuzzer makes of it, with its dictionary.
std::string mutated_bytes(std::string_view text, std::size_t growth_max);

// One step; `other` is an input to take from. The input itself when it has not the form.
std::string mutate_xml(std::string_view input, std::string_view other, Dice& dice);
std::string mutate_json(std::string_view input, std::string_view other, Dice& dice);

}  // namespace axis::fuzz
