// Goal: each verdict and each reason has an envelope that gets it. Method: tests/data/signature, made by
// other hands (xmlsec1, Python's cryptography), judged as `axisctl signature verify` does it.
#include "gateway/envelope/check.hpp"
#include "gateway/signature/envelope_verifier.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/signature/support.hpp"

#include <algorithm>
#include <set>

using namespace axis;
using signature::Check;
using signature::Judgement;
using signature::Reason;
using signature::Revocation;
using signature::Verdict;

TEST_SUITE_BEGIN("signature");

namespace {

Judgement judged(std::string_view file, std::string_view at = "2026-06-01") {
    static const auto trust = test::trust_in(test::data_dir / "trust");
    return test::judged(test::data_dir / file, trust, test::moment(at));
}

std::vector<std::string_view> names(const Judgement& judgement, Check::Outcome outcome) {
    std::vector<std::string_view> out;
    for (const auto& check : judgement.checks)
        if (check.outcome == outcome) out.push_back(check.name);
    return out;
}

using Names = std::vector<std::string_view>;

}  // namespace

TEST_CASE("every envelope of the own corpus gets the verdict that stands beside it") {
    const auto rows = test::table_in(test::data_dir / "outcomes.tsv");
    REQUIRE(rows.size() == 90);
    for (const auto& row : rows) {
        CAPTURE(row.at(0));
        CAPTURE(row.at(2));
        const auto judgement = judged(row[0]);
        CAPTURE(judgement.detail);
        CHECK(test::code_of(judgement) == row.at(1));
    }
}

TEST_CASE("no envelope lies in the own corpus without its row") {
    std::set<std::string> listed;
    for (const auto& row : test::table_in(test::data_dir / "outcomes.tsv")) listed.insert(row.at(0));
    for (const auto* folder : {"valid", "refused"})
        for (const auto& entry : std::filesystem::directory_iterator{test::data_dir / folder})
            CHECK(listed.erase(folder + ("/" + entry.path().filename().string())) == 1);
    CHECK(listed.empty());
}

TEST_CASE("every reason of the strict profile stands in the own corpus") {
    std::set<std::string> shown;
    for (const auto& row : test::table_in(test::data_dir / "outcomes.tsv")) shown.insert(row.at(1));
    for (auto reason = Reason::holds; reason <= Reason::sha1;
         reason = static_cast<Reason>(static_cast<int>(reason) + 1)) {
        // Not looked at, or not reached by what the envelope's reader lets through.
        if (reason == Reason::not_checked || reason == Reason::parse) continue;
        // Time stamps are made anew by unit/signature_online, which shows these.
        if (reason == Reason::time_stamp || reason == Reason::time_stamp_untrusted) continue;
        const auto code = std::string{signature::row(reason).code};
        CAPTURE(code);
        CHECK(shown.contains(code));
    }
}

TEST_CASE("a valid signature tells every step that led to the verdict, and whose it is") {
    const auto judgement = judged("valid/rsa-sha256-exclusive.edxml");

    CHECK(judgement.verdict() == Verdict::valid);
    CHECK(
        names(judgement, Check::Outcome::passed) ==
        Names{"structure", "value", "certificate", "chain", "revocation", "binding", "digest"}
    );
    CHECK(judgement.checks.size() == 7);
    CHECK(judgement.algorithm == "rsa-sha256");
    CHECK(judgement.anchor == "Test root");
    CHECK(judgement.chain.size() == 3);
    CHECK(judgement.revocation == Revocation::good);
    CHECK(judgement.claimed_at.empty());
    const auto& signer = judgement.signer.value();
    CHECK(signer.name == "Agency 98");
    CHECK(signer.units == std::vector<std::string>{"G98"});
    CHECK(signer.issuer == "Test issuer");
    CHECK(signer.not_before == test::moment("2024-01-01T00:00:00Z"));
    CHECK(signer.not_after == test::moment("2044-01-01T00:00:00Z"));
}

TEST_CASE("after a step that failed no later one is taken") {
    CHECK(judged("refused/unsigned.edxml").checks.empty());
    CHECK(names(judged("refused/xpath.edxml"), Check::Outcome::failed) == Names{"structure"});
    const auto value = judged("refused/other-key.edxml");
    CHECK(names(value, Check::Outcome::passed) == Names{"structure"});
    CHECK(names(value, Check::Outcome::failed) == Names{"value"});
    const auto signer = judged("refused/expired.edxml");
    CHECK(names(signer, Check::Outcome::failed) == Names{"chain"});
    CHECK(
        std::string_view{signer.checks.back().name} == "digest"
    );  // whoever signed it: is it what he signed?
}

