// Access tokens: 256 random bits per endpoint, of which we know the SHA-256 only (architecture §4 REST).
// Every digest is compared with every offered token in constant time: no answer comes earlier than another.
// A refused token is logged with the peer's address; at most `lines_per_minute`, the rest is counted.
// Thread: io.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/base/digest.hpp"
#include "gateway/base/error.hpp"
#include "gateway/http/server.hpp"
#include "gateway/model/ids.hpp"

#include <string_view>
#include <vector>

namespace axis::rest {

struct TokenEntry {
    model::EndpointName endpoint;
    std::vector<Sha256> token_sha256;  // new and old while a token is changed
    bool off = false;
};

class Tokens {
public:
    static constexpr unsigned lines_per_minute = 20;

    Tokens(std::vector<TokenEntry> entries, const Clock& clock)
        : entries_{std::move(entries)}, clock_{clock} {}

    // Whose token it is. token_missing, token_unknown, endpoint_off.
    Result<model::EndpointName> check(const http::Request& request);

private:
    const TokenEntry* find(std::string_view token) const;
    void log_refusal(const http::Request& request, errc reason, std::string_view endpoint);

    std::vector<TokenEntry> entries_;
    const Clock& clock_;
    Time minute_begun_{};
    unsigned line_count_ = 0;      // in this minute
    unsigned unlogged_count_ = 0;  // since the last line
};

}  // namespace axis::rest
