// A signature over a text of ours, kept beside it: RSA PKCS1 or ECDSA r||s over its SHA-256, as in XML
// signatures. Whether the certificate is believed is the trust store's matter. Any thread; signing blocks as
// KeySource does.
#pragma once

#include "gateway/base/error.hpp"
#include "gateway/signature/certificate.hpp"
#include "gateway/signature/key_source.hpp"

#include <string>
#include <string_view>

namespace axis::signature {

Result<std::string> sign_text(KeySource& key, std::string_view text);  // signer.failed
bool signature_holds(const Certificate& certificate, std::string_view text, std::string_view value);

}  // namespace axis::signature
