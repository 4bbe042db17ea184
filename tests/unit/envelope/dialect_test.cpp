// Goal: every form in the wild is read as the same document, and says which form it was. Method: the same
// invented document in each form; damaged frames; the elements nobody's standard knows.
#include "gateway/base/base64.hpp"
#include "tests/unit/envelope/support.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace axis;
using namespace axis::envelope;

TEST_SUITE_BEGIN("envelope dialects");

namespace {

const std::string q = "http://www.mic.gov.vn/TBT/QCVN_102_2016";

std::string fields(const std::string& p) {
    const auto leaf = [&](const std::string& name, const std::string& text) {
        return "<" + p + name + ">" + text + "</" + p + name + ">";
    };
    return "<" + p + "From>" + leaf("OrganId", "G98") + leaf("OrganName", "Bộ Thử nghiệm") + "</" + p +
           "From><" + p + "To>" + leaf("OrganId", "G99") + "</" + p + "To>" + leaf("Subject", "V/v thử") +
           "<" + p + "Code>" + leaf("CodeNumber", "12") + leaf("CodeNotation", "TN-VP") + "</" + p +
           "Code><" + p + "PromulgationInfo>" + leaf("PromulgationDate", "21/11/2014") + "</" + p +
           "PromulgationInfo>" + leaf("DocumentId", "G98,2014/11/21,12/TN-VP");
}

std::string refusal(const std::string& bytes) {
    const auto checked = test::check(bytes);
    return checked ? "accepted" : test::name_of(checked.error().code);
}

Checked accepted(const std::string& bytes) {
    auto checked = test::check(bytes);
    REQUIRE_MESSAGE(checked.has_value(), (checked ? "" : to_string(checked.error())));
    return std::move(*checked);
}

void is_the_document(const Checked& checked, Dialect dialect, std::size_t files) {
    CHECK(name(checked.read.dialect) == name(dialect));
    const auto& d = std::get<model::Document>(checked.read.content);
    CHECK(d.from.code.text() == "G98");
    CHECK(d.from.name == "Bộ Thử nghiệm");
    REQUIRE(d.to.size() == 1);
    CHECK(d.to[0].code.text() == "G99");
    CHECK(d.full_number() == "12/TN-VP");
    CHECK(d.issued.slashed() == "2014/11/21");
    CHECK(d.subject == "V/v thử");
    CHECK(d.document_id == "G98,2014/11/21,12/TN-VP");
    CHECK(d.attachments.size() == files);
    CHECK(d.extensions.empty());
}

// The SOAP envelope of 2014; the manifest names files by href.
std::string soap(const std::string& references, const std::string& space = "http://www.e-doc.vn/Schema/") {
    return "<SOAP-ENV:Envelope xmlns:SOAP-ENV=\"http://schemas.xmlsoap.org/soap/envelope/\" "
           "xmlns:xlink=\"http://www.w3.org/1999/xlink\"><SOAP-ENV:Header>"
           "<edXML:MessageHeader xmlns:edXML=\"" +
           space + "\">" + fields("edXML:") + "</edXML:MessageHeader><edXML:TraceHeaderList xmlns:edXML=\"" +
           space +
           "\" edXML:id=\"3490sdo9\" "
           "edXML:version=\"1.0\"><edXML:TraceHeader><edXML:OrganId>G98</edXML:OrganId>"
           "<edXML:Timestamp>21/11/2014 "
           "08:00:00</edXML:Timestamp></edXML:TraceHeader></edXML:TraceHeaderList>"
           "<edXML:ErrorList xmlns:edXML=\"" +
           space + "\"/></SOAP-ENV:Header><SOAP-ENV:Body><edXML:Manifest xmlns:edXML=\"" + space +
           "\" edXML:version=\"1.0\">" + references + "</edXML:Manifest></SOAP-ENV:Body></SOAP-ENV:Envelope>";
}

const std::string reference_a =
    "<edXML:Reference xlink:href=\"cid:a.1\"><edXML:AttachmentName>công văn.pdf</edXML:AttachmentName>"
    "<edXML:Description>bản chính</edXML:Description></edXML:Reference>";
const std::string reference_b = "<edXML:Reference xlink:href=\"cid:b.2\"></edXML:Reference>";

std::string part(const std::string& header, const std::string& body, const std::string& eol = "\r\n") {
    return "--=_zz" + eol + header + eol + eol + body + eol;
}

std::string mime(const std::string& parts, const std::string& eol = "\r\n") {
    return "MIME-Version: 1.0" + eol + "Content-Type: multipart/related; type=\"text/xml\";" + eol +
           "\tboundary=\"=_zz\"; start=\"<soap>\"" + eol + eol + parts + "--=_zz--" + eol;
}

const std::string xml_header = "Content-Type: text/xml; charset=UTF-8\r\nContent-ID: <soap>";
const std::string pdf = "%PDF-1.4\n thử MIME";

std::string two_files() {
    return mime(
        part(xml_header, soap(reference_a + reference_b)) +
        part(
            "Content-Type: application/pdf\r\nContent-ID: <a.1>\r\nContent-Transfer-Encoding: base64",
            base64_encode(pdf).insert(8, "\r\n")
        ) +
        part(
            "Content-Type: text/plain; name=\"phu luc.txt\"\r\nContent-ID: "
            "<b.2>\r\nContent-Transfer-Encoding: BASE64",
            base64_encode("phụ lục")
        )
    );
}

}  // namespace

