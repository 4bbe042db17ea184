// Goal: what axissim reads from and writes as edXML, without a socket. Method: write with one half, read with
// the other.
#include "gateway/base/base64.hpp"
#include "gateway/base/file.hpp"
#include "tests/axissim/auth.hpp"
#include "tests/axissim/facts.hpp"
#include "tests/axissim/rewrite.hpp"
#include "tests/axissim/upload.hpp"
#include "tests/axissim/writer.hpp"
#include "tests/axissim/zip.hpp"
#include "tests/unit/axissim/support.hpp"

#include <doctest/doctest.h>

using namespace axis;
using namespace axis::sim;

TEST_SUITE_BEGIN("axissim/edxml");

namespace {

Result<Facts> facts_of(const std::string& edxml) {
    axis::test::TempDir dir;
    const auto path = dir.path() / "x.edxml";
    REQUIRE(write_file(path, edxml).has_value());
    return read_facts(path);
}

std::string unzipped(const std::string& zip, std::size_t piece) {
    ZipFirstEntry unzip;
    std::string out;
    for (std::size_t i = 0; i < zip.size(); i += piece)
        REQUIRE(unzip.update(std::string_view{zip}.substr(i, piece), out));
    CHECK(unzip.finished());
    return out;
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
    const auto at = text.find(what);
    REQUIRE(at != std::string::npos);
    return text.replace(at, what.size(), by);
}

}  // namespace

TEST_CASE("a skeleton keeps the markup and finds the base64 text, however the bytes are cut") {
    const std::string text =
        "<a b='>'><!-- <x> --><p:ContentTransferEncoded>QUJD</p:ContentTransferEncoded>x</a>\r\n";
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, text.size()}) {
        SkeletonScanner scanner;
        for (std::size_t i = 0; i < text.size(); i += piece)
            REQUIRE(scanner.feed(std::string_view{text}.substr(i, piece)).has_value());

        const auto skeleton = scanner.finish();

        REQUIRE(skeleton.has_value());
        CHECK(
            skeleton->xml ==
            "<a b='>'><!-- <x> --><p:ContentTransferEncoded>hole:0</p:ContentTransferEncoded>x</a>\r\n"
        );
        REQUIRE(skeleton->holes.size() == 1);
        CHECK(text.substr(skeleton->holes[0].offset, skeleton->holes[0].length) == "QUJD");
    }
}

TEST_CASE("a DOCTYPE and a file that ends inside markup are refused") {
    SkeletonScanner scanner;
    CHECK(scanner.feed("<?xml version='1.0'?><!DOCTYPE a [").error().code == errc::xml_doctype);

    SkeletonScanner open;
    REQUIRE(open.feed("<a><b").has_value());
    CHECK(open.finish().error().code == errc::xml_malformed);
}

TEST_CASE("the facts of a document are read") {
    const auto facts = facts_of(sim::test::document_of({"G98", {"G99", "G97"}, "12", "abc"}));

    REQUIRE(facts.has_value());
    CHECK_FALSE(facts->is_status);
    CHECK(facts->from == "G98");
    CHECK(facts->to == std::vector<std::string>{"G99", "G97"});
    CHECK(facts->document_id == "G98,2026/11/21,12/BTN");
    CHECK(facts->full_number() == "12/BTN");
    CHECK(facts->subject == "Về việc thử nghiệm");
    CHECK(facts->business_type == "0");
    REQUIRE(facts->files.size() == 1);
    CHECK(facts->files[0].name == "Công văn.pdf");
    CHECK(facts->files[0].bytes == 3);
    CHECK(facts->files[0].sha256 == sha256("abc"));
}

TEST_CASE("what is not an edXML message is refused, and so is text that is not base64") {
    const auto document = sim::test::document_of({});
    CHECK(facts_of("<edXML/>").error().code == errc::envelope_unknown);
    CHECK(facts_of("khong phai XML").error().code == errc::envelope_unknown);
    CHECK(
        facts_of(replaced(document, "<edXML:To><edXML:OrganId>G99</edXML:OrganId></edXML:To>", ""))
            .error()
            .code == errc::envelope_unknown
    );
    CHECK(
        facts_of(replaced(document, base64_encode("%PDF-1.4 thu nghiem"), "JVBE*")).error().code ==
        errc::attachment_base64
    );
}

TEST_CASE("a status written by the simulator is read back") {
    StatusText status;
    status.from = {"G99", "Bộ <Mô phỏng>"};
    status.response_for = "G98";
    status.response_code = "12/BTN";
    status.response_document_id = "G98,2026/11/21,12/BTN";
    status.code = "03";
    status.description = "Đã tiếp nhận & vào sổ";

    const auto facts = facts_of(write_status(status));

    REQUIRE(facts.has_value());
    CHECK(facts->is_status);
    CHECK(facts->from_name == "Bộ <Mô phỏng>");
    CHECK(facts->response_for == "G98");
    CHECK(facts->response_document_id == "G98,2026/11/21,12/BTN");
    CHECK(facts->status_code == "03");
    CHECK(facts->description == "Đã tiếp nhận & vào sổ");
}

