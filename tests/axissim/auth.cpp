#include "tests/axissim/auth.hpp"

#include "gateway/base/text.hpp"

#include <boost/json/parse.hpp>

#include <charconv>
#include <set>
#include <vector>

namespace axis::sim {

namespace {

constexpr std::string_view prefix = "XroadVnpt-";

Error refused(std::string reason) {
    return Error{errc::token_unknown, std::move(reason)};
}

// The one header of that name; two of them could be read differently by two programs.
std::optional<std::string_view> only(const http::Headers& headers, std::string_view name) {
    if (headers.count(name) != 1) return std::nullopt;
    return headers.get(name);
}

std::optional<std::vector<std::string>> names_of(std::string_view key_list) {
    std::vector<std::string> names;
    std::set<std::string_view> seen;
    while (!key_list.empty()) {
        const auto end = key_list.find(';');
        const auto name = key_list.substr(0, end);
        if (name.empty() || !seen.insert(name).second) return std::nullopt;
        names.emplace_back(name);
        if (end == std::string_view::npos) break;
        key_list.remove_prefix(end + 1);
    }
    return names;
}

Result<> compare(
    const http::Headers& headers, const std::vector<std::string>& names, const boost::json::object& json
) {
    if (json.size() != names.size()) return refused("sign-header and sign-header-key differ in number");
    for (const auto& name : names) {
        const auto full = std::string{prefix} + name;
        const auto* signed_value = json.if_contains(full);
        if (signed_value == nullptr || !signed_value->is_string())
            return refused("sign-header lacks a name of sign-header-key");
        const auto sent = only(headers, full);
        if (!sent || *sent != std::string_view{signed_value->get_string()})
            return refused("a header differs from what was signed: " + name);
    }
    return {};
}

}  // namespace

std::string_view SignedCall::get(std::string_view name) const {
    const auto at = parameters.find(name);
    return at == parameters.end() ? std::string_view{} : std::string_view{at->second};
}

Result<SignedCall> verify(const http::Headers& headers, const SecretOf& secret_of) {
    const auto system = only(headers, "XroadVnpt-systemid");
    const auto sign_header = only(headers, "XroadVnpt-sign-header");
    const auto key_list = only(headers, "XroadVnpt-sign-header-key");
    const auto claimed = only(headers, "XroadVnpt-hash-header");
    if (!system || !sign_header || !key_list || !claimed)
        return refused("a signature header is missing or doubled");

    const auto secret = secret_of(*system);
    if (!secret) return refused("unknown system");
    if (!equal_secret(hmac_sha256_hex(*secret, *sign_header), lower_ascii(*claimed)))
        return refused("wrong HMAC");

    boost::system::error_code ec;
    const auto json = boost::json::parse(*sign_header, ec);
    const auto names = names_of(*key_list);
    if (ec || !json.is_object() || !names) return refused("sign-header or sign-header-key is malformed");
    auto same = compare(headers, *names, json.get_object());
    if (!same) return same.error();

    SignedCall call{std::string{*system}, {}};
    for (const auto& name : *names) call.parameters[name] = *headers.get(std::string{prefix} + name);
    if (!call.parameters.contains("systemid") || !call.parameters.contains("timestamp"))
        return refused("systemid or timestamp is not signed");
    return call;
}

std::string unpadded_hex(const Sha256& digest) {
    std::string out;
    for (const auto byte : digest.bytes) {
        char text[2];
        const auto end = std::to_chars(text, text + 2, byte, 16).ptr;
        out.append(text, end);
    }
    return out;
}

bool hash_matches(std::string_view claimed, const Sha256& digest) {
    const auto lower = lower_ascii(claimed);
    return lower == digest.hex() || lower == unpadded_hex(digest);
}

}  // namespace axis::sim
