// Goal: files come out as they went in, whatever the label says, and hostile wrappings are refused.
// Method: encoder against decoder and against Python's zipfile; archives built byte by byte and damaged.
#include "gateway/envelope/attachment.hpp"

#include "gateway/base/base64.hpp"
#include "gateway/model/file_name.hpp"
#include "tests/unit/envelope/support.hpp"

#include <doctest/doctest.h>
#include <zlib.h>

#include <cstdlib>

using namespace axis;
using namespace axis::envelope;

TEST_SUITE_BEGIN("envelope");

namespace {

using Mode = AttachmentDecoder::Mode;

// Hard to compress, the same every time.
std::string noise(std::size_t size) {
    SeededRandom random{size};
    std::vector<std::uint8_t> bytes(size);
    random.fill(bytes);
    return {bytes.begin(), bytes.end()};
}

std::string encoded(const std::string& file, std::string_view name, std::size_t piece = 70'000) {
    SeededRandom random{3};
    AttachmentEncoder encoder{name, random};
    std::string text;
    for (std::size_t at = 0; at < file.size(); at += piece)
        encoder.update(std::string_view{file}.substr(at, piece), text);
    encoder.finish(text);
    CHECK(encoder.file_sha256() == sha256(file));
    CHECK(encoder.file_bytes() == file.size());
    return text;
}

Result<FileFacts> decided(
    std::string_view text, std::string_view name, std::string_view type, AttachmentLimits limits = {}
) {
    AttachmentDecoder decoder{Mode::by_label, limits};
    for (; !text.empty(); text.remove_prefix(std::min<std::size_t>(text.size(), 9999))) {
        auto passed = decoder.update(text.substr(0, 9999));
        if (!passed) return passed.error();
    }
    auto finished = decoder.finish();
    if (!finished) return finished.error();
    return decoder.decide(name, type);
}

Result<std::string> streamed(std::string_view text, Mode mode) {
    std::string file;
    AttachmentDecoder decoder{mode, {}, [&file](std::string_view bytes) -> Result<> {
                                  file += bytes;
                                  return {};
                              }};
    auto passed = decoder.update(text);
    if (!passed) return passed.error();
    auto finished = decoder.finish();
    if (!finished) return finished.error();
    CHECK(decoder.file_sha256() == sha256(file));
    CHECK(decoder.file_bytes() == file.size());
    return file;
}

std::string number(std::uint64_t value, unsigned bytes) {
    std::string out;
    for (unsigned i = 0; i < bytes; ++i)
        out += static_cast<char>(static_cast<unsigned char>(value >> (8 * i)));
    return out;
}

struct Archive {
    std::string name = "x.txt";
    std::string content = "abc";
    std::uint32_t crc = 0x352441c2;  // of "abc"
    unsigned flags = 0;
    unsigned method = 0;
    unsigned entries = 1;

    std::string local() const {
        return "PK\3\4" + number(20, 2) + common() + number(name.size(), 2) + number(0, 2) + name + content;
    }
    std::string bytes() const {
        const auto first = local();
        std::string directory;
        for (unsigned i = 0; i < entries; ++i)
            directory += "PK\1\2" + number(20, 2) + number(20, 2) + common() + number(name.size(), 2) +
                         std::string(12, '\0') + number(i * first.size(), 4) + name;
        std::string data;
        for (unsigned i = 0; i < entries; ++i) data += first;
        return data + directory + "PK\5\6" + number(0, 4) + number(entries, 2) + number(entries, 2) +
               number(directory.size(), 4) + number(data.size(), 4) + number(0, 2);
    }

private:
    std::string common() const {
        return number(flags, 2) + number(method, 2) + number(0, 4) + number(crc, 4) +
               number(content.size(), 4) + number(content.size(), 4);
    }
};

const std::string uuid = "32da2890-1a55-4ccd-9ac9-cd0d98559e67";

}  // namespace