TEST_CASE("the SOAP and MIME form of 2014 is read, its parts are the files") {
    const auto checked = accepted(two_files());
    is_the_document(checked, Dialect::e_doc_2014, 2);
    const auto& d = std::get<model::Document>(checked.read.content);
    CHECK(d.attachments[0].name == "công văn.pdf");
    CHECK(d.attachments[0].description == "bản chính");
    CHECK(d.attachments[0].content_id == "a.1");
    CHECK(d.attachments[0].facts.file_sha256 == sha256(pdf));
    CHECK(d.attachments[1].name == "phu luc.txt");
    CHECK(d.attachments[1].facts.file_sha256 == sha256("phụ lục"));
    CHECK(d.trace.size() == 1);
    CHECK(test::observed(checked.observations, "envelope.dialect"));
}

TEST_CASE("ids, names and types of files are words in every form") {
    const auto only_file = [](const std::string& bytes) {
        return std::get<model::Document>(accepted(bytes).read.content).attachments.at(0);
    };
    const auto of_mime = only_file(mime(
        part(xml_header, soap(reference_a)) +
        part(
            "Content-Type: application/pdf ; name=\" a.pdf \"\r\nContent-ID: < a.1 >\r\n"
            "Content-Transfer-Encoding: base64",
            "JVBERi0xLjQK"
        )
    ));
    CHECK(of_mime.name == "a.pdf");
    CHECK(of_mime.content_type == "application/pdf");
    CHECK(of_mime.content_id == "a.1");
    const auto of_xml = only_file(
        "<edXML xmlns='" + q + "'><edXMLEnvelope><edXMLHeader><MessageHeader>" + fields("") +
        "</MessageHeader></edXMLHeader></edXMLEnvelope><AttachmentEncoded><Attachment><ContentId>cid: 7"
        "</ContentId><AttachmentName>a.pdf</AttachmentName><ContentTransferEncoded>JVBERi0xLjQK"
        "</ContentTransferEncoded></Attachment></AttachmentEncoded></edXML>"
    );
    CHECK(of_xml.content_id == "7");
}

TEST_CASE("a MIME message is the same however its bytes are cut, and its skeleton with the texts is the input"
) {
    const auto bytes = two_files();
    const auto whole = test::scan({bytes});
    REQUIRE(whole.result.has_value());
    CHECK(test::joined(whole) == bytes);
    for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
        const std::string_view view = bytes;
        const auto scanned = test::scan({view.substr(0, cut), view.substr(cut)});
        REQUIRE_MESSAGE(
            scanned.result.has_value(), (std::to_string(cut) + to_string(scanned.result.error()))
        );
        REQUIRE(scanned.skeleton == whole.skeleton);
        REQUIRE(scanned.texts == whole.texts);
    }
    std::vector<std::string_view> bytewise;
    for (std::size_t i = 0; i < bytes.size(); ++i) bytewise.push_back(std::string_view{bytes}.substr(i, 1));
    CHECK(test::scan(bytewise).skeleton == whole.skeleton);
}

