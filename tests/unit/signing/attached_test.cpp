// Goal: a statement holds for exactly the document it was made for, whatever an axis does to the rest; nobody
// can pass off another one. Method: a document with files of every kind of name, one thing changed at a time;
// statements edited, wrapped, doubled; xmlsec1 as the partner's program.
#include "gateway/signature/attached/attached.hpp"

#include "gateway/base/text.hpp"
#include "tests/unit/signing/pki.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>

using namespace axis;
using namespace axis::signature;

TEST_SUITE_BEGIN("signing");

namespace {

const Time now = Time{std::chrono::sys_days{std::chrono::year{2026} / 12 / 1}.time_since_epoch()};

model::AgencyCode code(std::string_view text) {
    return *model::AgencyCode::parse(text);
}

model::Attachment file(const std::string& name, const std::string& content) {
    model::Attachment out;
    out.name = name;
    out.facts.file_bytes = content.size();
    out.facts.file_sha256 = sha256(content);
    return out;
}

model::Document document() {
    model::Document d;
    d.from.code = code("G98");
    for (const auto* to : {"G99", "G97"}) d.to.emplace_back().code = code(to);
    d.document_id = "G98,2026/11/21,251/TN-VP";
    d.number = "251";
    d.notation = "TN-VP";
    d.issued = model::Date::read("2026/11/21");
    d.type.name = "Công văn";
    d.subject = "V/v ký & gửi <thử> \"một\"";
    d.content = "Trích yếu dài hơn";
    d.tasks = {"NV-1"};
    d.signer = {"KT. BỘ TRƯỞNG", "Thứ trưởng", "Nguyễn Văn Thử"};
    d.due = model::Date::read("2026/12/21");
    d.other.priority = 2;
    d.response_for.push_back({code("G99"), "7/TN", "G99,2026/11/01,7/TN", model::Date::read("2026/11/01")});
    d.business.type = model::BusinessType::update;
    d.business.document_id = "G98,2026/11/01,9/TN";
    d.business.reason = "sửa";
    d.business.updates.push_back({1, 1, {{code("G97"), 1}}});
    d.business.replacements.push_back({"G98,2026/10/01,8/TN", {code("G99")}});
    d.attachments = {file("Công văn.pdf", "một"), file("b.xlsx", "hai"), file("b.xlsx", "ba")};
    return d;
}

struct Bench {
    test::OpensslPki pki;
    TrustStore trust;

    Bench() : trust{made(pki)} {}
    static TrustStore made(const test::OpensslPki& pki) {
        pki.agency("rsa", "G98", "rsa:2048");
        pki.agency("ec", "G98", "P-384");
        pki.agency("other", "G99", "P-256");
        return TrustStore::load(pki.path("trust")).value();
    }
    std::string sign(const model::Document& d, const std::string& key = "ec") const {
        const auto source = open_key({pki.path(key + ".key"), {}, {}, {}, pki.path(key + ".pem")}).value();
        return sign_statement(statement_of(d), *source, now).value().skeleton;
    }
    Judgement judge(const std::string& xml, const model::Document& d, const StatementLimits& limits = {})
        const {
        return verify_statement(xml, statement_of(d), {d.from.code.text(), now, false}, trust, limits);
    }
    Reason reason(const std::string& xml, const model::Document& d) const { return judge(xml, d).reason; }
};

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const auto at = text.find(from);
    REQUIRE_MESSAGE(at != std::string::npos, std::string{from});
    return text.replace(at, from.size(), to);
}

std::string signature_of(const std::string& xml) {
    const auto at = xml.find("<Signature ");
    return xml.substr(at, xml.rfind("</Statement>") - at);
}

const Check* check_named(const Judgement& judgement, std::string_view name) {
    const auto at = std::ranges::find(judgement.checks, name, &Check::name);
    return at == judgement.checks.end() ? nullptr : &*at;
}

}  // namespace

