// Goal: under --profile xmldsig no public vector is judged wrongly, and what is refused is refused by a rule
// that is ours. Method: every test vector of ../shared/corpora/signature, with the trust and the time that
// its manifest names; the result is the table in gateway/signature/README.md, to the last digit.
#include "tests/support/temp_dir.hpp"
#include "tests/unit/signature/support.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <sstream>

using namespace axis;
using signature::Certificate;
using signature::Judgement;
using signature::Verdict;

TEST_SUITE_BEGIN("signature");

namespace {

namespace fs = std::filesystem;

const fs::path corpora = test::shared_dir / "corpora/signature";
constexpr auto made_at = "2026-11-21T00:00:00Z";  // the manifest's own date: its verdicts are of that day

struct Vector {
    std::string suite;
    std::string file;
    std::string spec;  // the verdict of a verifier that can everything
    std::string key;   // whom to trust, in words of xmlsec1's command line or of the manifest

    fs::path path() const { return corpora / suite / file; }
};

std::vector<Vector> vectors() {
    std::vector<Vector> out;
    for (auto& fields : test::table_in(corpora / "manifest.tsv"))
        if (fields.size() > 5 && fields[2] == "test")
            out.push_back({fields[0], fields[1], fields[3], fields[5]});
    return out;
}

std::string text_of(const Vector& vector) {
    return read_file(vector.path()).value();
}

std::vector<std::string> between(const std::string& text, std::string_view open, std::string_view close) {
    std::vector<std::string> out;
    for (auto at = text.find(open); at != std::string::npos; at = text.find(open, at)) {
        at += open.size();
        const auto end = text.find(close, at);
        if (end == std::string::npos) break;
        out.push_back(text.substr(at, end - at));
    }
    return out;
}

// The trust folder of one vector: what its manifest calls trusted is an anchor, or pinned.
class Trust {
public:
    explicit Trust(const Vector& vector) : vector_{vector} {
        auto words = vector.key;
        std::replace(words.begin(), words.end(), '|', ' ');
        const auto folder = between(words, "(cwd=", ")");
        from_ = corpora / vector.suite / (folder.empty() ? "." : folder.front());
        std::istringstream in{words};
        for (std::string word; in >> word;) read(word, in);
        std::string rows;
        for (const auto& name : pinned_) rows += "[[anchor]]\nfile = '" + name + "'\n";
        REQUIRE(write_file(folder_ / "trust.toml", rows).has_value());
    }

    Judgement judge() const {
        return test::judged_document(vector_.path(), test::trust_in(folder_.path()), at_);
    }

private:
    void read(const std::string& word, std::istringstream& in) {
        const auto next = [&in] {
            std::string out;
            in >> out;
            return out;
        };
        if (word.starts_with("--trusted-") || word.starts_with("--pubkey-cert-")) {
            put(read_file(from_ / next()).value(), true);
        } else if (word.starts_with("--untrusted-")) {
            put(read_file(from_ / next()).value(), false);
        } else if (word.starts_with("pubcert")) {
            put(read_file(corpora / vector_.suite / word.substr(word.find('=') + 1)).value(), true);
            alive();
        } else if (word == "key=embedded") {
            for (const auto& encoded : between(text_of(vector_), "X509Certificate>", "<"))
                if (std::string der; base64_decode(encoded, der)) put(der, true);
            alive();
        } else if (word == "--verification-gmt-time") {
            auto time = next();  // 2009-01-01+10:00:00
            time.replace(10, 1, "T");
            at_ = test::moment(time + "Z");
        }
    }

    void put(std::string_view bytes, bool pinned) {
        for (const auto& certificate : Certificate::all_of(bytes)) {
            const auto name = std::to_string(++count_) + ".der";
            REQUIRE(write_file(folder_ / name, certificate.der()).has_value());
            if (pinned) pinned_.push_back(name);
            last_ = certificate;
        }
    }

    // The manifest names a key and no time: a day on which its certificate is valid.
    void alive() {
        if (last_) at_ = last_->facts().not_before + std::chrono::hours{24};
    }

    const Vector& vector_;
    test::TempDir folder_;
    fs::path from_;
    std::vector<std::string> pinned_;
    std::optional<Certificate> last_;
    std::size_t count_ = 0;
    Time at_ = test::moment(made_at);
};

struct Score {
    int verified = 0;
    int weak = 0;
    int refused = 0;
    int invalid = 0;  // and called so
    std::map<std::string, int> codes;
    std::vector<std::string> wrong;

