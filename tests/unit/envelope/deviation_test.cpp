// Goal: every deviation that real mail shows (edxml-standard.md §7.2) has one stated outcome. Method: one
// small invented message for each, by the numbers of that list: repaired or kept with its observation, or
// refused with code and place.
#include "gateway/base/base64.hpp"
#include "tests/unit/envelope/support.hpp"

#include <doctest/doctest.h>

using namespace axis;
using namespace axis::envelope;

TEST_SUITE_BEGIN("envelope deviations");

namespace {

const std::string q = "http://www.mic.gov.vn/TBT/QCVN_102_2016";

// A message without any deviation, in named pieces that a test replaces.
struct Message {
    std::string before;
    std::string root = "<edXML xmlns='" + q + "'>\n";
    std::string envelope = "<e:edXMLEnvelope xmlns:e='" + q + "'>";
    std::string from = "<e:From><e:OrganId>G98</e:OrganId></e:From>";
    std::string to = "<e:To><e:OrganId>G99</e:OrganId></e:To>";
    std::string id = "<e:DocumentId>G98,2026/11/21,12/TN-VP</e:DocumentId>";
    std::string code =
        "<e:Code><e:CodeNumber>12</e:CodeNumber><e:CodeNotation>TN-VP</e:CodeNotation></e:Code>";
    std::string date =
        "<e:PromulgationInfo><e:PromulgationDate>2026/11/21</e:PromulgationDate></e:PromulgationInfo>";
    std::string more;
    std::string trace =
        "<e:TraceHeader><e:OrganId>G98</e:OrganId><e:Timestamp>2026/11/21 "
        "09:00:00</e:Timestamp></e:TraceHeader>";
    std::string business = "<e:Bussiness><e:BussinessDocType>0</e:BussinessDocType></e:Bussiness>";
    std::string signature;
    std::string reference =
        "<e:Reference><e:ContentId>cid:1</e:ContentId><e:AttachmentName>a.pdf</e:AttachmentName></"
        "e:Reference>";
    std::string encoded =
        "<AttachmentEncoded><Attachment><ContentId>cid:1</ContentId><AttachmentName>a.pdf</AttachmentName>"
        "<ContentType>application/pdf</ContentType><ContentTransferEncoded>JVBERi0xLjQK</"
        "ContentTransferEncoded>"
        "</Attachment></AttachmentEncoded>";

    std::string text() const {
        return before + root + envelope + "<e:edXMLHeader><e:MessageHeader>" + from + to + id + code + date +
               more + "</e:MessageHeader><e:TraceHeaderList>" + trace + business + "</e:TraceHeaderList>" +
               signature + "</e:edXMLHeader><e:edXMLBody><e:edXMLManifest>" + reference +
               "</e:edXMLManifest></e:edXMLBody></e:edXMLEnvelope>\n" + encoded + "</edXML>";
    }
};

struct Outcome {
    model::Document document;
    std::vector<Observation> observations;
};

Outcome accepted(const std::string& bytes) {
    auto checked = test::check(bytes);
    REQUIRE_MESSAGE(checked.has_value(), (checked ? "" : to_string(checked.error())));
    return {std::get<model::Document>(checked->read.content), checked->observations};
}
Outcome accepted(const Message& message) {
    return accepted(message.text());
}

// The only observation is this one.
void noted(const Message& message, std::string_view code, std::string_view words) {
    const auto outcome = accepted(message);
    REQUIRE(outcome.observations.size() == 1);
    CHECK(outcome.observations[0].code == code);
    CHECK(outcome.observations[0].text.find(words) != std::string::npos);
}

void refused(const std::string& bytes, std::string_view code, std::string_view place) {
    const auto checked = test::check(bytes);
    REQUIRE_FALSE(checked.has_value());
    CHECK(test::name_of(checked.error().code) == code);
    CHECK(checked.error().detail.find(place) != std::string::npos);
}

std::string status(const std::string& fields) {
    return "<edXML xmlns='" + q +
           "'><edXMLEnvelope><edXMLHeader><MessageHeader><From><OrganId>G99</OrganId></From>" +
           "<ResponseFor><OrganId>G98</OrganId><Code>12/TN-VP</Code><DocumentId>G98,2026/11/21,12/TN-VP</"
           "DocumentId>"
           "<PromulgationDate>2026/11/21</PromulgationDate></ResponseFor>" +
           fields + "</MessageHeader></edXMLHeader></edXMLEnvelope></edXML>";
}

}  // namespace

