#include "gateway/signature/detached.hpp"

#include "gateway/base/digest.hpp"
#include "gateway/signature/algorithms.hpp"

namespace axis::signature {

Result<std::string> sign_text(KeySource& key, std::string_view text) {
    const auto digest = sha256(text);
    return key.sign({reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()});
}

bool signature_holds(const Certificate& certificate, std::string_view text, std::string_view value) {
    constexpr std::string_view more = "http://www.w3.org/2001/04/xmldsig-more#";
    const bool ec = EVP_PKEY_get_base_id(certificate.key()) == EVP_PKEY_EC;
    const auto* algorithm = signature_algorithm(std::string{more} + (ec ? "ecdsa-sha256" : "rsa-sha256"));
    AXIS_ASSERT(algorithm != nullptr);
    return verify_value(*algorithm, certificate.key(), text, value) == Verified::good;
}

}  // namespace axis::signature
