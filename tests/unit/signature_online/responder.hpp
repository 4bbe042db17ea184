// An OCSP responder of our own: right answers and wrong ones, in bytes.
#pragma once

#include "gateway/signature/ocsp.hpp"
#include "tests/unit/signature_pdf/pki.hpp"

#include <string>
#include <string_view>

namespace axis::test {

signature::Certificate certificate_of(const Party& party);

struct Answering {
    signature::OcspAnswer::Status status = signature::OcspAnswer::Status::good;
    std::string produced = "2026-11-25T12:00:00Z";
    std::string this_update = "2026-11-25T12:00:00Z";
    std::string next_update = "2026-11-26T12:00:00Z";  // empty: it does not say
    std::string revoked_at = "2026-11-01T00:00:00Z";
    std::string nonce;               // DER of the request whose nonce is repeated; empty: none
    const char* digest = "SHA256";   // of the answer's signature
    const char* id_digest = "SHA1";  // that names the certificate
    const Party* also = nullptr;     // about this certificate, too, and first
    bool signer_sent = true;         // the signer's certificate lies in the answer
};

// DER: `signer` says something about `subject`, which `issuer` has issued.
std::string ocsp_answer(
    const Party& signer, const Party& subject, const Party& issuer, const Answering& how = {}
);
std::string ocsp_error(int status);  // an answer that is none: OCSP_RESPONSE_STATUS_…

}  // namespace axis::test