TEST_CASE("a message without deviations has no observations") {
    CHECK(accepted(Message{}).observations.empty());
    const auto checked =
        test::check(status("<StatusCode>03</StatusCode><Timestamp>2026/11/21 10:00:00</Timestamp>"));
    REQUIRE(checked.has_value());
    CHECK(checked->observations.empty());
}

TEST_CASE("1: junk and a byte order mark before the declaration are dropped, CRLF is nothing special") {
    Message m;
    m.before = "1212<?xml version='1.0'?>";
    noted(m, "envelope.junk", "4 bytes");
    m.before = "\xEF\xBB\xBF<?xml version='1.0' encoding='utf-8'?>\r\n";
    noted(m, "envelope.bom", "");
    refused(std::string(300, '1') + Message{}.text(), "envelope.malformed", "1:");

    m = {};
    m.more = "<z:Note/>";
    refused("1\n\n2" + m.text(), "envelope.malformed", "4:");  // 2: without them
}

TEST_CASE("2: xlink and edXML without declaration are declared, other prefixes refuse") {
    Message m;
    m.reference = "<e:Reference xlink:href='cid:1'/>";
    noted(m, "envelope.prefix", "xlink");
    m = {};
    m.encoded.insert(m.encoded.find("<Attachment>"), "<edXML:Note/>");
    CHECK(test::observed(accepted(m).observations, "envelope.prefix"));
    m = {};
    m.more = "<z:Note/>";
    refused(m.text(), "envelope.malformed", "2:");
}

TEST_CASE("3: what is nested wrongly refuses with its place") {
    Message m;
    m.from = "<e:From><e:From><e:OrganId>G98</e:OrganId></e:From>";
    refused(m.text(), "envelope.malformed", "2:");
}

TEST_CASE("4: any order; Bussiness may be missing or stand first, traces may lack their OrganId") {
    Message m;
    std::swap(m.from, m.date);
    std::swap(m.trace, m.business);
    CHECK(accepted(m).observations.empty());
    m = {};
    m.business.clear();
    CHECK(accepted(m).document.business.type == model::BusinessType::new_document);
    m.trace.clear();
    noted(m, "envelope.trace", "no TraceHeader");
    m.trace =
        "<e:TraceHeader><e:OrganId>null</e:OrganId><e:Timestamp>2026/11/21 "
        "09:00:00</e:Timestamp></e:TraceHeader>";
    noted(m, "envelope.trace", "without OrganId");
}

TEST_CASE("5: empty elements are nothing; a placeholder is no base64 and refuses with its place") {
    Message m;
    m.more =
        "<e:ResponseFor/><e:ResponseFor><e:Code></e:Code></e:ResponseFor><!-- x --><e:Subject> null "
        "</e:Subject>";
    const auto outcome = accepted(m);
    CHECK(outcome.observations.empty());
    CHECK(outcome.document.response_for.empty());
    CHECK(outcome.document.subject.empty());
    m = {};
    const std::string text = "JVBERi0xLjQK";
    m.encoded.replace(m.encoded.find(text), text.size(), "${__StringFromFile(a,,,)}");
    refused(m.text(), "attachment.base64", "3:");
}

TEST_CASE("6: mixed prefixes in the attachments and a declaration on a leaf mean the same") {
    Message m;
    m.encoded = "<x:AttachmentEncoded xmlns:x='" + q +
                "'><Attachment><x:ContentId>1</x:ContentId><x:AttachmentName>a.pdf"
                "</x:AttachmentName><edXML:ContentTransferEncoded xmlns:edXML='" +
                q + "'>JVBERi0xLjQK</edXML:ContentTransferEncoded></Attachment></x:AttachmentEncoded>";
    const auto outcome = accepted(m);
    CHECK(outcome.observations.empty());
    CHECK(outcome.document.attachments.at(0).facts.file_bytes == 9);
}

TEST_CASE("7: ids without cid, manifests that miss a file, types that contradict") {
    Message m;
    m.reference =
        "<e:Reference><e:ContentId>1</e:ContentId><e:ContentType>text/plain</e:ContentType></e:Reference>";
    CHECK(accepted(m).document.attachments.at(0).content_type == "application/pdf");
    m.reference.clear();
    noted(m, "envelope.manifest", "not in the manifest");
    m = {};
    m.encoded.clear();
    refused(m.text(), "attachment.missing", "2:");
}

