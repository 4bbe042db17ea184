// Goal: a statement that a partner made with xmlsec1, from the README alone, is understood for ever. Method:
// tests/data/signature/attached, as it was kept; one thing changed at a time.
#include "tests/support/temp_dir.hpp"
#include "tests/unit/signature/support.hpp"

using namespace axis;
using signature::Verdict;

TEST_SUITE_BEGIN("signature");

namespace {

const auto folder = test::data_dir / "attached";

ctl::EnvelopeJudgement judged(const std::string& letter) {
    test::TempDir dir;
    const auto file = std::filesystem::path{dir.path()} / "letter.edxml";
    REQUIRE(write_file(file, letter).has_value());
    SeededRandom random{7};
    const auto trust = test::trust_in(folder / "trust");
    auto judgement = ctl::judge_envelope(file.string(), trust, test::moment("2027-01-01"), random);
    REQUIRE(judgement.has_value());
    return std::move(*judgement);
}

std::string letter() {
    return read_file(folder / "letter.edxml").value();
}

std::string changed(std::string_view from, std::string_view to) {
    auto text = letter();
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("a statement made by other hands holds, in either profile") {
    const auto judgement = judged(letter());
    CHECK(judgement.envelope.verdict() == Verdict::absent);
    REQUIRE(judgement.attached.has_value());
    CHECK(test::code_of(*judgement.attached) == "signature.holds");
    CHECK(judgement.valid());
    const auto trust = test::trust_in(folder / "trust");
    const auto as_document =
        test::judged_document(folder / "statement.xml", trust, test::moment("2027-01-01"));
    CHECK(test::code_of(as_document) == "signature.holds");
}

TEST_CASE("of a changed letter its envelope says nothing, and the statement what differs") {
    const auto code = [](const std::string& text) {
        const auto judgement = judged(text);
        CHECK_FALSE(judgement.valid());
        return judgement.attached ? test::code_of(*judgement.attached) + " " + judgement.attached->detail
                                  : "";
    };
    CHECK(code(changed("<OrganId>G99</OrganId>", "<OrganId>G96</OrganId>")) == "attached.fact To");
    CHECK(
        code(changed(base64_encode("hai"), base64_encode("ba!"))) == "attached.file_changed changed: file 2"
    );
    CHECK(
        code(changed("12/TN-VP</DocumentId>", "13/TN-VP</DocumentId>")) ==
        "attached.other_document DocumentId"
    );
    CHECK(code(changed("<OrganId>G98</OrganId>", "<OrganId>G97</OrganId>")) == "attached.fact From");
    CHECK(
        code(changed(
            "axisd-signature.xml</AttachmentName><ContentType>", "axisd.xml</AttachmentName><ContentType>"
        )) == ""
    );
    CHECK(code("no envelope") == "");
}

TEST_SUITE_END();
