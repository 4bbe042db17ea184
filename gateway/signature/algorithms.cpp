#include "gateway/signature/algorithms.hpp"

#include <openssl/err.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>
#include <new>

namespace axis::signature {

namespace {

constexpr std::array known_signature_algorithms{
    SignatureAlgorithm{
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "rsa-sha256", KeyKind::rsa, "SHA256", false},
    SignatureAlgorithm{
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384", "rsa-sha384", KeyKind::rsa, "SHA384", false},
    SignatureAlgorithm{
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512", "rsa-sha512", KeyKind::rsa, "SHA512", false},
    SignatureAlgorithm{"http://www.w3.org/2000/09/xmldsig#rsa-sha1", "rsa-sha1", KeyKind::rsa, "SHA1", true},
    SignatureAlgorithm{
        "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1",
        "rsa-pss-sha256",
        KeyKind::rsa_pss,
        "SHA256",
        false},
    SignatureAlgorithm{
        "http://www.w3.org/2007/05/xmldsig-more#sha384-rsa-MGF1",
        "rsa-pss-sha384",
        KeyKind::rsa_pss,
        "SHA384",
        false},
    SignatureAlgorithm{
        "http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1",
        "rsa-pss-sha512",
        KeyKind::rsa_pss,
        "SHA512",
        false},
    SignatureAlgorithm{
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
        "ecdsa-sha256",
        KeyKind::ecdsa,
        "SHA256",
        false},
    SignatureAlgorithm{
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
        "ecdsa-sha384",
        KeyKind::ecdsa,
        "SHA384",
        false},
    SignatureAlgorithm{
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512",
        "ecdsa-sha512",
        KeyKind::ecdsa,
        "SHA512",
        false},
    SignatureAlgorithm{
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1", "ecdsa-sha1", KeyKind::ecdsa, "SHA1", true},
};

constexpr std::array known_digest_algorithms{
    DigestAlgorithm{"http://www.w3.org/2001/04/xmlenc#sha256", "sha256", "SHA256", false},
    DigestAlgorithm{"http://www.w3.org/2001/04/xmldsig-more#sha384", "sha384", "SHA384", false},
    DigestAlgorithm{"http://www.w3.org/2001/04/xmlenc#sha512", "sha512", "SHA512", false},
    DigestAlgorithm{"http://www.w3.org/2000/09/xmldsig#sha1", "sha1", "SHA1", true},
};

constexpr std::string_view inclusive_uri = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
constexpr std::string_view exclusive_uri = "http://www.w3.org/2001/10/xml-exc-c14n#";

template <class Rows>
auto* find(const Rows& rows, std::string_view uri) {
    const auto at = std::find_if(rows.begin(), rows.end(), [&](const auto& row) { return row.uri == uri; });
    return at == rows.end() ? nullptr : &*at;
}

std::size_t ecdsa_half(EVP_PKEY* key) {
    return (static_cast<std::size_t>(EVP_PKEY_get_bits(key)) + 7) / 8;
}

const unsigned char* octets(std::string_view bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace

std::span<const SignatureAlgorithm> signature_algorithms() {
    return known_signature_algorithms;
}
const SignatureAlgorithm* signature_algorithm(std::string_view uri) {
    return find(known_signature_algorithms, uri);
}
const DigestAlgorithm* digest_algorithm(std::string_view uri) {
    return find(known_digest_algorithms, uri);
}
std::string_view canonical_uri(Canonical method) {
    return method == Canonical::inclusive ? inclusive_uri : exclusive_uri;
}
bool canonical_method(std::string_view uri, Canonical& out) {
    out = uri == inclusive_uri ? Canonical::inclusive : Canonical::exclusive;
    return uri == canonical_uri(out);
}

std::string ecdsa_to_der(std::string_view r_and_s, EVP_PKEY* key) {
    const auto half = ecdsa_half(key);
    if (r_and_s.size() != 2 * half) return {};
    const EcdsaHandle signature{ECDSA_SIG_new()};
    BIGNUM* r = BN_bin2bn(octets(r_and_s), static_cast<int>(half), nullptr);
    BIGNUM* s = BN_bin2bn(octets(r_and_s.substr(half)), static_cast<int>(half), nullptr);
    if (!signature || ECDSA_SIG_set0(signature.get(), r, s) != 1) throw std::bad_alloc{};
    unsigned char* der = nullptr;
    const int size = i2d_ECDSA_SIG(signature.get(), &der);
    std::string out{reinterpret_cast<const char*>(der), static_cast<std::size_t>(std::max(size, 0))};
    OPENSSL_free(der);
    return out;
}

std::string ecdsa_from_der(std::string_view der, EVP_PKEY* key) {
    const auto half = static_cast<int>(ecdsa_half(key));
    const auto* at = octets(der);
    const EcdsaHandle signature{d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()))};
    if (!signature) return {};
    std::string out(2 * static_cast<std::size_t>(half), '\0');
    auto* to = reinterpret_cast<unsigned char*>(out.data());
    const bool fits = BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), to, half) == half &&
                      BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), to + half, half) == half;
    return fits ? out : std::string{};
}

