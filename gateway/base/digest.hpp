// SHA-256: the value and the running computation; HMAC-SHA-256. OpenSSL does the work.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace axis {

struct Sha256 {
    std::array<std::uint8_t, 32> bytes{};

    auto operator<=>(const Sha256&) const = default;
    std::string hex() const;                                       // 64 lower-case digits
    std::string base64() const;                                    // for Repr-Digest
    static std::optional<Sha256> from_hex(std::string_view text);  // either case
};
inline std::string to_string(const Sha256& s) {
    return s.hex();
}

class Sha256Hasher {
public:
    Sha256Hasher();
    ~Sha256Hasher();
    Sha256Hasher(Sha256Hasher&&) noexcept;
    Sha256Hasher& operator=(Sha256Hasher&&) noexcept;
    void update(std::string_view bytes);
    Sha256 finish();  // once; afterwards the hasher starts anew

private:
    struct Context;
    std::unique_ptr<Context> context_;
};

Sha256 sha256(std::string_view bytes);
std::string hmac_sha256_hex(std::string_view key, std::string_view message);
// Constant time for equal lengths.
bool equal_secret(std::string_view a, std::string_view b);
std::string to_hex(std::span<const std::uint8_t> bytes);

}  // namespace axis

template <>
struct std::hash<axis::Sha256> {
    std::size_t operator()(const axis::Sha256& s) const noexcept {
        std::size_t h = 0;
        for (std::size_t i = 0; i < sizeof h; ++i) h = h << 8 | s.bytes[i];
        return h;
    }
};