TEST_CASE("a ZIP entry comes back byte for byte, however it is cut") {
    std::string content;
    for (int i = 0; i < 20'000; ++i) content += std::to_string(i * 7919);
    for (const std::size_t piece : {std::size_t{1}, std::size_t{1000}, content.size()}) {
        ZipWriter writer{"a.txt"};
        std::string zip;
        for (std::size_t i = 0; i < content.size(); i += piece)
            writer.update(std::string_view{content}.substr(i, piece), zip);
        writer.finish(zip);

        CHECK(zip.size() < content.size());
        CHECK(unzipped(zip, piece) == content);
        CHECK(zip.find("PK\x05\x06") == zip.size() - 22);
    }
    ZipFirstEntry not_zip;
    std::string out;
    CHECK_FALSE(not_zip.update("%PDF-1.4", out));
}

TEST_CASE("a partner's document holds its files: a PDF as it is, anything else inside a ZIP") {
    axis::test::TempDir dir;
    SeededRandom random{1};
    REQUIRE(write_file(dir.path() / "a", "%PDF-1.4 nội dung").has_value());
    REQUIRE(write_file(dir.path() / "b", std::string(200'000, 'b')).has_value());
    DocumentText document;
    document.from = {"G99", "Bộ Mô phỏng"};
    document.to = {{"G98", "Bộ Thử nghiệm"}};
    document.number = "7";
    document.notation = "BMP";
    document.subject = "Thử";
    document.files = {{dir.path() / "a", "a.pdf"}, {dir.path() / "b", "Bảng kê.xlsx"}};
    std::string edxml;

    const auto written = write_document(document, random, [&edxml](std::string_view piece) -> Result<> {
        edxml += piece;
        return {};
    });

    REQUIRE(written.has_value());
    const auto facts = facts_of(edxml);
    REQUIRE(facts.has_value());
    CHECK(facts->document_id == "G99,1970/01/01,7/BMP");
    REQUIRE(facts->files.size() == 2);
    CHECK_FALSE(facts->files[0].wrapped);
    CHECK(facts->files[0].sha256 == sha256("%PDF-1.4 nội dung"));
    CHECK(facts->files[1].wrapped);
    CHECK(facts->files[1].content_type == "application/zip");
    CHECK(facts->files[1].bytes == 200'000);
    CHECK(facts->files[1].sha256 == sha256(std::string(200'000, 'b')));
}

TEST_CASE("a rewritten document says the same in other bytes") {
    axis::test::TempDir dir;
    SeededRandom random{1};
    const auto original = sim::test::document_of({"G98", {"G99"}, "12", "abc"});
    REQUIRE(write_file(dir.path() / "a", original).has_value());

    REQUIRE(rewrite(dir.path() / "a", dir.path() / "b", {true, true}, random, Time{}).has_value());

    const auto text = read_file(dir.path() / "b").value();
    const auto facts = facts_of(text);
    REQUIRE(facts.has_value());
    CHECK(facts->document_id == "G98,2026/11/21,12/BTN");
    REQUIRE(facts->files.size() == 1);
    CHECK(facts->files[0].wrapped);
    CHECK(facts->files[0].sha256 == sha256("abc"));
    CHECK(text.find("\r\n") != std::string::npos);
    CHECK(
        text.find("<edXML:DocumentId>") > text.find("<edXML:Subject>")
    );  // the SDK writes it the other way round
    CHECK(original.find("<edXML:DocumentId>") < original.find("<edXML:Subject>"));
    CHECK(text.find("<edXML:OrganId>00.W00</edXML:OrganId>") != std::string::npos);
}

TEST_CASE("a reshaped document has another prefix and another order, and each file its own bytes still") {
    axis::test::TempDir dir;
    SeededRandom random{1};
    const auto one = sim::test::document_of({"G98", {"G99", "G97"}, "12", "abc"});
    const auto from = one.find("<Attachment>"), until = one.find("</AttachmentEncoded>");
    auto second = one.substr(from, until - from);
    second.replace(second.find(base64_encode("abc")), 4, base64_encode("def"));
    auto original = one;
    original.insert(until, second);
    REQUIRE(write_file(dir.path() / "a", original).has_value());

    REQUIRE(rewrite(dir.path() / "a", dir.path() / "b", {true, true, true}, random, Time{}).has_value());

    const auto text = read_file(dir.path() / "b").value();
    CHECK(text.find("<ns2:edXMLHeader>") != std::string::npos);
    CHECK(text.find("<edXML:") == std::string::npos);
    const auto facts = facts_of(text);
    REQUIRE(facts.has_value());
    REQUIRE(facts->files.size() == 2);
    CHECK(facts->files[0].sha256 == sha256("def"));
    CHECK(facts->files[1].sha256 == sha256("abc"));
    CHECK(facts->files[1].wrapped);
    CHECK(facts->to == std::vector<std::string>{"G97", "G99"});
}

TEST_CASE("hash-file may mean the body with or without the CRLF behind it, however the body is cut") {
    axis::test::TempDir dir;
    asio::io_context io;
    ManualClock clock{io, Time{}};
    SystemRandom random;
    auto store = Store::open(dir.path(), clock, random).value();
    const std::string file = "<edXML/>";
    for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, std::size_t{10}}) {
        for (const bool tail_hashed : {false, true}) {
            const auto body = file + "\r\n";
            Upload upload{store->stage().value()};
            for (std::size_t i = 0; i < body.size(); i += piece)
                REQUIRE(upload.take(std::string_view{body}.substr(i, piece)).has_value());

            const auto kept = upload.finish(unpadded_hex(sha256(tail_hashed ? body : file)));

            REQUIRE(kept.has_value());
            CHECK(read_file(kept->path()).value() == (tail_hashed ? body : file));
        }
    }
    Upload wrong{store->stage().value()};
    REQUIRE(wrong.take(file).has_value());
    CHECK(wrong.finish(sha256("other").hex()).error().code == errc::file_digest);
}

TEST_SUITE_END();
