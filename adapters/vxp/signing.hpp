// The axis' HMAC over header fields (axis-api.md §1.2): parameters in, the exact header list out. No I/O.
//
//   XroadVnpt-<name>: <value> …   sign-header-key   sign-header (compact JSON)   hash-header   User-Agent
//   version
//
// The JSON text is made once and both signed and sent. Values must be printable ASCII without outer blanks,
// else peer_header_not_ascii: nobody could verify them (R3). The time is the caller's, fresh for each call
// (R5). Any thread.
#pragma once

#include "adapters/vxp/settings.hpp"
#include "gateway/base/digest.hpp"
#include "gateway/base/error.hpp"
#include "gateway/http/message.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace axis::vxp {

inline constexpr std::string_view json_type = "application/json";
inline constexpr std::string_view bytes_type = "application/octet-stream";

struct Parameter {
    std::string name;
    std::string value;
};

// In the SDK's order: systemid, parameters, timestamp, Content-Type, trailing.
struct Signable {
    std::vector<Parameter> parameters;
    std::vector<Parameter> trailing;  // updateStatus' status stands last
    std::string_view content_type = json_type;
};

Result<http::Headers> sign(const Signable& what, const std::string& system_id, const Secret& secret, Time at);

// The value of hash-file.
std::string hash_file(const Sha256& envelope, HashPadding padding);

}  // namespace axis::vxp
