// Goal: what an OCSP answer is worth, and what follows from it for a certificate. Method: a responder of our
// own that can be wrong in every way; a trust folder without lists, so that only answers tell.
#include "gateway/base/file.hpp"
#include "gateway/signature/ocsp_answers.hpp"
#include "tests/unit/signature_online/responder.hpp"

#include <doctest/doctest.h>
#include <openssl/ocsp.h>

using namespace axis;
using namespace axis::signature;
using namespace axis::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("signature_online");

namespace {

constexpr const char* url = "http://ocsp.example/";
const Time now = day("2026-11-25T13:00:00Z");

struct Bench {
    Pki pki;
    TempDir folder;
    SeededRandom random{7};
    Party agency = pki.issue(subject("Agency G98"));
    Party other = pki.issue(subject("Agency G99"));
    Party delegate = pki.issue(responder("Responder"));
    const Party& ca = pki.authority();

    static Subject subject(std::string cn) {
        Subject out;
        out.cn = std::move(cn);
        return out;
    }
    static Subject responder(std::string cn) {
        auto out = subject(std::move(cn));
        out.usage = "critical,digitalSignature";
        out.extended_usage = "OCSPSigning";
        return out;
    }

    Bench() { pki.write_trust(folder.path(), false); }
    Bench& list_responder() {
        write_file(
            folder / "trust.toml", "[[ocsp]]\nissuer = 'CA Thử nghiệm'\nurl = '" + std::string{url} + "'\n"
        )
            .value();
        return *this;
    }
    Bench& keep(const std::string& name, const std::string& der) {
        write_file(folder / name, der).value();
        return *this;
    }
    TrustStore store(TrustLimits limits = {}) const {
        return TrustStore::load(folder.path(), limits).value();
    }

