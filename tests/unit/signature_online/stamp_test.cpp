// Goal: a time stamp proves when a signature was there, and only one that does may stand in an envelope.
// Method: an authority of our own that can be wrong in every way; letters signed by certificates that end or
// are revoked after it has spoken.
#include "gateway/base/base64.hpp"
#include "gateway/signature/stamping.hpp"
#include "tests/unit/signature_online/letter.hpp"
#include "tests/unit/signature_online/responder.hpp"
#include "tests/unit/signature_online/stamper.hpp"

#include <doctest/doctest.h>

using namespace axis;
using namespace axis::signature;
using namespace axis::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("signature_online");

namespace {

constexpr std::string_view then_text = "2026-11-20T12:00:00Z";
const Time then = day(then_text);
const Time today = day("2026-11-25T13:00:00Z");

struct Bench {
    Pki pki;
    TempDir folder;
    SeededRandom random{7};
    Party authority = pki.issue(stamper());
    Party agency = pki.issue(subject());

    static Subject subject(std::string until = "2028-01-01") {
        Subject out;
        out.cn = "Agency G98";
        out.ou = "G98";
        out.until = std::move(until);
        return out;
    }
    TrustStore trust(const std::string& rows = "") {
        pki.write_trust(folder.path(), true);
        write_file(folder / "trust.toml", rows).value();
        return TrustStore::load(folder.path()).value();
    }
    static std::string token(const Party& by, std::string_view stamped, std::string_view at = then_text) {
        return token_of(by, stamped, {std::string{at}, false});
    }
    SignedSkeleton letter() { return sign_letter(agency, then, random); }
    SignedSkeleton stamped(const Party& by, std::string_view at = then_text) {
        auto out = letter();
        add_time_stamp(out, token(by, out.stamped, at));
        return out;
    }
    Judgement judge(const std::string& skeleton, Time at = today, const std::string& rows = "") {
        const auto store = trust(rows);
        return verify_envelope({skeleton, {}, {}}, {"G98", at, false}, store, random).value();
    }
};

const Check* check_of(const Judgement& judgement, std::string_view name) {
    for (const auto& check : judgement.checks)
        if (check.name == name) return &check;
    return nullptr;
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
    const auto at = text.find(what);
    REQUIRE(at != std::string::npos);
    return text.replace(at, what.size(), by);
}

}  // namespace

// -- what an answer is worth

TEST_CASE("an answer of a trusted authority to our question gives its token, byte for byte") {
    Bench b;
    const auto store = b.trust();
    const auto request = stamp_request("what is stamped", b.random);
    CHECK(request.imprint.size() == 32);
    CHECK(request.der != stamp_request("what is stamped", b.random).der);
    const auto answer = stamp_answer(b.authority, request.der, then_text);
    const auto token = stamp_in(answer, request, store, then).value();
    CHECK(answer.ends_with(token));
    CHECK(stamp_in(answer, request, store, then + 5min).has_value());
    CHECK(stamp_in(answer, request, store, then - 5min).has_value());
    CHECK(stamp_in(answer_with(token, 1), request, store, then).value() == token);  // granted with changes
}