Verified verify_value(
    const SignatureAlgorithm& algorithm, EVP_PKEY* key, std::string_view bytes, std::string_view value
) {
    const bool ec = algorithm.kind == KeyKind::ecdsa;
    const bool pss_key = EVP_PKEY_is_a(key, "RSA-PSS") == 1;
    const bool rsa_key = EVP_PKEY_is_a(key, "RSA") == 1 || (pss_key && algorithm.kind == KeyKind::rsa_pss);
    if (ec ? EVP_PKEY_is_a(key, "EC") != 1 : !rsa_key) return Verified::wrong_key;
    std::string der;
    if (ec) {
        der = ecdsa_to_der(value, key);
        value = der;
    } else if (value.size() != static_cast<std::size_t>(EVP_PKEY_get_size(key))) {
        return Verified::wrong_form;
    }
    if (value.empty()) return Verified::wrong_form;

    const DigestHandle context{EVP_MD_CTX_new()};
    EVP_PKEY_CTX* parameters = nullptr;
    if (!context || EVP_DigestVerifyInit_ex(
                        context.get(), &parameters, algorithm.digest, nullptr, nullptr, key, nullptr
                    ) != 1)
        return Verified::wrong_key;
    if (algorithm.kind == KeyKind::rsa_pss &&
        (EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) != 1 ||
         EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) != 1))
        return Verified::wrong_key;
    const int good =
        EVP_DigestVerify(context.get(), octets(value), value.size(), octets(bytes), bytes.size());
    ERR_clear_error();
    return good == 1 ? Verified::good : Verified::bad;
}

Digest::Digest(const char* name) : context_{EVP_MD_CTX_new()} {
    static const auto fetched = [](const char* n) { return EVP_MD_fetch(nullptr, n, nullptr); };
    struct Known {
        const char* name;
        EVP_MD* md;
    };
    static const std::array<Known, 4> known{{
        {"SHA256", fetched("SHA256")},
        {"SHA384", fetched("SHA384")},
        {"SHA512", fetched("SHA512")},
        {"SHA1", fetched("SHA1")},
    }};
    const auto at = std::find_if(known.begin(), known.end(), [&](const Known& k) {
        return std::string_view{k.name} == name;
    });
    if (!context_ || at == known.end() || EVP_DigestInit_ex2(context_.get(), at->md, nullptr) != 1)
        throw std::bad_alloc{};
}

void Digest::update(std::string_view bytes) {
    EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size());
}

std::string Digest::finish() {
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    EVP_DigestFinal_ex(context_.get(), bytes, &size);
    return {reinterpret_cast<const char*>(bytes), size};
}

}  // namespace axis::signature
