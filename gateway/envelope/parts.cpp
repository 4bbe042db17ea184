#include "gateway/envelope/parts.hpp"

#include <algorithm>
#include <array>

namespace axis::envelope {

namespace {

struct DialectRow {
    Dialect dialect;
    std::string_view name;
    std::string_view root;
    std::string_view root_space;  // with or without a final slash
    std::string_view name_space;  // of everything below
};
constexpr std::array<DialectRow, 3> dialects{{
    {Dialect::qcvn_2016, "qcvn-2016", "edXML", qcvn, qcvn},
    {Dialect::e_doc_2014,
     "e-doc-2014",
     "Envelope",
     "http://schemas.xmlsoap.org/soap/envelope",
     "http://www.e-doc.vn/Schema"},
    {Dialect::go_vn, "go.vn", "edXMLEnvelope", "http://www.go.vn/eDoc", "http://www.go.vn/eDoc"},
}};

const DialectRow* dialect_of(const Node& root) {
    const auto at = std::find_if(dialects.begin(), dialects.end(), [&](const DialectRow& row) {
        return root.is(row.root, row.root_space) ||
               (row.dialect == Dialect::qcvn_2016 && root.is(row.root, ""));
    });
    if (at != dialects.end()) return &*at;
    root.refuse(errc::envelope_unknown, "not edXML in the namespace of QCVN 102:2016 or of a form before it");
    return nullptr;
}

Node required(const Node& parent, std::string_view name) {
    const auto child = parent.child(name);
    if (parent && !child) parent.refuse(errc::envelope_structure, std::string{name} + " is missing");
    return child;
}

// Where the header and the body stand.
struct Frame {
    Dialect dialect;
    Node root;
    Node envelope;

    Node header() const {
        const auto header = required(envelope, dialect == Dialect::e_doc_2014 ? "Header" : "edXMLHeader");
        if (dialect != Dialect::qcvn_2016) header.stands_for("edXMLEnvelope/edXMLHeader");
        return header;
    }
    Node body() const {
        const auto body = envelope.child(dialect == Dialect::e_doc_2014 ? "Body" : "edXMLBody");
        if (dialect != Dialect::qcvn_2016) body.stands_for("edXMLEnvelope/edXMLBody");
        return body;
    }
};

Node encoded_of(const Frame& frame, const Node& body) {
    const auto& parent = frame.dialect == Dialect::e_doc_2014 ? body : frame.root;
    auto encoded = parent.child("AttachmentEncoded");
    if (!encoded) encoded = parent.child("AttachmentEncode");
    encoded.stands_for("/AttachmentEncoded");
    return encoded;
}

void place_files(const Frame& frame, Parts& parts) {
    const auto body = frame.body();
    const auto manifest = body.child(frame.dialect == Dialect::e_doc_2014 ? "Manifest" : "edXMLManifest");
    manifest.stands_for("edXMLManifest");
    parts.references = manifest.all("Reference");
    parts.attachments = encoded_of(frame, body).all("Attachment");
}

void place_message(Parts& parts) {
    parts.message = parts.header.child("MessageHeader");
    const auto status = parts.header.child("Status");
    if (parts.message && status) status.refuse(errc::envelope_structure, "beside MessageHeader");
    if (!parts.message) parts.message = status;
    parts.message.stands_for("MessageHeader");
    if (parts.header && !parts.message)
        parts.header.refuse(errc::envelope_structure, "MessageHeader is missing");
    parts.status = parts.message.is("Status") || parts.message.child("StatusCode");
}

}  // namespace

std::string_view name(Dialect dialect) {
    return dialects.at(static_cast<std::size_t>(dialect)).name;
}

Parts parts_of(Findings& findings) {
    Parts parts;
    const Node root{0, findings};
    const auto* row = dialect_of(root);
    if (row == nullptr) return parts;
    findings.speak(row->name_space, row->root_space);
    parts.dialect = row->dialect;
    const bool flat = row->dialect != Dialect::qcvn_2016;
    const Frame frame{row->dialect, root, flat ? root : required(root, "edXMLEnvelope")};
    parts.header = frame.header();
    place_message(parts);
    if (parts.status) return parts;
    place_files(frame, parts);
    parts.trace = parts.header.child("TraceHeaderList");
    return parts;
}

}  // namespace axis::envelope