TEST_CASE("any other answer is refused with its reason") {
    Bench b;
    auto late = stamper("Expired");
    late.until = "2026-11-01";
    auto more = stamper("More than stamps");
    more.extended_usage = "critical,timeStamping,emailProtection";
    auto soft = stamper("Not critical");
    soft.extended_usage = "timeStamping";
    const auto expired = b.pki.issue(late), mixed = b.pki.issue(more), uncritical = b.pki.issue(soft);
    const auto unknown = b.pki.issue_unknown(stamper("Unknown"));
    const auto store = b.trust();
    const auto request = stamp_request("what is stamped", b.random);
    const auto same_nonce = stamp_request("something else", b.random);
    const auto same_words = stamp_request("what is stamped", b.random);
    auto other_nonce = same_words;
    other_nonce.nonce = request.nonce;
    const auto good = stamp_answer(b.authority, request.der, then_text);
    const auto token = stamp_in(good, request, store, then).value();
    const auto by = [&](const Party& signer) {
        return stamp_answer_by(signer, b.pki, b.authority, request.der, then_text);
    };
    struct Case {
        std::string answer;
        std::string_view why;
        Time now = then;
    };
    const Case cases[] = {
        {stamp_answer(b.authority, same_nonce.der, then_text), "the token is over something else"},
        {stamp_answer(b.authority, same_words.der, then_text), "the token has another nonce"},
        {answer_with(token_of(b.authority, "what is stamped", {std::string{then_text}, false})),
         "the token has another nonce"},
        {good, "the authority's clock says 2026-11-20T19:00:00.000+07:00", then + 5min + 1ms},
        {good, "the authority's clock says", then - 5min - 1ms},
        {stamp_answer(unknown, request.der, then_text), "certificate.no_issuer"},
        {stamp_answer(expired, request.der, then_text), "certificate.expired"},
        {by(mixed), "certificate.usage not for time stamps"},
        {by(uncritical), "certificate.usage not for time stamps"},
        {by(b.agency), "certificate.usage not for time stamps"},
        {answer_with("", 2), "the authority says: status 2"},
        {answer_with(token, 2), "no answer of a time-stamp authority"},
        {answer_with(""), "no answer of a time-stamp authority"},
        {good + "x", "no token in the answer"},
        {"", "no answer of a time-stamp authority"},
        {"<html>", "no answer of a time-stamp authority"}};
    for (const auto& [answer, why, now] : cases) {
        CAPTURE(why);
        const auto refused = stamp_in(answer, request, store, now);
        REQUIRE_FALSE(refused.has_value());
        CHECK(refused.error().code == errc::time_stamp_missing);
        INFO(refused.error().detail);
        CHECK(refused.error().detail.find(why) == 0);
    }
    StampLimits limits;
    limits.token_bytes_max = token.size();
    CHECK(stamp_in(good, request, store, then, limits).has_value());
    --limits.token_bytes_max;
    CHECK(stamp_in(good, request, store, then, limits).error().detail == "a token of too many bytes");
}

// -- in an envelope

TEST_CASE("a stamped signature is judged at its time, and keeps the token") {
    Bench b;
    b.agency = b.pki.issue(Bench::subject("2026-11-22"));
    CHECK(b.judge(b.letter().skeleton).reason == Reason::expired);
    const auto stamped = b.stamped(b.authority);
    for (const auto at : {today, day("2027-06-01")}) {
        const auto judgement = b.judge(stamped.skeleton, at);
        INFO(judgement.detail);
        CHECK(judgement.reason == Reason::holds);
        CHECK(judgement.proven_at == then);
        REQUIRE(check_of(judgement, "time_stamp") != nullptr);
        CHECK(check_of(judgement, "time_stamp")->detail == "2026-11-20T19:00:00.000+07:00 TSA Thử nghiệm");
        CHECK(judgement.materials.at(0).kind == Material::Kind::time_stamp);
        CHECK(judgement.materials.size() > 1);
    }
}

TEST_CASE("what was revoked after the time stamp still holds, what was before does not") {
    for (const auto* since : {"2026-11-21", "2026-11-19"}) {
        Bench b;
        b.pki.revoke(b.agency, since);
        const bool before = std::string_view{since} == "2026-11-19";
        CHECK(b.judge(b.letter().skeleton).reason == Reason::revoked);
        CHECK(b.judge(b.stamped(b.authority).skeleton).reason == (before ? Reason::revoked : Reason::holds));
    }
}

