// Goal: XML signatures of any form that is allowed verify, wherever they stand; what is not allowed, or lets
// one reader see what another does not, is refused with its reason. Method: tests/data/signature/xmldsig,
// signed by xmlsec1; and documents that are made to cost.
#include "gateway/signature/xmldsig/key_info.hpp"
#include "gateway/signature/xmldsig/verifier.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/signature/support.hpp"

#include <openssl/objects.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

using namespace axis;
using signature::Certificate;
using signature::Check;
using signature::Judgement;
using signature::Reason;
using signature::Verdict;

TEST_SUITE_BEGIN("signature");

namespace {

namespace fs = std::filesystem;

// The ordinary folder; with the signer's certificate in it for documents that only name it.
const signature::TrustStore& trust(bool named) {
    static const auto ordinary = test::trust_in(test::data_dir / "trust");
    static const auto with_signer = [] {
        test::TempDir folder;
        for (const auto* file : {"trust/authorities.pem", "trust/revoked.crl", "pki/g98.pem"})
            fs::copy_file(test::data_dir / file, folder / fs::path{file}.filename());
        return test::trust_in(folder.path());
    }();
    return named ? with_signer : ordinary;
}

Judgement judged(std::string_view file, std::string_view at = "2026-06-01") {
    const bool named = file.find("named-by") != std::string_view::npos;
    return test::judged_document(test::data_dir / file, trust(named), test::moment(at));
}

Judgement of_text(std::string_view text, const signature::XmldsigLimits& limits = {}) {
    return signature::verify_document(text, trust(false), test::moment("2026-06-01"), limits);
}

std::string repeated(std::string_view text, std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out += text;
    return out;
}

Check::Outcome outcome(const Judgement& judgement, std::string_view name) {
    const auto at = std::find_if(judgement.checks.begin(), judgement.checks.end(), [&](const Check& check) {
        return check.name == name;
    });
    REQUIRE(at != judgement.checks.end());
    return at->outcome;
}

}  // namespace

TEST_CASE("every document of the own corpus gets the verdict that stands beside it") {
    const auto rows = test::table_in(test::data_dir / "xmldsig.tsv");
    REQUIRE(rows.size() == 72);
    std::set<std::string> listed;
    for (const auto& row : rows) {
        CAPTURE(row.at(0));
        CAPTURE(row.at(2));
        const auto judgement = judged(row[0]);
        CAPTURE(judgement.detail);
        CHECK(test::code_of(judgement) == row.at(1));
        listed.insert(row[0]);
    }
    for (const auto& entry : fs::directory_iterator{test::data_dir / "xmldsig"})
        CHECK(listed.erase("xmldsig/" + entry.path().filename().string()) == 1);
    CHECK(listed.empty());
}

TEST_CASE("every reason of the profile stands in the own corpus") {
    std::set<std::string> shown;
    for (const auto& row : test::table_in(test::data_dir / "xmldsig.tsv")) shown.insert(row.at(1));
    for (const auto reason :
         {Reason::doctype,
          Reason::external,
          Reason::target,
          Reason::twin,
          Reason::canonical,
          Reason::weak_chain}) {
        const auto code = std::string{signature::row(reason).code};
        CAPTURE(code);
        CHECK(shown.contains(code));
    }
}

TEST_CASE("an envelope is a document too: two ways to its digest, by two libraries, and one verdict") {
    std::size_t valid = 0;
    for (const auto& row : test::table_in(test::data_dir / "outcomes.tsv")) {
        CAPTURE(row.at(0));
        const auto judgement = judged(row[0]);
        CAPTURE(test::code_of(judgement));
        CAPTURE(judgement.detail);
        const bool changed =
            row.at(1) == "signature.digest" || row[1] == "signature.value" || row[1] == "signature.transit";
        if (row[1] == "signature.holds") CHECK(judgement.verdict() == Verdict::valid);
        if (changed) CHECK(judgement.verdict() == Verdict::invalid);
        if (row[1] == "signature.holds") ++valid;
    }
    CHECK(valid == 27);
}

