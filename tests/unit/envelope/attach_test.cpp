// Goal: one attachment more stands behind the others and nothing else changed; in an envelope of ours it
// stands exactly as if the writer had known of it. Method: the writer itself as the measure; envelopes in the
// forms of the wild, read again and held against the XSD.
#include "gateway/envelope/attach.hpp"

#include "gateway/envelope/xsd.hpp"
#include "tests/unit/envelope/support.hpp"

#include <doctest/doctest.h>

using namespace axis;
using namespace axis::envelope;

TEST_SUITE_BEGIN("envelope attach");

namespace {

const std::string q = "http://www.mic.gov.vn/TBT/QCVN_102_2016";

model::Attachment ours() {
    model::Attachment out;
    out.content_id = "1b4e28ba-2fa1-11d2-883f-0016d3cca427";
    out.name = "axisd-signature.xml";
    out.content_type = "application/zip";
    return out;
}

model::Document document(std::size_t files) {
    model::Document d;
    d.from.code = model::AgencyCode::parse("G98").value();
    d.to.emplace_back().code = model::AgencyCode::parse("G99").value();
    d.document_id = "G98,2026/11/21,1/TN";
    d.number = "1";
    d.notation = "TN";
    d.issued = model::Date::read("2026/11/21");
    d.type = {2, 18, "Công văn"};
    d.subject = "V/v thử";
    d.trace = {{d.from.code, "2026/11/21 09:00:00"}};
    for (std::size_t i = 0; i < files; ++i) {
        auto& file = d.attachments.emplace_back();
        file.content_id = std::to_string(i);
        file.name = "a" + std::to_string(i) + ".pdf";
        file.content_type = "application/pdf";
    }
    return d;
}

// A foreign envelope with the parts that differ between vendors.
std::string with(const std::string& body, const std::string& files, const std::string& p = "x:") {
    return "<edXML xmlns='" + q + "'><" + p + "edXMLEnvelope" + (p.empty() ? "" : " xmlns:x='" + q + "'") +
           "><" + p + "edXMLHeader><" + p + "MessageHeader><From><OrganId>G99</OrganId></From></" + p +
           "MessageHeader></" + p + "edXMLHeader>" + body + "</" + p + "edXMLEnvelope>" + files + "</edXML>";
}

const std::string file =
    "<Attachment><AttachmentName>a.pdf</AttachmentName><ContentTransferEncoded>QQ==</ContentTransferEncoded>"
    "</Attachment>";

// The names of the files as read from it afterwards; all bytes that were there are still there, in order.
std::vector<std::string> names_after(const std::string& bytes) {
    const auto scanned = test::scan({bytes});
    REQUIRE(scanned.result.has_value());
    std::vector<std::size_t> offsets;
    for (const auto& hole : scanned.holes) offsets.push_back(hole.offset);
    const auto out = append_attachment(scanned.skeleton, offsets, ours());
    REQUIRE_MESSAGE(out.has_value(), (out ? "" : to_string(out.error())));
    std::size_t kept = 0;
    for (const char c : out->skeleton)
        if (kept < scanned.skeleton.size() && c == scanned.skeleton[kept]) ++kept;
    const bool grew_only = kept == scanned.skeleton.size() || bytes.find("/>") != std::string::npos;
    CHECK(grew_only);

    auto texts = scanned.texts;
    texts.insert(texts.begin() + static_cast<std::ptrdiff_t>(out->hole), "Qg==");
    const auto checked = test::check(test::joined(out->skeleton, out->offsets, texts));
    REQUIRE_MESSAGE(checked.has_value(), out->skeleton);
    std::vector<std::string> names;
    for (const auto& a : std::get<model::Document>(checked->read.content).attachments) {
        names.push_back(a.name);
        CHECK(a.facts.file_sha256 == sha256(a.name == ours().name ? "B" : "A"));
    }
    CHECK(
        std::get<model::Document>(checked->read.content).attachments.back().content_id == ours().content_id
    );
    return names;
}

}  // namespace

TEST_CASE("in an envelope of ours it stands as the writer would have put it") {
    const Xsd xsd{Xsd::Which::emit};
    for (const std::size_t files : {0U, 1U, 3U}) {
        CAPTURE(files);
        auto d = document(files);
        const auto before = write(d).value();
        d.attachments.push_back(ours());
        const auto wanted = write(d).value();

        const auto out = append_attachment(before.skeleton, before.hole_offsets, ours()).value();

        CHECK(out.skeleton == wanted.skeleton);
        CHECK(out.offsets == wanted.hole_offsets);
        CHECK(out.hole == files);
        std::vector<Hole> holes(out.offsets.size());
        for (std::size_t i = 0; i < holes.size(); ++i) holes[i].offset = out.offsets[i];
        const auto fits = xsd.check(out.skeleton, holes);
        CHECK_MESSAGE(fits.has_value(), to_string(fits.error()));
    }
}

TEST_CASE("in an envelope of others it is read as one file more, wherever their files stand") {
    const std::vector<std::string> two{"a.pdf", "axisd-signature.xml"}, one{"axisd-signature.xml"};
    const auto encoded = "<AttachmentEncoded>" + file + "</AttachmentEncoded>";
    const std::string manifest =
        "<x:edXMLManifest version='1'><x:Reference><x:AttachmentName>a.pdf"
        "</x:AttachmentName></x:Reference></x:edXMLManifest>";
    CHECK(names_after(with("<x:edXMLBody><x:edXMLManifest/></x:edXMLBody>", encoded)) == two);
    CHECK(names_after(with("<x:edXMLBody>" + manifest + "</x:edXMLBody>", encoded)) == two);
    CHECK(names_after(with("<x:edXMLBody/>", encoded)) == two);
    CHECK(names_after(with("", encoded)) == two);
    CHECK(names_after(with("", "")) == one);
    CHECK(names_after(with("", "<AttachmentEncoded/>")) == one);
    CHECK(names_after(with("", "<AttachmentEncode>" + file + "</AttachmentEncode>")) == two);
    CHECK(
        names_after(with("<edXMLBody>\n  <edXMLManifest>\n  </edXMLManifest></edXMLBody>", encoded, "")) ==
        two
    );
    const auto own_prefix = "<y:AttachmentEncoded xmlns:y='" + q + "'>" + file + "</y:AttachmentEncoded>";
    CHECK(names_after(with("", own_prefix)) == two);
    // Files in front of the envelope.
    auto turned = with("", "");
    turned.insert(turned.find("<x:edXMLEnvelope"), encoded);
    CHECK(names_after(turned) == two);
    // An envelope without any namespace.
    auto bare = with("", encoded, "");
    bare.erase(bare.find(" xmlns="), std::string{" xmlns=''"}.size() + q.size());
    CHECK(names_after(bare) == two);
}

TEST_CASE("a status and an envelope of another dialect get no attachment") {
    const auto status = "<edXML xmlns='" + q +
                        "'><edXMLEnvelope><edXMLHeader><Status/></edXMLHeader>"
                        "</edXMLEnvelope></edXML>";
    CHECK(append_attachment(status, {}, ours()).error().code == errc::envelope_structure);
    const std::string old =
        "<edXMLEnvelope "
        "xmlns='http://www.go.vn/eDoc'><edXMLHeader><MessageHeader/></edXMLHeader></edXMLEnvelope>";
    CHECK(append_attachment(old, {}, ours()).error().code == errc::envelope_structure);
    CHECK(append_attachment("<a/>", {}, ours()).error().code == errc::envelope_unknown);
}

TEST_SUITE_END();
