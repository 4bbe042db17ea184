#include "adapters/rest/fields.hpp"

#include "gateway/base/base64.hpp"
#include "gateway/base/text.hpp"
#include "gateway/ports/idempotency.hpp"

#include <algorithm>

namespace axis::rest {

namespace {

// The type in lower case; nothing when the field is absent or stands twice.
std::optional<std::string> media_type(const http::Headers& headers) {
    const auto field = headers.get("content-type");
    if (!field || headers.count("content-type") != 1) return std::nullopt;
    return lower_ascii(trimmed(field->substr(0, field->find(';'))));
}

bool is_utf8_parameter(std::string_view text) {
    const auto lower = lower_ascii(trimmed(text));
    return lower == "charset=utf-8" || lower == "charset=\"utf-8\"";
}

bool is_plain(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

constexpr std::string_view digest_member = "sha-256=";

// Between two colons.
std::optional<Sha256> digest_in(std::string_view text) {
    constexpr std::size_t base64_digits = 44;
    std::string bytes;
    if (text.size() != base64_digits + 2 || text.front() != ':' || text.back() != ':') return std::nullopt;
    if (!base64_decode(text.substr(1, base64_digits), bytes)) return std::nullopt;
    Sha256 out;
    if (bytes.size() != out.bytes.size()) return std::nullopt;
    std::copy(bytes.begin(), bytes.end(), out.bytes.begin());
    return out;
}

// RFC 8187: attr-char stands for itself.
std::string percent_encoded(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    constexpr std::string_view marks = "!#$&+-.^_`|~";
    std::string out;
    for (const char c : text) {
        if (is_plain(c) || marks.find(c) != marks.npos) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    return out;
}

// One underscore for each character that old clients or quoted strings do not bear.
std::string ascii_fallback(std::string_view text) {
    constexpr std::string_view risky = "\"\\%/:*?<>|;";
    std::string out;
    for (const char c : text) {
        const bool continues = (static_cast<unsigned char>(c) & 0xC0) == 0x80;
        if (continues) continue;
        out += c >= ' ' && c < 0x7f && risky.find(c) == risky.npos ? c : '_';
    }
    return out;
}

}  // namespace

bool is_json(const http::Headers& headers) {
    if (media_type(headers) != "application/json") return false;
    const auto field = *headers.get("content-type");
    const auto semicolon = field.find(';');
    return semicolon == field.npos || is_utf8_parameter(field.substr(semicolon + 1));
}

bool is_multipart(const http::Headers& headers) {
    return media_type(headers) == "multipart/form-data";
}

Result<> require_json(const http::Headers& headers) {
    if (is_json(headers)) return {};
    return Error{errc::http_media_type, "Content-Type must be application/json, in UTF-8"};
}

Result<> require_multipart(const http::Headers& headers) {
    if (is_multipart(headers)) return {};
    return Error{errc::http_media_type, "Content-Type must be multipart/form-data"};
}

Result<> require_xml(const http::Headers& headers) {
    const auto type = media_type(headers);
    if (type == "application/xml" || type == "text/xml") return {};
    return Error{errc::http_media_type, "Content-Type must be application/xml"};
}

Result<std::optional<std::string>> idempotency_key(const http::Headers& headers) {
    const auto field = headers.get("idempotency-key");
    if (!field) return std::optional<std::string>{};
    if (headers.count("idempotency-key") != 1 || !ports::is_idempotency_key(*field))
        return Error{errc::http_malformed, "Idempotency-Key: once, 1 to 128 visible ASCII characters"};
    return std::optional{std::string{*field}};
}

Result<std::optional<Sha256>> repr_digest(const http::Headers& headers) {
    const auto field = headers.get("repr-digest");
    if (!field) return std::optional<Sha256>{};
    std::optional<Sha256> found;
    auto rest = headers.count("repr-digest") == 1 ? *field : std::string_view{};
    while (!rest.empty()) {
        const auto comma = std::min(rest.find(','), rest.size());
        const auto member = trimmed(rest.substr(0, comma));
        rest.remove_prefix(std::min(comma + 1, rest.size()));
        if (member.starts_with(digest_member)) found = digest_in(member.substr(digest_member.size()));
    }
    if (found) return found;
    return Error{errc::http_malformed, "Repr-Digest: once, with sha-256=:BASE64:"};
}

std::string content_disposition(std::string_view file_name) {
    return "attachment; filename=\"" + ascii_fallback(file_name) + "\"; filename*=UTF-8''" +
           percent_encoded(file_name);
}

std::string content_type(std::string_view written) {
    const auto type = trimmed(written.substr(0, written.find(';')));
    const auto token = [](char c) {
        return is_plain(c) || std::string_view{"!#$&^_.+-/"}.find(c) != std::string_view::npos;
    };
    const auto slash = type.find('/');
    const bool sound = std::all_of(type.begin(), type.end(), token) &&
                       std::count(type.begin(), type.end(), '/') == 1 && slash != 0 &&
                       slash + 1 != type.size();
    return sound ? std::string{type} : "application/octet-stream";
}

}  // namespace axis::rest