TEST_CASE("what is covered is told: everything, or a part of it") {
    CHECK(outcome(judged("xmldsig/enveloped.xml"), "coverage") == Check::Outcome::passed);
    CHECK(outcome(judged("xmldsig/two-signatures.xml"), "coverage") == Check::Outcome::passed);
    CHECK(outcome(judged("xmldsig/enveloping.xml"), "coverage") == Check::Outcome::passed);
    CHECK(outcome(judged("xmldsig/part.xml"), "coverage") == Check::Outcome::unknown);
    CHECK(outcome(judged("xmldsig/detached.xml"), "coverage") == Check::Outcome::unknown);
    // Only the octets that the text encodes are signed, not the element around it.
    CHECK(outcome(judged("xmldsig/enveloping-base64.xml"), "coverage") == Check::Outcome::unknown);
}

TEST_CASE("a document of several signatures is as good as the worst, and told by the first that fails") {
    const auto good = judged("xmldsig/two-signatures.xml");
    CHECK(good.verdict() == Verdict::valid);
    CHECK(good.signer.value().name == "Agency 99");
    const auto both = read_file(test::data_dir / "xmldsig/two-signatures.xml").value();
    auto inner = both;
    const auto last = inner.rfind("<SignatureValue>") + 16;
    inner[last] = inner[last] == 'A' ? 'B' : 'A';
    CHECK(of_text(inner).reason == Reason::digest);  // the outer one covers it
}

TEST_CASE("a weak chain is weak only under an anchor, and weak mathematics are told first") {
    const auto weak = judged("xmldsig/short-key.xml");
    CHECK(weak.verdict() == Verdict::weak);
    CHECK(weak.anchor == "Test root");
    CHECK(outcome(weak, "strength") == Check::Outcome::unknown);
    CHECK(judged("xmldsig/short-key-rogue.xml").verdict() == Verdict::untrusted);
    CHECK(judged("xmldsig/short-key.xml", "2045-01-01").reason == Reason::expired);
    CHECK(judged("xmldsig/sha1.xml").reason == Reason::sha1);
}

TEST_CASE("what is lenient to documents stays strict to mail") {
    const auto leaf = Certificate::all_of(read_file(test::data_dir / "pki/short.pem").value()).at(0);
    const auto at = test::moment("2026-06-01");
    CHECK(trust(false).judge_leniently(leaf, {}, at).reason == Reason::holds);
    CHECK(trust(false).judge(leaf, {}, at).reason == Reason::key_weak);
    CHECK_FALSE(trust(false).judge_leniently(leaf, {}, at).weakness.empty());
    CHECK(trust(false).judge(leaf, {}, at).weakness.empty());
}

TEST_CASE("documents that are made to cost are refused before a parser sees them") {
    const signature::XmldsigLimits limits;
    const auto parse = [](std::string_view text) {
        const auto judgement = of_text(text);
        CAPTURE(judgement.detail);
        return judgement.reason == Reason::parse;
    };
    const auto nested = [](std::size_t depth) { return repeated("<a>", depth) + repeated("</a>", depth); };
    CHECK(of_text(nested(limits.depth_max)).reason == Reason::absent);
    CHECK(parse(nested(limits.depth_max + 1)));
    const auto wide = [](std::size_t count) { return "<a>" + repeated("<b/>", count) + "</a>"; };
    CHECK(of_text(wide(limits.element_count_max - 1)).reason == Reason::absent);
    CHECK(parse(wide(limits.element_count_max)));
    const auto attributes = [](std::size_t count) {
        std::string out = "<a";
        for (std::size_t i = 0; i < count; ++i) out += " a" + std::to_string(i) + "=''";
        return out + "/>";
    };
    CHECK(of_text(attributes(limits.tag_attribute_count_max)).reason == Reason::absent);
    CHECK(parse(attributes(limits.tag_attribute_count_max + 1)));
    const auto ten = [](std::size_t tags) {
        return "<a>" + repeated("<b c='' d='' e='' f='' g='' h='' i='' j='' k='' l=''/>", tags) + "</a>";
    };
    CHECK(of_text(ten(limits.attribute_count_max / 10)).reason == Reason::absent);
    CHECK(parse(ten(limits.attribute_count_max / 10 + 1)));
    CHECK(of_text("<a b='" + std::string(limits.tag_bytes_max - 9, 'x') + "'/>").reason == Reason::absent);
    CHECK(parse("<a b='" + std::string(limits.tag_bytes_max, 'x') + "'/>"));
    CHECK(parse("<a>" + std::string(limits.document_bytes_max, 'x') + "</a>"));
    CHECK(parse(std::string_view{"<a>\0</a>", 8}));
    CHECK(parse(""));
    CHECK(parse("<a"));
    CHECK(parse("<a b='"));
    CHECK(parse("<?xml version='1.1'?><a/>"));
    CHECK(parse("<?xml version='1.0' encoding='UTF-7'?><a/>"));
    CHECK(of_text("\xEF\xBB\xBF<?xml version='1.0' encoding='utf-8'?><a/>").reason == Reason::absent);
    CHECK(parse("<!-- <a/>"));
}

