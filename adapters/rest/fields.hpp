// Header fields as this surface reads and writes them. Any thread.
#pragma once

#include "gateway/base/digest.hpp"
#include "gateway/base/error.hpp"
#include "gateway/http/message.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace axis::rest {

bool is_json(const http::Headers& headers);                // application/json, charset utf-8 or none
bool is_multipart(const http::Headers& headers);           // multipart/form-data, whatever its parameters
Result<> require_json(const http::Headers& headers);       // http_media_type
Result<> require_multipart(const http::Headers& headers);  // http_media_type
Result<> require_xml(const http::Headers& headers);        // application/xml or text/xml; http_media_type

// 1 … 128 visible ASCII characters, compared as they are; nothing when absent. http_malformed.
Result<std::optional<std::string>> idempotency_key(const http::Headers& headers);

// Repr-Digest (RFC 9530): its member sha-256=:BASE64:, others beside it are passed over; nothing when absent.
// http_malformed.
Result<std::optional<Sha256>> repr_digest(const http::Headers& headers);

// attachment; filename="B_o c_o.pdf"; filename*=UTF-8''B%C3%A1o%20c%C3%A1o.pdf
std::string content_disposition(std::string_view file_name);
// What the sender wrote, when it can stand in a header field; else application/octet-stream.
std::string content_type(std::string_view written);

}  // namespace axis::rest