TEST_CASE("a statement holds for its document, with signer and signing time, and xmlsec1 verifies it") {
    const Bench bench;
    for (const auto* key : {"rsa", "ec"}) {
        CAPTURE(key);
        const auto xml = bench.sign(document(), key);
        const auto judgement = bench.judge(xml, document());
        CHECK(judgement.reason == Reason::holds);
        CHECK(judgement.signer.value().name == "Agency G98");
        CHECK(judgement.claimed_at == to_local_text(now));
        CHECK(check_named(judgement, "facts")->detail == "18");
        CHECK(check_named(judgement, "files")->detail == "3");
        const auto path = bench.pki.path("statement.xml");
        REQUIRE(write_file(path, xml).has_value());
        test::shell("xmlsec1 --verify --trusted-pem " + bench.pki.path("trust/root.pem") + " " + path);
    }
}

TEST_CASE("what an axis may do to a document leaves its statement valid") {
    const Bench bench;
    auto d = document();
    const auto xml = bench.sign(d);
    std::ranges::reverse(d.to);
    std::ranges::reverse(d.attachments);
    d.trace.push_back({code("G97"), "2026/11/21 10:00:00"});
    d.from.name = "Tên theo danh bạ của trục";
    d.place = "Hà Nội";
    d.issued = model::Date::read("21/11/2026");
    d.subject = "  V/v ký &\r\n gửi\t<thử> \"một\" ";
    d.attachments[0].content_type = "application/zip";
    d.attachments[0].content_id = "another";
    d.attachments[0].facts.wrapped = true;
    d.attachments.push_back(file(std::string{statement_file_name}, xml));
    CHECK(bench.reason(xml, d) == Reason::holds);
}

TEST_CASE("names and texts are the same in NFC and NFD, on either side") {
    const Bench bench;
    const std::string decomposed = "Co\xCC\x82ng va\xCC\x86n.pdf";
    REQUIRE(nfc(decomposed) == "Công văn.pdf");
    auto d = document();
    d.attachments[0].name = decomposed;
    CHECK(bench.reason(bench.sign(document()), d) == Reason::holds);
    CHECK(bench.reason(bench.sign(d), document()) == Reason::holds);
    auto statement = statement_of(document());  // of a writer who does not normalise
    statement.files[0].name = decomposed;
    const auto key = open_key({bench.pki.path("ec.key"), {}, {}, {}, bench.pki.path("ec.pem")}).value();
    CHECK(bench.reason(sign_statement(statement, *key, now).value().skeleton, document()) == Reason::holds);
}

TEST_CASE("each fact that differs is named, and no document text with it") {
    const Bench bench;
    const auto xml = bench.sign(document());
    struct Change {
        const char* kind;
        std::function<void(model::Document&)> make;
    };
    const Change changes[] = {
        {"To", [](auto& d) { d.to.pop_back(); }},
        {"To", [](auto& d) { d.to.push_back(d.to.front()); }},
        {"Code", [](auto& d) { d.number = "252"; }},
        {"Code", [](auto& d) { d.notation = "TN"; }},
        {"Issued", [](auto& d) { d.issued = model::Date::read("2026/11/22"); }},
        {"Type", [](auto& d) { d.type.name = "Quyết định"; }},
        {"Subject", [](auto& d) { d.subject = "V/v khác"; }},
        {"Content", [](auto& d) { d.content += "."; }},
        {"Task", [](auto& d) { d.tasks.push_back("NV-2"); }},
        {"Signer", [](auto& d) { d.signer.full_name = "Người Khác"; }},
        {"Due", [](auto& d) { d.due = {}; }},
        {"Priority", [](auto& d) { d.other.priority = 0; }},
        {"ResponseFor", [](auto& d) { d.response_for.clear(); }},
        {"Business", [](auto& d) { d.business.type = model::BusinessType::revoke; }},
        {"Update", [](auto& d) { d.business.updates[0].receiver = 0; }},
        {"Receiver", [](auto& d) { d.business.updates[0].receivers[0].type = 0; }},
        {"Replaced", [](auto& d) { d.business.replacements[0].organs.clear(); }},
    };
    for (const auto& change : changes) {
        CAPTURE(change.kind);
        auto d = document();
        change.make(d);
        const auto judgement = bench.judge(xml, d);
        CHECK(judgement.reason == Reason::attached_fact);
        CHECK(judgement.verdict() == Verdict::invalid);
        CHECK(judgement.detail == change.kind);
        CHECK(check_named(judgement, "facts")->outcome == Check::Outcome::failed);
        CHECK(check_named(judgement, "files")->outcome == Check::Outcome::passed);
    }
}

