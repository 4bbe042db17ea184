// Goal: who the axis believes. Method: the vectors of the reference material, then one change at a time.
#include "tests/axissim/auth.hpp"

#include <doctest/doctest.h>

using namespace axis;
using namespace axis::sim;

TEST_SUITE_BEGIN("axissim/auth");

namespace {

constexpr std::string_view list_json =
    R"({"XroadVnpt-systemid":"vxp.demo.01","XroadVnpt-servicetype":"eDoc","XroadVnpt-messagetype":"edoc","XroadVnpt-timestamp":"21112026T180406+0749","XroadVnpt-Content-Type":"application/json"})";
constexpr std::string_view list_hash = "c4cc1e3b9857370f74ab81a9210d6e70c9142483d892a372e6b224a85b209d8b";
constexpr std::string_view send_json =
    R"({"XroadVnpt-systemid":"vxp.demo.01","XroadVnpt-servicetype":"eDoc","XroadVnpt-messagetype":"edoc","XroadVnpt-hash-file":"8d55f6c7bf7cd534cf27a10e1bb5731c68279c3cb991cf4844774c685b3758","XroadVnpt-from":"vxp.demo.01","XroadVnpt-to":"[\"000.00.00.G12\",\"000.00.00.H41\"]","XroadVnpt-timestamp":"21112026T180406+0844","XroadVnpt-Content-Type":"application/octet-stream"})";
constexpr std::string_view send_hash = "4c836535f581f1033e49d3fb89f1dc1af07115c0d10ea965cfc4ccf947f7ba85";

std::optional<std::string_view> demo_secret(std::string_view system) {
    if (system == "vxp.demo.01") return "demo-secret-key";
    return std::nullopt;
}

http::Headers list_headers() {
    http::Headers headers;
    headers.add("xroadvnpt-SYSTEMID", "vxp.demo.01");  // names of headers have no case
    headers.add("XroadVnpt-servicetype", "eDoc");
    headers.add("XroadVnpt-messagetype", "edoc");
    headers.add("XroadVnpt-timestamp", "21112026T180406+0749");
    headers.add("XroadVnpt-Content-Type", "application/json");
    headers.add("XroadVnpt-sign-header-key", "systemid;servicetype;messagetype;timestamp;Content-Type");
    headers.add("XroadVnpt-sign-header", std::string{list_json});
    headers.add("XroadVnpt-hash-header", std::string{list_hash});
    return headers;
}

void sign_again(http::Headers& headers, const std::string& json, const std::string& keys) {
    headers.set("XroadVnpt-sign-header", json);
    headers.set("XroadVnpt-sign-header-key", keys);
    headers.set("XroadVnpt-hash-header", hmac_sha256_hex("demo-secret-key", json));
}

errc refusal(const http::Headers& headers) {
    auto call = verify(headers, demo_secret);
    return call ? errc::none : call.error().code;
}

}  // namespace

TEST_CASE("the two test vectors of the reference material carry the right HMAC") {
    CHECK(hmac_sha256_hex("demo-secret-key", list_json) == list_hash);
    CHECK(hmac_sha256_hex("demo-secret-key", send_json) == send_hash);
}

TEST_CASE("a signed call is believed and its parameters are handed on") {
    const auto call = verify(list_headers(), demo_secret);

    REQUIRE(call.has_value());
    CHECK(call->system == "vxp.demo.01");
    CHECK(call->get("messagetype") == "edoc");
    CHECK(call->get("docId").empty());
}

TEST_CASE("the hash may be written in capitals") {
    auto headers = list_headers();
    headers.set("XroadVnpt-hash-header", "C4CC1E3B9857370F74AB81A9210D6E70C9142483D892A372E6B224A85B209D8B");
    CHECK(refusal(headers) == errc::none);
}

TEST_CASE("a header that was not signed is not a parameter") {
    auto headers = list_headers();
    headers.add("XroadVnpt-docId", "68edb8c8c2dcb14db773ce44");

    const auto call = verify(headers, demo_secret);

    REQUIRE(call.has_value());
    CHECK(call->get("docId").empty());
}

TEST_CASE("a wrong HMAC, an unknown system and a missing signature are refused") {
    auto wrong = list_headers();
    wrong.set("XroadVnpt-hash-header", std::string(64, '0'));
    CHECK(refusal(wrong) == errc::token_unknown);

    auto stranger = list_headers();
    stranger.set("XroadVnpt-systemid", "vxp.demo.99");
    CHECK(refusal(stranger) == errc::token_unknown);

    CHECK(refusal(http::Headers{}) == errc::token_unknown);
}

TEST_CASE("a header that differs from what was signed is refused, and so is one sent twice") {
    auto altered = list_headers();
    altered.set("XroadVnpt-messagetype", "status");
    CHECK(refusal(altered) == errc::token_unknown);

    auto twice = list_headers();
    twice.add("XroadVnpt-messagetype", "edoc");
    CHECK(refusal(twice) == errc::token_unknown);
}

TEST_CASE("names of sign-header and of sign-header-key must be the same, no more and no less") {
    const std::string json{list_json};
    const std::string keys = "systemid;servicetype;messagetype;timestamp;Content-Type";

    auto fewer = list_headers();
    sign_again(fewer, json, "systemid;servicetype;messagetype;timestamp");
    CHECK(refusal(fewer) == errc::token_unknown);

    auto more = list_headers();
    sign_again(more, json, keys + ";docId");
    CHECK(refusal(more) == errc::token_unknown);

    auto repeated = list_headers();
    sign_again(repeated, json, "systemid;servicetype;messagetype;timestamp;timestamp");
    CHECK(refusal(repeated) == errc::token_unknown);

    auto without_time = list_headers();
    sign_again(without_time, R"({"XroadVnpt-systemid":"vxp.demo.01"})", "systemid");
    CHECK(refusal(without_time) == errc::token_unknown);

    auto not_json = list_headers();
    sign_again(not_json, "systemid=vxp.demo.01", keys);
    CHECK(refusal(not_json) == errc::token_unknown);
}

TEST_CASE("hash-file fits in the SDK's unpadded spelling and in the padded one") {
    const auto digest = sha256("<edXML/>");

    CHECK(unpadded_hex(digest) == "8d55f6c7bf7cd534cf27a10e1bb5731c68279c3cb991cf4844774c685b3758");
    CHECK(hash_matches("8d55f6c7bf7cd534cf27a10e1bb5731c68279c3cb991cf4844774c685b3758", digest));
    CHECK(hash_matches("8d55f6c7bf7cd534cf027a10e1bb5731c68279c3cb991c0f4844774c685b3758", digest));
    CHECK_FALSE(hash_matches("8d55f6c7bf7cd534cf27a10e1bb5731c68279c3cb991cf4844774c685b3759", digest));
}

TEST_SUITE_END();