TEST_CASE("the SDK's rule says what travels raw and under which label") {
    CHECK(extension_of("Công văn.PDF") == "pdf");
    CHECK(extension_of("a.doc>") == "doc");
    CHECK(extension_of("không đuôi") == "unk");
    CHECK(extension_of("dấu chấm.") == "unk");
    CHECK(extension_of("C:công văn.pdf") == "pdf");
    CHECK(extension_of("a.pdf:b") == "unk");
    CHECK(content_type_for("a.PDF") == "application/pdf");
    CHECK(content_type_for("a.xslx") == "application/xslx");
    CHECK(content_type_for("a.xlsx") == "application/zip");
    CHECK(content_type_for("a") == "application/zip");
}

TEST_CASE("unsafe file names are known") {
    for (const auto* good : {"công văn số 251 (bản ký).pdf", "a..b", "CONG.pdf", " a.pdf ", "a:b.pdf", "..."})
        CHECK(model::safe_file_name(good));
    for (const auto* bad :
         {"",
          " ",
          ".",
          "..",
          "a/b",
          "a\\b",
          "a\nb",
          "a\u202Eb",
          "a\u200Bb",
          "con.pdf",
          "LPT1",
          "com0",
          "NUL .txt",
          "CONIN$"})
        CHECK_FALSE(model::safe_file_name(bad));
}

TEST_CASE("files of every size survive wrapping and raw travel") {
    for (const std::size_t size :
         {std::size_t{0},
          std::size_t{1},
          std::size_t{65535},
          std::size_t{65536},
          std::size_t{65537},
          std::size_t{5 * 1024 * 1024}}) {
        const auto file = noise(size);
        for (const auto* name : {"bảng.xlsx", "ảnh.png", "tệp", "bản ký.pdf"}) {
            CAPTURE(size);
            CAPTURE(name);
            const auto text = encoded(file, name);
            const auto facts = decided(text, name, content_type_for(name));
            REQUIRE(facts.has_value());
            CHECK(facts->wrapped == !travels_raw(name));
            CHECK(facts->sha256 == sha256(file));
            CHECK(facts->bytes == size);
            for (const auto& seen : facts->observations)  // noise is no PNG, no sheet, no PDF
                CHECK(seen.code == "attachment.type");
            CHECK(streamed(text, facts->wrapped ? Mode::unwrap : Mode::plain).value() == file);
        }
    }
}

TEST_CASE("a wrapping can be unpacked by Python") {
    const auto file = noise(100'000) + std::string(100'000, 'a');
    std::string zip;
    REQUIRE(base64_decode(encoded(file, "bảng.XLSX"), zip));
    const auto dir = std::filesystem::temp_directory_path() / ("axis-envelope-" + SystemRandom{}.uuid());
    std::filesystem::create_directory(dir);
    REQUIRE(write_file(dir / "a.zip", zip).has_value());
    const auto command = "cd " + dir.string() +
                         " && python3 -m zipfile -t a.zip >/dev/null && python3 -m zipfile -e a.zip out";
    const auto status = std::system(command.c_str());
    CHECK(status == 0);
    for (const auto& entry : std::filesystem::directory_iterator{dir / "out"}) {
        CHECK(entry.path().extension() == ".xlsx");
        CHECK(read_file(entry.path()).value() == file);
    }
    std::filesystem::remove_all(dir);
}

TEST_CASE("labels may lie both ways") {
    const auto wrapped = base64_encode(Archive{}.bytes());
    const auto pdf = base64_encode("%PDF-1.4 abc");
    CHECK(decided(wrapped, "a.txt", "application/zip").value().sha256 == sha256("abc"));
    const auto mislabelled = decided(wrapped, "a.pdf", "application/pdf").value();
    CHECK(mislabelled.sha256 == sha256("abc"));
    CHECK(test::observed(mislabelled.observations, "attachment.label"));
    const auto raw = decided(pdf, "a.pdf", "application/zip").value();
    CHECK_FALSE(raw.wrapped);
    CHECK(raw.sha256 == sha256("%PDF-1.4 abc"));
    CHECK(test::observed(raw.observations, "attachment.label"));
}

TEST_CASE("a ZIP-based file is unwrapped only from the entry the SDK would have named") {
    Archive archive;
    CHECK_FALSE(decided(base64_encode(archive.bytes()), "a.docx", "application/zip").value().wrapped);
    CHECK_FALSE(decided(base64_encode(archive.bytes()), "a.zip", "application/zip").value().wrapped);
    archive.name = uuid + ".DOCX";
    CHECK(decided(base64_encode(archive.bytes()), "a.docx", "application/docx").value().wrapped);
    archive.name = uuid + ".txt";
    CHECK_FALSE(decided(base64_encode(archive.bytes()), "a.docx", "application/zip").value().wrapped);
}