TEST_CASE("8: other spellings and letter cases of names are read, and told") {
    Message m;
    m.business = "<e:Business><e:BusinessDocType>0</e:BusinessDocType></e:Business>";
    const auto outcome = accepted(m);
    REQUIRE(outcome.observations.size() == 2);
    CHECK(outcome.observations[0].code == "envelope.name");
    m = {};
    m.from = "<e:From><e:OrganID>G98</e:OrganID></e:From>";
    noted(m, "envelope.name", "read as OrganId");
    m = {};
    m.encoded.replace(m.encoded.find("AttachmentEncoded"), 17, "AttachmentEncode");
    m.encoded.replace(m.encoded.rfind("AttachmentEncoded"), 17, "AttachmentEncode");
    CHECK(accepted(m).document.attachments.size() == 1);
}

TEST_CASE("9: Status in place of MessageHeader; dummies of signatures; a token in KeyInfo") {
    auto text = status("<StatusCode>03</StatusCode>");
    for (const std::string name : {"<MessageHeader>", "</MessageHeader>"})
        text.replace(text.find(name), name.size(), name[1] == '/' ? "</Status>" : "<Status>");
    CHECK(test::check(text).has_value());
    Message m;
    m.signature = "<e:DigitalSignature/>";
    CHECK(accepted(m).observations.empty());
    m.signature = "<Signature><KeyInfo><OrganId>G98</OrganId><Token>x</Token></KeyInfo></Signature>";
    noted(m, "envelope.signature", "Signature");
    CHECK(accepted(m).document.extensions.empty());
}

TEST_CASE("10: values too long and numbers of no list are kept as they are") {
    Message m;
    m.code =
        "<e:Code><e:CodeNumber>20251020104803</e:CodeNumber><e:CodeNotation>TN-VP</e:CodeNotation></e:Code>";
    noted(m, "envelope.length", "CodeNumber has 14 characters, the standard 11");
    m.code = "<e:Code><e:CodeNumber>34E31</e:CodeNumber><e:CodeNotation>TN-VP</e:CodeNotation></e:Code>";
    noted(m, "envelope.value", "CodeNumber is not a number");
    m = {};
    m.more = "<e:DocumentType><e:Type>18</e:Type><e:TypeName>Công văn</e:TypeName></e:DocumentType>";
    noted(m, "envelope.value", "Type 18");
    CHECK(accepted(m).document.type.type == 18);
    m.more = "<e:SteeringType>10</e:SteeringType>";
    noted(m, "envelope.value", "SteeringType 10");
    m.more = "<e:OtherInfo><e:Priority>5</e:Priority></e:OtherInfo>";
    noted(m, "envelope.value", "Priority 5");
    m.more = "<e:OtherInfo><e:Priority>khẩn</e:Priority></e:OtherInfo>";
    noted(m, "envelope.number", "Priority");

    const auto code_of = [](const std::string& code) {
        const auto checked = test::check(status("<StatusCode>" + code + "</StatusCode>"));
        REQUIRE(checked.has_value());
        return std::get<model::Status>(checked->read.content).code +
               (checked->observations.empty() ? "" : " " + checked->observations[0].text);
    };
    CHECK(code_of("1") == "01");
    CHECK(code_of("14") == "15 edXML/edXMLEnvelope/edXMLHeader/MessageHeader: StatusCode 14 read as 15");
    CHECK(code_of("07") == "07 StatusCode is in no list, kept");
}

TEST_CASE("11: dates of every form are understood; impossible and contradicting ones are told") {
    Message m;
    const auto with_date = [&](const std::string& date) {
        m.date =
            "<e:PromulgationInfo><e:PromulgationDate>" + date + "</e:PromulgationDate></e:PromulgationInfo>";
    };
    for (const auto* form :
         {"2026/11/21", "21/11/2026", "2026-11-21", "2026-11-21T08:00:00Z", "21/11/2026 08:00:00"}) {
        with_date(form);
        const auto outcome = accepted(m);
        CHECK(outcome.observations.empty());
        CHECK(outcome.document.issued.slashed() == "2026/11/21");
        CHECK(outcome.document.issued.written == form);
    }
    with_date("2014/02/30");
    noted(m, "envelope.date", "PromulgationDate is not a date");
    CHECK(accepted(m).document.issued.slashed() == "2014/02/30");
    with_date("2026/11/20");
    noted(m, "envelope.date", "not the date inside the DocumentId");
    with_date("2026/12/24");
    m.id = "<e:DocumentId>9fbfbad2</e:DocumentId>";
    noted(m, "envelope.date", "after the first TraceHeader");
}