TEST_CASE("a file that is changed, renamed, missing or added is told apart") {
    const Bench bench;
    const auto xml = bench.sign(document());
    const auto told = [&](const std::function<void(std::vector<model::Attachment>&)>& make) {
        auto d = document();
        make(d.attachments);
        const auto judgement = bench.judge(xml, d);
        CHECK(judgement.verdict() == Verdict::invalid);
        return std::string{row(judgement.reason).code} + " " + judgement.detail;
    };
    CHECK(told([](auto& f) { f[1] = file("b.xlsx", "HAI"); }) == "attached.file_changed changed: file 2");
    CHECK(told([](auto& f) { ++f[1].facts.file_bytes; }) == "attached.file_changed changed: file 2");
    CHECK(told([](auto& f) { f.pop_back(); }) == "attached.file_missing missing: signed file 3");
    CHECK(told([](auto& f) { f.push_back(f[0]); }) == "attached.file_added added: file 4");
    CHECK(told([](auto& f) {
              f[0].name = "x.pdf";
          }) == "attached.file_missing added: file 1; missing: signed file 1");
    CHECK(told([](auto& f) { f[2] = f[1]; }) == "attached.file_changed changed: file 3");
    CHECK(told([](auto& f) {
              f.push_back(file("AXISD-SIGNATURE.XML", "x"));
          }) == "attached.file_added added: file 4");
}

TEST_CASE("a statement of another document, another sender or another signer is not valid") {
    const Bench bench;
    const auto xml = bench.sign(document());
    auto d = document();
    d.document_id = "G98,2026/11/21,252/TN-VP";
    CHECK(bench.reason(xml, d) == Reason::attached_other_document);
    d = document();
    d.from.code = code("G99");
    CHECK(bench.judge(xml, d).verdict() == Verdict::invalid);
    CHECK(bench.reason(bench.sign(document(), "other"), document()) == Reason::binding);
    const test::OpensslPki stranger;
    stranger.agency("ec", "G98", "P-256");
    const auto key = open_key({stranger.path("ec.key"), {}, {}, {}, stranger.path("ec.pem")}).value();
    const auto foreign = sign_statement(statement_of(document()), *key, now).value().skeleton;
    CHECK(bench.reason(foreign, document()) == Reason::no_issuer);
    d = document();
    d.subject = "khác";  // worse than not to be trusted
    CHECK(bench.reason(foreign, d) == Reason::attached_fact);
}

TEST_CASE("a byte changed anywhere in a statement is noticed") {
    const Bench bench;
    const auto xml = bench.sign(document());
    std::size_t tried = 0;
    for (std::size_t at = 40; at + 1 < xml.size(); at += 7) {
        if (xml[at + 1] == '=') continue;  // its last bits mean nothing to base64
        auto changed = xml;
        changed[at] = changed[at] == 'x' ? 'y' : 'x';
        CAPTURE(at);
        CHECK(bench.judge(changed, document()).verdict() != Verdict::valid);
        ++tried;
    }
    CHECK(tried > 400);
    CHECK(bench.reason(replaced(xml, "\"251\"", "\"252\""), document()) == Reason::digest);
}

