// Goal: the judgement of an envelope or of a file waits for the listed responder where no list tells, never
// longer than the limit, and says what happened. Method: a responder on loopback, right and wrong; envelopes
// signed by a certificate that it knows, PDF files signed by several.
#include "gateway/base/base64.hpp"
#include "tests/unit/intake/online_bench.hpp"
#include "tests/unit/signature_pdf/pdf_file.hpp"

#include <doctest/doctest.h>
#include <openssl/ocsp.h>

using namespace axis;
using namespace axis::signature;
using namespace axis::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("intake_online");

namespace {

struct RevocationBench : OnlineBench {
    Party agency = pki.issue(subject("G98"));
    Party other = pki.issue(subject("G99"));

    static Subject subject(const std::string& code) {
        Subject out;
        out.cn = "Agency " + code;
        out.ou = code;
        return out;
    }
    // The authority's own certificate is answered for by a file.
    RevocationBench() {
        Answering how;
        write_file(folder / "trust/authority.ocsp", ocsp_answer(pki.root(), pki.authority(), pki.root(), how))
            .value();
    }
    intake::Signatures signatures(const std::string& url, intake::InquiryLimits limits = {}) {
        write_file(folder / "trust/trust.toml", "[[ocsp]]\nissuer = 'CA Thử nghiệm'\nurl = '" + url + "'\n")
            .value();
        trust = std::make_shared<const TrustStore>(TrustStore::load(folder / "trust").value());
        REQUIRE(open(trust->responders(), limits).has_value());
        return intake::Signatures{{crypto, random, clock, trust, nullptr, inquiries.get()}};
    }
    std::string answer(const std::string& request, Answering how = {}) const {
        how.nonce = request;
        return ocsp_answer(pki.authority(), agency, pki.authority(), how);
    }
};

// A document with signed files.
struct FilesBench : RevocationBench {
    std::unique_ptr<spool::Spool> spool =
        spool::Spool::open(folder / "spool", {4096}, spool::posix_disk()).value();
    model::Document document;
    std::vector<spool::Staged> texts;

    FilesBench() { document.from.code = model::AgencyCode::parse("G98").value(); }

    void add(const std::vector<const Party*>& signers, bool changed = false) {
        PdfFile file;
        for (const auto* one : signers) file.sign(*one, pki);
        auto bytes = file.bytes();
        if (changed) bytes[bytes.find("Cong van")] = 'K';
        auto writer = spool->writer();
        REQUIRE(writer.write(base64_encode(bytes)));
        texts.push_back(writer.finish().value());
        model::Attachment attachment;
        attachment.facts.text_sha256 = texts.back().sha256();
        attachment.facts.file_bytes = bytes.size();
        document.attachments.push_back(std::move(attachment));
    }
    std::vector<intake::FileJudgement> judged(
        const intake::Signatures& signatures, intake::Verify verify = intake::Verify::prefer
    ) {
        auto task = signatures.judge_files(document, texts, *spool, verify, clock.now());
        return run(io, std::move(task)).value();
    }
};

const Judgement& first(const intake::FileJudgement& file) {
    REQUIRE_FALSE(file.judgement.signatures.empty());
    return file.judgement.signatures.front().judgement;
}

}  // namespace

TEST_CASE("an open question is asked once, and its answer kept with the judgement") {
    RevocationBench bench;
    Authority responder;
    responder.answer = [&](const std::string& request) { return bench.answer(request); };
    const auto signatures = bench.signatures(responder.url());
    for (int i = 0; i < 2; ++i) {
        const auto judgement = bench.judge(signatures, bench.signed_letter(bench.agency));
        CHECK(judgement.verdict() == Verdict::valid);
        CHECK(judgement.revocation == Revocation::good);
        CHECK(judgement.materials.size() == 2);
        const auto* check = check_named(judgement, "revocation");
        REQUIRE(check != nullptr);
        CHECK(check->outcome == Check::Outcome::passed);
        CHECK(check->detail.find(responder.url()) != std::string::npos);
        CHECK(check->detail.find("without nonce") == std::string::npos);
    }
    CHECK(responder.asked == 1);
    CHECK(responder.content_type == "application/ocsp-request");
}

TEST_CASE("who the responder says was revoked is not trusted") {
    RevocationBench bench;
    Authority responder;
    responder.answer = [&](const std::string& request) {
        Answering how;
        how.status = OcspAnswer::Status::revoked;
        return bench.answer(request, how);
    };
    const auto signatures = bench.signatures(responder.url());
    const auto judgement = bench.judge(signatures, bench.signed_letter(bench.agency));
    CHECK(judgement.reason == Reason::revoked);
    CHECK(judgement.revocation == Revocation::revoked);
    CHECK(
        intake::admit({judgement, {}, {}}, {intake::Verify::require, {}}, bench.clock.now()).error().code ==
        errc::signature_refused
    );
}

