// Goal: a time stamp that holds proves when a signature was there; any other proves nothing and harms
// nothing.
#include "gateway/signature/cms/ber.hpp"
#include "tests/unit/signature_pdf/bench.hpp"

#include <doctest/doctest.h>
#include <openssl/obj_mac.h>

using namespace axis;
using namespace axis::signature;
using namespace axis::test;

namespace {

Signing stamped_by(const Party& authority, Stamping how = {}) {
    Signing out;
    out.stamp = [&authority, how](std::string_view value) { return token_of(authority, value, how); };
    return out;
}

PdfFile signed_and_stamped(const Party& signer, const Signing& how) {
    PdfFile file;
    Placing where;
    where.room = 8192;
    file.sign(signer, people().pki, how, where);
    return file;
}

Subject stamper_subject() {
    Subject s;
    s.cn = "TSA Thử nghiệm";
    s.usage = "critical,digitalSignature";
    s.extended_usage = "critical,timeStamping";
    return s;
}

}  // namespace

TEST_SUITE_BEGIN("signature_pdf");

TEST_CASE("a signature with a time stamp is judged at its time") {
    Pki& pki = people().pki;
    Subject subject;
    subject.cn = "Vũ Hết Hạn";
    subject.until = "2026-12-01";
    const auto signer = pki.issue(subject);
    const auto plain = signed_and_stamped(signer, {});
    const auto stamped = signed_and_stamped(signer, stamped_by(people().stamper));

    const auto later = day("2027-06-01");
    CHECK(code(judge(plain.bytes(), later)) == "certificate.expired");
    const auto judgement = judge(stamped.bytes(), later);

    INFO(judgement.detail);
    CHECK(code(judgement) == "signature.holds");
    const auto& one = judgement.signatures.at(0);
    CHECK(one.proven_at == day("2026-11-21T10:16:00+07:00"));
    CHECK(outcome(one.judgement, "time_stamp") == "passed");
    CHECK(check_of(one.judgement, "time_stamp")->detail == "2026-11-21T10:16:00.000+07:00 TSA Thử nghiệm");
}

TEST_CASE("what was revoked after the time stamp still holds, what was before does not") {
    for (const auto* since : {"2026-11-22", "2026-11-20"}) {
        Pki pki;
        Subject subject;
        subject.cn = "Đỗ Thu Hồi";
        const auto signer = pki.issue(subject);
        const auto stamper = pki.issue(stamper_subject());
        PdfFile file;
        Placing where;
        where.room = 8192;
        file.sign(signer, pki, stamped_by(stamper), where);
        pki.revoke(signer, since);
        const bool before = std::string_view{since} == "2026-11-20";
        CHECK(
            code(judge(file.bytes(), today, pki.trust())) ==
            (before ? "certificate.revoked" : "signature.holds")
        );
    }
}

TEST_CASE("a time stamp that does not hold proves nothing") {
    Pki& pki = people().pki;
    const auto unknown = pki.issue_unknown(stamper_subject());
    auto old_subject = stamper_subject();
    old_subject.until = "2026-11-23";
    const auto old = pki.issue(old_subject);
    Stamping wrong;
    wrong.wrong_imprint = true;
    auto garbage = Signing{};
    garbage.stamp = [](std::string_view) { return std::string{"\x30\x03\x02\x01\x05"}; };
    auto of_another = Signing{};
    // A signed message that is no time stamp.
    of_another.stamp = [&](std::string_view value) { return cms_of(people().leader, pki, value); };
    // The right words, signed by somebody whose certificate is not for time stamps.
    auto of_leader = Signing{};
    of_leader.stamp = [&](std::string_view value) {
        Signing said;
        said.inside = said_by(token_of(people().stamper, value));
        said.content_type = NID_id_smime_ct_TSTInfo;
        return cms_of(people().leader, pki, "", said);
    };
    struct Case {
        Signing how;
        std::string_view why;
    };
    const Case cases[] = {
        {stamped_by(unknown), "certificate.no_issuer "},
        {stamped_by(old), "certificate.expired "},
        {stamped_by(people().stamper, wrong), "made over another signature"},
        {garbage, "cannot be read"},
        {of_another, "signs another kind of content"},
        {of_leader, "certificate.usage not for time stamps"}};
    for (const auto& [how, why] : cases) {
        const auto judgement = judge(signed_and_stamped(people().leader, how).bytes());
        INFO(judgement.detail);
        CHECK(code(judgement) == "signature.holds");
        const auto& one = judgement.signatures.at(0);
        CHECK(outcome(one.judgement, "time_stamp") == "unknown");
        CHECK(check_of(one.judgement, "time_stamp")->detail.substr(0, why.size()) == why);
        CHECK_FALSE(one.proven_at);
    }
}

