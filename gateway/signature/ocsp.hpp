// Ocsp: whether a certificate was revoked, as its issuer's responder says (RFC 6960): the question in bytes,
// and what an answer is worth. No I/O: who asks stands elsewhere (intake/inquiries.hpp). Which responder may
// be asked says trust.toml alone; an address in a certificate is never followed.
//
// Any thread.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/base/random.hpp"
#include "gateway/signature/certificate.hpp"
#include "gateway/signature/judgement.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace axis::signature {

struct OcspLimits {
    std::size_t answer_bytes_max = 64 * 1024;
    Duration clock_skew{std::chrono::minutes{5}};   // between the responder's clock and ours
    Duration holds_for{std::chrono::minutes{10}};   // an answer that does not say until when it holds
    Duration kept_for_max{std::chrono::hours{12}};  // however long it says
    std::size_t kept_max = 4096;                    // answers
};

struct OcspQuery {
    Certificate certificate;
    Certificate issuer;
    std::string url;  // of trust.toml
};

// DER, with a nonce of 128 random bits.
std::string ocsp_request(const OcspQuery& query, Random& random);

struct OcspAnswer {
    enum class Status { good, revoked, unknown };
    Status status = Status::unknown;
    Time this_update{};
    Time ends{};  // when it is out of date: next_update, or this_update and holds_for
    Time revoked_at{};
    bool nonce = false;  // repeats the request's; some responders answer from a store and do not
    Material material;
};

// The answer is worth nothing: why.
struct OcspRefusal {
    std::string why;
};

// By the issuer itself, or by a certificate for OCSP signing that it has issued, with SHA-2, about this
// certificate. `request`: what was sent, whose nonce another may not be; empty for an answer that was kept as
// a file. Whether it is still in time is asked elsewhere.
std::variant<OcspAnswer, OcspRefusal> read_ocsp_answer(
    std::string_view der,
    const Certificate& certificate,
    const Certificate& issuer,
    std::string_view request,
    const OcspLimits& limits
);

// The serial numbers an answer speaks of, as in Signer::serial; none: it is no answer.
std::vector<std::string> ocsp_serials(std::string_view der);

}  // namespace axis::signature
