// Goal: what is said of well-made PDFs, by kind of signature and signer. Method: PDFs of our own signer.
#include "tests/unit/signature_pdf/bench.hpp"

#include <doctest/doctest.h>

using namespace axis;
using namespace axis::signature;
using namespace axis::test;

TEST_SUITE_BEGIN("signature_pdf");

TEST_CASE("a signature over the whole file holds, and everything about it is told") {
    for (const bool packed : {false, true}) {
        PdfFile file{packed};
        file.sign(people().leader, people().pki);

        const auto judgement = judge(file.bytes());

        INFO(judgement.detail);
        CHECK(code(judgement) == "signature.holds");
        REQUIRE(judgement.signatures.size() == 1);
        const auto& one = judgement.signatures.front();
        CHECK(one.judgement.detail == "");
        CHECK(one.field == "Ky 1");
        CHECK(one.judgement.signer->name == "Trần Thử Nghiệm");
        CHECK(one.judgement.signer->organisation == "Bộ Thử nghiệm");
        CHECK(one.judgement.claimed_at == "2026-11-21T10:15:00.000+07:00");
        CHECK(one.judgement.algorithm == "ecdsa-sha256");
        CHECK(one.judgement.revocation == Revocation::good);
        CHECK(one.judgement.anchor == "Root CA Thử nghiệm");
        CHECK(one.judgement.chain.size() == 3);
        CHECK(one.kind == SignerKind::person);
        CHECK(one.added == AddedLater::nothing);
        CHECK(one.covered_bytes + (file.gap_end - file.gap_begin) == file.bytes().size());
        CHECK_FALSE(one.proven_at);
        for (const auto& check : one.judgement.checks) {
            INFO(check.name);
            CHECK(check.outcome == Check::Outcome::passed);
        }
    }
}

TEST_CASE("every accepted algorithm and format holds") {
    struct Case {
        KeyType key;
        Signing how;
        std::string sub_filter;
        std::string algorithm;
    };
    const auto how = [](std::string digest, bool pss = false, bool attributes = true) {
        Signing out;
        out.digest = std::move(digest);
        out.pss = pss;
        out.attributes = attributes;
        return out;
    };
    const Case cases[] = {
        {KeyType::ec, how("SHA256"), "adbe.pkcs7.detached", "ecdsa-sha256"},
        {KeyType::ec, how("SHA384"), "ETSI.CAdES.detached", "ecdsa-sha384"},
        {KeyType::ec, how("SHA512", false, false), "adbe.pkcs7.detached", "ecdsa-sha512"},
        {KeyType::rsa, how("SHA256"), "ETSI.CAdES.detached", "rsa-sha256"},
        {KeyType::rsa, how("SHA512"), "adbe.pkcs7.detached", "rsa-sha512"},
        {KeyType::rsa, how("SHA256", false, false), "adbe.pkcs7.detached", "rsa-sha256"},
        {KeyType::rsa, how("SHA256", true), "ETSI.CAdES.detached", "rsa-pss-sha256"},
        {KeyType::rsa, how("SHA384", true, false), "adbe.pkcs7.detached", "rsa-pss-sha384"},
    };
    for (const auto& one : cases) {
        Subject subject;
        subject.cn = "Lê Văn Khoá";
        subject.key = one.key;
        const auto signer = people().pki.issue(subject);
        PdfFile file;
        Placing where;
        where.sub_filter = one.sub_filter;
        file.sign(signer, people().pki, one.how, where);

        const auto judgement = judge(file.bytes());

        INFO(one.algorithm, " ", one.how.attributes, " ", judgement.detail);
        CHECK(code(judgement) == "signature.holds");
        CHECK(judgement.signatures.at(0).judgement.algorithm == one.algorithm);

        auto changed = file.bytes();
        changed[40] = static_cast<char>(changed[40] ^ 1);
        CHECK(judge(changed).verdict() != Verdict::valid);
    }
}

TEST_CASE("SHA-1 in any place makes a signature weak") {
    Signing how;
    how.digest = "SHA1";
    how.ess = false;
    PdfFile file;
    file.sign(people().leader, people().pki, how);
    CHECK(code(judge(file.bytes())) == "signature.sha1");

    PdfFile inside;
    Placing where;
    where.sub_filter = "adbe.pkcs7.sha1";
    const auto sha1 = [](std::string_view bytes) {
        unsigned char digest[20];
        EVP_Digest(bytes.data(), bytes.size(), digest, nullptr, EVP_sha1(), nullptr);
        return std::string{reinterpret_cast<const char*>(digest), sizeof digest};
    };
    const auto make = [&](std::string_view covered) {
        Signing old;
        old.inside = sha1(covered);
        return cms_of(people().leader, people().pki, "", old);
    };
    inside.sign_with(make, where);
    CHECK(code(judge(inside.bytes())) == "signature.sha1");

    auto changed = inside.bytes();
    replace(changed, "(Cong van)", "(Cong vam)");
    CHECK(code(judge(changed)) == "signature.digest");
}

