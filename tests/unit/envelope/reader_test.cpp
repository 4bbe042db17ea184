// Goal: every tolerated form is read, every doubtful structure refused. Method: invented envelopes from
// tests/data and small ones made here.
#include "tests/unit/envelope/support.hpp"

#include <doctest/doctest.h>

using namespace axis;
using namespace axis::envelope;

TEST_SUITE_BEGIN("envelope");

namespace {

const std::string root = "<edXML xmlns='http://www.mic.gov.vn/TBT/QCVN_102_2016'>";
const std::string from = "<From><OrganId>G98</OrganId></From>";
const std::string attachment =
    "<Attachment><ContentId>1</ContentId><AttachmentName>a.pdf</AttachmentName>"
    "<ContentTransferEncoded>QQ==</ContentTransferEncoded></Attachment>";

std::string with_header(const std::string& header) {
    return root + "<edXMLEnvelope><edXMLHeader>" + header + "</edXMLHeader></edXMLEnvelope></edXML>";
}
std::string with_message(const std::string& fields) {
    return with_header("<MessageHeader>" + fields + "</MessageHeader>");
}
std::string with_files(const std::string& references, const std::string& attachments) {
    return root + "<edXMLEnvelope><edXMLHeader><MessageHeader>" + from +
           "</MessageHeader></edXMLHeader><edXMLBody><edXMLManifest>" + references +
           "</edXMLManifest></edXMLBody></edXMLEnvelope><AttachmentEncoded>" + attachments +
           "</AttachmentEncoded></edXML>";
}

std::string refusal(const std::string& bytes) {
    const auto checked = test::check(bytes);
    return checked ? "accepted" : test::name_of(checked.error().code);
}

model::Document document(const std::string& bytes) {
    auto checked = test::check(bytes);
    REQUIRE_MESSAGE(checked.has_value(), (checked ? "" : to_string(checked.error())));
    return std::get<model::Document>(checked->read.content);
}

}  // namespace

TEST_CASE("a careless sender's document is understood, and what was tolerated is told") {
    const auto checked = test::check(read_file(test::data_dir / "document.edxml").value());
    REQUIRE_MESSAGE(checked.has_value(), (checked ? "" : to_string(checked.error())));
    const auto& d = std::get<model::Document>(checked->read.content);

    CHECK(d.from.code.text() == "G98");
    CHECK(d.from.email.empty());
    CHECK(d.to.size() == 2);
    CHECK(d.full_number() == "251/TMĐT-TTTH");
    CHECK(d.issued.slashed() == "2026/10/30");
    CHECK(d.issued.written == "30/10/2026");
    CHECK(d.type.type == 18);
    CHECK(d.subject == "V/v thử <liên thông> & đối soát");
    CHECK(d.other.priority == 5);
    CHECK_FALSE(d.other.pages);
    CHECK(d.response_for.empty());
    CHECK(d.document_id == "G98,2026/10/30,251/TMĐT-TTTH");
    CHECK(d.trace.size() == 2);
    CHECK(d.trace[1].organ.empty());
    REQUIRE(d.attachments.size() == 2);
    CHECK(d.attachments[0].description == "bản chính");
    CHECK(d.attachments[0].facts.file_sha256 == sha256("%PDF-1.4\nthử"));
    CHECK(d.attachments[1].name == "phụ lục.txt");
    CHECK(d.attachments[1].facts.file_sha256 == sha256("phụ lục"));
    CHECK(checked->read.has_signature);
    CHECK(test::observed(checked->observations, "envelope.prefix"));
    CHECK(test::observed(checked->observations, "envelope.number"));
}

TEST_CASE("a status is told from a document by its code, in either element") {
    const auto checked = test::check(read_file(test::data_dir / "status.edxml").value());
    REQUIRE(checked.has_value());
    const auto& s = std::get<model::Status>(checked->read.content);
    CHECK(s.code == "03");
    CHECK(s.from.code.text() == "G98.11");
    CHECK(s.response_for.organ.text() == "G98");
    CHECK(to_envelope_text(s.at.value()) == "2026/10/31 17:25:11");

    const std::string reference = "<ResponseFor><Code>1/A</Code></ResponseFor>";
    CHECK(refusal(with_message(from + reference + "<StatusCode>01</StatusCode>")) == "accepted");
    CHECK(refusal(with_message(from + "<StatusCode>01</StatusCode>")) == "envelope.field");
    CHECK(refusal(with_message(from + "<StatusCode>01</StatusCode><ResponseFor/>")) == "envelope.field");
    CHECK(refusal(with_message(reference + "<StatusCode>01</StatusCode>")) == "envelope.field");
    CHECK(refusal(with_header("<Status>" + from + reference + "</Status>")) == "envelope.field");
}

