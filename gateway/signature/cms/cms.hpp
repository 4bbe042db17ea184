// Cms: a signed message (RFC 5652) with exactly one signer, as PDF signatures and time stamps are, by an
// allow-list; OpenSSL reads it and does the mathematics. Internal to signature/. Any thread.
#pragma once

#include "gateway/signature/certificate.hpp"
#include "gateway/signature/cms/reading.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace axis::signature::cms {

class SignedMessage {
public:
    enum class Content { data, time_stamp };

    // `padded`: the message and zeros. pdf.cms when it is not of the one form; the algorithm's own reason.
    static Read<SignedMessage> parse(std::string_view padded, Content content, const Limits& limits);

    const Certificate& signer() const { return signer_; }
    const std::vector<Certificate>& sent() const { return sent_; }  // the others
    const std::string& algorithm() const { return algorithm_; }     // "rsa-sha256"
    const char* digest() const { return digest_; }                  // OpenSSL's name
    bool weak() const { return weak_; }
    const std::optional<std::string>& content() const { return content_; }  // when it stands inside
    const std::optional<Time>& signing_time() const { return signing_time_; }
    const std::string& value() const { return value_; }
    // Time-stamp tokens over the value; nobody has signed that they are there.
    const std::vector<std::string>& time_stamps() const { return time_stamps_; }

    // Whether the signer's key has signed: the attributes, which name the content's digest, or, without any,
    // the content itself.
    bool has_attributes() const { return message_digest_.has_value(); }
    bool value_holds(const std::string& content_digest) const;
    // Whether what was signed has this digest; without attributes the value alone tells.
    bool covers(const std::string& content_digest) const;

    // What names the certificate among the signed attributes (ESS): it must be this one.
    enum class Named { not_said, this_one, another };
    Named certificate_named() const { return named_; }

private:
    struct Handle;
    class Parser;
    std::shared_ptr<const Handle> handle_;
    Certificate signer_;
    std::vector<Certificate> sent_;
    std::string algorithm_;
    const char* digest_ = nullptr;
    bool weak_ = false;
    std::optional<std::string> content_;
    std::optional<std::string> message_digest_;  // nothing: there are no signed attributes
    std::optional<Time> signing_time_;
    std::string value_;
    std::vector<std::string> time_stamps_;
    Named named_ = Named::not_said;
};

}  // namespace axis::signature::cms
