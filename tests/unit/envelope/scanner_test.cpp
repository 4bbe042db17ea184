// Goal: the scanner's output does not depend on how the bytes arrive, loses nothing, and refuses what must
// never reach a parser, saying where. Method: small envelopes, cut at every byte; one input per limit.
#include "tests/unit/envelope/support.hpp"

#include <doctest/doctest.h>

using namespace axis;
using namespace axis::envelope;
using test::scan;

TEST_SUITE_BEGIN("envelope");

namespace {

const std::string small =
    "<?xml version='1.0' encoding='utf-8'?>\r\n<!-- thử > -->\n<a x=\"1>2\" y='/'><b>chữ &amp; số</b>"
    "<p:contentTransferENCODED q=''>QUJD\r\n REU=</p:contentTransferENCODED >"
    "<c/><ContentTransferEncoded>QQ==</ContentTransferEncoded></a>\n<!---->\n";

struct Refusal {
    std::string input;
    errc code;
    std::string where;  // the beginning of the detail
};

void check_refused(const Refusal& refusal, ScanLimits limits = {}) {
    CAPTURE(refusal.input.substr(0, 200));
    const auto whole = scan({refusal.input}, limits);
    REQUIRE_FALSE(whole.result.has_value());
    CHECK(test::name_of(whole.result.error().code) == test::name_of(refusal.code));
    CHECK(whole.result.error().detail.substr(0, refusal.where.size()) == refusal.where);
    std::vector<std::string_view> bytes;
    for (std::size_t i = 0; i < refusal.input.size(); ++i)
        bytes.push_back(std::string_view{refusal.input}.substr(i, 1));
    const auto single = scan(bytes, limits);
    REQUIRE_FALSE(single.result.has_value());
    CHECK(to_string(single.result.error()) == to_string(whole.result.error()));
}

}  // namespace

TEST_CASE("an envelope cut in two at any byte gives the same skeleton and the same texts") {
    const auto whole = scan({small});
    REQUIRE(whole.result.has_value());
    CHECK(whole.texts == std::vector<std::string>{"QUJD\r\n REU=", "QQ=="});
    CHECK(whole.holes[0].has_cr);
    CHECK(whole.holes[0].bytes == 11);
    CHECK_FALSE(whole.holes[1].has_cr);
    CHECK(whole.order_kept);
    CHECK(test::joined(whole) == small);

    for (std::size_t i = 0; i <= small.size(); ++i) {
        const auto cut = scan({std::string_view{small}.substr(0, i), std::string_view{small}.substr(i)});
        REQUIRE(cut.result.has_value());
        CHECK(cut.skeleton == whole.skeleton);
        CHECK(cut.texts == whole.texts);
        CHECK(cut.holes[0].offset == whole.holes[0].offset);
        CHECK(cut.holes[0].has_cr);
        CHECK(cut.order_kept);
    }
}

TEST_CASE("an envelope that stops at any byte before its end is refused") {
    const auto end = small.rfind("</a>") + 4;
    for (std::size_t i = 0; i < end; ++i) {
        CAPTURE(i);
        CHECK_FALSE(scan({std::string_view{small}.substr(0, i)}).result.has_value());
    }
    CHECK(scan({std::string_view{small}.substr(0, end)}).result.has_value());
}

TEST_CASE("a byte order mark and junk before the declaration are dropped and observed") {
    for (const std::string before : {"\xEF\xBB\xBF", "1212", "\xEF\xBB\xBF\n12"}) {
        const auto scanned = scan({before + small});
        REQUIRE(scanned.result.has_value());
        CHECK(test::joined(scanned) == small);
        CHECK(test::observed(scanned.observations, "envelope.bom") == before.starts_with('\xEF'));
        CHECK(test::observed(scanned.observations, "envelope.junk") == before.ends_with('2'));
    }
    CHECK(scan({"\n" + small}).observations.empty());
}

TEST_CASE("what must never reach a parser is refused with its place") {
    check_refused({"<!DOCTYPE a><a/>", errc::xml_doctype, "1:3 document"});
    check_refused({"<a>\n<!ENTITY x 'y'></a>", errc::xml_doctype, "2:3 a"});
    check_refused({"<a><b><![CDATA[x]]></b></a>", errc::xml_cdata, "1:9 b"});
    check_refused({"<a><?php x?></a>", errc::xml_instruction, "1:5 a"});
    check_refused({"<?xml-stylesheet href='x'?><a/>", errc::xml_instruction, "1:28"});
    check_refused({"<!-- --><?xml version='1.0'?><a/>", errc::xml_instruction, "1:10"});
    check_refused({"<?xml version='1.1'?><a/>", errc::xml_malformed, ""});
    check_refused({"<?xml version='1.0' encoding='GBK'?><a/>", errc::xml_not_utf8, ""});
    check_refused({std::string{"<a>x\0y</a>", 10}, errc::xml_nul, "1:5 a"});
    check_refused({std::string{"<a/>\n\0", 6}, errc::xml_nul, "2:1 document"});
    check_refused({std::string{"<\0a\0", 4}, errc::xml_not_utf8, "1:2"});
    check_refused({std::string{"\xFF\xFE<\0", 4}, errc::xml_not_utf8, ""});
    check_refused({"<a>\xC0\xAF</a>", errc::xml_not_utf8, "1:4 a"});
    check_refused({"<a>\xED\xA0\x80</a>", errc::xml_not_utf8, "1:5 a"});
    check_refused({"<a>\xE1\xBB</a>", errc::xml_not_utf8, "1:6 a"});
    check_refused({"<a b='\x01'/>", errc::xml_malformed, "1:7"});
    check_refused({"<a><b></a></b>", errc::xml_malformed, "1:11 b"});
    check_refused({"<a/>x", errc::xml_malformed, "1:5 document"});
    check_refused({"<a/><b/>", errc::xml_malformed, "1:9"});
    check_refused({"<a <b/></a>", errc::xml_malformed, ""});
    check_refused({"", errc::xml_malformed, "1:1 document: no root"});
    check_refused({"no xml at all", errc::xml_malformed, "1:14"});
}