TEST_CASE("an answer that is worth nothing leaves the revocation unknown and says why") {
    RevocationBench bench;
    Authority responder;
    const auto fresh =
        ocsp_request({certificate_of(bench.agency), certificate_of(bench.pki.authority()), ""}, bench.random);
    struct Case {
        std::function<std::string(const std::string&)> answer;
        std::string_view why;
    };
    Answering stale;
    stale.this_update = stale.produced = "2026-11-20";
    stale.next_update = "2026-11-21";
    const auto& ca = bench.pki.authority();
    const Case cases[] = {
        {[&](auto&) { return bench.answer(fresh); }, "the nonce is another one"},
        {[&](auto& request) { return bench.answer(request, stale); }, "the answer is out of date"},
        {[&](auto&) { return ocsp_answer(bench.other, bench.agency, ca); }, "not signed by the issuer"},
        {[&](auto&) { return ocsp_answer(ca, bench.other, ca); }, "about another certificate"},
        {[&](auto&) { return ocsp_error(OCSP_RESPONSE_STATUS_TRYLATER); }, "the responder says trylater"},
        {[&](auto&) { return std::string(64 * 1024 + 1, 'x'); }, "too large"},
        {[&](auto&) { return std::string{"<html>"}; }, "no OCSP answer"}};
    for (const auto& [answer, why] : cases) {
        CAPTURE(why);
        responder.answer = answer;
        const auto signatures = bench.signatures(responder.url());
        const auto judgement = bench.judge(signatures, bench.signed_letter(bench.agency));
        CHECK(judgement.verdict() == Verdict::valid);
        CHECK(judgement.revocation == Revocation::unknown);
        const auto* check = check_named(judgement, "revocation");
        REQUIRE(check != nullptr);
        CHECK(check->outcome == Check::Outcome::unknown);
        INFO(check->detail);
        CHECK(check->detail.find(std::string{why}) != std::string::npos);
        CHECK(check->detail.find(responder.url()) != std::string::npos);
    }
}

TEST_CASE("a silent responder holds a message up for the limit and no longer, and is told") {
    RevocationBench bench;
    const SilentAuthority responder;
    intake::InquiryLimits limits;
    limits.wait = 30ms;
    const auto signatures = bench.signatures(responder.url(), limits);
    const auto judgement = bench.judge(signatures, bench.signed_letter(bench.agency));
    CHECK(judgement.verdict() == Verdict::valid);
    CHECK(judgement.revocation == Revocation::unknown);
    CHECK(check_named(judgement, "revocation")->detail.find("no answer within 30 ms") != std::string::npos);
}

TEST_CASE("nobody is asked about a signature that is refused whatever the answer") {
    RevocationBench bench;
    Authority responder;
    responder.answer = [&](const std::string& request) { return bench.answer(request); };
    const auto signatures = bench.signatures(responder.url());
    CHECK(bench.judge(signatures, bench.signed_letter(bench.other)).reason == Reason::binding);
    auto broken = bench.signed_letter(bench.agency);
    auto& letter = broken.skeleton.at(broken.skeleton.find("<SignatureValue>") + 20);
    letter = letter == '/' ? '+' : '/';
    CHECK(bench.judge(signatures, broken).verdict() == Verdict::invalid);
    CHECK(bench.judge(signatures, bench.letter()).verdict() == Verdict::absent);
    CHECK(responder.asked == 0);
}

TEST_CASE("of the signers of all files the responder is asked once each, and the answers are kept") {
    FilesBench bench;
    Authority responder;
    responder.answer = [&](const std::string& request) {
        Answering how;
        how.nonce = request;
        how.also = &bench.other;
        return ocsp_answer(bench.pki.authority(), bench.agency, bench.pki.authority(), how);
    };
    bench.add({&bench.agency, &bench.other});
    bench.add({&bench.agency});
    const auto signatures = bench.signatures(responder.url());
    for (int i = 0; i < 2; ++i) {
        const auto files = bench.judged(signatures);
        REQUIRE(files.size() == 2);
        for (const auto& file : files) {
            CHECK(file.judgement.verdict() == Verdict::valid);
            CHECK(first(file).revocation == Revocation::good);
            CHECK(first(file).materials.size() == 2);
            CHECK(file.judgement.signatures.back().judgement.revocation == Revocation::good);
            CHECK(file.judgement.checks.back().name == "agency_is_sender");
        }
    }
    CHECK(responder.asked == 2);
}

TEST_CASE("a file whose signer was revoked, as the responder says, is not trusted; another stays as it is") {
    FilesBench bench;
    Authority responder;
    responder.answer = [&](const std::string& request) {
        Answering how;
        how.status = OcspAnswer::Status::revoked;
        return bench.answer(request, how);
    };
    bench.add({&bench.agency});
    bench.add({&bench.agency}, true);
    const auto files = bench.judged(bench.signatures(responder.url()));
    REQUIRE(files.size() == 2);
    CHECK(files[0].judgement.reason == Reason::revoked);
    CHECK(files[0].judgement.verdict() == Verdict::untrusted);
    CHECK(files[1].judgement.verdict() == Verdict::invalid);
    CHECK(responder.asked == 1);
}

TEST_CASE("without an answer a file's judgement says why, and nobody is asked where nothing is verified") {
    FilesBench bench;
    const SilentAuthority responder;
    bench.add({&bench.agency});
    intake::InquiryLimits limits;
    limits.wait = 30ms;
    const auto signatures = bench.signatures(responder.url(), limits);
    const auto files = bench.judged(signatures);
    REQUIRE(files.size() == 1);
    CHECK(files[0].judgement.verdict() == Verdict::valid);
    CHECK(first(files[0]).revocation == Revocation::unknown);
    CHECK(
        check_named(first(files[0]), "revocation")->detail.find("no answer within 30 ms") != std::string::npos
    );
    CHECK(bench.judged(signatures, intake::Verify::ignore).empty());
}

TEST_CASE("nobody is asked about files whose signatures do not hold") {
    FilesBench bench;
    Authority responder;
    responder.answer = [&](const std::string& request) { return bench.answer(request); };
    const auto stranger = bench.pki.issue_unknown(FilesBench::subject("G98"));
    bench.add({&bench.agency}, true);
    bench.add({&stranger});
    const auto files = bench.judged(bench.signatures(responder.url()));
    REQUIRE(files.size() == 2);
    CHECK(files[0].judgement.verdict() == Verdict::invalid);
    CHECK(files[1].judgement.verdict() == Verdict::untrusted);
    CHECK(responder.asked == 0);
}

TEST_SUITE_END();
