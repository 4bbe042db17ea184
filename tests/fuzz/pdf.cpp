// pdf: the input is a PDF file. Nobody here has a key: where a signature is valid, the file is up to there,
// byte for byte, one that was signed when the seeds were made (tests/data/signature/pdf). But for the value
// itself: certificates that it brings along are covered by nothing, and not trusted.
#include "gateway/base/file.hpp"
#include "gateway/signature/pdf/pdf_verifier.hpp"
#include "tests/fuzz/harness.hpp"

#include <cstring>
#include <filesystem>

using namespace axis;
using namespace axis::fuzz;
using signature::Check;
using signature::Verdict;

namespace {

const std::filesystem::path data = std::filesystem::path{AXIS_SOURCE_DIR} / "tests/data/signature/pdf";

const std::vector<std::string>& signed_files() {
    static const std::vector<std::string> all{
        read_file(data / "one.pdf").value(), read_file(data / "two.pdf").value()};
    return all;
}

const signature::TrustStore& trust() {
    static const auto store = signature::TrustStore::load(data / "trust").value();
    return store;
}

// Without the value of its last signature.
std::string covered(std::string_view version) {
    const auto value = version.rfind("/Contents <");
    const auto end = version.find('>', value);
    require(value != std::string_view::npos && end != std::string_view::npos, "a signature has a value");
    return std::string{version.substr(0, value)} + std::string{version.substr(end)};
}

bool was_signed(std::string_view version) {
    const auto& all = signed_files();
    return std::any_of(all.begin(), all.end(), [version](std::string_view file) {
        const auto same = file.substr(0, version.size());
        return same.size() == version.size() && same.find("/Contents <") != std::string_view::npos &&
               covered(same) == covered(version);
    });
}

void check_signature(const signature::PdfSignature& one, std::string_view file) {
    const auto verdict = one.judgement.verdict();
    const auto& checks = one.judgement.checks;
    const bool failed = std::any_of(checks.begin(), checks.end(), [](const Check& check) {
        return check.outcome == Check::Outcome::failed;
    });
    const bool good = verdict == Verdict::valid || verdict == Verdict::weak;
    require(good != failed, "a good verdict has no check that failed, another has one");
    if (!good) return;
    require(one.judgement.signer.has_value() && !one.judgement.anchor.empty(), "it says who, under whom");
    require(one.added_bytes <= file.size(), "what was added is in the file");
    require(was_signed(file.substr(0, file.size() - one.added_bytes)), "what is valid was signed");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const auto file = text_of(bytes, size);
    Time at{};
    parse_time("2026-12-01", at);
    const signature::ByteSource source{size, [file](std::uint64_t begin, std::span<char> out) -> Result<> {
                                           require(
                                               begin <= file.size() && out.size() <= file.size() - begin,
                                               "nothing is asked beyond the end"
                                           );
                                           std::memcpy(out.data(), file.data() + begin, out.size());
                                           return {};
                                       }};
    const auto judged = signature::verify_pdf(source, at, trust());
    require(judged.has_value(), "a file that can be read gets a judgement");
    require(judged->file_bytes == 0 || judged->file_bytes == size, "of this file");
    for (const auto& one : judged->signatures) check_signature(one, file);
    if (judged->verdict() == Verdict::valid)
        require(!judged->signatures.empty(), "a valid file has a signature");
    return 0;
}
