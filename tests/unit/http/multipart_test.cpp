// Goal: multipart bodies mean the same however the network cut them, and malformed ones are refused. Method:
// bytes in, a transcript of the events out.
#include "gateway/http/multipart.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace axis;
using namespace axis::http;

TEST_SUITE_BEGIN("http/multipart");

namespace {

constexpr std::string_view content_type = "multipart/form-data; boundary=XX";

// "name|file|type{bytes}" for each part.
class Transcript final : public MultipartEvents {
public:
    Result<> begin(const Part& part) override {
        text += part.name + "|" + part.file_name.value_or("-") + "|" + part.content_type + "{";
        return {};
    }
    Result<> data(std::string_view bytes) override {
        if (text.size() + bytes.size() > bytes_max) return Error{errc::file_too_large};
        text += bytes;
        return {};
    }
    Result<> end() override {
        text += "}";
        return {};
    }
    std::string text;
    std::size_t bytes_max = 1'000'000;
};

struct Outcome {
    std::string text;
    errc code = errc::none;
};

Outcome parse(
    const std::vector<std::string_view>& pieces,
    MultipartLimits limits = {},
    std::size_t bytes_max = 1'000'000
) {
    Transcript events;
    events.bytes_max = bytes_max;
    auto parser = MultipartParser::open(content_type, limits, events).value();
    for (const auto piece : pieces) {
        const auto fed = parser.feed(piece);
        if (!fed) return {events.text, fed.error().code};
    }
    const auto finished = parser.finish();
    return {events.text, finished ? errc::none : finished.error().code};
}

std::string part(const std::string& header, const std::string& body) {
    return "--XX\r\n" + header + "\r\n\r\n" + body + "\r\n";
}

std::string file_part(const std::string& parameters) {
    return part("Content-Disposition: form-data; name=\"f\"; " + parameters, "x") + "--XX--\r\n";
}

const std::string sample =
    "preamble\r\n" +
    part(
        "Content-Disposition: form-data; name=\"package\"\r\nContent-Type: Application/JSON; charset=utf-8",
        "{\"a\":1}"
    ) +
    part(
        "content-disposition: form-data; name=f; filename=\"công văn.pdf\"",
        "\r\n--X\r\n--XY\r\r\n\r\n-\r\n--\r"
    ) +
    part("Content-Disposition: form-data; name=empty", "") + "--XX--\r\nepilogue --XX\r\n";
const std::string sample_events =
    "package|-|application/json{{\"a\":1}}f|công văn.pdf|text/plain{\r\n--X\r\n--XY\r\r\n\r\n-\r\n--\r}"
    "empty|-|text/plain{}";

}  // namespace

TEST_CASE("a body cut at any byte, or into single bytes, gives the same events") {
    const std::string_view body = sample;
    REQUIRE(parse({body}).text == sample_events);
    for (std::size_t i = 0; i <= body.size(); ++i) {
        CAPTURE(i);
        const auto outcome = parse({body.substr(0, i), body.substr(i)});
        CHECK(outcome.code == errc::none);
        CHECK(outcome.text == sample_events);
    }
    std::vector<std::string_view> bytes;
    for (std::size_t i = 0; i < body.size(); ++i) bytes.push_back(body.substr(i, 1));
    CHECK(parse(bytes).text == sample_events);
}

TEST_CASE("a body that ends before its final boundary is malformed, wherever it ends") {
    const std::string_view body = sample;
    const auto end = sample.find("--XX--") + 6;
    for (std::size_t i = 0; i < end; ++i) {
        CAPTURE(i);
        CHECK(parse({body.substr(0, i)}).code == errc::multipart_malformed);
    }
    CHECK(parse({body.substr(0, end)}).code == errc::none);
}

TEST_CASE("only multipart/form-data with one usable boundary is taken") {
    Transcript events;
    const auto code = [&events](std::string_view type) {
        auto parser = MultipartParser::open(type, {}, events);
        return parser ? errc::none : parser.error().code;
    };
    CHECK(code("multipart/form-data; boundary=abc") == errc::none);
    CHECK(code("Multipart/Form-Data; Boundary=\"a b:c\"; charset=utf-8") == errc::none);
    CHECK(code("") == errc::http_media_type);
    CHECK(code("multipart/form-data") == errc::http_media_type);
    CHECK(code("multipart/form-data; boundary=") == errc::http_media_type);
    CHECK(code("multipart/form-data; boundary=\"abc") == errc::http_media_type);
    CHECK(code("multipart/form-data; boundary=a; boundary=b") == errc::http_media_type);
    CHECK(code("multipart/form-data; boundary=a\x01") == errc::http_media_type);
    CHECK(code("multipart/form-data; boundary=" + std::string(71, 'a')) == errc::http_media_type);
    CHECK(code("multipart/mixed; boundary=abc") == errc::http_media_type);
    CHECK(code("application/json; x=\"multipart/form-data\"; boundary=abc") == errc::http_media_type);
}

