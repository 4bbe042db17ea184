// Stamping: a time-stamp authority (RFC 3161) is asked to say that it saw these bytes now. No I/O: the
// question in bytes, and what an answer is worth. Any thread.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/base/error.hpp"
#include "gateway/base/random.hpp"
#include "gateway/signature/trust_store.hpp"

#include <string>
#include <string_view>

namespace axis::signature {

struct StampLimits {
    std::size_t token_bytes_max = 16 * 1024;       // usual ones have 2 to 8 KiB
    Duration clock_skew{std::chrono::minutes{5}};  // between the authority's clock and ours
};

struct StampRequest {
    std::string der;
    std::string imprint;  // SHA-256 of what is stamped
    std::string nonce;    // hexadecimal
};
StampRequest stamp_request(std::string_view stamped, Random& random);

// The token, DER: over the imprint, with the nonce, of this time, by an authority whose certificate is for
// time stamps alone and leads to an anchor. signature.time_stamp_missing: why there is none.
Result<std::string> stamp_in(
    std::string_view answer,
    const StampRequest& request,
    const TrustStore& trust,
    Time now,
    const StampLimits& limits = {}
);

// Exactly one element from the first byte to the last, of a definite length.
bool is_whole_der(std::string_view der);

}  // namespace axis::signature
