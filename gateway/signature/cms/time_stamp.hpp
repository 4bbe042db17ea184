// Time stamps (RFC 3161): a token says that its authority saw a digest at a time. Internal to signature/.
#pragma once

#include "gateway/signature/cms/cms.hpp"
#include "gateway/signature/trust_store.hpp"

#include <string>

namespace axis::signature::cms {

class TimeStamp {
public:
    static Read<TimeStamp> parse(std::string_view padded, const Limits& limits);

    const SignedMessage& message() const { return message_; }
    const char* digest() const { return digest_; }           // of what was stamped; OpenSSL's name
    const std::string& imprint() const { return imprint_; }  // that digest
    Time at() const { return at_; }
    const std::string& nonce() const { return nonce_; }  // hexadecimal; empty: none
    // Everything about the token but what it was made over: `holds`, or why it proves nothing.
    struct Judged {
        Reason reason = Reason::holds;
        std::string detail;
        Standing standing;
    };
    Judged judge(const TrustStore& trust, Time at) const;

private:
    SignedMessage message_;
    const char* digest_ = nullptr;
    std::string imprint_;
    std::string nonce_;
    Time at_{};
};

}  // namespace axis::signature::cms
