// Goal: the header list is the SDK's to the byte. Method: the published vectors, and the captures of the real
// SDK.
#include "adapters/vxp/signing.hpp"

#include "adapters/vxp/calendar.hpp"
#include "gateway/base/file.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

using namespace axis;
using namespace axis::vxp;

TEST_SUITE_BEGIN("vxp/signing");

namespace {

const Secret secret{"demo-secret-key"};

Time at(std::string_view text) {
    Time time{};
    REQUIRE(parse_time(text, time));
    return time;
}

std::string get(const http::Headers& headers, std::string_view name) {
    return std::string{headers.get(name).value_or("(absent)")};
}

using Lines = std::vector<std::pair<std::string, std::string>>;

// One captured request: its header lines from the first to XroadVnpt-version.
struct Capture {
    std::string path;
    Lines lines;
    std::string get(std::string_view name) const {
        const auto named = [&](const auto& line) { return line.first == name; };
        const auto found = std::find_if(lines.begin(), lines.end(), named);
        return found == lines.end() ? std::string{} : found->second;
    }
};

std::vector<Capture> read_captures(std::string_view text) {
    std::vector<Capture> out;
    bool head = false;
    while (!text.empty()) {
        std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        if (line.ends_with('\r')) line.remove_suffix(1);
        const auto colon = line.find(": ");
        if (line.ends_with(" HTTP/1.1")) {
            out.push_back({std::string{line.substr(line.find('/'))}, {}});
            head = true;
        } else if (head && colon != std::string_view::npos) {
            out.back().lines.emplace_back(line.substr(0, colon), line.substr(colon + 2));
            head = line.substr(0, colon) != "XroadVnpt-version";
        }
    }
    return out;
}

Time time_of(const std::string& stamp) {
    REQUIRE(stamp.size() == 20);
    const auto part = [&](std::size_t from, std::size_t n) { return stamp.substr(from, n); };
    return at(
        part(4, 4) + "-" + part(2, 2) + "-" + part(0, 2) + "T" + part(9, 2) + ":" + part(11, 2) + ":" +
        part(13, 2) + "." + part(17, 3) + "+07:00"
    );
}

// What our code would have to be given to make that request.
Signable signable_of(const Capture& capture) {
    Signable what;
    if (capture.path.starts_with("/sendEdoc")) what.content_type = bytes_type;
    bool behind = false;
    std::string_view keys = capture.lines.empty() ? "" : std::string_view{};
    const std::string all = capture.get("XroadVnpt-sign-header-key") + ";";
    for (keys = all; !keys.empty(); keys.remove_prefix(keys.find(';') + 1)) {
        const std::string name{keys.substr(0, keys.find(';'))};
        if (name == "Content-Type") behind = true;
        if (name == "systemid" || name == "timestamp" || name == "Content-Type") continue;
        (behind ? what.trailing : what.parameters).push_back({name, capture.get("XroadVnpt-" + name)});
    }
    return what;
}

}  // namespace

TEST_CASE("a list call is signed as in the first published vector") {
    const Signable what{{{"servicetype", "eDoc"}, {"messagetype", "edoc"}}, {}, json_type};

    const auto headers = sign(what, "vxp.demo.01", secret, at("2026-11-21T18:04:06.749+07:00")).value();

    CHECK(
        get(headers, "XroadVnpt-sign-header") ==
        R"({"XroadVnpt-systemid":"vxp.demo.01","XroadVnpt-servicetype":"eDoc","XroadVnpt-messagetype":"edoc","XroadVnpt-timestamp":"21112026T180406+0749","XroadVnpt-Content-Type":"application/json"})"
    );
    CHECK(
        get(headers, "XroadVnpt-hash-header") ==
        "c4cc1e3b9857370f74ab81a9210d6e70c9142483d892a372e6b224a85b209d8b"
    );
}

