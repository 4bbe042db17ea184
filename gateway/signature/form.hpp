// Form: the one shape of a signed envelope that is looked at further, by allow-list (security.md §2.1 C).
//
//   edXML / edXMLEnvelope / edXMLHeader / Signature
//     SignedInfo: CanonicalizationMethod, SignatureMethod, Reference to the whole document
//                 [, Reference to the Object's signing time]
//     SignatureValue
//     KeyInfo: one X509Data with 1 to 4 X509Certificate, the signer's first
//     [Object: SignatureProperties with one SigningTime]
//     [Object: a time stamp over SignatureValue, as XAdES 1.3.2 writes it (ETSI EN 319 132-1, 5.3)]
//
// The time stamp is covered by nothing but itself: it has one form, to the letter.
// Internal to signature/. Any thread.
#pragma once

#include "gateway/signature/algorithms.hpp"
#include "gateway/signature/certificate.hpp"
#include "gateway/signature/tree.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace axis::signature {

inline constexpr std::size_t certificates_max = 4;
inline constexpr std::string_view xades = "http://uri.etsi.org/01903/v1.3.2#";

struct ReferenceForm {
    const DigestAlgorithm* algorithm = nullptr;
    Canonical canonical = Canonical::inclusive;
    std::string digest;  // octets
};

struct Form {
    xmlNode* signature = nullptr;
    xmlNode* signed_info = nullptr;
    Canonical canonical = Canonical::inclusive;  // of SignedInfo
    const SignatureAlgorithm* algorithm = nullptr;
    ReferenceForm whole;
    std::optional<ReferenceForm> properties;
    xmlNode* properties_element = nullptr;
    std::string signing_time;  // as written; covered when `properties` is there
    std::string value;         // octets
    xmlNode* value_element = nullptr;
    std::string time_stamp;  // DER, over the canonical (exclusive) value_element; empty: none
    std::vector<Certificate> certificates;
    bool relayed = false;  // trace headers of others than the sender
};

struct Malformed {
    Reason reason;
    std::string detail;
};

// `from`: the sender's code as the envelope reader read it; another one here is a structure that two readers
// read differently.
std::variant<Form, Malformed> read_form(const Tree& tree, std::string_view from);

// The element alone, around the whole of any document; where it stands is the caller's business.
std::variant<Form, Malformed> read_signature(const Tree& tree, xmlNode* signature);
// Every element below that is called Signature, in whatever namespace and case.
std::vector<xmlNode*> signatures_in(const xmlNode* element);

}  // namespace axis::signature