TEST_CASE("a person signs, then the agency: both hold, and the order NĐ 30/2020 asks for is seen") {
    PdfFile file;
    file.sign(people().leader, people().pki);
    auto judgement = judge(file.bytes());
    CHECK(outcome(judgement, "person_and_agency") == "failed");
    CHECK(check_of(judgement, "person_and_agency")->detail == "person: Trần Thử Nghiệm; agency: nobody");

    file.sign(people().agency, people().pki);
    judgement = judge(file.bytes());

    INFO(judgement.detail);
    CHECK(code(judgement) == "signature.holds");
    REQUIRE(judgement.signatures.size() == 2);
    CHECK(judgement.signatures[0].judgement.signer->name == "Trần Thử Nghiệm");
    CHECK(judgement.signatures[0].added == AddedLater::signatures);
    CHECK(judgement.signatures[0].added_bytes > 0);
    CHECK(check_of(judgement.signatures[0].judgement, "changed_after")->detail == "1 further signatures");
    CHECK(judgement.signatures[1].judgement.signer->name == "Bộ Thử nghiệm");
    CHECK(judgement.signatures[1].kind == SignerKind::organisation);
    CHECK(judgement.signatures[1].added == AddedLater::nothing);
    CHECK(outcome(judgement, "person_and_agency") == "passed");
    CHECK(
        check_of(judgement, "person_and_agency")->detail == "person: Trần Thử Nghiệm; agency: Bộ Thử nghiệm"
    );
}

TEST_CASE("one that is not valid does not count as the person's or the agency's") {
    PdfFile file;
    file.sign(people().stranger, people().pki);
    file.sign(people().agency, people().pki);

    const auto judgement = judge(file.bytes());

    CHECK(code(judgement) == "certificate.no_issuer");
    CHECK(outcome(judgement, "person_and_agency") == "failed");
}

TEST_CASE("the signer's certificate is judged as for envelopes") {
    auto& pki = people().pki;
    const auto judged = [&](Subject subject, std::string_view at = "2026-11-25") {
        subject.cn = "Phạm Thị Thử";
        const auto signer = pki.issue(subject);
        PdfFile file;
        file.sign(signer, pki);
        return code(judge(file.bytes(), day(at)));
    };
    CHECK(judged({}) == "signature.holds");
    CHECK(judged({}, "2028-02-01") == "certificate.expired");
    Subject future;
    future.from = "2027-01-01";
    CHECK(judged(future) == "certificate.not_yet");
    Subject server;
    server.extended_usage = "serverAuth";
    CHECK(judged(server) == "certificate.usage");
    Subject cipher;
    cipher.usage = "critical,keyEncipherment";
    CHECK(judged(cipher) == "certificate.usage");
    Subject small;
    small.key = KeyType::rsa_1024;
    CHECK(judged(small) == "certificate.key_weak");

    PdfFile unknown;
    unknown.sign(people().stranger, pki);
    const auto judgement = judge(unknown.bytes());
    CHECK(code(judgement) == "certificate.no_issuer");
    CHECK(judgement.verdict() == Verdict::untrusted);
}

TEST_CASE("a revoked signer is untrusted, and without lists revocation is not known") {
    Pki pki;
    Subject subject;
    subject.cn = "Đỗ Thu Hồi";
    const auto signer = pki.issue(subject);
    PdfFile file;
    file.sign(signer, pki);
    pki.revoke(signer, "2026-11-22");

    CHECK(code(judge(file.bytes(), today, pki.trust())) == "certificate.revoked");
    const auto judgement = judge(file.bytes(), today, pki.trust(false));
    CHECK(code(judgement) == "signature.holds");
    CHECK(judgement.signatures.at(0).judgement.revocation == Revocation::unknown);
    CHECK(outcome(judgement.signatures.at(0).judgement, "revocation") == "unknown");
}

TEST_CASE("a PDF without signatures has none, and what is no PDF is not looked at") {
    CHECK(judge(PdfFile{}.bytes()).verdict() == Verdict::absent);
    CHECK(judge(PdfFile{true}.bytes()).verdict() == Verdict::absent);
    CHECK(judge("PK\3\4 something").verdict() == Verdict::not_checked);
    CHECK(judge("").verdict() == Verdict::not_checked);
    CHECK(judge("%PDF").verdict() == Verdict::not_checked);
    // White space before the header shifts every place.
    PdfFile file;
    file.sign(people().leader, people().pki);
    CHECK(judge("\n" + file.bytes()).verdict() == Verdict::not_checked);
}

TEST_CASE("damage matters only where something is signed") {
    const auto cut = [](std::string bytes) { return bytes.substr(0, bytes.size() - 30); };

    CHECK(judge(cut(PdfFile{}.bytes())).verdict() == Verdict::absent);
    CHECK(outcome(judge(cut(PdfFile{}.bytes())), "structure") == "failed");
    PdfFile file;
    file.sign(people().leader, people().pki);
    CHECK(code(judge(cut(file.bytes()))) == "pdf.structure");
    auto moved = file.bytes();
    moved[moved.rfind("\n%%EOF") - 1] ^= 1;
    CHECK(code(judge(moved)) == "pdf.structure");
}

TEST_CASE("what is written like a signature but belongs to no field signs nothing") {
    PdfFile file;
    file.sign(people().leader, people().pki);
    auto bytes = file.bytes();
    replace(bytes, "/AcroForm 6 0 R", "/AcroFern 6 0 R");

    const auto judgement = judge(bytes);

    CHECK(code(judgement) == "pdf.unattached");
    CHECK(judgement.verdict() == Verdict::dummy);
}

TEST_CASE("the time of signing is the signed one, else what the dictionary says") {
    PdfFile file;
    Signing how;
    how.attributes = false;
    Placing where;
    where.sub_filter = "adbe.pkcs7.detached";
    file.sign(people().leader, people().pki, how, where);

    CHECK(judge(file.bytes()).signatures.at(0).judgement.claimed_at == "2026-11-21T10:15:00+07:00");
}

TEST_SUITE_END();