TEST_CASE("a document with a recipient list is signed as in the second published vector") {
    const Signable what{
        {{"servicetype", "eDoc"},
         {"messagetype", "edoc"},
         {"hash-file", hash_file(sha256("<edXML/>"), HashPadding::sdk)},
         {"from", "vxp.demo.01"},
         {"to", R"(["000.00.00.G12","000.00.00.H41"])"}},
        {},
        bytes_type};

    const auto headers = sign(what, "vxp.demo.01", secret, at("2026-11-21T18:04:06.844+07:00")).value();

    CHECK(
        get(headers, "XroadVnpt-hash-header") ==
        "4c836535f581f1033e49d3fb89f1dc1af07115c0d10ea965cfc4ccf947f7ba85"
    );
}

TEST_CASE("hash-file loses the zeros the SDK loses, or keeps all 64 digits by setting") {
    const auto digest = sha256("<edXML/>");

    CHECK(
        hash_file(digest, HashPadding::sdk) ==
        "8d55f6c7bf7cd534cf27a10e1bb5731c68279c3cb991cf4844774c685b3758"
    );
    CHECK(
        hash_file(digest, HashPadding::padded) ==
        "8d55f6c7bf7cd534cf027a10e1bb5731c68279c3cb991c0f4844774c685b3758"
    );
}

TEST_CASE("every request captured from the SDK is made again header by header") {
    const std::filesystem::path file{AXIS_SOURCE_DIR "/../shared/reference/axis-api-wire.txt"};
    if (!std::filesystem::exists(file)) {
        MESSAGE("skipped: " << file.string() << " is absent");
        return;
    }
    const auto captures = read_captures(read_file(file, 1u << 20).value());
    REQUIRE(captures.size() >= 13);
    for (const auto& capture : captures) {
        CAPTURE(capture.path);
        const auto time = time_of(capture.get("XroadVnpt-timestamp"));

        const auto headers =
            sign(signable_of(capture), capture.get("XroadVnpt-systemid"), secret, time).value();

        CHECK(Lines(headers.begin(), headers.end()) == capture.lines);
    }
}

TEST_CASE("a value nobody could verify is refused before anything is sent") {
    for (const std::string value : {"Đã nhận", "two\r\nlines", " outer", "outer ", "tab\there", "\x7f"}) {
        CAPTURE(value);
        const Signable what{{{"description", value}}, {}, json_type};
        CHECK(sign(what, "vxp.g98", secret, Time{}).error().code == errc::peer_header_not_ascii);
    }
}

TEST_CASE("quotes and backslashes are escaped in the signed text only, angle brackets never") {
    const Signable what{{{"description", R"(a "b" \ <c> & 'd')"}}, {}, json_type};

    const auto headers = sign(what, "vxp.g98", secret, Time{}).value();

    CHECK(get(headers, "XroadVnpt-description") == R"(a "b" \ <c> & 'd')");
    CHECK(get(headers, "XroadVnpt-sign-header").find(R"(a \"b\" \\ <c> & 'd')") != std::string::npos);
}

TEST_CASE("times are Vietnam's, also in the night hours when UTC has yesterday's date") {
    const auto night = at("2026-11-20T17:00:00.005Z");

    CHECK(timestamp(night) == "21112026T000000+0005");
    CHECK(list_time(night) == "21/11/2026 00:00:00");
}

TEST_CASE("a time of a list is read in every writing met") {
    const auto expected = at("2026-11-21T09:21:07+07:00");
    for (const std::string text :
         {"21/11/2026 09:21:07",
          "21-11-2026 09:21:07",
          "2026-11-21 09:21:07",
          "2026-11-21 09:21:07.0",
          "2026/11/21 09:21:07",
          "2026-11-21T02:21:07Z",
          "2026-11-21T09:21:07.000+07:00",
          " 1795227667000 "}) {
        CAPTURE(text);
        REQUIRE(read_list_time(text).has_value());
        CHECK(*read_list_time(text) == expected);
    }
    for (const std::string text : {"", "yesterday", "31/02/2026 00:00:00", "12"})
        CHECK_FALSE(read_list_time(text).has_value());
}

TEST_SUITE_END();
