// Goal: what an attacker makes of a signed envelope is refused, each file for the kind of reason it was made
// for; honest ones are accepted. Method: every row of the attack corpus' manifest, through the same two
// passes as `axisctl signature verify`.
#include "tests/support/temp_dir.hpp"
#include "tests/unit/signature/support.hpp"

#include <zlib.h>

#include <algorithm>
#include <map>
#include <set>

using namespace axis;
using signature::Judgement;
using signature::Reason;
using signature::Verdict;

TEST_SUITE_BEGIN("signature");

namespace {

namespace fs = std::filesystem;

const fs::path attacks = test::shared_dir / "corpora/attacks";
const std::set<std::string> groups{
    "valid", "xsw", "sigform", "keyinfo", "transform", "alg", "textinj", "parser", "content"};

// What a class of the manifest may be refused for.
const std::map<std::string, std::set<Reason>> classes{
    {"xsw", {Reason::envelope_refused, Reason::structure, Reason::reference}},
    {"schema", {Reason::envelope_refused, Reason::structure}},
    {"exclusion", {Reason::absent, Reason::wrong_namespace, Reason::shape}},
    {"tamper", {Reason::digest}},
    {"malformed", {Reason::shape, Reason::encoding, Reason::value}},
    {"keyinfo",
     {Reason::key_info, Reason::certificate_unreadable, Reason::no_issuer, Reason::usage, Reason::key_weak}},
    {"identity", {Reason::binding, Reason::key_info, Reason::envelope_refused}},
    {"transform", {Reason::transform}},
    {"reference", {Reason::reference, Reason::shape}},
    {"algorithm", {Reason::algorithm, Reason::encoding, Reason::value}},
    {"textinj", {Reason::envelope_refused, Reason::structure}},
    {"parser", {Reason::envelope_refused}},
    {"encoding", {Reason::envelope_refused}},
    {"content", {Reason::envelope_refused}},
};

// Rows that leave it to us, or that a signature cannot answer.
const std::map<std::string, Reason> decided{
    // The intermediate is not in the folder of this test; the next one shows it accepted where it is.
    {"keyinfo/k28-missing-intermediate.xml", Reason::no_issuer},
    // InclusiveNamespaces changes what is hashed: the strict profile knows no transform with parameters.
    {"transform/t26-inclusive-namespaces-param.xml", Reason::transform},
    // Weak, not refused: how long SHA-1 is accepted of whom is the endpoint's policy.
    {"alg/a01-rsa-sha1.xml", Reason::sha1},
    // Accepted as the agency it really names, see below.
    {"textinj/c05-charref-in-organid.xml", Reason::holds},
    // White space round a code: two readers could read two codes.
    {"textinj/c06-whitespace-organid.xml", Reason::structure},
    // Where a value is printed it is escaped there.
    {"textinj/c12-log-injection-subject.xml", Reason::holds},
    // Text of any length flows past the tree.
    {"parser/p46-text-11MB-valid-signature.xml.gz", Reason::holds},
    // A ZIP is never unpacked under its own name.
    {"content/d09-zip-bomb.xml", Reason::holds},
    {"content/d10-zip-slip.xml", Reason::holds},
    // Whom a message goes to, and whether it came before, is asked later: exchange and ledger refuse these.
    {"content/d17-self-addressed-loop.xml", Reason::holds},
    {"content/d19-replay-same-docid-different-content.xml", Reason::holds},
    {"content/d21-nested-edxml-attachment.xml", Reason::holds},
};

struct Row {
    std::string file;
    std::string expected;
    std::string kind;  // the manifest's "class"
};

std::vector<Row> rows() {
    std::vector<Row> out;
    for (auto& fields : test::table_in(attacks / "manifest.tsv"))
        if (groups.contains(fields.at(0).substr(0, fields[0].find('/'))))
            out.push_back({fields[0], fields.at(1), fields.at(2)});
    return out;
}

// gzread passes plain files through.
void unpack(const fs::path& from, const fs::path& to) {
    const auto file = gzopen(from.c_str(), "rb");
    REQUIRE(file != nullptr);
    std::ofstream out{to, std::ios::binary};
    std::string buffer(1 << 16, '\0');
    for (int n = gzread(file, buffer.data(), 1 << 16); n > 0; n = gzread(file, buffer.data(), 1 << 16))
        out.write(buffer.data(), n);
    gzclose(file);
}

// The corpus' root is trusted, and its lists are known.
class Corpus {
public:
    explicit Corpus(const std::vector<std::string>& trusted) {
        fs::create_directory(folder_ / "trust");
        for (const auto& name : trusted) fs::copy_file(attacks / "pki" / name, folder_ / "trust" / name);
        trust_.push_back(test::trust_in(folder_ / "trust"));
    }
    Judgement judge(const std::string& file) const {
        unpack(attacks / file, folder_ / "message.edxml");
        return test::judged(folder_ / "message.edxml", trust_.front(), test::moment("2026-12-01"));
    }

private:
    test::TempDir folder_;
    std::vector<signature::TrustStore> trust_;
};

}  // namespace