TEST_CASE("a time stamp that proves nothing makes the signature one that is not trusted") {
    Bench b;
    const auto with = [&](const std::string& token) {
        auto out = b.letter();
        add_time_stamp(out, token);
        return b.judge(out.skeleton);
    };
    const auto other = b.letter();  // another value: a signature by this key is never made twice alike
    CHECK(with(Bench::token(b.authority, other.stamped)).reason == Reason::time_stamp);
    CHECK(with("\x30\x03\x02\x01\x05").reason == Reason::time_stamp);
    const auto signed_value = b.letter();
    CHECK(with(cms_of(b.agency, b.pki, signed_value.stamped)).reason == Reason::time_stamp);

    const auto by = [&](const Party& authority, std::string_view at = then_text) {
        return b.judge(b.stamped(authority, at).skeleton);
    };
    const auto unknown = by(b.pki.issue_unknown(stamper("Unknown")));
    CHECK(unknown.reason == Reason::time_stamp_untrusted);
    CHECK(unknown.verdict() == Verdict::untrusted);
    CHECK(unknown.detail.find("certificate.no_issuer") == 0);
    CHECK_FALSE(unknown.proven_at);
    auto late = stamper("Expired");
    late.until = "2026-11-01";
    CHECK(by(b.pki.issue(late)).reason == Reason::time_stamp_untrusted);
    // It ended later: what it had stamped stays stamped; what was revoked does not.
    late.until = "2026-11-22";
    const auto ended = b.pki.issue(late);
    CHECK(by(ended).reason == Reason::holds);
    b.pki.revoke(ended, "2026-11-21");
    CHECK(by(ended).reason == Reason::time_stamp_untrusted);
    CHECK(by(ended).detail.find("certificate.revoked") == 0);
}

TEST_CASE("a changed message is that, whatever its time stamp says") {
    Bench b;
    const auto changed = replaced(b.stamped(b.authority).skeleton, "V/v", "V/V");
    CHECK(b.judge(changed).reason == Reason::digest);
    const auto unknown = b.pki.issue_unknown(stamper("Unknown"));
    CHECK(b.judge(replaced(b.stamped(unknown).skeleton, "V/v", "V/V")).reason == Reason::digest);
}

TEST_CASE("a time stamp made later than what is asked about says nothing of it") {
    Bench b;
    const auto skeleton = b.stamped(b.authority).skeleton;
    auto judgement = b.judge(skeleton, then - 5min);
    CHECK(judgement.reason == Reason::holds);
    CHECK(judgement.proven_at == then - 5min);
    judgement = b.judge(skeleton, then - 6min);
    CHECK(judgement.reason == Reason::holds);
    CHECK_FALSE(judgement.proven_at);
    CHECK(check_of(judgement, "time_stamp")->outcome == Check::Outcome::unknown);
}

TEST_CASE("an anchor for time stamps vouches for nothing else, a partner's for no time stamp") {
    Bench b;
    const auto alone = b.pki.issue_unknown(stamper("Pinned"));
    const auto skeleton = b.stamped(alone).skeleton;
    const auto plain = b.letter().skeleton;
    const auto pin = [&](const std::string& purpose) {
        write_file(b.folder / "pinned.pem", pem(alone.certificate.get())).value();
        return "[[anchor]]\nfile = 'pinned.pem'\n" + (purpose.empty() ? "" : "purpose = '" + purpose + "'\n");
    };
    for (const auto* purpose : {"", "tsa", "public"})
        CHECK(b.judge(skeleton, today, pin(purpose)).reason == Reason::holds);
    const auto partner = b.judge(skeleton, today, pin("partner"));
    CHECK(partner.reason == Reason::time_stamp_untrusted);
    CHECK(partner.detail.find("the anchor is not trusted for time stamps: Pinned") != std::string::npos);
    const auto root = "[[anchor]]\nfile = 'root.pem'\npurpose = 'tsa'\n";
    CHECK(b.judge(plain, today).reason == Reason::holds);
    const auto refused = b.judge(plain, today, root);
    CHECK(refused.reason == Reason::no_issuer);
    CHECK(refused.detail.find("the anchor is trusted for time stamps only") == 0);
}

