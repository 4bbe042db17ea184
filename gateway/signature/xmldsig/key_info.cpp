#include "gateway/signature/xmldsig/key_info.hpp"

#include "gateway/base/base64.hpp"
#include "gateway/base/text.hpp"

#include <openssl/objects.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>

namespace axis::signature {

namespace {

constexpr std::string_view xmldsig11 = "http://www.w3.org/2009/xmldsig11#";

Malformed refused(std::string detail) {
    return {Reason::key_info, std::move(detail)};
}

// -- distinguished names

// Names of types that OpenSSL does not know.
int type_number(std::string_view type) {
    const std::string name{trimmed(type)};
    if (equal_ignoring_case(name, "E") || equal_ignoring_case(name, "EMAIL")) return NID_pkcs9_emailAddress;
    if (equal_ignoring_case(name, "S")) return NID_stateOrProvinceName;
    const int number = OBJ_txt2nid(name.c_str());
    return number != NID_undef ? number : OBJ_txt2nid(upper_ascii(name).c_str());
}

int hexadecimal(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

constexpr std::string_view white = " \t\r\n";

// A value up to the next separator that is not escaped; that is taken off too. White space round it is not
// its own unless it is escaped or quoted.
std::string value_off(std::string_view& text) {
    std::string out;
    bool quoted = false;
    std::size_t kept = 0;
    auto i = std::min(text.find_first_not_of(white), text.size());
    for (; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '"') {
            quoted = !quoted;
        } else if (c == '\\' && i + 1 < text.size()) {
            const int high = hexadecimal(text[i + 1]);
            const int low = i + 2 < text.size() ? hexadecimal(text[i + 2]) : -1;
            const bool byte = high >= 0 && low >= 0;
            out += byte ? static_cast<char>(high * 16 + low) : text[i + 1];
            i += byte ? 2 : 1;
            kept = out.size();
        } else if (!quoted && (c == ',' || c == ';' || c == '+')) {
            break;
        } else {
            out += c;
            if (quoted) kept = out.size();
        }
    }
    text.remove_prefix(std::min(i + 1, text.size()));
    while (out.size() > kept && white.find(out.back()) != std::string_view::npos) out.pop_back();
    return out;
}

NameParts parts_of(const X509_NAME* name) {
    NameParts out;
    for (int i = X509_NAME_entry_count(name) - 1; i >= 0; --i) {
        const auto* entry = X509_NAME_get_entry(name, i);
        unsigned char* utf8 = nullptr;
        const int size = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(entry));
        out.emplace_back(
            OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry)),
            std::string{reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(std::max(size, 0))}
        );
        OPENSSL_free(utf8);
    }
    return out;
}

std::string hexadecimal_of_decimal(std::string_view decimal) {
    const std::string text{trimmed(decimal)};
    BIGNUM* number = nullptr;
    const bool whole = BN_dec2bn(&number, text.c_str()) == static_cast<int>(text.size());
    char* hex = whole && number != nullptr ? BN_bn2hex(number) : nullptr;
    std::string out{hex == nullptr ? "" : hex};
    OPENSSL_free(hex);
    BN_free(number);
    return out;
}

// -- one item of X509Data

class Reader {
public:
    explicit Reader(std::size_t certificate_count_max) : certificate_count_max_{certificate_count_max} {}

    std::variant<KeyInfo, Malformed> read(const xmlNode* element) {
        bool any = false;
        for (const auto* child : elements(element)) {
            for (const auto* fetched : {"RetrievalMethod", "KeyInfoReference", "EncryptedKey"})
                if (local_name(child) == fetched) return refused(fetched);
            if (!is(child, "X509Data", xmldsig)) continue;
            any = true;
            for (const auto* item : elements(child))
                if (auto fault = read_item(item)) return std::move(*fault);
        }
        if (!any) return refused("the key is not given by X509Data");
        return std::move(info_);
    }

private:
    using Fault = std::optional<Malformed>;

    Fault read_item(const xmlNode* item) {
        if (is(item, "X509Certificate", xmldsig)) return certificate(item);
        if (is(item, "X509SubjectName", xmldsig)) return named(SubjectName{name_in(item)}, item);
        if (is(item, "X509IssuerSerial", xmldsig)) return issuer_serial(item);
        if (is(item, "X509SKI", xmldsig)) return named(KeyIdentifier{octets_in(item)}, item);
        if (is(item, "X509Digest", xmldsig11)) return digest(item);
        return {};  // lists of revoked certificates are taken from the trust folder alone
    }

    static NameParts name_in(const xmlNode* element) {
        const auto text = text_only(element);
        return text ? name_parts(*text) : NameParts{};
    }
    static std::string octets_in(const xmlNode* element) {
        const auto text = text_only(element);
        std::string out;
        return text && base64_decode(*text, out) ? out : std::string{};
    }

    // An empty one would be everybody's.
    template <class Name>
    Fault named(Name name, const xmlNode* item) {
        bool empty = false;
        if constexpr (std::is_same_v<Name, SubjectName>)
            empty = name.subject.empty();
        else if constexpr (std::is_same_v<Name, IssuerSerial>)
            empty = name.issuer.empty() || name.serial.empty();
        else
            empty = name.octets.empty();
        if (empty) return Malformed{Reason::encoding, std::string{local_name(item)}};
        info_.names.emplace_back(std::move(name));
        return {};
    }

