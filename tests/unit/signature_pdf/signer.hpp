// A signer of our own: CMS messages and time stamps, right ones and wrong ones.
#pragma once

#include "tests/unit/signature_pdf/pki.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace axis::test {

struct Signing {
    std::string digest = "SHA256";
    bool attributes = true;
    bool ess = true;  // names the certificate among what is signed
    bool pss = false;
    bool chain = true;        // sends the intermediate
    bool certificate = true;  // sends the signer's
    std::string at = "2026-11-21T10:15:00+07:00";
    std::optional<std::string> inside;  // content that stands in the message
    int content_type = 0;               // a NID; 0: data
    // A time-stamp token over the value.
    std::function<std::string(std::string_view value)> stamp;
};

// DER.
std::string cms_of(const Party& party, const Pki& pki, std::string_view content, const Signing& how = {});

// The same over content of which only the SHA-256 is known.
std::string cms_of_digest(const Party& party, const Pki& pki, const std::string& sha256);

struct Stamping {
    std::string at = "2026-11-21T10:16:00+07:00";
    bool wrong_imprint = false;
};
// DER of the token. SHA-256 over the bytes.
std::string token_of(const Party& authority, std::string_view bytes, const Stamping& how = {});

// What a token says: its TSTInfo.
std::string said_by(const std::string& token);

}  // namespace axis::test
