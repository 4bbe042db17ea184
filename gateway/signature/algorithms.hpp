// Algorithms: the ones that are accepted, by their names in XML signatures, and the mathematics over them.
// Internal to signature/. Any thread.
#pragma once

#include "gateway/signature/openssl.hpp"

#include <span>
#include <string>
#include <string_view>

namespace axis::signature {

enum class KeyKind { rsa, rsa_pss, ecdsa };

struct SignatureAlgorithm {
    std::string_view uri;
    std::string_view name;
    KeyKind kind;
    const char* digest;  // OpenSSL's name
    bool weak;
};
struct DigestAlgorithm {
    std::string_view uri;
    std::string_view name;
    const char* digest;
    bool weak;
};
enum class Canonical { inclusive, exclusive };  // C14N 1.0 and exclusive C14N, without comments

std::span<const SignatureAlgorithm> signature_algorithms();
// Nothing when it is not accepted.
const SignatureAlgorithm* signature_algorithm(std::string_view uri);
const DigestAlgorithm* digest_algorithm(std::string_view uri);
std::string_view canonical_uri(Canonical method);
bool canonical_method(std::string_view uri, Canonical& out);

enum class Verified { good, bad, wrong_key, wrong_form };
// `value` as XML signatures write it: RSA's octets, ECDSA's r and s side by side.
Verified verify_value(
    const SignatureAlgorithm& algorithm, EVP_PKEY* key, std::string_view bytes, std::string_view value
);

// ECDSA values between ASN.1 and r||s; empty when it is not one.
std::string ecdsa_from_der(std::string_view der, EVP_PKEY* key);
std::string ecdsa_to_der(std::string_view r_and_s, EVP_PKEY* key);

// One running digest.
class Digest {
public:
    explicit Digest(const char* name);
    void update(std::string_view bytes);
    std::string finish();

private:
    DigestHandle context_;
};

}  // namespace axis::signature