TEST_CASE("no byte of the time stamp can be changed unnoticed") {
    Bench b;
    auto signed_letter = b.letter();
    const auto token = Bench::token(b.authority, signed_letter.stamped);
    const auto stamped = [&](const std::string& changed) {
        auto out = signed_letter;
        add_time_stamp(out, changed);
        return out.skeleton;
    };
    const auto store = b.trust();
    const auto verdict = [&](const std::string& skeleton) {
        return verify_envelope({skeleton, {}, {}}, {"G98", today, false}, store, b.random).value().verdict();
    };
    const auto skeleton = stamped(token);
    REQUIRE(verdict(skeleton) == Verdict::valid);
    const auto begin = skeleton.find("<Object><QualifyingProperties");
    const auto end = skeleton.find("</Signature>", begin);
    REQUIRE(end != std::string::npos);
    for (auto at = begin; at < end; ++at) {
        auto changed = skeleton;
        changed[at] = changed[at] == 'A' ? 'B' : 'A';
        CAPTURE(at - begin);
        CHECK(verdict(changed) != Verdict::valid);
    }
    for (std::size_t at = 0; at < token.size(); ++at) {
        auto changed = token;
        changed[at] = static_cast<char>(changed[at] ^ (1 << at % 8));
        CAPTURE(at);
        CHECK(verdict(stamped(changed)) != Verdict::valid);
    }
}

TEST_CASE("the time stamp has one form and one place") {
    Bench b;
    const auto good = b.stamped(b.authority).skeleton;
    const auto begin = good.find("<Object><QualifyingProperties");
    const auto end = good.find("</Signature>", begin);
    const auto object = good.substr(begin, end - begin);
    const auto time = good.find("<Object><SignatureProperties");
    auto twice = good, before = good, signed_time = good;
    twice.insert(end, object);
    before.erase(begin, object.size()).insert(time, object);
    const auto token_at = good.find("<EncapsulatedTimeStamp>") + 23;
    auto spaced = good, commented = good;
    spaced.insert(token_at + 64, "\n");
    commented.insert(token_at, "<!-- a -->");
    const std::string large(StampLimits{}.token_bytes_max + 1, '\0');
    const auto token_end = good.find("</EncapsulatedTimeStamp>");
    auto oversized = good;
    oversized.replace(token_at, token_end - token_at, base64_encode(large));
    struct Case {
        std::string text;
        Reason reason;
    };
    const Case cases[] = {
        {twice, Reason::shape},
        {before, Reason::shape},
        {spaced, Reason::encoding},
        {commented, Reason::encoding},
        {oversized, Reason::shape},
        {replaced(good, "<UnsignedProperties>", "<UnsignedProperties>\n"), Reason::shape},
        {replaced(good, "<UnsignedProperties>", "<UnsignedProperties Id=\"a\">"), Reason::shape},
        {replaced(good, "<EncapsulatedTimeStamp>", "<EncapsulatedTimeStamp Id=\"a\">"), Reason::shape},
        {replaced(good, "<Object><QualifyingProperties", "<Object Id=\"a\"><QualifyingProperties"),
         Reason::shape},
        {replaced(good, "Target=\"#axisd-signature\"><UnsignedProperties", "><UnsignedProperties"),
         Reason::shape},
        {replaced(good, "<SignatureTimeStamp><", "<SignatureTimeStamp>a<"), Reason::shape},
        {replaced(good, "</EncapsulatedTimeStamp>", "</EncapsulatedTimeStamp><EncapsulatedTimeStamp/>"),
         Reason::shape}};
    for (const auto& [text, reason] : cases) {
        CAPTURE(text.substr(text.find("<Object><Qual")));
        const auto judgement = b.judge(text);
        INFO(judgement.detail);
        CHECK(judgement.reason == reason);
    }
}

TEST_CASE("xmlsec1 verifies what is stamped") {
    Bench b;
    const auto file = (b.folder / "stamped.xml").string();
    REQUIRE(write_file(file, b.stamped(b.authority).skeleton).has_value());
    b.trust();
    const auto command = "xmlsec1 --verify --verification-time '2026-11-25 00:00:00' --trusted-pem " +
                         (b.folder / "root.pem").string() + " --untrusted-pem " +
                         (b.folder / "sub.pem").string() + " " + file + " >/dev/null 2>&1";
    CHECK(std::system(command.c_str()) == 0);
}

TEST_SUITE_END();