TEST_CASE("a diverted text is base64 and white space and nothing else") {
    const auto with = [](const std::string& text) {
        return "<a>\n<ContentTransferEncoded>" + text + "</ContentTransferEncoded></a>";
    };
    CHECK(scan({with(" QUJD\t\r\n")}).result.has_value());
    check_refused({with("QUJD$"), errc::attachment_base64, "2:29 ContentTransferEncoded"});
    check_refused({with("${__StringFromFile(test.txt)}"), errc::attachment_base64, "2:25"});
    check_refused({with("QU&#74;D"), errc::attachment_base64, "2:27"});
    check_refused({with("QU<!-- -->JD"), errc::attachment_base64, "2:28"});
    check_refused({with("QU<![CDATA[J]]>D"), errc::attachment_base64, "2:28"});
    check_refused({with("QU<b/>JD"), errc::attachment_base64, "2:28"});
    check_refused({with(""), errc::attachment_base64, "2:25"});
    check_refused({with(" \n "), errc::attachment_base64, "3:2"});
    check_refused({"<a><ContentTransferEncoded/></a>", errc::attachment_base64, "1:29"});
    check_refused({with(std::string(200, 'A') + "\xC3\xA9"), errc::attachment_base64, "2:225"});
}

TEST_CASE("each limit refuses with its own code and the place where it was passed") {
    ScanLimits limits;
    limits.tag_bytes_max = 20;
    check_refused({"<a>\n<b c='0123456789abcdef'/></a>", errc::xml_tag_too_long, "2:21 a"}, limits);
    limits = {};
    limits.comment_bytes_max = 20;
    check_refused({"<a><!-- 0123456789abcdef --></a>", errc::xml_comment_too_long, "1:24 a"}, limits);
    limits = {};
    limits.text_bytes_max = 8;
    check_refused({"<a><b>0123<!-- -->45678</b></a>", errc::xml_text_too_long, "1:23 b"}, limits);
    check_refused({"<a/>           x", errc::xml_text_too_long, "1:13 document"}, limits);
    CHECK(scan({"<a><b>01234567</b>01234567</a>"}, limits).result.has_value());
    limits = {};
    limits.depth_max = 2;
    CHECK(scan({"<a><b/></a>"}, limits).result.has_value());
    check_refused({"<a><b><c/></b></a>", errc::xml_too_deep, "1:11 b"}, limits);
    limits = {};
    limits.element_count_max = 3;
    CHECK(scan({"<a><b/><b/></a>"}, limits).result.has_value());
    check_refused({"<a><b/><b/><b/></a>", errc::xml_too_many, "1:16 a: elements"}, limits);
    limits = {};
    limits.attribute_count_max = 2;
    CHECK(scan({"<a b='=' c='='/>"}, limits).result.has_value());
    check_refused({"<a b='' c='' d=''/>", errc::xml_too_many, "1:16 document: attributes"}, limits);
    limits = {};
    limits.attribute_total_max = 2;
    CHECK(scan({"<a b=''><c d=''/></a>"}, limits).result.has_value());
    check_refused({"<a b=''><c d=''/><c d=''/></a>", errc::xml_too_many, "1:23 a: attributes"}, limits);
    limits = {};
    limits.hole_count_max = 1;
    const std::string hole = "<ContentTransferEncoded>QQ==</ContentTransferEncoded>";
    CHECK(scan({"<a>" + hole + "</a>"}, limits).result.has_value());
    check_refused(
        {"<a>" + hole + hole + "</a>", errc::xml_too_many, "1:81 ContentTransferEncoded: attachments"}, limits
    );
    limits = {};
    limits.junk_bytes_max = 4;
    CHECK(scan({"1212<a/>"}, limits).result.has_value());
    check_refused({"12121212<a/>", errc::xml_malformed, ""}, limits);
    limits = {};
    limits.skeleton_bytes_max = 10;
    check_refused({"<a><b></b><c/></a>", errc::xml_too_large, "1:11 a"}, limits);
    limits = {};
    limits.envelope_bytes_max = 10;
    check_refused({"<a><b></b><c/></a>", errc::xml_too_large, "1:11 a"}, limits);
}

TEST_CASE("what the sink refuses ends the scan and carries the place where its text begins") {
    class Full final : public HoleSink {
    public:
        Result<> begin(std::size_t) override { return {}; }
        Result<> text(std::string_view) override { return Error{errc::disk_full, "spool"}; }
        Result<> end() override { return {}; }
    } sink;
    Scanner scanner{{}, sink};
    const auto fed = scanner.feed("<a><ContentTransferEncoded>QQ==</ContentTransferEncoded></a>");
    REQUIRE_FALSE(fed.has_value());
    CHECK(fed.error().code == errc::disk_full);
    CHECK(fed.error().detail == "1:28 ContentTransferEncoded: spool");
    CHECK(scanner.feed("x").error().code == errc::disk_full);
    CHECK(scanner.finish().error().code == errc::disk_full);
}

TEST_SUITE_END();
