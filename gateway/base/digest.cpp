#include "gateway/base/digest.hpp"

#include "gateway/base/base64.hpp"
#include "gateway/base/error.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace axis {

namespace {
// Fetched once: EVP_sha256() is fetched again by name on every init in OpenSSL 3, which costs more than a
// small digest.
const EVP_MD* algorithm() {
    static const EVP_MD* const md = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    return md;
}

int nibble(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}
}  // namespace

struct Sha256Hasher::Context {
    EVP_MD_CTX* ctx = EVP_MD_CTX_new();
    ~Context() { EVP_MD_CTX_free(ctx); }
};

Sha256Hasher::Sha256Hasher() : context_{std::make_unique<Context>()} {
    AXIS_ASSERT(EVP_DigestInit_ex(context_->ctx, algorithm(), nullptr) == 1);
}
Sha256Hasher::~Sha256Hasher() = default;
Sha256Hasher::Sha256Hasher(Sha256Hasher&&) noexcept = default;
Sha256Hasher& Sha256Hasher::operator=(Sha256Hasher&&) noexcept = default;

void Sha256Hasher::update(std::string_view bytes) {
    AXIS_ASSERT(EVP_DigestUpdate(context_->ctx, bytes.data(), bytes.size()) == 1);
}

Sha256 Sha256Hasher::finish() {
    Sha256 out;
    unsigned length = 0;
    AXIS_ASSERT(
        EVP_DigestFinal_ex(context_->ctx, out.bytes.data(), &length) == 1 && length == out.bytes.size()
    );
    AXIS_ASSERT(EVP_DigestInit_ex(context_->ctx, algorithm(), nullptr) == 1);
    return out;
}

Sha256 sha256(std::string_view bytes) {
    Sha256 out;
    unsigned length = 0;
    AXIS_ASSERT(EVP_Digest(bytes.data(), bytes.size(), out.bytes.data(), &length, algorithm(), nullptr) == 1);
    return out;
}

std::string hmac_sha256_hex(std::string_view key, std::string_view message) {
    std::array<std::uint8_t, 32> out{};
    unsigned length = 0;
    AXIS_ASSERT(
        HMAC(
            algorithm(),
            key.data(),
            static_cast<int>(key.size()),
            reinterpret_cast<const unsigned char*>(message.data()),
            message.size(),
            out.data(),
            &length
        ) != nullptr
    );
    return to_hex(out);
}

bool equal_secret(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const auto b : bytes) {
        out += digits[b >> 4];
        out += digits[b & 15];
    }
    return out;
}

std::string Sha256::hex() const {
    return to_hex(bytes);
}

std::string Sha256::base64() const {
    return base64_encode({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::optional<Sha256> Sha256::from_hex(std::string_view text) {
    Sha256 out;
    if (text.size() != out.bytes.size() * 2) return std::nullopt;
    for (std::size_t i = 0; i < out.bytes.size(); ++i) {
        const int high = nibble(text[2 * i]);
        const int low = nibble(text[2 * i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        out.bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
    }
    return out;
}

}  // namespace axis
