// What the harnesses share: how a property is demanded, and the ways an input is cut.
#pragma once

#include "gateway/base/error.hpp"
#include "gateway/base/random.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

// The entry that libFuzzer and replay.cpp call; each harness defines it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace axis::fuzz {

// A property that does not hold ends the process as a crash does, and the input is kept.
inline void require(bool holds, std::string_view property, std::string_view detail = {}) {
    if (holds) return;
    std::fprintf(stderr, "property: %s\n%s\n", std::string{property}.c_str(), std::string{detail}.c_str());
    std::abort();
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

// "ok", or all that the error says: equal for equal refusals.
template <class T>
std::string said(const Result<T>& result) {
    return result ? "ok" : to_string(result.error());
}

// One way to hand bytes over: pieces of up to `piece_max` bytes, the same for the same input.
class Cut {
public:
    Cut(std::string_view bytes, std::size_t piece_max, bool gaps = false)
        : bytes_{bytes}, piece_max_{std::max<std::size_t>(piece_max, 1)}, gaps_{gaps} {}

    // take(piece) until it refuses. Memory ends where a piece ends, so that a sanitizer sees what reads on.
    template <class Take>
    Result<> feed(Take take) const {
        std::vector<char> memory(piece_max_);
        SeededRandom random{bytes_.size()};
        for (auto rest = bytes_; !rest.empty();) {
            const bool all = piece_max_ >= bytes_.size();
            const auto n =
                all ? rest.size() : std::min<std::size_t>(1 + random.below(piece_max_), rest.size());
            auto* const begin = memory.data() + (piece_max_ - n);
            std::copy_n(rest.data(), n, begin);
            rest.remove_prefix(n);
            Result<> taken = gaps_ ? take(std::string_view{}) : Result<>{};
            if (taken) taken = take(std::string_view{begin, n});
            if (!taken) return taken;
        }
        return {};
    }

private:
    std::string_view bytes_;
    std::size_t piece_max_;
    bool gaps_;  // an empty piece before each
};

template <class T>
std::string shown(const T& outcome) {
    if constexpr (requires { outcome.said; })
        return outcome.said;
    else if constexpr (std::is_same_v<T, std::string>)
        return outcome;
    else
        return {};
}

// run(cut) must give the same whole, byte by byte, and in small and larger pieces; the result is returned.
template <class Run>
auto same_however_cut(std::string_view bytes, std::string_view property, Run run) {
    auto whole = run(Cut{bytes, bytes.size()});
    const std::array<Cut, 3> others{Cut{bytes, 1}, Cut{bytes, 9, true}, Cut{bytes, 300}};
    for (const auto& other : others) {
        const auto cut = run(other);
        require(cut == whole, property, "whole: " + shown(whole) + "\ncut: " + shown(cut));
    }
    return whole;
}

}  // namespace axis::fuzz