TEST_CASE("the names of algorithms are those of the signature, and a claimed time is told as a claim") {
    CHECK(judged("valid/ecdsa-p521-sha512.edxml").algorithm == "ecdsa-sha512");
    CHECK(judged("valid/pss-sha384.edxml").algorithm == "rsa-pss-sha384");
    CHECK(judged("valid/signing-time.edxml").claimed_at == "2026-06-01T08:00:00+07:00");
}

TEST_CASE("a signature holds from the certificate's first second to the one before its last") {
    constexpr auto file = "valid/rsa-sha256-exclusive.edxml";
    CHECK(judged(file, "2023-12-31T23:59:59Z").reason == Reason::not_yet);
    CHECK(judged(file, "2024-01-01T00:00:00Z").reason == Reason::holds);
    CHECK(judged(file, "2043-12-31T23:59:59Z").reason == Reason::holds);
    CHECK(judged(file, "2044-01-01T00:00:00Z").reason == Reason::expired);  // as OpenSSL counts
    CHECK(judged("refused/expired.edxml", "2024-06-01").reason == Reason::holds);
    CHECK(judged("refused/future.edxml", "2041-01-01").reason == Reason::holds);
}

TEST_CASE("SHA-1 is told as weak only when everything else holds") {
    const auto weak = judged("refused/sha1-signature.edxml");
    CHECK(weak.verdict() == Verdict::weak);
    CHECK(weak.signer.has_value());
    CHECK(judged("refused/sha1-signature.edxml", "2045-01-01").reason == Reason::expired);
}

TEST_CASE(
    "a message that was changed is broken in transit only under a trusted signer and a foreign trace header"
) {
    CHECK(judged("refused/relayed.edxml").verdict() == Verdict::broken_in_transit);
    CHECK(judged("refused/relayed.edxml", "2045-01-01").reason == Reason::digest);
    CHECK(judged("refused/subject-changed.edxml").verdict() == Verdict::invalid);
    CHECK(judged("refused/relayed-unknown-changed.edxml").verdict() == Verdict::invalid);
}

TEST_CASE("a text that cannot be read is an error, never a verdict") {
    const auto trust = test::trust_in(test::data_dir / "trust");
    SeededRandom random{7};
    envelope::Checker checker{random};
    REQUIRE(checker.feed(read_file(test::data_dir / "valid/rsa-sha256-exclusive.edxml").value()).has_value());
    REQUIRE(checker.finish().has_value());
    signature::SplitEnvelope envelope{checker.skeleton(), {checker.holes().at(0).offset}, {}};
    envelope.text = [](std::size_t, const signature::TextSink&) -> Result<> { return errc::io_failed; };

    const auto judgement =
        signature::verify_envelope(envelope, {"G98", test::moment("2026-06-01"), false}, trust, random);

    REQUIRE_FALSE(judgement.has_value());
    CHECK(judgement.error().code == errc::io_failed);
}

TEST_CASE("a skeleton that is no tree is malformed, and so is a sender that two readers read differently") {
    const auto trust = test::trust_in(test::data_dir / "trust");
    SeededRandom random{7};
    const auto at = test::moment("2026-06-01");
    const auto reason = [&](std::string_view skeleton, std::string_view from) {
        return signature::verify_envelope({skeleton, {}, {}}, {from, at, false}, trust, random)->reason;
    };
    CHECK(reason("<edXML>", "G98") == Reason::parse);
    CHECK(reason("<ds:Signature/>", "G98") == Reason::parse);  // a prefix nobody declared
    const auto status = read_file(test::data_dir / "valid/status.edxml").value();
    CHECK(reason(status, "G98") == Reason::holds);
    CHECK(reason(status, "G99") == Reason::structure);
}

TEST_CASE("verdicts, reasons and outcomes have names, and no two reasons a code") {
    std::set<std::string_view> codes;
    for (auto reason = Reason::holds; reason <= Reason::weak_chain;
         reason = static_cast<Reason>(static_cast<int>(reason) + 1)) {
        const auto& row = signature::row(reason);
        CHECK(row.value == reason);
        CHECK(codes.insert(row.code).second);
        CHECK_FALSE(row.english.empty());
        CHECK_FALSE(row.vietnamese.empty());
    }
    CHECK(signature::name(Verdict::broken_in_transit) == "broken_in_transit");
    CHECK(signature::name(Verdict::not_checked) == "not_checked");
    CHECK(signature::name(Revocation::revoked) == "revoked");
    CHECK(signature::name(Check::Outcome::unknown) == "unknown");
}

TEST_SUITE_END();
