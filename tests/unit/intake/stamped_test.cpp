// Goal: what we sign gets a time stamp where an authority is named; without one it goes on, told, or not at
// all. Method: an authority on loopback, right and wrong; what was signed is verified as a receiver would.
#include "gateway/signature/stamping.hpp"
#include "tests/unit/intake/online_bench.hpp"
#include "tests/unit/signature_online/stamper.hpp"

#include <doctest/doctest.h>

using namespace axis;
using namespace axis::signature;
using namespace axis::test;

TEST_SUITE_BEGIN("intake_online");

namespace {

struct StampBench : OnlineBench {
    Party agency = pki.issue(subject());
    Party authority = pki.issue(stamper());
    std::string missing;

    static Subject subject() {
        Subject out;
        out.cn = "Agency G98";
        out.ou = "G98";
        return out;
    }
    std::string answer(const std::string& question) const {
        return stamp_answer(authority, question, "2026-11-25T13:00:00Z");
    }
    intake::Signatures signatures(const std::string& url, bool required = false) {
        trust = std::make_shared<const TrustStore>(TrustStore::load(folder / "trust").value());
        REQUIRE(open({url}).has_value());
        std::vector<std::unique_ptr<KeySource>> keys;
        keys.push_back(key_of(agency));
        auto alarm = [this](bool is_missing, std::string_view why) { missing = is_missing ? why : ""; };
        intake::TimeStamps stamps{url, required, std::move(alarm)};
        return intake::Signatures{
            {crypto,
             random,
             clock,
             trust,
             std::make_shared<const KeyRing>(std::move(keys)),
             inquiries.get(),
             std::move(stamps)}};
    }
    ledger::Acceptance acceptance() const {
        ledger::Acceptance a;
        a.at = clock.now();
        a.envelope = letter();
        for (const auto* endpoint : {"one", "two", "unit"})
            a.deliveries.push_back({{endpoint}, std::string_view{endpoint} == "unit", false, {}, {}, "", ""});
        return a;
    }
    Result<> sign(const intake::Signatures& signatures, ledger::Acceptance& a) {
        const std::vector<spool::Staged> texts;
        auto task = signatures.sign(a, texts, [](const auto&) { return true; });
        return run(io, std::move(task));
    }
};

bool is_stamped(const ledger::NewDelivery& delivery) {
    return delivery.rendition.value().skeleton.find("<EncapsulatedTimeStamp>") != std::string::npos;
}

}  // namespace

TEST_CASE("what is signed is stamped once, and verifies at that time") {
    StampBench bench;
    Authority authority;
    authority.answer = [&](const std::string& question) { return bench.answer(question); };
    const auto signatures = bench.signatures(authority.url());
    auto a = bench.acceptance();
    REQUIRE(bench.sign(signatures, a).has_value());
    CHECK(authority.asked == 1);
    CHECK(authority.content_type == "application/timestamp-query");
    CHECK(is_stamped(a.deliveries[0]));
    CHECK(a.deliveries[1].rendition->sha256 == a.deliveries[0].rendition->sha256);
    CHECK(a.deliveries[0].rendition->sha256 == sha256(a.deliveries[0].rendition->skeleton));
    CHECK_FALSE(a.deliveries[2].rendition.has_value());
    const auto judgement = bench.judge(signatures, *a.deliveries[0].rendition);
    INFO(judgement.detail);
    CHECK(judgement.verdict() == Verdict::valid);
    CHECK(judgement.proven_at == bench.clock.now());
    CHECK(
        intake::records_of({judgement, {}, {}})
            .at(0)
            .facts.find("\"proven_at\":\"2026-11-25T20:00:00.000+07:00\"") != std::string::npos
    );
    CHECK(bench.missing.empty());
}

TEST_CASE("without a time stamp it goes on and is told, or does not go where one is required") {
    StampBench bench;
    const auto another = stamp_request("another", bench.random).der;
    struct Case {
        std::function<std::string(const std::string&)> answer;
        unsigned status;
        std::string_view why;
    };
    const Case cases[] = {
        {[](const std::string&) { return std::string{}; }, 500, "HTTP 500"},
        {[](const std::string&) { return std::string{"<html>"}; },
         200,
         "no answer of a time-stamp authority"},
        {[&](const std::string&) { return bench.answer(another); }, 200, "the token is over something else"},
        {[](const std::string&) { return std::string(64 * 1024 + 1, 'x'); }, 200, "too large"}};
    for (const auto& [answer, status, why] : cases) {
        CAPTURE(why);
        Authority authority;
        authority.answer = answer;
        authority.status = status;
        auto a = bench.acceptance();
        const auto signatures = bench.signatures(authority.url());
        REQUIRE(bench.sign(signatures, a).has_value());
        CHECK_FALSE(is_stamped(a.deliveries[0]));
        CHECK(bench.judge(signatures, *a.deliveries[0].rendition).verdict() == Verdict::valid);
        INFO(bench.missing);
        CHECK(bench.missing.find(why) != std::string::npos);

        auto refused = bench.acceptance();
        const auto strict = bench.signatures(authority.url(), true);
        const auto signed_anyway = bench.sign(strict, refused);
        REQUIRE_FALSE(signed_anyway.has_value());
        CHECK(signed_anyway.error().code == errc::time_stamp_missing);
        CHECK(signed_anyway.error().detail == bench.missing);
        CHECK_FALSE(refused.deliveries[0].rendition.has_value());
    }
    Authority again;
    again.answer = [&](const std::string& question) { return bench.answer(question); };
    auto a = bench.acceptance();
    const auto signatures = bench.signatures(again.url(), true);
    REQUIRE(bench.sign(signatures, a).has_value());
    CHECK(is_stamped(a.deliveries[0]));
    CHECK(bench.missing.empty());
}

TEST_CASE("without an authority nobody is asked") {
    StampBench bench;
    bench.trust = std::make_shared<const TrustStore>(TrustStore::load(bench.folder / "trust").value());
    intake::SignatureParts parts{bench.crypto, bench.random, bench.clock, bench.trust, nullptr};
    std::vector<std::unique_ptr<KeySource>> keys;
    keys.push_back(key_of(bench.agency));
    parts.keys = std::make_shared<const KeyRing>(std::move(keys));
    auto a = bench.acceptance();
    REQUIRE(bench.sign(intake::Signatures{parts}, a).has_value());
    CHECK_FALSE(is_stamped(a.deliveries[0]));
    parts.keys.reset();
    CHECK(bench.sign(intake::Signatures{parts}, a).error().code == errc::signer_failed);
}

TEST_SUITE_END();
