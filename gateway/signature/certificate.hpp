// Certificate: one X.509 certificate, read once; cheap to copy, and cheap to read again: some hundred that
// came lately are remembered by their bytes. Any thread.
#pragma once

#include "gateway/base/error.hpp"
#include "gateway/signature/judgement.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct x509_st;
struct evp_pkey_st;

namespace axis::signature {

class Certificate {
public:
    // Nothing when the bytes are not one certificate from the first to the last.
    static std::optional<Certificate> from_der(std::string_view der);
    // Every certificate of a PEM text, or of one DER file; none when there is none.
    static std::vector<Certificate> all_of(std::string_view text);

    const std::string& der() const;
    const Signer& facts() const;
    bool self_signed() const;   // names itself as issuer, and its own key has signed it
    bool is_authority() const;  // may issue certificates
    bool may_sign() const;      // for documents: key usage, extended key usage, no authority
    bool key_may_sign() const;  // anything: key usage alone

    x509_st* handle() const;
    evp_pkey_st* key() const;

private:
    struct Impl;
    std::shared_ptr<const Impl> impl_;
};

}  // namespace axis::signature
