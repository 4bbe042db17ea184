// Goal: a PDF's signatures are found however its text lies in the spool, and the outcome is told to ledger,
// event and receipt. Method: PDFs signed by our own test signer, encoded as senders do.
#include "gateway/intake/file_signatures.hpp"

#include "gateway/base/base64.hpp"
#include "gateway/envelope/attachment.hpp"
#include "gateway/model/document.hpp"
#include "tests/unit/signature_pdf/bench.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

using namespace axis;
using namespace axis::test;
using signature::Verdict;

namespace {

const std::string filler(1'500'000, ' ');  // beyond what is held in memory

std::string signed_by(const std::vector<Party*>& signers, const std::string& content = "(Cong van) Tj") {
    PdfFile file{false, content};
    for (const auto* one : signers) file.sign(*one, people().pki);
    return file.bytes();
}

// Each line of `width` characters, or, when it is 0, of any.
std::string in_lines(const std::string& text, std::size_t width, std::string_view end) {
    std::string out;
    for (std::size_t at = 0, n = 0; at < text.size(); ++n) {
        const auto length = width == 0 ? 40 + n % 7 * 4 : width;
        out.append(text, at, length).append(end);
        at += length;
    }
    return out;
}

class Letter {
public:
    explicit Letter(std::string_view from = "G98") {
        document.from.code = model::AgencyCode::parse(std::string{from}).value();
    }

    void add(const std::string& file, const std::string& text, bool wrapped = false) {
        auto writer = spool->writer();
        REQUIRE(writer.write(text));
        texts.push_back(writer.finish().value());
        model::Attachment attachment;
        attachment.facts.text_sha256 = texts.back().sha256();
        attachment.facts.wrapped = wrapped;
        attachment.facts.file_bytes = file.size();
        document.attachments.push_back(std::move(attachment));
    }
    void add(const std::string& file) { add(file, base64_encode(file)); }
    void add_zipped(const std::string& file) {
        SeededRandom random{3};
        envelope::AttachmentEncoder encoder{"công văn.dat", random};
        std::string text;
        encoder.update(file, text);
        encoder.finish(text);
        add(file, text, encoder.wrapped());
    }

    std::vector<intake::FileJudgement> judged(const intake::FileLimits& limits = {}) {
        return intake::judge_files(document, texts, *spool, trust(), today, limits).value();
    }

    TempDir dir;
    std::unique_ptr<spool::Spool> spool =
        spool::Spool::open(dir.path() / "spool", {4096}, spool::posix_disk()).value();
    model::Document document;
    std::vector<spool::Staged> texts;
};

std::string told(const std::string& json, const char* pointer) {
    const auto value = boost::json::parse(json);
    const auto& at = value.at_pointer(pointer);
    return at.is_string() ? std::string{at.as_string()} : boost::json::serialize(at);
}

}  // namespace

TEST_SUITE_BEGIN("intake");

TEST_CASE("a signed PDF is judged alike in every form its text may have") {
    auto& p = people();
    const auto small = signed_by({&p.leader, &p.agency});
    const auto large = signed_by({&p.leader, &p.agency}, filler);
    Letter letter;
    letter.add(small);
    letter.add_zipped(small);
    letter.add(large);
    letter.add(large, in_lines(base64_encode(large), 76, "\r\n"));
    letter.add(large, in_lines(base64_encode(large), 0, "\n"));
    letter.add_zipped(large);

    const auto judged = letter.judged();

    REQUIRE(judged.size() == 6);
    for (const auto& one : judged) {
        CAPTURE(one.n);
        CHECK(one.judgement.verdict() == Verdict::valid);
        CHECK(one.judgement.signatures.size() == 2);
        CHECK(outcome(one.judgement, "person_and_agency") == "passed");
        CHECK(outcome(one.judgement, "agency_is_sender") == "passed");
        CHECK_FALSE(broken(one));
    }
    CHECK(std::filesystem::is_empty(letter.dir.path() / "spool/tmp") == false);  // staged texts alone
    letter.texts.clear();
    CHECK(std::filesystem::is_empty(letter.dir.path() / "spool/tmp"));
}

TEST_CASE("only files with a signature are told of, by their number in the document") {
    auto changed = signed_by({&people().leader});
    changed[changed.find("Cong van")] = 'K';
    Letter letter;
    letter.add("no PDF at all");
    letter.add(PdfFile{}.bytes());
    letter.add(changed);
    letter.add("%PD");
    letter.add(signed_by({&people().stranger}));

    const auto judged = letter.judged();

    REQUIRE(judged.size() == 2);
    CHECK(judged[0].n == 3);
    CHECK(judged[0].judgement.verdict() == Verdict::invalid);
    CHECK(broken(judged[0]));
    CHECK(judged[1].n == 5);
    CHECK(judged[1].judgement.verdict() == Verdict::untrusted);
    CHECK_FALSE(broken(judged[1]));
}

TEST_CASE("a valid signature that does not speak for the sender is said to be another's") {
    Letter letter{"G97"};
    letter.add(signed_by({&people().agency}));

    const auto judged = letter.judged();

    REQUIRE(judged.size() == 1);
    CHECK(judged[0].judgement.verdict() == Verdict::valid);
    CHECK(outcome(judged[0].judgement, "agency_is_sender") == "failed");
}

TEST_CASE("beyond the limit a PDF is not looked at, and that is told") {
    Letter letter;
    for (int i = 0; i < 3; ++i) letter.add(signed_by({&people().leader}));
    intake::FileLimits limits;
    limits.judged_max = 2;

    const auto judged = letter.judged(limits);

    REQUIRE(judged.size() == 3);
    CHECK(judged[1].judgement.verdict() == Verdict::valid);
    CHECK(judged[2].judgement.verdict() == Verdict::not_checked);
    CHECK_FALSE(broken(judged[2]));
}

TEST_CASE("record and event name signers, checks and the outcome") {
    Letter letter;
    letter.add(signed_by({&people().leader, &people().agency}));
    const auto judged = letter.judged();

    const auto record = intake::record_of(judged.at(0));
    const auto event = intake::event_list(judged);

    CHECK(record.part == 1);
    CHECK(record.verdict == "valid");
    CHECK(record.code == "signature.holds");
    CHECK(told(record.facts, "/signatures/0/kind") == "person");
    CHECK(told(record.facts, "/signatures/1/facts/signer/name") == "Bộ Thử nghiệm");
    CHECK_FALSE(told(record.facts, "/signatures/1/facts/chain/0").empty());
    CHECK(told(event, "/0/file") == "1");
    CHECK(told(event, "/0/signature") == "valid");
    CHECK(told(event, "/0/signature_detail/signers/0/name") == "Trần Thử Nghiệm");
    CHECK(told(event, "/0/signature_detail/person_and_agency") == "passed");
    CHECK(told(event, "/0/signature_detail/agency_is_sender") == "passed");
}

TEST_SUITE_END();