TEST_CASE(
    "an office file inside a ZIP of any entry name is unwrapped, since it is itself a ZIP of several entries"
) {
    Archive office{"word/document.xml"};
    office.entries = 3;
    Archive around{"cong-van.docx", office.bytes()};
    around.crc = static_cast<std::uint32_t>(
        crc32_z(0, reinterpret_cast<const Bytef*>(around.content.data()), around.content.size())
    );
    const auto facts = decided(base64_encode(around.bytes()), "a.docx", "application/zip").value();
    CHECK(facts.wrapped);
    CHECK(facts.sha256 == sha256(office.bytes()));
    CHECK(facts.observations.empty());
    CHECK_FALSE(decided(base64_encode(around.bytes()), "a.zip", "application/zip").value().wrapped);
    CHECK_FALSE(decided(base64_encode(around.bytes()), "a.jar", "application/zip").value().wrapped);
}

TEST_CASE("a file that does not begin as it is named is delivered, and its kind is told") {
    const std::string png = "\x89PNG\r\n\x1A\n" + std::string("\0\0\0\rIHDR\0\0\0\1\0\0\0\1\b\2\0\0\0", 21);
    const auto seen = [](const std::string& file, std::string_view name) {
        const auto facts = decided(base64_encode(file), name, "application/pdf").value();
        CHECK_FALSE(facts.wrapped);
        CHECK(facts.sha256 == sha256(file));
        return facts.observations.empty() ? ""
                                          : facts.observations.at(0).code + ": " + facts.observations[0].text;
    };
    CHECK(seen(png, "ảnh.png") == "");
    CHECK(seen(png, "không rõ") == "");
    CHECK(seen(png, "a.pdf") == "attachment.type: named .pdf, begins like image/png");
    CHECK(
        seen("<!DOCTYPE html><html><head><title>x</title></head></html>", "a.docx") ==
        "attachment.type: named .docx, begins like text/html"
    );
    CHECK(seen("{\\rtf1 x}", "a.doc") == "");
    CHECK(seen("", "a.pdf") == "attachment.type: named .pdf, begins like nothing");
}

TEST_CASE("an archive that is legal but not a wrapping is delivered as it is, with an observation") {
    Archive two;
    two.entries = 2;
    Archive encrypted;
    encrypted.flags = 1;
    Archive bzip;
    bzip.method = 12;
    for (const auto& archive : {two, encrypted, bzip}) {
        const auto facts = decided(base64_encode(archive.bytes()), "a.txt", "application/zip").value();
        CHECK_FALSE(facts.wrapped);
        CHECK(facts.sha256 == sha256(archive.bytes()));
        CHECK(test::observed(facts.observations, "attachment.not_unwrapped"));
        CHECK(streamed(base64_encode(archive.bytes()), Mode::unwrap).error().code == errc::attachment_zip);
    }
}

TEST_CASE("a wrapping with any byte of its framing damaged is never taken for a file") {
    const auto good = Archive{}.bytes();
    std::size_t refused = 0;
    for (std::size_t i = 4; i < good.size(); ++i) {
        auto bad = good;
        bad[i] = static_cast<char>(bad[i] ^ 0x10);
        const auto facts = decided(base64_encode(bad), "a.txt", "application/zip");
        // Versions, times and attributes mean nothing here; whatever does must be noticed.
        if (facts && facts->wrapped) CHECK(facts->sha256 == sha256("abc"));
        if (!facts) ++refused;
        if (!facts) CHECK(facts.error().code == errc::attachment_zip);
    }
    CHECK(refused > good.size() / 3);
    for (std::size_t i = 4; i < good.size(); ++i) {
        const auto cut = base64_encode(good.substr(0, i));
        CHECK(decided(cut, "a.txt", "application/zip").error().code == errc::attachment_zip);
        CHECK_FALSE(decided(cut, "a.pdf", "application/pdf").value().wrapped);
    }
    CHECK(
        decided(base64_encode(good + "x"), "a.txt", "application/zip").error().code == errc::attachment_zip
    );
}

