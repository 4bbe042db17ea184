// Goal: who is trusted, when, for whom, and what a folder that is wrong says. Method: folders put together
// from the certificates and lists of tests/data/signature.
#include "tests/support/temp_dir.hpp"
#include "tests/unit/signature/support.hpp"

#include <atomic>
#include <set>
#include <thread>

using namespace axis;
using signature::Certificate;
using signature::Reason;
using signature::Revocation;
using signature::Standing;
using signature::TrustStore;

TEST_SUITE_BEGIN("signature");

namespace {

namespace fs = std::filesystem;

Certificate certificate(std::string_view name) {
    return Certificate::all_of(read_file(test::data_dir / "pki" / (std::string{name} + ".pem")).value())
        .at(0);
}

// A trust folder put together file by file.
class Folder {
public:
    explicit Folder(const std::vector<std::string>& files = {"root.pem", "sub.pem"}) {
        for (const auto& file : files) fs::copy_file(test::data_dir / "pki" / file, folder_ / file);
    }
    Folder& with(const std::string& name, std::string_view text) {
        REQUIRE(write_file(folder_ / name, text).has_value());
        return *this;
    }
    TrustStore load(signature::TrustLimits limits = {}) const {
        return test::trust_in(folder_.path(), limits);
    }
    Error refused(signature::TrustLimits limits = {}) const {
        const auto store = TrustStore::load(folder_.path(), limits);
        REQUIRE_FALSE(store.has_value());
        CHECK(store.error().code == errc::config_invalid);
        return store.error();
    }
    Standing standing(std::string_view name, std::string_view at = "2026-06-01", bool proven = false) const {
        return load().judge(certificate(name), {}, test::moment(at), proven);
    }
    signature::Judgement judge(std::string_view file, std::string_view at = "2026-06-01") const {
        return test::judged(test::data_dir / file, load(), test::moment(at));
    }

private:
    test::TempDir folder_;
};

std::string fault_text(const Error& error) {
    std::string out;
    for (const auto& fault : error.faults) out += fault.pointer + ": " + fault.detail + "\n";
    return out;
}

bool says(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

// -- chains

TEST_CASE(
    "a chain ends at a self-signed authority of the folder, through intermediates of the folder or the "
    "message"
) {
    const auto standing = Folder{}.standing("g98");
    CHECK(standing.reason == Reason::holds);
    CHECK(standing.anchor == "Test root");
    CHECK(standing.chain.size() == 3);

    const Folder root_only{{"root.pem"}};
    CHECK(root_only.standing("g98").reason == Reason::no_issuer);
    const auto sent =
        root_only.load().judge(certificate("g98"), {certificate("sub")}, test::moment("2026-06-01"));
    CHECK(sent.reason == Reason::holds);
    CHECK(root_only.judge("valid/chain-sent.edxml").reason == Reason::holds);
}

TEST_CASE("what a message sends along is never an anchor") {
    const Folder nothing{{"sub.pem"}};
    CHECK(nothing.load().anchor_count() == 0);
    CHECK(nothing.judge("valid/chain-sent.edxml").reason == Reason::no_issuer);
    CHECK(Folder{{"rogue-root.pem", "sub.pem"}}.standing("g98").reason != Reason::holds);
}

TEST_CASE("a certificate that signs itself is trusted only where it is pinned, for its time") {
    CHECK(Folder{}.standing("alone").reason == Reason::no_issuer);
    CHECK(Folder{{"root.pem", "sub.pem", "alone.pem"}}.standing("alone").reason == Reason::no_issuer);
    Folder pinned{{"root.pem", "sub.pem", "alone.pem"}};
    pinned.with(
        "trust.toml",
        "[[anchor]]\nfile = 'alone.pem'\nname = 'Partner 98'\npurpose = 'partner'\nfrom = 2026-01-01\nuntil "
        "= 2027-01-01\n"
    );
    CHECK(pinned.load().anchor_count() == 2);
    CHECK(pinned.standing("alone", "2025-12-31").reason == Reason::no_issuer);
    CHECK(pinned.standing("alone", "2026-01-01").reason == Reason::holds);
    CHECK(pinned.standing("alone", "2026-01-01").anchor == "Partner 98 (partner)");
    CHECK(pinned.standing("alone", "2027-01-01").reason == Reason::no_issuer);
    CHECK(says(pinned.standing("alone", "2027-01-01").detail, "Partner 98"));
    CHECK(pinned.judge("refused/self-signed.edxml").reason == Reason::holds);
}

TEST_CASE("a pinned certificate needs no issuer, and nobody's list says whether it was revoked") {
    Folder pinned{{"g98.pem"}};
    pinned.with("trust.toml", "[[anchor]]\nfile = 'g98.pem'\n");

    const auto standing = pinned.standing("g98");

    CHECK(standing.reason == Reason::holds);
    CHECK(standing.anchor == "Agency 98");
    CHECK(standing.chain.size() == 1);
    CHECK(standing.revocation == Revocation::unknown);
}

TEST_CASE("a time in trust.toml is a date, a moment with its zone or without, or either as text") {
    for (const auto* until :
         {"2026-05-31",
          "'2026-05-31'",
          "2026-05-31T00:00:00",
          "2026-05-30T17:00:00Z",
          "'2026-05-31T00:00:00+07:00'"}) {
        CAPTURE(until);
        Folder folder;
        folder.with("trust.toml", std::string{"[[anchor]]\nfile = 'root.pem'\nuntil = "} + until + "\n");
        CHECK(folder.standing("g98", "2026-05-30T23:59:59").reason == Reason::holds);
        CHECK(folder.standing("g98", "2026-05-31").reason == Reason::no_issuer);
    }
}

TEST_CASE("an anchor is trusted for its time only") {
    Folder folder;
    folder.with(
        "trust.toml",
        "[[anchor]]\nfile = 'root.pem'\nname = 'công vụ'\npurpose = 'cong_vu'\nuntil = "
        "'2026-05-31T12:00:00+07:00'\n"
    );
    CHECK(folder.load().anchor_count() == 1);
    CHECK(folder.standing("g98", "2026-05-31T11:59:59").anchor == "công vụ (cong_vu)");
    CHECK(folder.standing("g98", "2026-05-31T12:00:00").reason == Reason::no_issuer);
    CHECK(folder.judge("valid/status.edxml").reason == Reason::no_issuer);
}

TEST_CASE("the far future is later than every certificate") {
    CHECK(Folder{}.standing("g98", "2500-01-01").reason == Reason::expired);
    CHECK(Folder{}.standing("g98", "9999-12-31").reason == Reason::expired);
}

// -- revocation

TEST_CASE("without a list the answer is unknown and said so, and the signature holds") {
    const Folder folder;
    const auto standing = folder.standing("revoked");
    CHECK(standing.reason == Reason::holds);
    CHECK(standing.revocation == Revocation::unknown);
    CHECK(says(standing.revocation_detail, "no list"));

    const auto judgement = folder.judge("valid/rsa-sha256-exclusive.edxml");
    CHECK(judgement.verdict() == signature::Verdict::valid);
    CHECK(judgement.revocation == Revocation::unknown);
}

TEST_CASE("each issuer of a chain but the anchor needs a list of its own") {
    CHECK(
        Folder{{"root.pem", "sub.pem", "root.crl", "sub.crl"}}.standing("g98").revocation == Revocation::good
    );
    const auto standing = Folder{{"root.pem", "sub.pem", "sub.crl"}}.standing("g98");
    CHECK(standing.revocation == Revocation::unknown);
    CHECK(says(standing.revocation_detail, "depth 1"));
    CHECK(Folder{{"root.pem", "sub.pem", "root.crl"}}.standing("g98").revocation == Revocation::unknown);
}

TEST_CASE("the lists that were looked into are told, byte for byte, each once") {
    const auto standing = Folder{{"root.pem", "sub.pem", "root.crl", "sub.crl"}}.standing("g98");
    REQUIRE(standing.materials.size() == 2);
    for (const auto& one : standing.materials) {
        CHECK(one.kind == signature::Material::Kind::crl);
        CHECK(sha256(*one.der) == one.sha256);
        Folder alone;
        alone.with("one.crl", *one.der);
        CHECK(alone.standing("g98").materials.size() == 1);
    }
    CHECK(Folder{}.standing("g98").materials.empty());
    const Folder folder{{"root.pem", "sub.pem", "root.crl", "sub.crl"}};
    CHECK(folder.judge("valid/rsa-sha256-exclusive.edxml").materials.size() == 2);
}

TEST_CASE("a list out of date leaves the answer open, unless a newer one lies beside it") {
    const auto standing = Folder{{"root.pem", "sub.pem", "root.crl", "late.crl"}}.standing("g98");
    CHECK(standing.reason == Reason::holds);
    CHECK(standing.revocation == Revocation::unknown);
    CHECK(says(standing.revocation_detail, "out of date"));
    const Folder both{{"root.pem", "sub.pem", "root.crl", "late.crl", "sub.crl"}};
    CHECK(both.standing("g98").revocation == Revocation::good);
    CHECK(both.standing("revoked").reason == Reason::revoked);
}

TEST_CASE("a list that another key than the issuer's has signed says nothing") {
    const auto standing = Folder{{"root.pem", "sub.pem", "root.crl", "forged.crl"}}.standing("g98");
    CHECK(standing.reason == Reason::holds);
    CHECK(standing.revocation == Revocation::unknown);
}

TEST_CASE("revoked is revoked, whatever time is claimed; a proven time before it counts") {
    const Folder folder{{"root.pem", "sub.pem", "root.crl", "sub.crl"}};
    CHECK(folder.standing("revoked").reason == Reason::revoked);
    CHECK(folder.standing("revoked").revocation == Revocation::revoked);
    CHECK(folder.standing("revoked", "2026-02-01").reason == Reason::revoked);
    CHECK(folder.standing("revoked", "2026-02-01", true).reason == Reason::holds);
    CHECK(folder.standing("revoked", "2026-04-01", true).reason == Reason::revoked);
}

TEST_CASE("an issuer that was revoked takes its certificates with it") {
    const Folder folder{{"root.pem", "sub.pem", "sub.crl", "sub-revoked.crl"}};
    const auto standing = folder.standing("g98");
    CHECK(standing.reason == Reason::revoked);
    CHECK(says(standing.detail, "depth 1"));
}

// -- agencies

TEST_CASE("a certificate speaks for the agency of its OU, and bindings.toml alone decides of those it names"
) {
    const auto trust = Folder{}.load();
    CHECK(trust.speaks_for(certificate("g98"), "G98"));
    CHECK_FALSE(trust.speaks_for(certificate("g98"), "G98.11"));
    CHECK_FALSE(trust.speaks_for(certificate("g98"), ""));
    CHECK_FALSE(trust.speaks_for(certificate("clerk"), "G97"));

    Folder bound;
    bound.with(
        "bindings.toml",
        "[[binding]]\nagency = 'G98'\nissuer = 'Test issuer'\nsubject = 'Clerk of agency 97'\n"
    );
    CHECK(bound.load().speaks_for(certificate("clerk"), "G98"));
    CHECK_FALSE(bound.load().speaks_for(certificate("g98"), "G98"));
    CHECK(bound.load().speaks_for(certificate("g99"), "G99"));
    CHECK(bound.judge("refused/unbound.edxml").reason == Reason::holds);
    CHECK(bound.judge("valid/status.edxml").reason == Reason::binding);
}

TEST_CASE("a binding names a certificate by its digest, or by its issuer with subject or unit") {
    const auto binding = [](const std::string& rule) {
        Folder folder;
        folder.with("bindings.toml", "[[binding]]\nagency = 'G97'\n" + rule);
        return folder.load();
    };
    const auto digest = certificate("clerk").facts().sha256.hex();
    CHECK(binding("certificate_sha256 = '" + digest + "'").speaks_for(certificate("clerk"), "G97"));
    CHECK_FALSE(binding("certificate_sha256 = '" + digest + "'").speaks_for(certificate("g98"), "G97"));
    const auto by_unit = binding("issuer = 'Test issuer'\nunit = 'G98'");
    CHECK(by_unit.speaks_for(certificate("g98"), "G97"));
    CHECK_FALSE(by_unit.speaks_for(certificate("g99"), "G97"));
    const auto by_both = binding("issuer = 'Test issuer'\nsubject = 'Agency 98'\nunit = 'G99'");
    CHECK_FALSE(by_both.speaks_for(certificate("g98"), "G97"));
    CHECK_FALSE(binding("issuer = 'Another'\nsubject = 'Agency 98'").speaks_for(certificate("g98"), "G97"));
}

TEST_CASE("of several bindings of an agency one is enough") {
    Folder folder;
    folder.with(
        "bindings.toml",
        "[[binding]]\nagency = 'G97'\nissuer = 'Test issuer'\nsubject = 'Agency 98'\n"
        "[[binding]]\nagency = 'G97'\nissuer = 'Test issuer'\nsubject = 'Agency 99'\n"
    );
    const auto trust = folder.load();
    CHECK(trust.speaks_for(certificate("g98"), "G97"));
    CHECK(trust.speaks_for(certificate("g99"), "G97"));
    CHECK_FALSE(trust.speaks_for(certificate("clerk"), "G97"));
}

// -- folders that are wrong

TEST_CASE("every fault of a trust folder is named at once, with its place") {
    Folder folder;
    folder.with("empty.pem", "nothing\n");
    folder.with(
        "trust.toml",
        "[[anchor]]\nfile = 'absent.pem'\n"
        "[[anchor]]\nfile = 'root.pem'\npurpose = 'everything'\nfrom = 'yesterday'\nuntil = 7\n"
        "[[anchor]]\nfile = 'root.pem'\nfingerprint = 'x'\n"
        "[[other]]\n"
    );
    folder.with(
        "bindings.toml",
        "[[binding]]\ncertificate_sha256 = 'abc'\nagency = 'G98'\n"
        "[[binding]]\nissuer = 'Test issuer'\nunit = 'G98'\n"
        "[[binding]]\nagency = 'G98'\nunit = 'G98'\n"
        "[[binding]]\nagency = 'G98'\nissuer = 'Test issuer'\n"
        "[[binding]]\nagency = 'G98'\nkey = 'x'\n"
    );

    const auto error = folder.refused();

    const auto text = fault_text(error);
    CAPTURE(text);
    CHECK(error.faults.size() == 12);
    for (const auto* part :
         {"empty.pem: holds neither",
          "trust.toml:1: file: must hold one certificate: absent.pem",
          "trust.toml:3: purpose: cong_vu, public, partner or tsa",
          "trust.toml:3: from: not a date",
          "trust.toml:3: until: not a date",
          "trust.toml:8: no such key: fingerprint",
          "trust.toml: only [[anchor]] and [[ocsp]] may stand here",
          "bindings.toml:1: certificate_sha256: 64 hexadecimal digits",
          "bindings.toml:4: agency is missing",
          "bindings.toml:7: write certificate_sha256, or issuer with subject or unit",
          "bindings.toml:10: write certificate_sha256, or issuer with subject or unit",
          "bindings.toml:13: no such key: key"}) {
        CAPTURE(part);
        CHECK(says(text, part));
    }
}

TEST_CASE("a file that is no TOML is named with its line, a folder that is not there with its name") {
    Folder folder;
    folder.with("bindings.toml", "[[binding]]\nagency = G98\n");
    CHECK(says(fault_text(folder.refused()), "bindings.toml:2"));
    const auto absent = TrustStore::load(test::data_dir / "no-such-folder");
    REQUIRE_FALSE(absent.has_value());
    CHECK(says(to_string(absent.error()), "no-such-folder"));
}

TEST_CASE("more files, or larger ones, than the limits are refused") {
    signature::TrustLimits few;
    few.file_count_max = 1;
    CHECK(says(fault_text(Folder{}.refused(few)), "too many files"));
    signature::TrustLimits small;
    small.file_bytes_max = 100;
    CHECK(Folder{}.refused(small).faults.size() == 2);
}

TEST_CASE("a chain that is longer than the limit is none") {
    signature::TrustLimits limits;
    limits.depth_max = 0;
    const auto standing = Folder{}.load(limits).judge(certificate("g98"), {}, test::moment("2026-06-01"));
    CHECK(standing.reason == Reason::chain);
}

// -- memory of verdicts

TEST_CASE("a verdict is remembered forwards for its time, never backwards and never beyond the certificate") {
    Folder folder;
    folder.with("trust.toml", "[[anchor]]\nfile = 'root.pem'\nuntil = '2026-06-01T08:00:00Z'\n");
    const auto trust = folder.load();
    const auto reason = [&](std::string_view at, bool proven = false) {
        return trust.judge(certificate("g98"), {}, test::moment(at), proven).reason;
    };
    CHECK(reason("2026-06-01T07:59:00Z") == Reason::holds);
    CHECK(reason("2026-06-01T08:01:00Z") == Reason::holds);            // remembered
    CHECK(reason("2026-06-01T08:01:00Z", true) == Reason::no_issuer);  // another question
    CHECK(reason("2026-06-01T08:09:00Z") == Reason::no_issuer);        // asked anew
    CHECK(reason("2026-06-01T07:58:00Z") == Reason::holds);

    const auto expiring = Folder{}.load();
    CHECK(
        expiring.judge(certificate("expired"), {}, test::moment("2024-12-31T23:59:00Z")).reason ==
        Reason::holds
    );
    CHECK(
        expiring.judge(certificate("expired"), {}, test::moment("2025-01-01T00:01:00Z")).reason ==
        Reason::expired
    );
}

TEST_CASE("a full memory forgets, and is right") {
    signature::TrustLimits limits;
    limits.cached_leaves_max = 1;
    const auto trust = Folder{}.load(limits);
    for (int round = 0; round < 3; ++round)
        for (const auto* name : {"g98", "g99", "alone"}) {
            const auto standing = trust.judge(certificate(name), {}, test::moment("2026-06-01"));
            CHECK((standing.reason == Reason::holds) == (std::string_view{name} != "alone"));
        }
}

TEST_CASE("several threads may ask one store") {
    const auto trust = Folder{{"root.pem", "sub.pem", "root.crl", "sub.crl"}}.load();
    const std::vector<Certificate> leaves{certificate("g98"), certificate("revoked")};
    std::atomic<int> right = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 50; ++i) {
                const auto at = test::moment("2026-06-01") + std::chrono::hours{i % 3};
                const auto good = trust.judge(leaves[0], {}, at, t % 2 == 0).reason == Reason::holds;
                const auto bad = trust.judge(leaves[1], {}, at).reason == Reason::revoked;
                right += good && bad ? 1 : 0;
            }
        });
    for (auto& thread : threads) thread.join();
    CHECK(right == 200);
}