TEST_CASE("a document type is found wherever it stands, and not where the words only stand in a text") {
    CHECK(of_text("<!DOCTYPE a><a/>").reason == Reason::doctype);
    CHECK(of_text("<?xml version='1.0'?><!-- > --><!doctype a []><a/>").reason == Reason::doctype);
    CHECK(of_text("<a><!-- <!DOCTYPE a> --><![CDATA[<!DOCTYPE a>]]></a>").reason == Reason::absent);
    CHECK(of_text("<a b='<!DOCTYPE'/>").reason == Reason::parse);  // no < in a value
}

TEST_CASE("signatures, references, certificates and prefixes are counted") {
    const auto document = read_file(test::data_dir / "xmldsig/two-signatures.xml").value();
    signature::XmldsigLimits limits;
    limits.signature_count_max = 1;
    CHECK(of_text(document, limits).reason == Reason::shape);
    limits = {};
    limits.reference_count_max = 1;
    CHECK(of_text(document, limits).reason == Reason::shape);
    limits = {};
    limits.read_bytes_max = 2 * document.size();  // two signatures of one reference
    CHECK(of_text(document, limits).reason == of_text(document).reason);
    --limits.read_bytes_max;
    CHECK(of_text(document, limits).reason == Reason::shape);
    CHECK(of_text(document, limits).detail == "too many references for a document of this size");
    const auto chain = read_file(test::data_dir / "xmldsig/chain-reversed.xml").value();
    limits = {};
    limits.certificate_count_max = 2;
    CHECK(of_text(chain, limits).reason == Reason::key_info);
    const auto prefixes = read_file(test::data_dir / "xmldsig/inclusive-prefixes.xml").value();
    limits = {};
    limits.prefix_list_bytes_max = 0;
    CHECK(of_text(prefixes, limits).reason == Reason::transform);
    const auto xpath = read_file(test::data_dir / "xmldsig/xpath-enveloped.xml").value();
    limits = {};
    limits.xpath_element_count_max = 5;
    CHECK(of_text(xpath, limits).reason == Reason::transform);
}

TEST_CASE("a verdict never repeats what a document says") {
    auto document = read_file(test::data_dir / "xmldsig/enveloped.xml").value();
    constexpr std::string_view exclusive = "<Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#";
    document.insert(document.find(exclusive) + exclusive.size(), "&#10;&#x9B;spoken");
    const auto judgement = of_text(document);
    CHECK(judgement.reason == Reason::transform);
    CHECK(judgement.detail == "one that is not known here, or its place");
    for (const auto& check : judgement.checks) CHECK(check.detail.find("spoken") == std::string::npos);
    CHECK(judged("xmldsig/xslt.xml").detail == "XSLT");
    CHECK(judged("xmldsig/xpath.xml").detail == "XPath");
}

