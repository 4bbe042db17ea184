#include "adapters/vxp/signing.hpp"

#include "adapters/vxp/calendar.hpp"

#include <algorithm>

namespace axis::vxp {

namespace {

constexpr std::string_view prefix = "XroadVnpt-";

bool is_sendable(std::string_view value) {
    const bool printable =
        std::all_of(value.begin(), value.end(), [](char c) { return c >= ' ' && c <= '~'; });
    return printable && (value.empty() || (value.front() != ' ' && value.back() != ' '));
}

std::vector<Parameter> in_order(const Signable& what, const std::string& system_id, Time at) {
    std::vector<Parameter> all{{"systemid", system_id}};
    all.insert(all.end(), what.parameters.begin(), what.parameters.end());
    all.push_back({"timestamp", timestamp(at)});
    all.push_back({"Content-Type", std::string{what.content_type}});
    all.insert(all.end(), what.trailing.begin(), what.trailing.end());
    return all;
}

// As gson writes it without HTML escaping; in printable ASCII only these two need an escape.
std::string json_text(std::string_view ascii) {
    std::string out = "\"";
    for (const char c : ascii) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

std::string named(const Parameter& parameter) {
    return std::string{prefix} + parameter.name;
}

std::string keys_of(const std::vector<Parameter>& all) {
    std::string keys;
    for (const auto& parameter : all) keys += (keys.empty() ? "" : ";") + parameter.name;
    return keys;
}

std::string json_of(const std::vector<Parameter>& all) {
    std::string json;
    for (const auto& parameter : all)
        json += (json.empty() ? "{" : ",") + json_text(named(parameter)) + ":" + json_text(parameter.value);
    return json + "}";
}

}  // namespace

Result<http::Headers> sign(
    const Signable& what, const std::string& system_id, const Secret& secret, Time at
) {
    const auto all = in_order(what, system_id, at);
    for (const auto& parameter : all)
        if (!is_sendable(parameter.value)) return Error{errc::peer_header_not_ascii, parameter.name};

    // The plain Content-Type stands where the SDK puts it: first for a document, beside its signed twin
    // otherwise.
    http::Headers headers;
    const bool document = what.content_type == bytes_type;
    if (document) headers.add("Content-Type", std::string{what.content_type});
    for (const auto& parameter : all) {
        if (!document && parameter.name == "Content-Type") headers.add("Content-Type", parameter.value);
        headers.add(named(parameter), parameter.value);
    }
    std::string json = json_of(all);
    std::string hash = hmac_sha256_hex(secret.reveal(), json);
    headers.add("XroadVnpt-sign-header-key", keys_of(all));
    headers.add("XroadVnpt-sign-header", std::move(json));
    headers.add("XroadVnpt-hash-header", std::move(hash));
    headers.add("User-Agent", "JAVASDKAgent/1.0.0 XRoad/VPCP");
    headers.add("XroadVnpt-version", "3.0.201608");
    return headers;
}

std::string hash_file(const Sha256& envelope, HashPadding padding) {
    const std::string padded = envelope.hex();
    if (padding == HashPadding::padded) return padded;
    std::string out;
    for (std::size_t i = 0; i < padded.size(); i += 2) {
        if (padded[i] != '0') out += padded[i];
        out += padded[i + 1];
    }
    return out;
}

}  // namespace axis::vxp