TEST_CASE("a signature is looked at in one place only, around the whole statement") {
    const Bench bench;
    const auto d = document();
    const auto xml = bench.sign(d);
    const auto signature = signature_of(xml);
    auto forged = d;
    forged.subject = "V/v giả mạo";
    const auto bare = markup_of(statement_of(forged));
    const auto inner = xml.substr(xml.find("<Statement"));

    // The signed statement hidden in another: beside it, in the Signature's Object, under another root.
    const auto beside = replaced(bare, "</Statement>", inner + "</Statement>");
    CHECK(bench.reason(beside, forged) == Reason::structure);
    const auto with_other_signature = replaced(bare, "</Statement>", signature + "</Statement>");
    CHECK(bench.reason(with_other_signature, forged) == Reason::digest);
    const auto in_object = replaced(signature, "</Signature>", "<Object>" + inner + "</Object></Signature>");
    CHECK(
        bench.judge(replaced(bare, "</Statement>", in_object + "</Statement>"), forged).verdict() ==
        Verdict::malformed
    );
    CHECK(bench.reason("<Wrap>" + inner + "</Wrap>", d) == Reason::attached_form);
    CHECK(bench.reason(replaced(xml, "</Statement>", signature + "</Statement>"), d) == Reason::structure);
    CHECK(bench.reason(bare, forged) == Reason::structure);
    // A reference to a part that is signed, by an Id.
    auto by_id = replaced(xml, "URI=\"\"", "URI=\"#a\"");
    CHECK(bench.reason(by_id, d) == Reason::reference);
    // Not the last.
    const auto moved = replaced(replaced(xml, signature, ""), "<From", signature + "<From");
    CHECK(bench.reason(moved, d) == Reason::structure);
}

TEST_CASE("only what a statement has may stand in it") {
    const Bench bench;
    const auto d = document();
    const auto xml = bench.sign(d);
    const auto form = [&](std::string_view from, std::string_view to) {
        return std::string{row(bench.reason(replaced(xml, from, to), d)).code};
    };
    CHECK(form("<Code ", "<Note/><Code ") == "attached.form");
    CHECK(form("<Code ", "<Code xmlns=\"urn:other\" ") == "attached.form");
    CHECK(form("<Code ", "<Code more=\"1\" ") == "attached.form");
    CHECK(form("<Code ", "<Code xml:lang=\"vi\" ") == "attached.form");
    CHECK(form("<Code ", "text <Code ") == "attached.form");
    CHECK(form("<Code ", "<!-- a --><Code ") == "attached.form");
    CHECK(form("<Code ", "<?a b?><Code ") == "attached.form");
    CHECK(form("<Code ", "<![CDATA[a]]><Code ") == "attached.form");
    CHECK(form("<From code=\"G98\"/>", "") == "attached.form");
    CHECK(form("<From code=\"G98\"/>", "<From code=\"G98\"/><From code=\"G98\"/>") == "attached.form");
    CHECK(form("<From code=\"G98\"/>", "<From code=\"G98\"><To/></From>") == "attached.form");
    CHECK(form("bytes=\"5\"", "bytes=\"+5\"") == "attached.form");
    CHECK(form("bytes=\"5\"", "bytes=\"99999999999999999999\"") == "attached.form");
    CHECK(form("sha256=\"", "sha256=\"0") == "attached.form");
    CHECK(form("attached-signature:1", "attached-signature:2") == "attached.form");
    CHECK(form("<Statement", "<!DOCTYPE a [<!ENTITY b \"c\">]><Statement") == "signature.doctype");
    CHECK(form("UTF-8", "UTF-16") == "signature.parse");
    CHECK(form("</Statement>", "") == "signature.parse");
    CHECK(form("<Statement xmlns", "<Statement Id=\"a\" xmlns") == "attached.form");
    CHECK(bench.reason("", d) == Reason::parse);
    CHECK(bench.reason("%PDF-1.4", d) == Reason::parse);
}