TEST_CASE("a time stamp of the document proves every signature it covers") {
    Subject subject;
    subject.cn = "Vũ Hết Hạn";
    subject.until = "2026-12-01";
    const auto signer = people().pki.issue(subject);
    PdfFile file;
    file.sign(signer, people().pki);
    file.stamp(people().stamper);

    const auto judgement = judge(file.bytes(), day("2027-06-01"));

    INFO(judgement.detail);
    CHECK(code(judgement) == "signature.holds");
    REQUIRE(judgement.signatures.size() == 2);
    CHECK_FALSE(judgement.signatures[0].time_stamp);
    CHECK(judgement.signatures[0].proven_at == day("2026-11-21T10:16:00+07:00"));
    CHECK(judgement.signatures[1].time_stamp);
    CHECK(code(judgement.signatures[1]) == "signature.holds");
    CHECK(judgement.signatures[1].judgement.claimed_at == "2026-11-21T10:16:00.000+07:00");

    // A signature that came after it is not proven by it.
    file.sign(signer, people().pki);
    const auto after = judge(file.bytes(), day("2027-06-01"));
    CHECK(code(after.signatures.at(2)) == "certificate.expired");
    CHECK(code(after) == "certificate.expired");
}

TEST_CASE("a document's time stamp counts when it is wrong, not when its authority is unknown") {
    const auto unknown = people().pki.issue_unknown(stamper_subject());
    PdfFile file;
    file.sign(people().leader, people().pki);
    file.stamp(unknown);
    auto judgement = judge(file.bytes());
    CHECK(code(judgement) == "signature.holds");
    CHECK(code(judgement.signatures.at(1)) == "certificate.no_issuer");

    PdfFile wrong;
    wrong.sign(people().leader, people().pki);
    Stamping how;
    how.wrong_imprint = true;
    wrong.stamp(people().stamper, how);
    judgement = judge(wrong.bytes());
    CHECK(code(judgement) == "signature.digest");
    CHECK(code(judgement.signatures.at(0)) == "signature.holds");

    PdfFile only;
    only.stamp(people().stamper);
    judgement = judge(only.bytes());
    CHECK(judgement.verdict() == Verdict::absent);
    CHECK(judgement.detail == "time stamps only");
}

// OpenSSL lets the tag of the signed attributes pass as [0] primitive, which nothing covers.
TEST_CASE("signed attributes have one tag") {
    auto message = cms_of(people().leader, people().pki, "content");
    REQUIRE(cms::head_of(message).has_value());
    const std::string content_type{"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03"};
    const auto tag = message.rfind('\xa0', message.find(content_type));
    REQUIRE(tag != std::string::npos);
    message[tag] = '\x80';
    CHECK_FALSE(cms::head_of(message).has_value());
    PdfFile file;
    Placing where;
    where.room = 8192;
    file.sign(people().leader, people().pki, {}, where);
    auto bytes = file.bytes();
    const std::string digits{"06092a864886f70d010903"};
    auto at = bytes.rfind("a0", bytes.find(digits));
    REQUIRE(code(judge(bytes)) == "signature.holds");
    bytes.replace(at, 2, "80");
    CHECK(code(judge(bytes)) == "pdf.cms");
}

TEST_SUITE_END();