TEST_CASE("what is refused in a MIME message has its place in the message, however the bytes are cut") {
    const auto whole = two_files();
    const auto lines_before = [&](std::size_t at) {
        return std::count(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    };
    const auto damaged = [&](std::string_view at, std::string_view by) {
        const auto place = whole.find(at);
        auto bytes = whole;
        bytes.replace(place, by.size(), by);
        const auto refused = test::scan({bytes});
        REQUIRE_FALSE(refused.result.has_value());
        const auto detail = refused.result.error().detail;
        CHECK(detail.starts_with(std::to_string(lines_before(place) + 1) + ":"));
        for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
            const std::string_view view = bytes;
            REQUIRE(test::scan({view.substr(0, cut), view.substr(cut)}).result.error().detail == detail);
        }
        return test::name_of(refused.result.error().code);
    };
    CHECK(damaged("application/pdf", "\xff") == "envelope.not_utf8");
    CHECK(damaged("Content-ID: <a.1>", "--=_zz") == "envelope.malformed");  // a delimiter inside a header
    CHECK(damaged("<edXML:To>", "<!DOCTYPE ") == "envelope.doctype");
}

TEST_CASE("a MIME message inside another is refused, or its depth would be the sender's to choose") {
    const auto inner = two_files();
    CHECK(refusal(mime(part(xml_header, inner))) == "envelope.malformed");
    std::string deep;
    for (int i = 0; i < 20'000; ++i)
        deep += "Content-Type: multipart/related;boundary=" + std::to_string(i) + "_\n\n--" +
                std::to_string(i) + "_\n\n";
    CHECK(refusal(deep) == "envelope.malformed");
}

TEST_CASE("junk before the XML of a MIME message is dropped and told") {
    const auto checked = accepted(mime(part(xml_header, "\xEF\xBB\xBFjunk\r\n" + soap(""))));
    is_the_document(checked, Dialect::e_doc_2014, 0);
    CHECK(test::observed(checked.observations, "envelope.bom"));
    CHECK(test::observed(checked.observations, "envelope.junk"));

    auto nameless = soap("");
    nameless.replace(nameless.find("G98"), 3, "   ");
    const auto place = [&](const std::string& junk) {
        const auto error = test::check(mime(part(xml_header, junk + nameless))).error();
        return error.detail.substr(0, error.detail.find(':'));
    };
    CHECK(std::stoi(place("\r\n\n")) == std::stoi(place("")) + 2);
}

TEST_CASE("blanks around what a part's header says do not belong to it") {
    const auto checked = accepted(mime(
        part(xml_header, soap("")) + part(
                                         "Content-Type: application/pdf; name=\" a.pdf \"\r\nContent-ID: < "
                                         "a.1 >\r\nContent-Transfer-Encoding: base64",
                                         base64_encode(pdf)
                                     )
    ));
    const auto& d = std::get<model::Document>(checked.read.content);
    CHECK(d.attachments.at(0).name == "a.pdf");
    CHECK(d.attachments.at(0).content_id == "a.1");
}

TEST_CASE("bare line feeds, no closing line end and a namespace without slash are tolerated in MIME") {
    auto bytes = mime(part("Content-Type: text/xml", soap("", "http://www.e-doc.vn/Schema"), "\n"), "\n");
    bytes.pop_back();
    is_the_document(accepted(bytes), Dialect::e_doc_2014, 0);
}

TEST_CASE("a damaged MIME frame is refused with a place, never read by guess") {
    const auto file = [](const std::string& header, const std::string& body) {
        return mime(part(xml_header, soap(reference_a)) + part(header, body));
    };
    const std::string good = "Content-ID: <a.1>\r\nContent-Transfer-Encoding: base64";
    CHECK(refusal(file(good, "QQ==")) == "accepted");
    CHECK(refusal(file("Content-ID: <a.1>", "QQ==")) == "attachment.base64");
    CHECK(
        refusal(file("Content-ID: <a.1>\r\nContent-Transfer-Encoding: binary", "QQ==")) == "attachment.base64"
    );
    CHECK(refusal(file(good, "Q*Q=")) == "attachment.base64");
    CHECK(refusal(file(good, "")) == "attachment.base64");
    CHECK(refusal(file(good + "\r\nX: " + std::string(9000, 'x'), "QQ==")) == "envelope.tag_too_long");
    CHECK(refusal(mime(part(xml_header, soap(reference_a)))) == "attachment.missing");
    CHECK(refusal("Content-Type: multipart/related\r\n\r\n--x\r\n") == "envelope.unknown");
    CHECK(refusal("Content-Type: text/xml\r\n\r\n" + soap("")) == "envelope.unknown");
    const auto bytes = two_files();
    CHECK(refusal(bytes.substr(0, bytes.size() - 9)) == "envelope.malformed");
    CHECK(refusal(bytes.substr(0, 40)) == "envelope.malformed");
    CHECK(
        refusal(mime(part(xml_header + "\r\nContent-Transfer-Encoding: base64", "PGE+"))) ==
        "envelope.unknown"
    );
    CHECK(refusal(mime("")) == "envelope.malformed");
    auto forged = bytes;
    forged.insert(forged.find("\r\n--=_zz\r\nContent-Type: application") + 8, "X");
    CHECK(refusal(forged) == "envelope.malformed");
    CHECK(refusal(mime(part(xml_header, "<!DOCTYPE a>" + soap("")))) == "envelope.doctype");
}

TEST_CASE("SOAP without MIME, the flat go.vn form and the .NET form are read") {
    is_the_document(accepted(soap("")), Dialect::e_doc_2014, 0);
    const std::string attachment =
        "<Attachment><ContentType>application/pdf</ContentType><ContentId>u-1</ContentId>"
        "<Description>File dinh kem 1</Description><ContentTransferEncoded>QQ==</ContentTransferEncoded>"
        "<AttachmentName>a.pdf</AttachmentName></Attachment>";
    const std::string reference =
        "<edXML:Reference xlink:href=\"cid:u-1\" xlink:role=\"XLinkRole\" xlink:type=\"simple\" "
        "xmlns:xlink=\"http://www.w3.org/1999/xlink\"><edXML:AttachmentName>a.pdf</edXML:AttachmentName>"
        "</edXML:Reference>";
    const std::string flat =
        "<edXMLEnvelope xmlns=\"http://www.go.vn/eDoc\"><edXMLHeader><MessageHeader>" + fields("") +
        "</MessageHeader></edXMLHeader><edXMLBody><edXMLManifest/></edXMLBody><AttachmentEncoded>" +
        attachment + "</AttachmentEncoded></edXMLEnvelope>";
    is_the_document(accepted(flat), Dialect::go_vn, 1);
    const std::string net =
        "<edXML xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
        "xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" "
        "xmlns=\"" +
        q +
        "\"><Boundary>zz</Boundary><ContentId>G98-12.edxml</ContentId><ContentType>text/xml</ContentType>"
        "<edXML:edXMLEnvelope xmlns:edXML=\"" +
        q + "\"><edXML:edXMLHeader><edXML:MessageHeader>" + fields("edXML:") +
        "</edXML:MessageHeader><edXML:TraceHeaderList id=\"3490sdo9\" version=\"1.0\" mustUnderstand=\"1\"/>"
        "<edXML:DigitalSignature/></edXML:edXMLHeader><edXML:edXMLBody><edXML:edXMLManifest "
        "version=\"1.0\">" +
        reference + "</edXML:edXMLManifest></edXML:edXMLBody></edXML:edXMLEnvelope><AttachmentEncoded>" +
        attachment + "</AttachmentEncoded></edXML>";
    const auto checked = accepted(net);
    is_the_document(checked, Dialect::qcvn_2016, 1);
    CHECK_FALSE(checked.read.has_signature);
    CHECK(test::observed(checked.observations, "envelope.leftover"));
}

TEST_CASE("an element of another dialect may not become the frame of what is written") {
    const auto flat = [](const std::string& below_root, const std::string& header = "") {
        return "<edXMLEnvelope xmlns='http://www.go.vn/eDoc'><edXMLHeader><MessageHeader>" + fields("") +
               header + "</MessageHeader></edXMLHeader>" + below_root + "</edXMLEnvelope>";
    };
    CHECK(refusal(flat("<edXMLEnvelope xmlns=''/>")) == "envelope.structure");
    CHECK(refusal(flat("<edXMLEnvelope xmlns='" + q + "'/>")) == "envelope.structure");
    CHECK(refusal(flat("<edXMLEnvelope/>")) == "accepted");  // of its own namespace, which is no frame there
    CHECK(
        refusal(flat("", "<Subject xmlns='" + q + "'>a</Subject>")) == "envelope.structure"
    );  // a second one
    CHECK(refusal(flat("", "<Content xmlns='" + q + "'>a</Content>")) == "accepted");
}

namespace {

// The names of all elements of the standard, and those that stood in their place before.
std::vector<std::string> names_of_the_standard() {
    const auto schema = std::filesystem::path{AXIS_SOURCE_DIR} / "schemas/edxml-102-accept.xsd";
    const auto xsd = read_file(schema).value();
    std::set<std::string> names{"Header", "Body", "Manifest", "AttachmentEncode", "Signature"};
    const std::string_view begin = "element name=\"";
    for (auto at = xsd.find(begin); at != std::string::npos; at = xsd.find(begin, at + 1)) {
        const auto name = at + begin.size();
        names.insert(xsd.substr(name, xsd.find('"', name) - name));
    }
    return {names.begin(), names.end()};
}

// A document and a status in each dialect of before, with every element that holds others.
std::vector<std::string> of_other_dialects() {
    const auto one = [](const std::string& name, const std::string& content) {
        return "<" + name + ">" + content + "</" + name + ">";
    };
    const auto organ = one("OrganId", "G98");
    const auto document = one("MessageHeader", one("From", organ) + one("ToPlaces", one("Place", "a")));
    const auto status =
        one("MessageHeader",
            one("From", organ) + one("ResponseFor", one("Code", "1")) + one("StatusCode", "01"));
    const auto trace = one("TraceHeaderList", one("Bussiness", one("StaffInfo", one("Staff", "a"))));
    const auto entry = one("Reference", one("ContentId", "1"));
    const auto name = one("AttachmentName", "a.pdf");
    const auto text = one("ContentTransferEncoded", "QQ==");
    const auto file = one("AttachmentEncoded", one("Attachment", one("ContentId", "1") + name + text));
    const auto soap_of = [](const std::string& header, const std::string& body) {
        return "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/' "
               "xmlns='http://www.e-doc.vn/Schema/'><s:Header>" +
               header + "</s:Header><s:Body>" + body + "</s:Body></s:Envelope>";
    };
    const auto flat_of = [](const std::string& content) {
        return "<edXMLEnvelope xmlns='http://www.go.vn/eDoc'>" + content + "</edXMLEnvelope>";
    };
    return {
        soap_of(document + trace, one("Manifest", entry) + file),
        soap_of(status, ""),
        flat_of(one("edXMLHeader", document) + one("edXMLBody", one("edXMLManifest", entry)) + file),
        flat_of(one("edXMLHeader", status))};
}

// What was read is written and read the same, or not written.
void lasts(const auto& content) {
    const auto written = write(content);
    if (!written) return;
    const std::vector<std::string> texts(written->hole_offsets.size(), "QQ==");
    const auto again = accepted(test::joined(written->skeleton, written->hole_offsets, texts));
    CHECK(std::get<std::decay_t<decltype(content)>>(again.read.content) == content);
}

}  // namespace

// Method: each, with a value or an element, behind every start tag.
TEST_CASE("an element of the standard anywhere in another dialect does not become something else") {
    const auto names = names_of_the_standard();
    CHECK(names.size() > 80);
    std::size_t read = 0;
    for (const auto& bytes : of_other_dialects()) {
        accepted(bytes);
        for (auto at = bytes.find('>'); at + 1 < bytes.size(); at = bytes.find('>', at + 1)) {
            if (bytes[bytes.rfind('<', at) + 1] == '/') continue;
            for (std::size_t i = 0; i < names.size(); ++i) {
                const std::string content = (at + i) % 2 == 0 ? "1" : "<x/>";
                auto changed = bytes;
                changed.insert(
                    at + 1, "<" + names[i] + " xmlns='" + q + "'>" + content + "</" + names[i] + ">"
                );
                const auto checked = test::check(changed);
                if (!checked) continue;
                ++read;
                CAPTURE(changed);
                std::visit([](const auto& found) { lasts(found); }, checked->read.content);
            }
        }
    }
    CHECK(read > 1000);
}

TEST_CASE(
    "what stands below a leftover, or beside the files of 2014, does not keep an envelope from being written"
) {
    const auto writable = [](const std::string& bytes) {
        const auto d = std::get<model::Document>(accepted(bytes).read.content);
        const auto out = write(d);
        REQUIRE_MESSAGE(out.has_value(), (out ? "" : to_string(out.error())));
        return std::get<model::Document>(accepted(out->skeleton).read.content) == d;
    };
    CHECK(writable(
        "<edXML xmlns='" + q + "'><Boundary><Zz/></Boundary><edXMLEnvelope><edXMLHeader><MessageHeader>" +
        fields("") + "</MessageHeader></edXMLHeader></edXMLEnvelope></edXML>"
    ));
    auto old = soap("");
    old.insert(
        old.find("</SOAP-ENV:Body>"),
        "<e:AttachmentEncoded "
        "xmlns:e='http://www.e-doc.vn/Schema/'><e:Count>0</e:Count></e:AttachmentEncoded>"
    );
    CHECK(writable(old));
}

TEST_CASE("what the standard does not know is kept at its place, told, and written back") {
    const auto with = [](const std::string& header, const std::string& body = "") {
        return "<edXML xmlns='" + q + "' xmlns:v='urn:vendor'><e:edXMLEnvelope xmlns:e='" + q +
               "'><e:edXMLHeader><e:MessageHeader><From><OrganId>G98</OrganId></From>" + header +
               "</e:MessageHeader></e:edXMLHeader>" + body + "</e:edXMLEnvelope></edXML>";
    };
    const auto checked = accepted(with(
        "<To/><To><e:OrganId>G99</e:OrganId><Zip a='1'>10000</Zip></To><v:Note>a\r\nb<v:c d='&lt;'/></v:Note>"
        "<ToPlaces><Extra/></ToPlaces><Other xmlns=''><x/></Other>"
    ));
    const auto& d = std::get<model::Document>(checked.read.content);
    CHECK(test::observed(checked.observations, "envelope.extension"));
    const std::string header = "edXMLEnvelope/edXMLHeader/MessageHeader";
    const std::vector<model::Extension> want{
        {header, "<v:Note xmlns:v=\"urn:vendor\">a\nb<v:c d=\"&lt;\"/></v:Note>"},
        {header, "<Other xmlns=\"\"><x/></Other>"},
        {header + "/ToPlaces", "<edXML:Extra/>"},
        {header + "/To[0]", "<edXML:Zip a=\"1\">10000</edXML:Zip>"}};
    CHECK(d.extensions == want);
    const auto again = accepted(write(d).value().skeleton);
    CHECK(std::get<model::Document>(again.read.content) == d);
    CHECK(write(std::get<model::Document>(again.read.content)).value().skeleton == write(d).value().skeleton);

    CHECK(refusal(with("", "<Files><AttachmentList><a>QQ==</a></AttachmentList></Files>")) == "accepted");
    CHECK(
        refusal(with("", "<edXMLAttachments><Attachment>QQ==</Attachment></edXMLAttachments>")) ==
        "envelope.structure"
    );
}

std::string only_extension(const std::string& element) {
    const auto checked = accepted(
        "<edXML xmlns='" + q +
        "'><edXMLEnvelope><edXMLHeader><MessageHeader><From><OrganId>G98</OrganId></From>" + element +
        "</MessageHeader></edXMLHeader></edXMLEnvelope></edXML>"
    );
    return std::get<model::Document>(checked.read.content).extensions.at(0).xml;
}

TEST_CASE("the name of a namespace is written as it was read, ampersand and all") {
    const std::string note = "<v:Note xmlns:v=\"urn:v?a=1&amp;b=2\"/>";
    CHECK(only_extension(note) == note);
}

TEST_CASE("a prefix that is ours becomes another one, which the element does not use otherwise") {
    CHECK(
        only_extension("<a xmlns='' xmlns:edXML='urn:a' xmlns:other='urn:b' other:k='1' edXML:k='2'/>") ==
        "<a xmlns=\"\" xmlns:other=\"urn:b\" xmlns:other_=\"urn:a\" other:k=\"1\" other_:k=\"2\"/>"
    );
    CHECK(
        only_extension("<other:a xmlns:other='urn:b'><other:c xmlns:edXML='urn:a' edXML:k='1'/></other:a>") ==
        "<other:a xmlns:other=\"urn:b\"><other:c xmlns:other_=\"urn:a\" other_:k=\"1\"/></other:a>"
    );
}

TEST_CASE("declarations that would be copied to every unknown element are bounded") {
    const std::string far = "urn:" + std::string(9000, 'x');
    std::string many;
    for (int i = 0; i < 1000; ++i) many += "<v:a/>";
    const auto bytes = "<edXML xmlns='" + q + "' xmlns:v='" + far +
                       "'><edXMLEnvelope><edXMLHeader><MessageHeader><From><OrganId>G98</OrganId></From>" +
                       many + "</MessageHeader></edXMLHeader></edXMLEnvelope></edXML>";
    CHECK(refusal(bytes) == "envelope.too_many");
}

TEST_SUITE_END();