TEST_CASE("every file of the attack corpus gets the verdict that it was made for") {
    if (!test::corpus_is_there(attacks)) return;
    const Corpus corpus{{"rootca.pem", "crls.pem"}};
    std::size_t accepted = 0;
    std::size_t refused = 0;
    for (const auto& row : rows()) {
        CAPTURE(row.file);
        CAPTURE(row.kind);
        const auto judgement = corpus.judge(row.file);
        CAPTURE(test::code_of(judgement));
        CAPTURE(judgement.detail);
        const bool valid = judgement.verdict() == Verdict::valid;
        if (const auto ours = decided.find(row.file); ours != decided.end()) {
            CHECK(judgement.reason == ours->second);
        } else if (row.expected == "accept") {
            CHECK(valid);
        } else {
            REQUIRE(row.expected == "reject");
            REQUIRE(classes.contains(row.kind));
            CHECK(classes.at(row.kind).contains(judgement.reason));
        }
        ++(valid ? accepted : refused);
    }
    CHECK(accepted == 9 + 8);  // and 8 whose fault is none that a signature shows
    CHECK(refused == 93);
}

TEST_CASE("no file of the attack corpus is without a row, and no decision without a file") {
    if (!test::corpus_is_there(attacks)) return;
    std::set<std::string> listed;
    for (const auto& row : rows()) listed.insert(row.file);
    for (const auto& group : groups)
        for (const auto& entry : fs::directory_iterator{attacks / group}) {
            const auto file = group + "/" + entry.path().filename().string();
            CAPTURE(file);
            CHECK(listed.erase(file) == 1);
        }
    CHECK(listed.empty());
    for (const auto& [file, reason] : decided) CHECK(fs::exists(attacks / file));
}

TEST_CASE("an envelope that the reader refuses is refused with the reader's own words") {
    if (!test::corpus_is_there(attacks)) return;
    const Corpus corpus{{"rootca.pem", "crls.pem"}};
    for (const auto& row : rows()) {
        const auto judgement = corpus.judge(row.file);
        if (judgement.reason != Reason::envelope_refused) continue;
        CAPTURE(row.file);
        CAPTURE(judgement.detail);
        const auto area = judgement.detail.substr(0, judgement.detail.find('.'));
        CHECK((row.kind == "content" ? area == "file" || area == "attachment" : area == "envelope"));
        CHECK_FALSE(judgement.signer);
    }
}

TEST_CASE("an intermediate that was not sent is taken from the folder where it lies there") {
    if (!test::corpus_is_there(attacks)) return;
    const Corpus corpus{{"rootca.pem", "subca.pem", "crls.pem"}};

    const auto judgement = corpus.judge("keyinfo/k28-missing-intermediate.xml");

    CHECK(judgement.verdict() == Verdict::valid);
    CHECK(judgement.revocation == signature::Revocation::good);
}

TEST_CASE("an identity spelt with character references is the one it spells") {
    if (!test::corpus_is_there(attacks)) return;
    const Corpus corpus{{"rootca.pem", "crls.pem"}};

    const auto judgement = corpus.judge("textinj/c05-charref-in-organid.xml");

    const auto bound = std::find_if(judgement.checks.begin(), judgement.checks.end(), [](const auto& check) {
        return check.name == "binding";
    });
    REQUIRE(bound != judgement.checks.end());
    CHECK(bound->detail == "000.00.00.H41.evil.example");
    CHECK(judgement.signer.value().name == "Evil agency");
}

TEST_SUITE_END();
