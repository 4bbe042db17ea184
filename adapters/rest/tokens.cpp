#include "adapters/rest/tokens.hpp"

#include "gateway/base/log.hpp"
#include "gateway/base/text.hpp"

#include <optional>

namespace axis::rest {

namespace {

constexpr std::string_view scheme = "Bearer ";

// Two Authorization fields are none: which of them counts must not be a guess.
std::optional<std::string_view> bearer(const http::Headers& headers) {
    const auto field = headers.get("authorization");
    if (!field || headers.count("authorization") != 1) return std::nullopt;
    if (!equal_ignoring_case(field->substr(0, scheme.size()), scheme)) return std::nullopt;
    const auto token = trimmed(field->substr(scheme.size()));
    return token.empty() ? std::nullopt : std::optional{token};
}

std::string_view raw(const Sha256& digest) {
    return {reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()};
}

}  // namespace

Result<model::EndpointName> Tokens::check(const http::Request& request) {
    const auto token = bearer(request.headers);
    if (!token) return Error{errc::token_missing};
    const auto* entry = find(*token);
    const auto reason = entry == nullptr ? errc::token_unknown : entry->off ? errc::endpoint_off : errc::none;
    if (reason == errc::none) return entry->endpoint;
    log_refusal(request, reason, entry == nullptr ? "" : entry->endpoint.text);
    return Error{reason};
}

const TokenEntry* Tokens::find(std::string_view token) const {
    const auto offered = sha256(token);
    const TokenEntry* found = nullptr;
    for (const auto& entry : entries_) {
        for (const auto& known : entry.token_sha256) {
            if (equal_secret(raw(known), raw(offered))) found = &entry;
        }
    }
    return found;
}

void Tokens::log_refusal(const http::Request& request, errc reason, std::string_view endpoint) {
    const auto now = clock_.now();
    if (now - minute_begun_ >= std::chrono::minutes{1}) {
        minute_begun_ = now;
        line_count_ = 0;
    }
    if (line_count_ >= lines_per_minute) {
        ++unlogged_count_;
        return;
    }
    ++line_count_;
    const auto unlogged = std::exchange(unlogged_count_, 0U);
    log::warn(
        "token.refused",
        "peer",
        request.peer.address,
        "reason",
        row(reason).code,
        "endpoint",
        endpoint,
        "request",
        request.id,
        "unlogged",
        unlogged
    );
}

}  // namespace axis::rest
