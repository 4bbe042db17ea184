// Documents: the signatures in one, what each refers to, and whether a reader could take something unsigned
// for something signed.
//
//   Signature: SignedInfo, SignatureValue, KeyInfo, Object*
//   Reference: URI "" · "#id" · "#xpointer(/)" · "#xpointer(id('id'))", always with an URI
//   Transforms: [enveloped-signature] [the XPath that leaves Signatures out] [one C14N, or base64]
//
// Internal to signature/. Any thread.
#pragma once

#include "gateway/signature/algorithms.hpp"
#include "gateway/signature/form.hpp"
#include "gateway/signature/tree.hpp"
#include "gateway/signature/xmldsig/key_info.hpp"
#include "gateway/signature/xmldsig/limits.hpp"

#include <cstddef>
#include <string>
#include <variant>
#include <vector>

namespace axis::signature {

struct DocumentReference {
    xmlNode* target = nullptr;  // the root for the whole document
    const DigestAlgorithm* algorithm = nullptr;
    bool without_own = false;  // but for the Signature it stands in
    bool without_all = false;  // but for every Signature in the target
    bool octets_only = false;  // what the target's text encodes, not its markup
};

struct DocumentSignature {
    xmlNode* element = nullptr;
    const SignatureAlgorithm* algorithm = nullptr;
    std::vector<DocumentReference> references;
    KeyInfo key_info;
    bool with_xpath = false;
};

inline constexpr std::size_t references_max = 64;  // whatever the limits say

// All signatures of the document in its order, the elements they refer to registered as IDs. `absent` when
// there is none; the first one that has not the form decides.
std::variant<std::vector<DocumentSignature>, Malformed> read_signatures(
    const Tree& tree, std::size_t document_bytes, const XmldsigLimits& limits
);

}  // namespace axis::signature