    OcspQuery query() const { return {certificate_of(agency), certificate_of(ca), url}; }
    std::string answer(const Answering& how = {}) const { return ocsp_answer(ca, agency, ca, how); }
    // Why an answer is refused; "" when it is not.
    std::string refused(std::string_view der, std::string_view request = {}, OcspLimits limits = {}) const {
        const auto read = read_ocsp_answer(der, query().certificate, query().issuer, request, limits);
        const auto* refusal = std::get_if<OcspRefusal>(&read);
        return refusal == nullptr ? "" : refusal->why;
    }
};

// The chain is agency, authority, root: the authority's own standing is open, too.
Standing judged(const TrustStore& store, const Bench& bench, Time at = now, bool proven = false) {
    return store.judge(certificate_of(bench.agency), {}, at, proven);
}

bool says(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

// -- what an answer is worth

TEST_CASE("an answer by the issuer, or by who may sign answers for it, is taken") {
    const Bench b;
    for (const auto* id_digest : {"SHA1", "SHA256"}) {
        Answering how;
        how.id_digest = id_digest;
        CHECK(b.refused(b.answer(how)) == "");
        CHECK(b.refused(ocsp_answer(b.delegate, b.agency, b.ca, how)) == "");
    }
    Answering how;
    how.signer_sent = false;
    CHECK(b.refused(b.answer(how)) == "");
    CHECK(says(b.refused(ocsp_answer(b.delegate, b.agency, b.ca, how)), "not signed by the issuer"));
    how = {};
    how.also = &b.other;
    CHECK(b.refused(b.answer(how)) == "");
}

TEST_CASE("an answer by anybody else is refused") {
    Bench b;
    const auto no_usage = b.pki.issue(Bench::subject("No responder"));
    auto late = Bench::responder("Expired responder");
    late.until = "2026-11-01";
    auto weak = Bench::responder("Weak responder");
    weak.key = KeyType::rsa_1024;
    const auto stranger = b.pki.issue_unknown(Bench::responder("Foreign responder"));
    for (const Party* signer : std::initializer_list<const Party*>{
             &no_usage, &b.agency, &stranger, &b.pki.stranger(), &b.pki.root()}) {
        CAPTURE(certificate_of(*signer).facts().name);
        CHECK(says(b.refused(ocsp_answer(*signer, b.agency, b.ca)), "not signed by the issuer"));
    }
    CHECK(says(b.refused(ocsp_answer(b.pki.issue(late), b.agency, b.ca)), "not signed by the issuer"));
    CHECK(says(b.refused(ocsp_answer(b.pki.issue(weak), b.agency, b.ca)), "not signed by the issuer"));
    Answering sha1;
    sha1.digest = "SHA1";
    CHECK(b.refused(b.answer(sha1)) == "signed by a weak algorithm");
}

TEST_CASE("an answer about another certificate, or of another issuer, says nothing") {
    const Bench b;
    CHECK(b.refused(ocsp_answer(b.ca, b.other, b.ca)) == "about another certificate");
    CHECK(b.refused(ocsp_answer(b.ca, b.agency, b.pki.root())) != "");
}

TEST_CASE("the nonce is the question's, or none") {
    Bench b;
    const auto request = ocsp_request(b.query(), b.random);
    const auto another = ocsp_request(b.query(), b.random);
    CHECK(request != another);
    Answering how;
    how.nonce = request;
    CHECK(b.refused(b.answer(how), request) == "");
    CHECK(b.refused(b.answer(how), another) == "the nonce is another one");
    CHECK(b.refused(b.answer(how)) == "");  // a file: nobody has asked
    CHECK(b.refused(b.answer(), request) == "");
    const auto read = [&](const Answering& a) {
        return std::get<OcspAnswer>(
            read_ocsp_answer(b.answer(a), b.query().certificate, b.query().issuer, request, {})
        );
    };
    CHECK(read(how).nonce);
    CHECK_FALSE(read({}).nonce);
}

TEST_CASE("what is no answer is refused with its reason") {
    const Bench b;
    const auto good = b.answer();
    CHECK(b.refused("") == "no OCSP answer");
    CHECK(b.refused("<html>") == "no OCSP answer");
    CHECK(b.refused(good + "x") == "no OCSP answer");
    CHECK(b.refused(ocsp_error(OCSP_RESPONSE_STATUS_TRYLATER)) == "the responder says trylater");
    OcspLimits limits;
    limits.answer_bytes_max = good.size();
    CHECK(b.refused(good, {}, limits) == "");
    --limits.answer_bytes_max;
    CHECK(b.refused(good, {}, limits) == "an answer of too many bytes");
    Answering backwards;
    backwards.next_update = "2026-11-25T11:00:00Z";
    CHECK(b.refused(b.answer(backwards)) == "it ends before it begins");
}

TEST_CASE("no byte of an answer can be changed unnoticed, and none harms") {
    const Bench b;
    const auto good = b.answer();
    const auto issued = b.query();
    for (std::size_t at = 0; at < good.size(); ++at) {
        auto changed = good;
        changed[at] = static_cast<char>(changed[at] ^ 4);
        const auto read = read_ocsp_answer(changed, issued.certificate, issued.issuer, {}, {});
        if (const auto* answer = std::get_if<OcspAnswer>(&read)) {
            // The responder's certificate lies beside what is signed, and the issuer's is ours.
            CAPTURE(at);
            CHECK(answer->status == OcspAnswer::Status::good);
            CHECK(answer->this_update == day("2026-11-25T12:00:00Z"));
            CHECK(answer->ends == day("2026-11-26T12:00:00Z"));
        }
        CHECK(b.refused(good.substr(0, at)) != "");
    }
}

// -- what follows

TEST_CASE("without a list an answer settles its place of the chain, and each place needs one") {
    Bench b;
    b.list_responder();
    const auto store = b.store();
    CHECK(store.responders() == std::vector<std::string>{url});
    auto standing = judged(store, b);
    CHECK(standing.reason == Reason::holds);
    CHECK(standing.revocation == Revocation::unknown);
    REQUIRE(standing.open.size() == 1);  // nobody is listed for the root
    CHECK(standing.open[0].url == url);
    CHECK(standing.open[0].certificate.der() == certificate_of(b.agency).der());
    CHECK(standing.open[0].issuer.der() == certificate_of(b.ca).der());

    const auto answer = b.answer();
    CHECK_FALSE(store.learn(standing.open[0], {}, answer, now));
    standing = judged(store, b);
    CHECK(standing.revocation == Revocation::unknown);
    CHECK(says(standing.revocation_detail, "depth 1"));
    CHECK(standing.open.empty());
    REQUIRE(standing.materials.size() == 1);
    CHECK(standing.materials[0].kind == Material::Kind::ocsp);
    CHECK(*standing.materials[0].der == answer);

    b.keep("authority.ocsp", ocsp_answer(b.pki.root(), b.ca, b.pki.root()));
    const auto both = b.store();
    CHECK_FALSE(both.learn(judged(both, b).open.at(0), {}, b.answer(), now));
    standing = judged(both, b);
    CHECK(standing.revocation == Revocation::good);
    CHECK(says(standing.revocation_detail, "good 2026-11-25T19:00:00.000+07:00 by http://ocsp.example/"));
    CHECK(says(standing.revocation_detail, "(without nonce)"));
    CHECK(says(standing.revocation_detail, "by authority.ocsp (depth 1)"));
    CHECK(standing.materials.size() == 2);
}

TEST_CASE("where lists tell, nobody is asked") {
    Bench b;
    b.list_responder();
    b.pki.write_trust(b.folder.path(), true);
    const auto standing = judged(b.store(), b);
    CHECK(standing.revocation == Revocation::good);
    CHECK(standing.open.empty());
}

TEST_CASE("a revocation that an answer tells counts, also against a list, unless it came after a proven time"
) {
    Bench b;
    b.list_responder();
    b.pki.write_trust(b.folder.path(), true);
    Answering how;
    how.status = OcspAnswer::Status::revoked;
    how.revoked_at = "2026-11-20T00:00:00Z";
    b.keep("agency.ocsp", b.answer(how));
    const auto store = b.store();
    for (const auto at : {now, day("2026-11-10"), day("2027-06-01")}) {
        const auto standing = judged(store, b, at);
        CHECK(standing.reason == Reason::revoked);
        CHECK(standing.revocation == Revocation::revoked);
        CHECK(says(standing.detail, "revoked 2026-11-20T07:00:00.000+07:00 by agency.ocsp (depth 0)"));
    }
    CHECK(judged(store, b, day("2026-11-10"), true).reason == Reason::holds);
    CHECK(judged(store, b, day("2026-11-10"), true).revocation == Revocation::good);
    CHECK(judged(store, b, day("2026-11-21"), true).reason == Reason::revoked);
}

TEST_CASE("an answer counts until it ends, then the question is open again; a revocation stays") {
    Bench b;
    b.list_responder();
    const auto store = b.store();
    const auto query = judged(store, b).open.at(0);
    CHECK_FALSE(store.learn(query, {}, b.answer(), now));
    const auto end = day("2026-11-26T12:00:00Z") + 5min;
    OcspLimits limits;
    REQUIRE(now + limits.kept_for_max < end);
    CHECK(judged(store, b, now + limits.kept_for_max - 1ms).open.empty());
    auto late = judged(store, b, now + limits.kept_for_max);
    CHECK(late.open.size() == 1);
    CHECK(says(late.revocation_detail, "out of date: http://ocsp.example/"));
    CHECK(late.materials.empty());

    Answering how;
    how.status = OcspAnswer::Status::revoked;
    how.this_update = how.produced = "2026-11-25T12:30:00Z";
    CHECK_FALSE(store.learn(query, {}, b.answer(how), now));
    late = judged(store, b, now + limits.kept_for_max);
    CHECK(late.reason == Reason::revoked);
    CHECK(late.open.size() == 1);
    // An older answer that says otherwise does not take it back.
    CHECK_FALSE(store.learn(query, {}, b.answer(), now));
    CHECK(judged(store, b).reason == Reason::revoked);
}

TEST_CASE("an answer that is out of date, or from the future, is none; an hour's clock is not") {
    Bench b;
    b.list_responder();
    struct Case {
        Time at;
        const char* next_update;
        std::string_view why;
    };
    const auto begin = day("2026-11-25T12:00:00Z");
    for (const auto& [at, next_update, why] :
         {Case{begin - 5min, "2026-11-26T12:00:00Z", ""},
          Case{begin - 6min, "2026-11-26T12:00:00Z", "an answer from the future"},
          Case{begin + 24h + 5min - 1ms, "2026-11-26T12:00:00Z", ""},
          Case{begin + 24h + 5min, "2026-11-26T12:00:00Z", "the answer is out of date"},
          Case{begin + 15min - 1ms, "", ""},
          Case{begin + 15min, "", "the answer is out of date"}}) {
        const auto store = b.store();
        const auto query = judged(store, b, at).open.at(0);
        Answering how;
        how.next_update = next_update;
        CHECK(store.learn(query, {}, b.answer(how), at).value_or("") == why);
        const auto standing = judged(store, b, at);
        CHECK(standing.open.empty() == why.empty());
        if (!why.empty())
            CHECK(says(standing.revocation_detail, "http://ocsp.example/: " + std::string{why}));
    }
}

TEST_CASE("that a responder does not know, or does not answer, leaves the answer open and is told") {
    Bench b;
    b.list_responder();
    const auto store = b.store();
    const auto query = judged(store, b).open.at(0);
    store.unanswered(query, "http://ocsp.example/: no answer within 4 s");
    auto standing = judged(store, b);
    CHECK(standing.reason == Reason::holds);
    CHECK(standing.revocation == Revocation::unknown);
    CHECK(says(standing.revocation_detail, "no answer within 4 s (depth 0)"));
    CHECK(standing.open.size() == 1);

    Answering how;
    how.status = OcspAnswer::Status::unknown;
    CHECK_FALSE(store.learn(query, {}, b.answer(how), now));
    standing = judged(store, b);
    CHECK(standing.revocation == Revocation::unknown);
    CHECK(says(standing.revocation_detail, "not known to http://ocsp.example/"));
    CHECK(standing.open.empty());
}

TEST_CASE("a pinned certificate is asked about by nobody") {
    Bench b;
    b.list_responder();
    write_file(b.folder / "agency.pem", pem(b.agency.certificate.get())).value();
    write_file(
        b.folder / "trust.toml",
        "[[ocsp]]\nissuer = 'CA Thử nghiệm'\nurl = 'http://ocsp.example/'\n[[anchor]]\nfile = 'agency.pem'\n"
    )
        .value();
    const auto standing = judged(b.store(), b);
    CHECK(standing.reason == Reason::holds);
    CHECK(standing.open.empty());
}

TEST_CASE("files answer for the past: of several the newest, and a wrong one is named") {
    Bench b;
    Answering old;
    old.this_update = old.produced = "2026-10-01T00:00:00Z";
    old.next_update = "2026-10-02T00:00:00Z";
    b.keep("a.ocsp", ocsp_answer(b.other, b.agency, b.ca)).keep("b.ocsp", b.answer(old));
    auto standing = judged(b.store(), b);
    CHECK(says(standing.revocation_detail, "a.ocsp: not signed by the issuer"));
    CHECK(judged(b.store(), b, day("2026-10-01T12:00:00Z")).materials.size() == 1);
    b.keep("c.ocsp", b.answer());
    standing = judged(b.store(), b);
    CHECK(says(standing.revocation_detail, "by c.ocsp (depth 0)"));
    // What was good later was good before.
    CHECK(judged(b.store(), b, day("2026-10-05")).materials.size() == 1);
}

TEST_CASE("more answers than the limit: those that end first make room") {
    Bench b;
    b.list_responder();
    TrustLimits limits;
    limits.ocsp.kept_max = 1;
    const auto store = b.store(limits);
    const auto query = judged(store, b).open.at(0);
    const auto other = store.judge(certificate_of(b.other), {}, now).open.at(0);
    CHECK_FALSE(store.learn(query, {}, b.answer(), now));
    CHECK_FALSE(store.learn(other, {}, ocsp_answer(b.ca, b.other, b.ca), now));
    CHECK(judged(store, b).open.size() == 1);
    CHECK(store.judge(certificate_of(b.other), {}, now).open.empty());
}

TEST_CASE("every fault of the list of responders is named") {
    Bench b;
    b.keep(
        "trust.toml",
        "[[ocsp]]\nissuer = 'Nobody'\nurl = 'http://a/'\n[[ocsp]]\nissuer = 'CA Thử nghiệm'\nurl = "
        "'ldap://a'\n"
        "[[ocsp]]\nissuer = 'CA Thử nghiệm'\naia = true\n[[responder]]\n"
    );
    b.keep("bad.ocsp", "nothing");
    const auto loaded = TrustStore::load(b.folder.path());
    REQUIRE_FALSE(loaded.has_value());
    std::string all;
    for (const auto& fault : loaded.error().faults) all += fault.pointer + ": " + fault.detail + "\n";
    for (const auto* part :
         {"trust.toml:1: issuer: no authority of this name in the folder: Nobody",
          "trust.toml:4: url: http://… or https://…",
          "trust.toml:7: no such key: aia",
          "trust.toml: only [[anchor]] and [[ocsp]] may stand here",
          "bad.ocsp: holds no OCSP answer"}) {
        CAPTURE(all);
        CHECK(says(all, part));
    }
}

TEST_SUITE_END();