TEST_CASE("12: an issuer that is not From, the sender among the recipients, recipients and replacements twice"
) {
    Message m;
    m.id = "<e:DocumentId>G97,2026/11/21,12/TN-VP</e:DocumentId>";
    noted(m, "envelope.party", "issuer");
    m = {};
    m.to += "<e:To><e:OrganId>G98</e:OrganId></e:To>";
    noted(m, "envelope.party", "the sender is among");
    m.to = "<e:To><e:OrganId>G99</e:OrganId></e:To><e:To><e:OrganId>g99</e:OrganId></e:To>";
    noted(m, "envelope.party", "occurs twice");
    CHECK(accepted(m).document.to.size() == 2);
    m = {};
    const std::string replaced = "<e:ReplacementInfo><e:DocumentId>x</e:DocumentId></e:ReplacementInfo>";
    m.business =
        "<e:Bussiness><e:BussinessDocType>3</e:BussinessDocType><e:BussinessDocReason>a</"
        "e:BussinessDocReason>"
        "<e:ReplacementInfoList>" +
        replaced + replaced + "</e:ReplacementInfoList></e:Bussiness>";
    noted(m, "envelope.business", "ReplacementInfo occurs twice");
}

TEST_CASE(
    "13: one agency under its old and new code keeps both; numeric ids and Vietnamese file names are fine"
) {
    Message m;
    m.to = "<e:To><e:OrganId>G99</e:OrganId></e:To><e:To><e:OrganId>000.00.00.G99</e:OrganId></e:To>";
    noted(m, "envelope.party", "old and its new code");
    CHECK(accepted(m).document.to.size() == 2);
    m.to = "<e:To><e:OrganId>020100000001</e:OrganId></e:To>";
    CHECK(accepted(m).observations.empty());
    m = {};
    const std::string name = "Tờ trình (bản ký) về việc thử nghiệm liên thông văn bản điện tử năm 2026.pdf";
    for (auto* part : {&m.reference, &m.encoded}) part->replace(part->find("a.pdf"), 5, name);
    CHECK(accepted(m).document.attachments.at(0).name == name);
}

TEST_CASE("14: what the axis adds is read: its traces, its indentation, its line ends") {
    Message m;
    m.trace +=
        "\r\n  <e:TraceHeader>\r\n    <e:Timestamp>2026/11/21 09:00:01</e:Timestamp>\r\n  </e:TraceHeader>"
        "<e:TraceHeader><e:OrganId>02.29.W00</e:OrganId><e:Timestamp>2026/11/21 "
        "09:00:02</e:Timestamp></e:TraceHeader>";
    const auto outcome = accepted(m);
    CHECK(outcome.document.trace.size() == 3);
    CHECK(outcome.document.trace[2].organ.text() == "02.29.W00");
    CHECK(outcome.observations.size() == 1);
}

TEST_CASE("15: text in either normalisation is kept as it came; only keys are normalised") {
    Message m;
    const std::string nfd =
        "Ho\xCC\x80"
        "a b\xC3\xACnh.pdf";
    for (auto* part : {&m.reference, &m.encoded}) part->replace(part->find("a.pdf"), 5, nfd);
    m.more = "<e:Subject>" + nfd + "</e:Subject>";
    const auto outcome = accepted(m);
    CHECK(outcome.observations.empty());
    CHECK(outcome.document.subject == nfd);
    CHECK(outcome.document.attachments.at(0).name == nfd);
    CHECK(outcome.document.attachments.at(0).description.empty());
}

TEST_CASE("a refusal names line, column and element of the input, whatever texts stand before it") {
    const std::string bytes =
        "<?xml version='1.0'?>\n<edXML xmlns='" + q +
        "'>\n<AttachmentEncoded><Attachment><AttachmentName>a.pdf</"
        "AttachmentName><ContentTransferEncoded>JVBE\nRi0x\n"
        "LjQK</ContentTransferEncoded></Attachment></AttachmentEncoded><edXMLEnvelope>\n  <edXMLHeader>\n"
        "    <MessageHeader><From><OrganId>G "
        "98</OrganId></From></MessageHeader></edXMLHeader></edXMLEnvelope></edXML>";
    refused(bytes, "envelope.field", "7:26 edXMLHeader/MessageHeader/From/OrganId");
    auto broken = bytes;
    broken.replace(broken.find("<OrganId>G 98"), 13, "<OrganId>&x;");
    refused(broken, "envelope.malformed", "7:");
    const auto same_line = "<edXML xmlns='" + q +
                           "'><AttachmentEncoded><Attachment><AttachmentName>a.pdf</AttachmentName>"
                           "<ContentTransferEncoded>JVBERi0xLjQK</ContentTransferEncoded></Attachment></"
                           "AttachmentEncoded><edXMLEnvelope/></edXML>";
    refused(same_line, "envelope.structure", "1:" + std::to_string(same_line.find("<edXMLEnvelope/>") + 1));
}

TEST_SUITE_END();
