// Reader: skeleton → Document or Status, tolerant of every form in the wild (edxml-standard.md §1.2-1.10, §2,
// §7).
//
// libxml2 parses the skeleton (never with HUGE, NOENT, DTD, XInclude or network), with random 128-bit tokens
// in the holes; then structure is checked by hand: root, one envelope, one header, one MessageHeader (or
// Status), matching by (namespace or none, local name) in any order. No value is taken from text that stands
// beside a comment or element. Empty, white-space-only and literal "null" values mean absent. Attachment
// facts (digests, sizes) are not known here: the caller fills Attachment::facts by `Read::hole_of`. CPU:
// crypto pool. Thread: any.
#pragma once

#include "gateway/base/error.hpp"
#include "gateway/base/random.hpp"
#include "gateway/envelope/scanner.hpp"
#include "gateway/model/document.hpp"
#include "gateway/model/status.hpp"

#include <string_view>
#include <variant>
#include <vector>

namespace axis::envelope {

// Told apart by framing, root element and namespace; the first is the one we write.
enum class Dialect {
    qcvn_2016,   // QCVN 102:2016: SDK 2018-2025, .NET, any prefixes, any order
    e_doc_2014,  // http://www.e-doc.vn/Schema/: SOAP, files as MIME parts or in AttachmentEncoded
    go_vn,       // http://www.go.vn/eDoc: edXMLEnvelope is the root
};
std::string_view name(Dialect dialect);

struct Read {
    Dialect dialect = Dialect::qcvn_2016;
    std::variant<model::Document, model::Status> content;
    std::vector<std::size_t> hole_of;  // per attachment of the document: ordinal of its hole
    std::vector<Observation> observations;
    bool has_signature = false;  // a Signature element stands in the header (verified in a later step)
    bool xmldsig = false;        // in the namespace of XML signatures, so that it may cover the bytes
};

// envelope.* errors with "line:column path/of/element: why" in the detail, as they stand in the input. An
// attachment without a hole is attachment.base64; an unsafe or empty name is file.name; a manifest entry
// without attachment is attachment.missing. Required: From/OrganId; of a status also StatusCode and
// ResponseFor. `dropped`, of the scanner too, is for the places.
Result<Read> read(
    std::string_view skeleton, const std::vector<Hole>& holes, Random& random, const Hole& dropped = {}
);

}  // namespace axis::envelope