TEST_CASE("the trace and body of a status, which the standard does not know, are kept and written back") {
    const auto checked = test::check(with_header(
        "<MessageHeader>" + from +
        "<ResponseFor><Code>1/A</Code></ResponseFor><StatusCode>01</StatusCode></MessageHeader>"
        "<TraceHeaderList><TraceHeader><OrganId>G98</OrganId></TraceHeader></TraceHeaderList>"
    ));
    const auto& status = std::get<model::Status>(checked.value().read.content);
    const auto again = test::check(write(status).value().skeleton);
    CHECK(std::get<model::Status>(again.value().read.content) == status);
    REQUIRE(status.extensions.size() == 1);
    CHECK(status.extensions[0].place == "edXMLEnvelope/edXMLHeader");

    const auto with_body = test::check(
        root + "<edXMLEnvelope><edXMLHeader><Status>" + from +
        "<ResponseFor><Code>1/A</Code></ResponseFor><StatusCode>01</StatusCode></Status></edXMLHeader>"
        "<edXMLBody><edXMLManifest/></edXMLBody></edXMLEnvelope><AttachmentEncoded/></edXML>"
    );
    const auto& second = std::get<model::Status>(with_body.value().read.content);
    CHECK(
        std::get<model::Status>(test::check(write(second).value().skeleton).value().read.content) == second
    );
}

TEST_CASE("only the envelope's own elements at their own places count") {
    CHECK(refusal(with_message(from)) == "accepted");
    CHECK(refusal("<edXML/>") == "envelope.structure");
    CHECK(refusal("<x/>") == "envelope.unknown");
    CHECK(refusal("<edXML xmlns='http://www.go.vn/eDoc'/>") == "envelope.unknown");
    CHECK(refusal(with_header("")) == "envelope.structure");
    CHECK(
        refusal(with_header("<MessageHeader>" + from + "</MessageHeader><Status/>")) == "envelope.structure"
    );
    CHECK(
        refusal(with_header("<MessageHeader>" + from + "</MessageHeader><MessageHeader/>")) ==
        "envelope.structure"
    );
    CHECK(refusal(with_message(from + from)) == "envelope.structure");
    CHECK(refusal(with_message(from + "<Subject>a</Subject><Subject>b</Subject>")) == "envelope.structure");
    CHECK(
        refusal(with_message(from + "<x:Subject xmlns:x='urn:other'>a</x:Subject><Subject>b</Subject>")) ==
        "accepted"
    );
    CHECK(
        document(with_message(from + "<x:Subject xmlns:x='urn:other'>a</x:Subject><Subject>b</Subject>"))
            .subject == "b"
    );
    CHECK(refusal(with_message(from + "<x:Subject>b</x:Subject>")) == "envelope.malformed");
    CHECK(refusal(with_message(from + "<x xmlns='relative'/>")) == "envelope.malformed");
    CHECK(refusal(with_message(from + "<Subject>&unknown;</Subject>")) == "envelope.malformed");
    CHECK(
        refusal(with_message(from + "<ContentTransferEncoded>QQ==</ContentTransferEncoded>")) ==
        "envelope.structure"
    );
}

TEST_CASE("no value is read from text beside a comment or an element") {
    CHECK(refusal(with_message(from + "<Subject>a<!-- -->b</Subject>")) == "envelope.structure");
    CHECK(refusal(with_message(from + "<Subject>a<b/></Subject>")) == "envelope.structure");
    CHECK(refusal(with_message(from + "<Subject><b>a</b></Subject>")) == "envelope.structure");
    CHECK(document(with_message(from + "<Subject><!-- a --></Subject>")).subject.empty());
    CHECK(document(with_message(from + "<Subject>&#65;&#x1EC7;</Subject>")).subject == "Aệ");
}

TEST_CASE("a sender must be named by a code, a recipient must not be named by what is none") {
    CHECK(refusal(with_message("<To/>")) == "envelope.field");
    CHECK(refusal(with_message("<From/>")) == "envelope.field");
    CHECK(refusal(with_message("<From><OrganId>null</OrganId></From>")) == "envelope.field");
    CHECK(refusal(with_message("<From><OrganId>G98 G99</OrganId></From>")) == "envelope.field");
    CHECK(refusal(with_message(from + "<To><OrganId>G98\u200b</OrganId></To>")) == "envelope.field");
    CHECK(document(with_message(from + "<To/>")).to.empty());
    CHECK(document(with_message(from + "<ResponseFor><OrganId>1/A</OrganId><Code>G98</Code></ResponseFor>"))
              .response_for[0]
              .organ.empty());
}

