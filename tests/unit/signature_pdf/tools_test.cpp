// Goal: our PDFs are what others take for PDFs, and our reading of their signatures is theirs. Method:
// Debian's pdfsig (poppler) and qpdf, where they are installed.
#include "gateway/base/file.hpp"
#include "tests/unit/signature_pdf/bench.hpp"

#include <doctest/doctest.h>

#include <cstdio>

using namespace axis;
using namespace axis::signature;
using namespace axis::test;

namespace {

struct Ran {
    std::string said;
    int status = -1;
};

Ran run(const std::string& command) {
    Ran out;
    FILE* pipe = popen((command + " 2>&1").c_str(), "r");
    REQUIRE(pipe != nullptr);
    char buffer[4096];
    while (const auto n = std::fread(buffer, 1, sizeof buffer, pipe)) out.said.append(buffer, n);
    out.status = pclose(pipe);
    return out;
}

bool missing(const std::string& tool, const char* package) {
    if (run("command -v " + tool).status == 0) return false;
    MESSAGE(tool << " is not installed (Debian: " << package << "): not compared");
    return true;
}

std::size_t count(const std::string& text, std::string_view what) {
    std::size_t n = 0;
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++n;
    return n;
}

PdfFile signed_twice(bool packed) {
    PdfFile file{packed};
    file.sign(people().leader, people().pki);
    file.sign(people().agency, people().pki);
    return file;
}

}  // namespace

TEST_SUITE_BEGIN("signature_pdf");

TEST_CASE("qpdf finds nothing wrong with what the tests write") {
    if (missing("qpdf", "qpdf")) return;
    const TempDir folder;
    for (const bool packed : {false, true}) {
        const auto file = signed_twice(packed);
        write_file(folder / "a.pdf", file.bytes()).value();

        const auto checked = run("qpdf --check " + (folder / "a.pdf").string());

        INFO(checked.said);
        CHECK(checked.status == 0);
        CHECK(count(checked.said, "WARNING") == 0);
    }
}

TEST_CASE("pdfsig finds the same signatures good and the same ones bad") {
    if (missing("pdfsig", "poppler-utils")) return;
    const TempDir folder;
    for (const bool packed : {false, true}) {
        auto file = signed_twice(packed);
        write_file(folder / "a.pdf", file.bytes()).value();
        const auto good = run("pdfsig -nocert " + (folder / "a.pdf").string());
        INFO(good.said);
        CHECK(count(good.said, "Signature Validation: Signature is Valid.") == 2);
        CHECK(count(good.said, "Total document signed") == 1);
        CHECK(judge(file.bytes()).verdict() == Verdict::valid);

        file.raw()[10] = static_cast<char>(file.raw()[10] ^ 1);
        write_file(folder / "b.pdf", file.bytes()).value();
        const auto bad = run("pdfsig -nocert " + (folder / "b.pdf").string());
        CHECK(count(bad.said, "Signature is Valid.") == 0);
        CHECK(judge(file.bytes()).verdict() == Verdict::invalid);
    }
}

TEST_SUITE_END();
