// Who signed, as a KeyInfo says it: by X509Data alone, with certificates or with names of such as are known
// here. Bare keys and key names beside it say nothing; what would have to be fetched is refused.
// Internal to signature/. Any thread.
#pragma once

#include "gateway/signature/certificate.hpp"
#include "gateway/signature/form.hpp"

#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace axis::signature {

// A distinguished name, most specific part first, as RFC 4514 writes it: type by OpenSSL's number, value.
using NameParts = std::vector<std::pair<int, std::string>>;
// Empty when it is none.
NameParts name_parts(std::string_view rfc4514);

struct SubjectName {
    NameParts subject;
};
struct IssuerSerial {
    NameParts issuer;
    std::string serial;  // hexadecimal, as Signer has it
};
struct KeyIdentifier {
    std::string octets;
};
struct CertificateDigest {
    const DigestAlgorithm* algorithm = nullptr;
    std::string octets;
};
using CertificateName = std::variant<SubjectName, IssuerSerial, KeyIdentifier, CertificateDigest>;

bool is_called(const Certificate& certificate, const CertificateName& name);

struct KeyInfo {
    std::vector<Certificate> certificates;
    std::vector<CertificateName> names;
};
std::variant<KeyInfo, Malformed> read_key_info(const xmlNode* element, std::size_t certificate_count_max);

// The one that signed: of those sent, else of those known that are named, or of all known when X509Data names
// none, the one that has issued none of the others.
std::variant<Certificate, Malformed> signer_of(const KeyInfo& info, const std::vector<Certificate>& known);

}  // namespace axis::signature