TEST_CASE("damage anywhere in a deflated wrapping is noticed") {
    std::string zip;
    REQUIRE(base64_decode(encoded("một hai ba bốn một hai ba bốn", "a.txt"), zip));
    for (std::size_t i = 30; i < zip.size(); ++i) {
        auto bad = zip;
        bad[i] = static_cast<char>(bad[i] ^ 0x04);
        const auto facts = decided(base64_encode(bad), "a.txt", "application/zip");
        if (facts && facts->wrapped) CHECK(facts->sha256 == sha256("một hai ba bốn một hai ba bốn"));
    }
}

TEST_CASE("bombs are refused by size and by ratio, but only where they would be unwrapped") {
    const auto zeros = encoded(std::string(40 * 1024 * 1024, '\0'), "a.bin");
    CHECK(decided(zeros, "a.bin", "application/zip").error().code == errc::attachment_bomb);
    CHECK(streamed(zeros, Mode::unwrap).error().code == errc::attachment_bomb);
    CHECK_FALSE(decided(zeros, "a.zip", "application/zip").value().wrapped);

    AttachmentLimits limits;
    limits.file_bytes_max = 1000;
    const auto small = encoded(noise(1001), "a.bin");
    CHECK(decided(small, "a.bin", "application/zip", limits).error().code == errc::attachment_bomb);
    CHECK(decided(encoded(noise(1000), "a.bin"), "a.bin", "application/zip", limits).value().bytes == 1000);
}

TEST_CASE("whether a file is a bomb does not depend on how its text was cut") {
    const AttachmentLimits limits{.file_bytes_max = 100'000, .free_bytes = 4'000, .ratio_max = 20};
    const auto text = encoded(std::string(6'000, '\0') + noise(400), "a.bin");  // too dense at first only
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, text.size()}) {
        AttachmentDecoder decoder{Mode::by_label, limits};
        for (std::size_t at = 0; at < text.size(); at += piece)
            REQUIRE(decoder.update(std::string_view{text}.substr(at, piece)).has_value());
        REQUIRE(decoder.finish().has_value());
        CHECK(decoder.decide("a.bin", "application/zip").value().bytes == 6'400);
    }
}

TEST_CASE("base64 is read as partners write it, and no further") {
    CHECK(decided("QUJD\r\nREVG", "a.pdf", "").value().sha256 == sha256("ABCDEF"));
    const auto unpadded = decided("QUI", "a.pdf", "").value();
    CHECK(unpadded.sha256 == sha256("AB"));
    CHECK(test::observed(unpadded.observations, "attachment.padding"));
    for (const auto* bad : {"QQ==QUFB", "QUJDR", "QU*D", "QQ=a"})
        CHECK(decided(bad, "a.pdf", "").error().code == errc::attachment_base64);
}

TEST_CASE("a file whose bytes became U+FFFD on the way is refused, a text with some is not") {
    std::string replaced;
    for (int i = 0; i < 17; ++i) replaced += "\xEF\xBF\xBD..";
    const auto decide = [](const std::string& file, std::string_view name) {
        return decided(base64_encode(file), name, content_type_for(name));
    };
    CHECK(decide("%PDF-1.4" + replaced, "a.pdf").error().code == errc::attachment_destroyed);
    CHECK(decide(replaced, "a.doc").error().code == errc::attachment_destroyed);
    CHECK(
        decide("PK\3\4" + replaced + std::string(60, 'x'), "a.png").error().code == errc::attachment_destroyed
    );
    CHECK(
        decided(encoded("%PDF-1.4" + replaced, "a.x"), "a.x", "application/zip").error().code ==
        errc::attachment_destroyed
    );
    CHECK(decide("text " + replaced, "a.doc").has_value());
    CHECK(decide("%PDF-1.4" + replaced.substr(0, 16 * 5), "a.pdf").has_value());
}

TEST_CASE("what the sink says ends the decoding") {
    AttachmentDecoder decoder{
        Mode::plain, {}, [](std::string_view) -> Result<> { return Error{errc::http_closed}; }};
    CHECK(decoder.update("QUJD").error().code == errc::http_closed);
}

TEST_SUITE_END();
