// Goal: the leaves: errors, time texts, base64, digests, text, random. Method: values in, values out.
#include "gateway/base/base64.hpp"
#include "gateway/base/clock.hpp"
#include "gateway/base/digest.hpp"
#include "gateway/base/error.hpp"
#include "gateway/base/file.hpp"
#include "gateway/base/log.hpp"
#include "gateway/base/random.hpp"
#include "gateway/base/secret.hpp"
#include "gateway/base/text.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <set>

using namespace axis;

TEST_SUITE_BEGIN("base");

TEST_CASE("every row of the error table stands at its own place with a code of its own and complete texts") {
    std::set<std::string_view> codes;
    for (std::size_t i = 0; i < error_table().size(); ++i) {
        const auto& r = error_table()[i];
        CAPTURE(r.code);
        CHECK(static_cast<std::size_t>(r.value) == i);
        CHECK(codes.insert(r.code).second);
        CHECK(r.http_status >= 200);
        CHECK(r.http_status < 600);
        CHECK_FALSE(r.title.empty());
        CHECK_FALSE(r.text.empty());
        if (i > 0) CHECK_FALSE(r.action.empty());
    }
}

TEST_CASE("times are written in Vietnam time and read back") {
    Time t{};
    REQUIRE(parse_time("2026-11-21T09:21:07.412+07:00", t));
    CHECK(to_local_text(t) == "2026-11-21T09:21:07.412+07:00");
    CHECK(to_envelope_text(t) == "2026/11/21 09:21:07");
    Time same{};
    REQUIRE(parse_time("2026-11-21T02:21:07.412Z", same));
    CHECK(same == t);
    REQUIRE(parse_time("2026/11/21 09:21:07", same));
    CHECK(same == std::chrono::floor<std::chrono::seconds>(t));
    for (const auto* bad :
         {"", "2026-13-01", "2026-02-30", "21/11/2026", "2026-11-21T25:00:00", "2026-11-21x"})
        CHECK_FALSE(parse_time(bad, t));
}

TEST_CASE("base64 in pieces of any size equals base64 in one piece, both ways") {
    SeededRandom random{7};
    for (std::size_t size = 0; size < 70; ++size) {
        std::string bytes(size, '\0');
        random.fill({reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()});
        const auto whole = base64_encode(bytes);
        for (std::size_t step = 1; step < 8; ++step) {
            Base64Encoder encoder;
            Base64Decoder decoder;
            std::string text, back;
            for (std::size_t at = 0; at < size; at += step)
                encoder.update(std::string_view{bytes}.substr(at, step), text);
            encoder.finish(text);
            CHECK(text == whole);
            bool ok = true;
            for (std::size_t at = 0; at < text.size(); at += step)
                ok = ok && decoder.update(std::string_view{text}.substr(at, step), back);
            CHECK((ok && decoder.finish(back)));
            CHECK(back == bytes);
        }
    }
}

TEST_CASE("base64 is read with line breaks and without padding, and refused when decoders would disagree") {
    std::string out;
    CHECK(base64_decode("TWFu\r\nTWE=", out));
    CHECK(out == "ManMa");
    out.clear();
    CHECK(base64_decode("TWE", out));
    CHECK(out == "Ma");
    for (const auto* bad : {"TWE=TWFu", "T", "TWFuT", "TW-u", "====", "T===", "TWE==", "TW="}) {
        CAPTURE(bad);
        out.clear();
        CHECK_FALSE(base64_decode(bad, out));
    }
}

TEST_CASE("every character at every place of a text is what the alphabet says") {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (std::size_t place = 0; place < 12; ++place) {
        for (int c = 0; c < 256; ++c) {
            std::string text = "AAAAAAAAAAAA";
            text[place] = static_cast<char>(c);
            const auto value = alphabet.find(text[place]);
            std::string expected(9, '\0');
            if (value != std::string_view::npos) {
                const auto bits = value << (18 - place % 4 * 6);
                for (std::size_t i = 0; i < 3; ++i)
                    expected[place / 4 * 3 + i] = static_cast<char>(bits >> (16 - 8 * i));
            }
            CAPTURE(place);
            CAPTURE(c);
            std::string out;
            const bool white = c == ' ' || c == '\t' || c == '\r' || c == '\n';
            // White space takes a character away; one '=' may stand last.
            const bool last = c == '=' && place == 11;
            if (last) expected.pop_back();
            if (white) expected.pop_back();
            CHECK(base64_decode(text, out) == (value != std::string_view::npos || white || last));
            if (value != std::string_view::npos || white || last) CHECK(out == expected);
        }
    }
}

TEST_CASE("digests agree with published values") {
    CHECK(sha256("abc").hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(sha256("").base64() == "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    Sha256Hasher hasher;
    hasher.update("a");
    hasher.update("bc");
    CHECK(hasher.finish() == sha256("abc"));
    CHECK(hasher.finish() == sha256(""));
    CHECK(Sha256::from_hex(sha256("abc").hex()) == sha256("abc"));
    CHECK_FALSE(Sha256::from_hex("xyz"));
    // The VXP test vector of axis-api.md §1.2.
    CHECK(
        hmac_sha256_hex(
            "demo-secret-key",
            R"({"XroadVnpt-systemid":"vxp.demo.01","XroadVnpt-servicetype":"eDoc","XroadVnpt-messagetype":"edoc","XroadVnpt-timestamp":"21112026T180406+0749","XroadVnpt-Content-Type":"application/json"})"
        ) == "c4cc1e3b9857370f74ab81a9210d6e70c9142483d892a372e6b224a85b209d8b"
    );
}

TEST_CASE("keys are normalised, hidden characters are seen") {
    CHECK(nfc("TMĐT a\u0302") == "TMĐT \u00e2");
    CHECK(trimmed(" \r\n x y\t") == "x y");
    CHECK(code_point_count("Đã") == 2);
    CHECK(is_utf8("Đã"));
    CHECK_FALSE(is_utf8("\xc0\xaf"));
    CHECK(has_hidden_characters("a\u202eb"));
    CHECK(has_hidden_characters("a\u200bb"));
    CHECK_FALSE(has_hidden_characters("Báo cáo quý III.pdf"));
}

TEST_CASE("a log value cannot forge a second line") {
    CHECK(log::escaped("G99") == "G99");
    CHECK(log::escaped("a b") == "\"a b\"");
    CHECK(log::escaped("x\n2026 error forged=\"1\"") == R"("x\n2026 error forged=\"1\"")");
    CHECK(log::escaped("") == "\"\"");
}

TEST_CASE("a secret file that others can read is refused") {
    const auto path = std::filesystem::temp_directory_path() / ("axis-secret-" + std::to_string(::getpid()));
    REQUIRE(write_file(path, "  demo-secret\nsecond line\n", 0600).has_value());
    CHECK(Secret::from_file(path).value().reveal() == "demo-secret");
    std::filesystem::permissions(path, std::filesystem::perms{0640});
    CHECK(Secret::from_file(path).error().code == errc::config_secret_mode);
    std::filesystem::permissions(path, std::filesystem::perms{0600});
    REQUIRE(write_file(path, "\n", 0600).has_value());
    CHECK(Secret::from_file(path).error().code == errc::config_value);
    std::filesystem::remove(path);
    CHECK(Secret::from_file(path).error().code == errc::config_file);
}

TEST_SUITE_END();
