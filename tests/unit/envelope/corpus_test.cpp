// Goal: real messages are accepted, hostile ones refused, each for the reason we mean. Method: one table row
// per file of the reference corpus (of its samples: samples_test.cpp); signatures are not verified here, so
// only what parser, structure and content rules decide counts.
#include "tests/unit/envelope/support.hpp"

#include <doctest/doctest.h>
#include <zlib.h>

#include <algorithm>

using namespace axis;
using namespace axis::envelope;

TEST_SUITE_BEGIN("envelope");

namespace {

struct Row {
    std::string_view file;
    std::string_view outcome;  // "none" or the code of the refusal
};

// gzread passes plain files through.
std::string contents(const std::filesystem::path& path) {
    const auto file = gzopen(path.c_str(), "rb");
    REQUIRE(file != nullptr);
    std::string bytes;
    std::string buffer(1 << 16, '\0');
    for (int n = gzread(file, buffer.data(), 1 << 16); n > 0; n = gzread(file, buffer.data(), 1 << 16))
        bytes.append(buffer, 0, static_cast<std::size_t>(n));
    gzclose(file);
    return bytes;
}

void check_rows(const std::filesystem::path& dir, const std::vector<Row>& rows) {
    for (const auto& row : rows) {
        CAPTURE(row.file);
        const auto checked = test::check(contents(dir / row.file));
        const auto detail = checked ? std::string{} : to_string(checked.error());
        CAPTURE(detail);
        CHECK(test::name_of(test::code_of(checked)) == row.outcome);
    }
}

// No file of the folder may be forgotten by the table.
void check_all_listed(const std::filesystem::path& dir, const std::vector<Row>& rows) {
    for (const auto& entry : std::filesystem::directory_iterator{dir}) {
        const auto name = entry.path().filename().string();
        CAPTURE(name);
        CHECK(std::any_of(rows.begin(), rows.end(), [&](const Row& row) { return row.file == name; }));
    }
}

}  // namespace

TEST_CASE("the statuses of the SDK say what their names say") {
    if (!test::shared_is_there()) return;
    const auto dir = test::shared_dir / "samples/edxml/vxp-sdk";
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator{dir}) {
        const auto name = entry.path().filename().string();
        if (!name.starts_with("resources__status_")) continue;
        CAPTURE(name);
        const auto checked = test::check(contents(entry.path()));
        REQUIRE(checked.has_value());
        const auto& status = std::get<model::Status>(checked->read.content);
        const bool taken_back = status.code == "13";
        CHECK(status.code == name.substr(name.find(".edxml") - 2, 2));
        CHECK(status.from.code.text() == (taken_back ? "000.00.00.G22" : "000.00.00.H41"));
        CHECK(status.response_for.organ.text() == (taken_back ? "000.00.00.H41" : "000.00.00.G22"));
        CHECK(status.response_for.code == "7816/VPCP-TTĐT");
        CHECK(status.response_for.document_id == "000.00.00.G22,2015/09/30,7816/VPCP-TTĐT");
        CHECK(status.response_for.date.slashed() == "2015/09/30");
        CHECK(status.staff.staff == "Nguyen thi ngoc tram");
        CHECK(to_envelope_text(status.at.value()) == "2015/09/20 11:08:36");
        ++count;
    }
    CHECK(count == 9);
}

TEST_CASE("the document of the SDK is unwrapped from its ZIP and its junk is told") {
    if (!test::shared_is_there()) return;
    const auto checked =
        test::check(contents(test::shared_dir / "samples/edxml/vxp-sdk/resources__edoc_new.edxml"));
    REQUIRE(checked.has_value());
    CHECK(test::observed(checked->observations, "envelope.junk"));
    REQUIRE(checked->facts.size() == 1);
    CHECK(checked->facts[0].wrapped);
    CHECK(checked->facts[0].file_bytes == 388347);
    CHECK(checked->facts[0].text_bytes == 361100);
}