TEST_CASE("many files are compared in one pass, and more than the limits are not looked at") {
    const Bench bench;
    auto d = document();
    d.attachments.clear();
    for (int i = 0; i < 10'000; ++i)
        d.attachments.push_back(file("tệp " + std::to_string(i % 5'000) + ".pdf", std::to_string(i)));
    const auto xml = bench.sign(d);
    CHECK(bench.reason(xml, d) == Reason::holds);
    auto swapped = d;
    std::swap(swapped.attachments[3].name, swapped.attachments[4].name);
    CHECK(bench.judge(xml, swapped).detail == "changed: file 4, 5");
    d.attachments.push_back(file("one more.pdf", "x"));
    const auto key = open_key({bench.pki.path("ec.key"), {}, {}, {}, bench.pki.path("ec.pem")}).value();
    CHECK(sign_statement(statement_of(d), *key, now).error().code == errc::xml_too_large);
    StatementLimits small;
    small.file_count_max = 9'999;
    CHECK(bench.judge(xml, d, small).reason == Reason::attached_limit);
    small = {};
    small.bytes_max = xml.size() - 1;
    CHECK(bench.judge(xml, d, small).reason == Reason::attached_limit);
    small = {};
    small.fact_count_max = 3;
    CHECK(bench.judge(xml, d, small).reason == Reason::attached_limit);
    CHECK(bench.judge(bench.sign(document()), d, {.tag_bytes_max = 64}).reason == Reason::parse);
}

TEST_CASE("a time stamp stands in a statement's signature as in an envelope's") {
    const Bench bench;
    const auto key = open_key({bench.pki.path("ec.key"), {}, {}, {}, bench.pki.path("ec.pem")}).value();
    auto made = sign_statement(statement_of(document()), *key, now).value();
    add_time_stamp(made, std::string{"\x30\0", 2});  // found and read, and none
    const auto judgement = bench.judge(made.skeleton, document());
    CHECK(judgement.reason == Reason::time_stamp);
    CHECK(check_named(judgement, "value")->outcome == Check::Outcome::passed);
    CHECK(check_named(judgement, "time_stamp")->outcome == Check::Outcome::failed);
}

TEST_CASE("a responder is asked about a statement's signer only when the statement's value holds") {
    const Bench bench;
    const auto xml = bench.sign(document());
    const Question question{"G98", now, false};
    CHECK(open_questions(xml, question, bench.trust).empty());  // nobody may be asked
    REQUIRE(write_file(
                bench.pki.path("trust/trust.toml"),
                "[[ocsp]]\nissuer = \"Test root\"\nurl = \"http://127.0.0.1:1/\"\n"
    )
                .has_value());
    const auto trust = TrustStore::load(bench.pki.path("trust")).value();
    CHECK(open_questions(xml, question, trust).size() == 1);
    CHECK(open_questions(replaced(xml, "<SignatureValue>", "<SignatureValue>AAAA"), question, trust).empty());
    CHECK(open_questions("<Statement/>", question, trust).empty());
}

TEST_CASE("one statement is taken out of the document, read and judged; of two none is") {
    const Bench bench;
    auto d = document();
    const auto xml = bench.sign(d);
    d.attachments.insert(d.attachments.begin() + 1, file(std::string{statement_file_name}, xml));
    const auto statements = take_statements(d);
    REQUIRE(statements.size() == 1);
    CHECK(d == document());
    const auto judged = [&](const std::vector<model::Attachment>& some, const ReadFile& read) {
        return judge_statements(some, d, read, {"G98", now, false}, bench.trust);
    };
    using Answer = Result<std::optional<std::string>>;
    const ReadFile whole = [&](const auto&) { return Answer{xml}; };
    const ReadFile never = [](const auto&) { return Answer{Error{errc::internal, "was read"}}; };

    CHECK(judged(statements, whole).value().reason == Reason::holds);
    CHECK(judged({statements[0], statements[0]}, never).value().reason == Reason::attached_several);
    CHECK(
        judged(statements, [](const auto&) { return Answer{std::nullopt}; }).value().reason ==
        Reason::attached_form
    );
    CHECK(judged(statements, never).error().code == errc::internal);
    auto large = statements;
    large[0].facts.file_bytes = StatementLimits{}.bytes_max + 1;
    CHECK(judged(large, never).value().reason == Reason::attached_limit);
}

TEST_SUITE_END();
