#include "gateway/base/random.hpp"

#include "gateway/base/digest.hpp"
#include "gateway/base/error.hpp"

#include <openssl/rand.h>

#include <array>

namespace axis {

std::uint64_t Random::below(std::uint64_t bound) {
    AXIS_ASSERT(bound > 0);
    std::array<std::uint8_t, 8> bytes{};
    fill(bytes);
    std::uint64_t value = 0;
    for (const auto b : bytes) value = value << 8 | b;
    return value % bound;
}

std::string Random::uuid() {
    std::array<std::uint8_t, 16> b{};
    fill(b);
    b[6] = static_cast<std::uint8_t>((b[6] & 0x0f) | 0x40);
    b[8] = static_cast<std::uint8_t>((b[8] & 0x3f) | 0x80);
    auto text = to_hex(b);
    for (const std::size_t at : {8u, 13u, 18u, 23u}) text.insert(at, 1, '-');
    return text;
}

void SystemRandom::fill(std::span<std::uint8_t> out) {
    AXIS_ASSERT(RAND_bytes(out.data(), static_cast<int>(out.size())) == 1);
}

void SeededRandom::fill(std::span<std::uint8_t> out) {
    for (auto& byte : out) byte = static_cast<std::uint8_t>(engine_() >> 24);
}

}  // namespace axis
