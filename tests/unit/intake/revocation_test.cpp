// Goal: an envelope's judgement waits for the listed responder where no list tells, never longer than the
// limit, and says what happened. Method: a responder on loopback, right and wrong; envelopes signed by a
// certificate that it knows.
#include "tests/unit/intake/online_bench.hpp"

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
    broken.skeleton.replace(broken.skeleton.find("<SignatureValue>") + 20, 1, "/");
    CHECK(bench.judge(signatures, broken).verdict() == Verdict::invalid);
    CHECK(bench.judge(signatures, bench.letter()).verdict() == Verdict::absent);
    CHECK(responder.asked == 0);
}

TEST_SUITE_END();