TEST_CASE("file names come from filename* first, else from filename with quotes and backslashes undone") {
    CHECK(
        parse({file_part("filename=\"a.pdf\"; filename*=UTF-8''c%C3%B4ng%20v%C4%83n.pdf")}).text ==
        "f|công văn.pdf|text/plain{x}"
    );
    CHECK(parse({file_part("filename=\"a\\\"b\\\\c;d.pdf\"")}).text == "f|a\"b\\c;d.pdf|text/plain{x}");
    CHECK(parse({file_part("filename=\"C:\\dir\\a.pdf\"")}).text == "f|C:\\dir\\a.pdf|text/plain{x}");
    CHECK(parse({file_part("filename=plain.pdf ; x=y")}).text == "f|plain.pdf|text/plain{x}");
    CHECK(parse({file_part("filename=\"\"")}).text == "f||text/plain{x}");
}

TEST_CASE("file names that are ambiguous or no UTF-8 are malformed") {
    for (const auto* parameters :
         {"filename*=ISO-8859-1''a%F4",
          "filename*=UTF-8''a%C3",
          "filename*=UTF-8''a%00",
          "filename*=UTF-8''a%4",
          "filename*=a.pdf",
          "filename=\"a\xc3\"",
          "filename=\"a",
          "filename=a; filename=b",
          "name=g",
          "filename=\"a\"b"}) {
        CAPTURE(parameters);
        CHECK(parse({file_part(parameters)}).code == errc::multipart_malformed);
    }
}

TEST_CASE("part headers that mean two things, or nothing, are malformed") {
    const std::string good = "Content-Disposition: form-data; name=f";
    CHECK(parse({part(good + "\r\nContent-Transfer-Encoding: Binary", "x") + "--XX--"}).code == errc::none);
    for (const std::string& header :
         {std::string{"Content-Type: text/plain"},
          good + "\r\n" + good,
          good + "\r\n folded",
          good + "\r\n: x",
          good + "\r\nno colon",
          good + "\r\nX : y",
          good + "\r\nX: a\nb",
          good + "\r\nContent-Transfer-Encoding: base64",
          std::string{"Content-Disposition: attachment; name=f"},
          std::string{"Content-Disposition: form-data"}}) {
        CAPTURE(header);
        CHECK(parse({part(header, "x") + "--XX--"}).code == errc::multipart_malformed);
    }
    CHECK(parse({"--XX\r\n\r\nx\r\n--XX--"}).code == errc::multipart_malformed);
}

TEST_CASE("only blanks may stand between a boundary and its line end") {
    const std::string rest = "\r\nContent-Disposition: form-data; name=f\r\n\r\nx\r\n--XX--";
    CHECK(parse({"--XX \t" + rest}).text == "f|-|text/plain{x}");
    for (const std::string& padding :
         {std::string{"Y"}, std::string{"-"}, std::string{"\r"}, std::string{"\n"}, std::string(100, ' ')}) {
        CAPTURE(padding);
        CHECK(parse({"--XX" + padding + rest}).code == errc::multipart_malformed);
    }
}

TEST_CASE("a part's header is bounded and so is the number of parts") {
    const std::string disposition = "Content-Disposition: form-data; name=f\r\nX: ";
    MultipartLimits limits;
    limits.part_header_bytes_max = 1024;
    CHECK(parse({part(disposition + std::string(900, 'x'), "y") + "--XX--"}, limits).code == errc::none);
    CHECK(
        parse({part(disposition + std::string(1024, 'x'), "y") + "--XX--"}, limits).code ==
        errc::multipart_malformed
    );
    const std::string endless = "--XX\r\n" + disposition + std::string(100'000, 'x');
    CHECK(parse({endless}, limits).code == errc::multipart_malformed);

    limits.part_count_max = 2;
    const auto one = part("Content-Disposition: form-data; name=f", "x");
    CHECK(parse({one + one + "--XX--"}, limits).code == errc::none);
    CHECK(parse({one + one + one + "--XX--"}, limits).code == errc::multipart_too_many);
}

TEST_CASE("what an event refuses ends the parsing with its error, for good") {
    Transcript events;
    events.bytes_max = 20;
    auto parser = MultipartParser::open(content_type, {}, events).value();
    const auto body = part("Content-Disposition: form-data; name=f", std::string(100, 'x')) + "--XX--";

    CHECK(parser.feed(body).error().code == errc::file_too_large);
    CHECK(parser.feed("more").error().code == errc::file_too_large);
    CHECK(parser.finish().error().code == errc::file_too_large);
}

TEST_SUITE_END();