TEST_CASE("an unknown type of business does not pass for a new document") {
    const auto with = [](const std::string& type) {
        return with_header(
            "<MessageHeader>" + from + "</MessageHeader><TraceHeaderList><Bussiness><BussinessDocType>" +
            type + "</BussinessDocType></Bussiness></TraceHeaderList>"
        );
    };
    CHECK(document(with(" 1 ")).business.type == model::BusinessType::revoke);
    CHECK(document(with("")).business.type == model::BusinessType::new_document);
    for (const auto* bad : {"4", "-1", "x", "1.0"}) CHECK(refusal(with(bad)) == "envelope.field");
}

TEST_CASE("manifest and attachments are joined by id, by name, by place, and nothing may be missing") {
    const auto named = [](const std::string& id, const std::string& name) {
        return "<Attachment><ContentId>" + id + "</ContentId><AttachmentName>" + name +
               "</AttachmentName><ContentTransferEncoded>QQ==</ContentTransferEncoded></Attachment>";
    };
    const std::string by_name =
        "<Reference><ContentId>9</ContentId><AttachmentName>b.pdf</AttachmentName>"
        "<Description>hai</Description></Reference>";
    const std::string by_place = "<Reference><Description>một</Description></Reference>";
    const auto d = document(with_files(by_place + by_name, named("cid:1", "a.pdf") + named("2", "b.pdf")));
    CHECK(d.attachments[0].description == "một");
    CHECK(d.attachments[1].description == "hai");
    CHECK(d.attachments[1].content_id == "2");

    CHECK(refusal(with_files("", attachment)) == "accepted");
    CHECK(refusal(with_files(by_name, "")) == "attachment.missing");
    CHECK(refusal(with_files(by_name + by_name, attachment)) == "attachment.missing");
    CHECK(
        refusal(with_files("", "<Attachment><AttachmentName>a</AttachmentName></Attachment>")) ==
        "attachment.base64"
    );
    for (const auto* bad : {"", " ", "../a", "a\\b", "CON.pdf", "a&#8238;fdp.exe"})
        CHECK(refusal(with_files(by_place, named("1", bad))) == "file.name");
}

TEST_CASE("mail to thousands of recipients is read, lists without end are refused with their place") {
    const auto with_recipients = [](std::size_t count) {
        auto fields = from;
        for (std::size_t i = 0; i < count; ++i)
            fields += "<To><OrganId>G" + std::to_string(i) + "</OrganId></To>\n";
        return test::check(with_message(fields));
    };
    const auto read = with_recipients(10'000).value();
    CHECK(std::get<model::Document>(read.read.content).to.size() == 10'000);
    const auto refused = with_recipients(10'001);
    CHECK(test::code_of(refused) == errc::xml_too_many);
    CHECK(refused.error().detail.ends_with("MessageHeader/To: entries"));
    CHECK(refused.error().detail.starts_with("10001:"));
}

// Goal: no bytes do more than be refused, and none are judged by how they arrive. Method: one to four random
// changes to a real envelope, fed whole and in random pieces; the sanitizers look on.
TEST_CASE("a damaged envelope has one outcome, however it is cut") {
    const auto good = read_file(test::data_dir / "document.edxml").value();
    const std::string interesting = "<>/!-?&;\"'= [$\r\n\t\xEF\xBB\xBFx:";
    SeededRandom random{20261121};
    std::size_t accepted = 0;
    for (int round = 0; round < 1500; ++round) {
        CAPTURE(round);
        auto bytes = good;
        for (auto changes = 1 + random.below(4); changes > 0; --changes) {
            const auto at = random.below(bytes.size());
            const char c = interesting[random.below(interesting.size())];
            if (random.below(3) == 0)
                bytes.erase(at, random.below(40));
            else if (random.below(2) == 0)
                bytes.insert(at, 1, c);
            else
                bytes[at] = c;
        }
        const auto whole = test::check(bytes);
        SeededRandom tokens{7};
        Checker checker{tokens};
        Result<> fed;
        for (std::string_view rest = bytes; !rest.empty() && fed;) {
            const auto n = std::min<std::size_t>(rest.size(), 1 + random.below(300));
            fed = checker.feed(rest.substr(0, n));
            rest.remove_prefix(n);
        }
        const auto cut = fed ? checker.finish() : Result<Checked>{fed.error()};
        REQUIRE(cut.has_value() == whole.has_value());
        CHECK(test::name_of(test::code_of(cut)) == test::name_of(test::code_of(whole)));
        if (!whole) continue;
        ++accepted;
        CHECK(cut->read.content == whole->read.content);
    }
    CHECK(accepted > 0);
    CHECK(accepted < 1500);
}

TEST_CASE("the checker tells digest and size of what it was fed") {
    const auto bytes = "12" + with_message(from);
    const auto checked = test::check(bytes);
    REQUIRE(checked.has_value());
    CHECK(checked->sha256 == sha256(bytes));
    CHECK(checked->bytes == bytes.size());
    CHECK(test::observed(checked->observations, "envelope.junk"));
}

TEST_SUITE_END();