    Fault certificate(const xmlNode* item) {
        if (info_.certificates.size() == certificate_count_max_) return refused("too many certificates");
        auto certificate = Certificate::from_der(octets_in(item));
        if (!certificate) return Malformed{Reason::certificate_unreadable, "X509Certificate"};
        info_.certificates.push_back(std::move(*certificate));
        return {};
    }

    Fault issuer_serial(const xmlNode* item) {
        const auto children = elements(item);
        if (children.size() != 2 || !is(children[0], "X509IssuerName", xmldsig) ||
            !is(children[1], "X509SerialNumber", xmldsig))
            return Malformed{Reason::encoding, "X509IssuerSerial"};
        const auto serial = text_only(children[1]);
        return named(IssuerSerial{name_in(children[0]), hexadecimal_of_decimal(serial.value_or(""))}, item);
    }

    Fault digest(const xmlNode* item) {
        const auto algorithm = attribute(item, "Algorithm");
        const auto* known = algorithm ? digest_algorithm(*algorithm) : nullptr;
        if (known == nullptr) return Malformed{Reason::algorithm, "X509Digest"};
        return named(CertificateDigest{known, octets_in(item)}, item);
    }

    std::size_t certificate_count_max_;
    KeyInfo info_;
};

bool is_called_any(const Certificate& certificate, const std::vector<CertificateName>& names) {
    return std::any_of(names.begin(), names.end(), [&](const CertificateName& name) {
        return is_called(certificate, name);
    });
}

// By name and key; whether it was allowed to is asked of the chain.
bool has_issued(const Certificate& one, const Certificate& other) {
    if (one.der() == other.der()) return false;
    const int fault = X509_check_issued(one.handle(), other.handle());
    return fault == X509_V_OK || fault == X509_V_ERR_KEYUSAGE_NO_CERTSIGN;
}

// Those that have issued none of the others, each once.
std::vector<Certificate> last_of_chains(const std::vector<Certificate>& all) {
    std::vector<Certificate> out;
    for (const auto& one : all) {
        const auto is_issued = [&](const Certificate& other) { return has_issued(one, other); };
        const auto is_same = [&](const Certificate& other) { return one.der() == other.der(); };
        if (std::none_of(all.begin(), all.end(), is_issued) && std::none_of(out.begin(), out.end(), is_same))
            out.push_back(one);
    }
    return out;
}

}  // namespace

NameParts name_parts(std::string_view rfc4514) {
    NameParts out;
    const auto begin = [](std::string_view text) {
        return std::min(text.find_first_not_of(white), text.size());
    };
    for (auto left = rfc4514.substr(begin(rfc4514)); !left.empty(); left.remove_prefix(begin(left))) {
        const auto equals = left.find('=');
        if (equals == std::string_view::npos) return {};
        const int type = type_number(left.substr(0, equals));
        if (type == NID_undef) return {};
        left.remove_prefix(equals + 1);
        out.emplace_back(type, value_off(left));
    }
    return out;
}

bool is_called(const Certificate& certificate, const CertificateName& name) {
    auto* x509 = certificate.handle();
    if (const auto* subject = std::get_if<SubjectName>(&name))
        return subject->subject == parts_of(X509_get_subject_name(x509));
    if (const auto* issued = std::get_if<IssuerSerial>(&name))
        return issued->serial == certificate.facts().serial &&
               issued->issuer == parts_of(X509_get_issuer_name(x509));
    if (const auto* key = std::get_if<KeyIdentifier>(&name)) {
        const auto* own = X509_get0_subject_key_id(x509);
        if (own == nullptr) return false;
        const auto size = static_cast<std::size_t>(ASN1_STRING_length(own));
        return key->octets ==
               std::string_view{reinterpret_cast<const char*>(ASN1_STRING_get0_data(own)), size};
    }
    const auto& wanted = std::get<CertificateDigest>(name);
    Digest digest{wanted.algorithm->digest};
    digest.update(certificate.der());
    return digest.finish() == wanted.octets;
}

std::variant<KeyInfo, Malformed> read_key_info(const xmlNode* element, std::size_t certificate_count_max) {
    return Reader{certificate_count_max}.read(element);
}

std::variant<Certificate, Malformed> signer_of(const KeyInfo& info, const std::vector<Certificate>& known) {
    // Nobody is named: it may be any that is known here, if only one can be.
    const auto called = [&info](std::vector<Certificate> all) {
        if (info.names.empty()) return all;
        std::erase_if(all, [&](const Certificate& one) { return !is_called_any(one, info.names); });
        return all;
    };
    const bool sent = !info.certificates.empty();
    auto signers = last_of_chains(sent ? info.certificates : called(known));
    if (sent && signers.size() > 1) signers = called(std::move(signers));
    if (signers.empty())
        return Malformed{Reason::key_info, "the certificate that is named is not known here"};
    if (signers.size() > 1)
        return Malformed{Reason::key_info, "more than one certificate may be the signer's"};
    return signers.front();
}

}  // namespace axis::signature
