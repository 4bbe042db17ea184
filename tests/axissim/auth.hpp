// Who calls: the header signature of the axis (axis-api.md §1.2), checked the way a strict axis would.
//
// systemid -> secret; HMAC over the sign-header text exactly as it came; the named headers, the JSON and the
// key list say the same thing, no more and no less. Only what was signed is handed on as a parameter. Any
// thread. A refusal is errc::token_unknown with a reason for the log; it never holds a secret or a header
// value.
#pragma once

#include "gateway/base/digest.hpp"
#include "gateway/base/error.hpp"
#include "gateway/http/message.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace axis::sim {

// What the caller signed, by the names inside the sign-header ("docId", "messagetype").
struct SignedCall {
    std::string system;
    std::map<std::string, std::string, std::less<>> parameters;

    std::string_view get(std::string_view name) const;  // empty when it was not sent
};

// The secret of a system id, or nothing for a system nobody knows.
using SecretOf = std::function<std::optional<std::string_view>(std::string_view system)>;

Result<SignedCall> verify(const http::Headers& headers, const SecretOf& secret_of);

// The reference SDK prints each byte without padding (0x02 -> "2").
std::string unpadded_hex(const Sha256& digest);
// True for the padded and for the unpadded spelling.
bool hash_matches(std::string_view claimed, const Sha256& digest);

}  // namespace axis::sim
