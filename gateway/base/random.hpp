// Where randomness comes from: the operating system, or a seed in tests and the simulation (architecture
// D10).
#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <string>

namespace axis {

class Random {
public:
    virtual ~Random() = default;
    virtual void fill(std::span<std::uint8_t> out) = 0;
    std::uint64_t below(std::uint64_t bound);  // 0 … bound-1, bound > 0
    std::string uuid();                        // version 4, lower case
};

class SystemRandom final : public Random {
public:
    void fill(std::span<std::uint8_t> out) override;  // any thread
};

class SeededRandom final : public Random {
public:
    explicit SeededRandom(std::uint64_t seed) : engine_{seed} {}
    void fill(std::span<std::uint8_t> out) override;

private:
    std::mt19937_64 engine_;
};

}  // namespace axis
