// Fields: the signatures a PDF has: the values of its form's signature fields (ISO 32000-1 §12.7.4.5).
// Internal to signature/pdf.
#pragma once

#include "gateway/signature/pdf/document.hpp"

#include <string>
#include <vector>

namespace axis::signature::pdf {

struct SignatureField {
    std::string name;                    // of the field, UTF-8
    std::vector<std::uint32_t> objects;  // the field and its places on pages
    Ref value;                           // the signature dictionary
    Dict signature;
};

// Those that are signed. A field that is reached twice and a signature that two fields claim refuse the file.
Read<std::vector<SignatureField>> signature_fields(Document& document, const Limits& limits);

// A text string as UTF-8.
std::string to_utf8(const String& text);

}  // namespace axis::signature::pdf