TEST_CASE("a document without signature, or without its bytes, is no crash") {
    const auto document = read_file(test::data_dir / "xmldsig/enveloped.xml").value();
    for (std::size_t size = 0; size < document.size(); size += 7)
        CHECK(of_text(std::string_view{document}.substr(0, size)).reason == Reason::parse);
}

TEST_CASE("no bit of a signed document can change and leave it valid, but where nothing is said") {
    const auto document = read_file(test::data_dir / "xmldsig/detached-two.xml").value();
    const auto from = document.find("<SignedInfo>");
    const auto until = document.find("</SignatureValue>");
    REQUIRE(of_text(document).verdict() == Verdict::valid);
    for (auto at = from; at < until; at += 3) {
        auto changed = document;
        changed[at] = changed[at] == 'x' ? 'y' : 'x';
        CAPTURE(at);
        CHECK(of_text(changed).verdict() != Verdict::valid);
    }
}

TEST_CASE("several threads may verify at once") {
    const auto good = read_file(test::data_dir / "xmldsig/two-signatures.xml").value();
    const auto changed = read_file(test::data_dir / "xmldsig/base64-changed.xml").value();
    std::atomic<int> right = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 20; ++i) {
                const bool valid = of_text(good).verdict() == Verdict::valid;
                const bool invalid = of_text(changed).reason == Reason::digest;
                right += valid && invalid ? 1 : 0;
            }
        });
    for (auto& thread : threads) thread.join();
    CHECK(right == 80);
}

TEST_CASE("a distinguished name is read part by part, however it is escaped") {
    using Parts = signature::NameParts;
    const auto parts = [](std::string_view text) { return signature::name_parts(text); };
    const Parts plain{
        {NID_commonName, "Văn thư"}, {NID_organizationalUnitName, "G98"}, {NID_countryName, "VN"}};
    CHECK(parts("CN=Văn thư,OU=G98,C=VN") == plain);
    CHECK(parts(" cn = Văn thư ,\n OU=G98;C=\"VN\" ") == plain);
    CHECK(parts("2.5.4.3=V\\C4\\83n th\\C6\\B0+OU=G98,C=VN") == plain);
    CHECK(parts("CN=a\\, b") == Parts{{NID_commonName, "a, b"}});
    CHECK(parts("CN=\"a, b\"") == Parts{{NID_commonName, "a, b"}});
    CHECK(parts("CN=a\\ ") == Parts{{NID_commonName, "a "}});
    CHECK(parts("CN=\\ a") == Parts{{NID_commonName, " a"}});
    CHECK(parts("E=a@example.com") == Parts{{NID_pkcs9_emailAddress, "a@example.com"}});
    CHECK(parts("CN=") == Parts{{NID_commonName, ""}});
    CHECK(parts("").empty());
    CHECK(parts("CN").empty());
    CHECK(parts("no such type=x").empty());
    CHECK(parts("CN=a\\").size() == 1);
}

TEST_CASE("the signer is the certificate that has issued none of the others, and must be one") {
    const auto certificate = [](std::string_view name) {
        return Certificate::all_of(read_file(test::data_dir / "pki" / (std::string{name} + ".pem")).value())
            .at(0);
    };
    const auto signer = [](std::vector<Certificate> sent, std::vector<Certificate> known = {}) {
        const auto found = signature::signer_of({std::move(sent), {}}, known);
        const auto* one = std::get_if<Certificate>(&found);
        return one == nullptr ? std::string{} : one->facts().name;
    };
    const auto root = certificate("root");
    const auto sub = certificate("sub");
    const auto g98 = certificate("g98");
    CHECK(signer({root, sub, g98}) == "Agency 98");
    CHECK(signer({g98, g98, sub}) == "Agency 98");
    CHECK(signer({root}) == "Test root");
    CHECK(signer({g98, certificate("g99")}).empty());
    CHECK(signer({}, {root, sub, g98}) == "Agency 98");
    CHECK(signer({}, {}).empty());
    CHECK(signer({certificate("alone")}, {g98}) == "Agency 98 alone");
}

TEST_SUITE_END();