    std::string row(const std::string& suite) const {
        std::vector<std::pair<int, std::string>> by_count;
        for (const auto& [code, count] : codes) by_count.emplace_back(-count, code);
        std::sort(by_count.begin(), by_count.end());
        std::string out = "| " + suite + " | " + std::to_string(verified);
        if (weak > 0) out += " (" + std::to_string(weak) + " weak)";
        out += " | " + std::to_string(refused);
        for (const auto& [count, code] : by_count)
            out += (&code == &by_count.front().second ? ": `" : ", `") + code + "` " + std::to_string(-count);
        return out + " | " + std::to_string(invalid) + " | " + std::to_string(wrong.size()) + " |";
    }
};

void add(Score& result, const Vector& vector, const Judgement& judgement) {
    static const std::set<std::string> bad{"invalid", "spec-error", "reject-parse"};
    const auto verdict = judgement.verdict();
    const bool verified = verdict == Verdict::valid || verdict == Verdict::weak;
    const auto code = test::code_of(judgement);
    if (verified && bad.contains(vector.spec)) {
        result.wrong.push_back(vector.file + ": " + code);
    } else if (verified) {
        ++result.verified;
        result.weak += verdict == Verdict::weak ? 1 : 0;
    } else if (bad.contains(vector.spec)) {
        ++result.invalid;
    } else if (verdict == Verdict::invalid && vector.spec == "valid") {
        result.wrong.push_back(vector.file + ": " + code);
    } else {
        ++result.refused;
        ++result.codes[code];
    }
}

// What has to verify, seen by another eye than the verifier's: RSA or ECDSA by SHA-2, all references within
// the document, the key in X509Data.
bool must_verify(const Vector& vector) {
    if (vector.spec != "valid") return false;
    const auto text = text_of(vector);
    const auto quoted = [&text](const std::string& element, const std::string& attribute) {
        std::vector<std::string> out;
        for (const auto& tag : between(text, element, ">")) {
            const auto found = between(tag, " " + attribute + "=\"", "\"");
            out.push_back(found.empty() ? "" : found.front());
        }
        return out;
    };
    const auto methods = quoted("SignatureMethod", "Algorithm");
    const auto uris = quoted("Reference", "URI");
    const auto sha2 = [](const std::string& uri) {
        const bool digest = uri.find("sha256") != std::string::npos ||
                            uri.find("sha384") != std::string::npos ||
                            uri.find("sha512") != std::string::npos;
        return digest && (uri.find("rsa") != std::string::npos || uri.find("ecdsa") != std::string::npos);
    };
    return !methods.empty() && std::all_of(methods.begin(), methods.end(), sha2) &&
           std::all_of(
               uris.begin(), uris.end(), [](const auto& uri) { return uri.empty() || uri[0] == '#'; }
           ) &&
           text.find("X509Data") != std::string::npos;
}

std::vector<std::string> table_of_readme() {
    std::ifstream file{fs::path{AXIS_SOURCE_DIR} / "gateway/signature/README.md"};
    std::vector<std::string> rows;
    std::string line;
    while (std::getline(file, line))
        if (line.starts_with("| ") && !line.starts_with("| suite")) rows.push_back(line);
    return rows;
}

}  // namespace

TEST_CASE("no public vector is judged wrongly, and the README's table is what comes out") {
    if (!test::corpus_is_there(corpora)) return;
    std::map<std::string, Score> results;
    for (const auto& vector : vectors()) {
        CAPTURE(vector.file);
        add(results[vector.suite], vector, Trust{vector}.judge());
    }
    std::vector<std::string> rows;
    for (const auto& [suite, result] : results) {
        for (const auto& file : result.wrong) CHECK_MESSAGE(false, file);
        rows.push_back(result.row(suite));
        MESSAGE(rows.back());
    }
    CHECK(table_of_readme() == rows);
}

TEST_CASE("what is RSA or ECDSA by SHA-2, in one document, under X509Data, is never refused") {
    if (!test::corpus_is_there(corpora)) return;
    int seen = 0;
    for (const auto& vector : vectors()) {
        if (!must_verify(vector)) continue;
        CAPTURE(vector.file);
        const auto judgement = Trust{vector}.judge();
        CAPTURE(test::code_of(judgement));
        CAPTURE(judgement.detail);
        const bool verified = judgement.verdict() == Verdict::valid || judgement.verdict() == Verdict::weak;
        CHECK(verified);
        ++seen;
    }
    CHECK(seen > 20);
    MESSAGE("of this kind: " << seen);
}

TEST_CASE("no vector is an envelope") {
    if (!test::corpus_is_there(corpora)) return;
    test::TempDir folder;
    const auto nobody = test::trust_in(folder.path());
    for (const auto& vector : vectors()) {
        CAPTURE(vector.file);
        CHECK(test::judged(vector.path(), nobody, test::moment(made_at)).verdict() == Verdict::malformed);
    }
}

TEST_SUITE_END();