// -- certificates

TEST_CASE("a certificate that comes again is the one that was read, and another of one octet is another") {
    const auto read = [](const std::string& der) { return Certificate::from_der(der).value(); };
    const auto der = certificate("g98").der();
    const auto first = read(der);
    CHECK(read(der).handle() == first.handle());

    // Nothing of a certificate is verified when it is read: each serial number makes another one.
    std::string serial;
    for (std::size_t i = 0; i < first.facts().serial.size(); i += 2)
        serial += static_cast<char>(std::stoi(first.facts().serial.substr(i, 2), nullptr, 16));
    const auto at = der.find(serial);
    REQUIRE(at != std::string::npos);
    std::set<std::string> serials;
    for (int i = 0; i < 600; ++i) {  // more than are remembered
        auto other = der;
        other[at + 2] = static_cast<char>(i % 256);
        other[at + 3] = static_cast<char>(i / 256);
        const auto certificate = read(other);
        CHECK(certificate.der() == other);
        serials.insert(certificate.facts().serial);
    }
    CHECK(serials.size() == 600);
    CHECK(read(der).facts().serial == first.facts().serial);
}

TEST_CASE("a certificate is what its bytes say from the first to the last") {
    const auto der = certificate("g98").der();
    CHECK(Certificate::from_der(der).has_value());
    CHECK_FALSE(Certificate::from_der(der + '\0').has_value());
    CHECK_FALSE(Certificate::from_der(std::string_view{der}.substr(0, der.size() - 1)).has_value());
    CHECK_FALSE(Certificate::from_der("").has_value());
    CHECK(Certificate::all_of(der).size() == 1);
    CHECK(Certificate::all_of(read_file(test::data_dir / "trust/authorities.pem").value()).size() == 2);
    CHECK(Certificate::all_of("no certificate").empty());
}

TEST_CASE("authorities, signers of themselves, and signers of documents are told apart") {
    CHECK(certificate("root").is_authority());
    CHECK(certificate("root").self_signed());
    CHECK_FALSE(certificate("root").may_sign());
    CHECK(certificate("sub").is_authority());
    CHECK_FALSE(certificate("sub").self_signed());
    CHECK_FALSE(certificate("alone").is_authority());
    CHECK(certificate("alone").self_signed());
    CHECK(certificate("g98").may_sign());
}

TEST_SUITE_END();
