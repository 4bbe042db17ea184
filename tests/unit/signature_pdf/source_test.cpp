// Goal: any place of a file can be read, from a descriptor and out of base64 text, and a large file costs no
// memory. Method: the same questions to each source; a file that is made up while it is read.
#include "gateway/signature/pdf/source.hpp"

#include "gateway/base/base64.hpp"
#include "tests/unit/signature_pdf/bench.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>

using namespace axis;
using namespace axis::signature;
using namespace axis::test;

namespace {

std::string some_bytes(std::size_t size) {
    std::string out(size, '\0');
    std::uint32_t state = 1;
    for (auto& c : out) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
    return out;
}

std::string in_lines(const std::string& text, std::size_t length, const std::string& end) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); at += length) out += text.substr(at, length) + end;
    return out;
}

void check_same(const ByteSource& source, const std::string& bytes) {
    REQUIRE(source.size == bytes.size());
    for (std::size_t from = 0; from <= bytes.size(); from += 7) {
        for (const std::size_t size : {0u, 1u, 2u, 3u, 4u, 64u, 1000u}) {
            std::string out(std::min(size, bytes.size() - from), '\0');
            REQUIRE(source.read(from, out).has_value());
            REQUIRE(out == bytes.substr(from, out.size()));
        }
    }
}

}  // namespace

TEST_SUITE_BEGIN("signature_pdf");

TEST_CASE("base64 text is read from any place, in one line or in equal lines") {
    for (const std::size_t size : {0u, 1u, 2u, 3u, 4u, 57u, 100u, 999u, 1000u, 1001u}) {
        const auto bytes = some_bytes(size);
        const auto text = base64_encode(bytes);
        check_same(base64_source(memory_source(text)).value(), bytes);
        for (const std::size_t length : {1u, 3u, 4u, 76u})
            for (const auto* end : {"\n", "\r\n"}) {
                const auto lines = in_lines(text, length, end);
                check_same(base64_source(memory_source(lines)).value(), bytes);
                const auto open = lines.substr(0, lines.size() - std::min(lines.size(), std::strlen(end)));
                check_same(base64_source(memory_source(open)).value(), bytes);
            }
        auto bare = text.substr(0, text.find('='));
        check_same(base64_source(memory_source(bare)).value(), bytes);
    }
}

TEST_CASE("text that is laid out otherwise is refused, at once or where it is read") {
    const auto bytes = some_bytes(3000);
    const auto text = base64_encode(bytes);
    const auto refused = [&](const std::string& written) {
        const auto source = base64_source(memory_source(written));
        if (!source) return source.error().code == errc::attachment_base64;
        std::string out(source->size, '\0');
        const auto read = source->read(0, out);
        return !read && read.error().code == errc::attachment_base64;
    };
    CHECK_FALSE(refused(text));
    CHECK(refused("\n" + text));
    CHECK(refused(text.substr(0, 76) + "\n" + text.substr(76, 75) + "\n" + text.substr(151)));
    CHECK(refused(text.substr(0, 76) + "\n" + text.substr(76, 76) + "\r\n" + text.substr(152, 75)));
    CHECK(refused(text.substr(0, 1000) + " " + text.substr(1000)));
    CHECK(refused(text.substr(0, 1000) + "=" + text.substr(1001)));
    CHECK(refused(text.substr(0, 1000) + "!" + text.substr(1001)));
    CHECK(refused(text.substr(0, 5)));
    CHECK(refused(text + "\r\n \r\n"));
}

TEST_CASE("a signed PDF is judged alike from a file and out of the text of an envelope") {
    PdfFile file;
    file.sign(people().leader, people().pki);
    const TempDir folder;
    write_file(folder / "a.pdf", file.bytes()).value();
    const Fd fd{::open((folder / "a.pdf").c_str(), O_RDONLY | O_CLOEXEC)};
    const auto from_file = file_source(fd, file.bytes().size());
    CHECK(verify_pdf(from_file, today, trust()).value().verdict() == Verdict::valid);
    // Longer than it was said to be: it became shorter since.
    CHECK_FALSE(verify_pdf(file_source(fd, file.bytes().size() + 1), today, trust()).has_value());

    const auto text = base64_encode(file.bytes());
    const auto lines = in_lines(text, 76, "\r\n");
    CHECK(
        verify_pdf(base64_source(memory_source(text)).value(), today, trust()).value().verdict() ==
        Verdict::valid
    );
    CHECK(
        verify_pdf(base64_source(memory_source(lines)).value(), today, trust()).value().verdict() ==
        Verdict::valid
    );
}

TEST_CASE("a file of 200 MB is judged in pieces") {
    // A stream of 200 MB of zeros stands between two halves that are in memory.
    constexpr std::uint64_t hole = 200'000'000;
    const std::string filler = "<</Length " + std::to_string(hole) + ">>\nstream\n";
    PdfFile file;
    file.put(50, filler + "\nendstream");
    const auto split = file.bytes().rfind("\nendstream\nendobj\n");
    file.shift_after(split, hole);
    file.save();
    const auto covered_digest = [&](std::string_view covered) {
        Sha256Hasher hasher;
        hasher.update(covered.substr(0, split));
        const std::string zeros(1'000'000, '\0');
        for (std::uint64_t done = 0; done < hole; done += zeros.size()) hasher.update(zeros);
        hasher.update(covered.substr(split));
        const auto digest = hasher.finish();
        return std::string{reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()};
    };
    file.sign_with(
        [&](std::string_view covered) {
            return cms_of_digest(people().leader, people().pki, covered_digest(covered));
        },
        {}
    );
    const auto& bytes = file.bytes();
    std::size_t largest = 0;
    const ByteSource source{bytes.size() + hole, [&](std::uint64_t at, std::span<char> out) -> Result<> {
                                largest = std::max(largest, out.size());
                                for (auto& c : out) {
                                    c = at < split ? bytes[at] : at < split + hole ? '\0' : bytes[at - hole];
                                    ++at;
                                }
                                return {};
                            }};

    const auto judgement = verify_pdf(source, today, trust()).value();

    INFO(judgement.detail);
    CHECK(code(judgement) == "signature.holds");
    CHECK(largest <= 256 * 1024);
    CHECK(judgement.signatures.at(0).covered_bytes > hole);
}

TEST_SUITE_END();