TEST_CASE("hostile XML is refused by scanner or parser") {
    if (!test::shared_is_there()) return;
    const std::vector<Row> rows{
        {"p01-xxe-file.xml", "envelope.doctype"},
        {"p02-xxe-http.xml", "envelope.doctype"},
        {"p03-external-dtd.xml", "envelope.doctype"},
        {"p04-external-dtd-http.xml", "envelope.doctype"},
        {"p11-dtd-default-attribute.xml", "envelope.doctype"},
        {"p12-xinclude-file.xml", "envelope.structure"},
        {"p13-xinclude-signed.xml", "envelope.structure"},
        {"p14-pi-stylesheet.xml", "envelope.instruction"},
        {"p20-duplicate-attribute.xml", "envelope.malformed"},
        {"p22-attribute-11MB.xml.gz", "envelope.tag_too_long"},
        {"p24-million-empty-elements.xml.gz", "envelope.too_many"},
        {"p25-utf16le.xml", "envelope.not_utf8"},
        {"p27-utf7.xml", "envelope.not_utf8"},
        {"p29-overlong-utf8.xml", "envelope.not_utf8"},
        {"p31-nul-byte.xml", "envelope.nul"},
        {"p32-nul-charref.xml", "envelope.malformed"},
        {"p33-nul-after-root.xml", "envelope.nul"},
        {"p36-trailing-garbage.xml", "envelope.malformed"},
        {"p37-truncated.xml", "envelope.malformed"},
        {"p38-empty.xml", "envelope.malformed"},
        {"p40-undeclared-prefix.xml", "envelope.malformed"},
        {"p41-relative-namespace.xml", "envelope.malformed"},
        {"p42-utf32.xml", "envelope.not_utf8"},
        {"p45-gbk-decl.xml", "envelope.not_utf8"},
        {"p46-text-11MB-valid-signature.xml.gz", "none"},
        {"p48-attributes-200000.xml.gz", "envelope.too_many"},
        {"p49-namespaces-200000.xml.gz", "envelope.too_many"},
        {"p50-prefix-lookup-quadratic.xml.gz", "envelope.too_many"}};
    check_rows(test::shared_dir / "corpora/attacks/parser", rows);
    check_all_listed(test::shared_dir / "corpora/attacks/parser", rows);
}

TEST_CASE("no identity is read from injected text") {
    if (!test::shared_is_there()) return;
    const auto dir = test::shared_dir / "corpora/attacks/textinj";
    const std::vector<Row> rows{
        {"c01-comment-in-organid.xml", "envelope.structure"},
        {"c02-pi-in-organid.xml", "envelope.instruction"},
        {"c03-cdata-in-organid.xml", "envelope.cdata"},
        {"c04-child-element-in-organid.xml", "envelope.structure"},
        {"c05-charref-in-organid.xml", "none"},
        {"c06-whitespace-organid.xml", "none"},
        {"c07-homoglyph-organid.xml", "none"},  // another code, and so an unknown agency
        {"c08-zero-width-organid.xml", "envelope.field"},
        {"c12-log-injection-subject.xml", "none"}};
    check_rows(dir, rows);
    check_all_listed(dir, rows);
    const auto sender = [&dir](std::string_view name) {
        return std::get<model::Document>(test::check(contents(dir / name)).value().read.content).from.code;
    };
    const auto agency_a = model::AgencyCode::parse("000.00.00.H41").value();
    CHECK(sender("c05-charref-in-organid.xml").text() == "000.00.00.H41.evil.example");
    CHECK(sender("c06-whitespace-organid.xml") == agency_a);
    CHECK(sender("c07-homoglyph-organid.xml") != agency_a);
}

TEST_CASE("hostile content is refused or left opaque") {
    if (!test::shared_is_there()) return;
    const std::vector<Row> rows{
        {"d01-path-traversal-name.xml", "file.name"},
        {"d03-windows-name.xml", "file.name"},
        {"d04-rtl-name.xml", "file.name"},
        {"d07-empty-name.xml", "file.name"},
        {"d09-zip-bomb.xml", "none"},  // a .zip under its own name is never unpacked
        {"d10-zip-slip.xml", "none"},  // likewise
        {"d12-base64-padding-inside.xml", "attachment.base64"},
        {"d13-missing-attachment.xml", "attachment.missing"},
        {"d17-self-addressed-loop.xml", "none"},
        {"d19-replay-same-docid-different-content.xml", "none"},  // the ledger's business
        {"d21-nested-edxml-attachment.xml", "none"}};
    const auto dir = test::shared_dir / "corpora/attacks/content";
    check_rows(dir, rows);
    check_all_listed(dir, rows);
    for (const auto* zip : {"d09-zip-bomb.xml", "d10-zip-slip.xml", "d21-nested-edxml-attachment.xml"})
        CHECK_FALSE(test::check(contents(dir / zip)).value().facts[0].wrapped);
}

TEST_CASE("signed envelopes of every valid form are read, and two headers are refused") {
    if (!test::shared_is_there()) return;
    const auto attacks = test::shared_dir / "corpora/attacks";
    for (const auto& entry : std::filesystem::directory_iterator{attacks / "valid"}) {
        CAPTURE(entry.path());
        const auto checked = test::check(contents(entry.path()));
        REQUIRE(checked.has_value());
        CHECK(checked->read.has_signature);
    }
    check_rows(attacks / "xsw", {{"xsw21-two-message-headers.xml", "envelope.structure"}});
}

TEST_SUITE_END();
