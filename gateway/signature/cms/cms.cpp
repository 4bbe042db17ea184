#include "gateway/signature/cms/cms.hpp"

#include "gateway/signature/cms/ber.hpp"
#include "gateway/signature/openssl.hpp"

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/ess.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace axis::signature::cms {

void throw_exception_from_error(const Fault& fault, const boost::source_location& where) {
    throw std::runtime_error(fault.detail + " at " + where.to_string());
}

Fault beyond(std::string_view limit) {
    return {Reason::pdf_limit, "more than " + std::string{limit}, {}};
}

namespace {

using CmsHandle = std::unique_ptr<CMS_ContentInfo, Freed<CMS_ContentInfo_free>>;
using CertificatesHandle = std::
    unique_ptr<STACK_OF(X509), Freed<[](STACK_OF(X509) * stack) { sk_X509_pop_free(stack, X509_free); }>>;
using EssHandle = std::unique_ptr<ESS_SIGNING_CERT, Freed<ESS_SIGNING_CERT_free>>;
using Ess2Handle = std::unique_ptr<ESS_SIGNING_CERT_V2, Freed<ESS_SIGNING_CERT_V2_free>>;
using PssHandle = std::unique_ptr<RSA_PSS_PARAMS, Freed<RSA_PSS_PARAMS_free>>;
using KeyContextHandle = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;

constexpr int once = -3;  // OpenSSL: the attribute stands once, with one value

struct DigestRow {
    int nid;
    const char* digest;
    std::string_view name;
    bool weak;
};
constexpr std::array digests{
    DigestRow{NID_sha256, "SHA256", "sha256", false},
    DigestRow{NID_sha384, "SHA384", "sha384", false},
    DigestRow{NID_sha512, "SHA512", "sha512", false},
    DigestRow{NID_sha1, "SHA1", "sha1", true},
};

enum class Scheme { rsa, rsa_pss, ecdsa };
struct SchemeRow {
    int nid;
    int digest;  // NID_undef: the message's own
    Scheme scheme;
    std::string_view name;
};
constexpr std::array schemes{
    SchemeRow{NID_rsaEncryption, NID_undef, Scheme::rsa, "rsa"},
    SchemeRow{NID_sha256WithRSAEncryption, NID_sha256, Scheme::rsa, "rsa"},
    SchemeRow{NID_sha384WithRSAEncryption, NID_sha384, Scheme::rsa, "rsa"},
    SchemeRow{NID_sha512WithRSAEncryption, NID_sha512, Scheme::rsa, "rsa"},
    SchemeRow{NID_sha1WithRSAEncryption, NID_sha1, Scheme::rsa, "rsa"},
    SchemeRow{NID_rsassaPss, NID_undef, Scheme::rsa_pss, "rsa-pss"},
    SchemeRow{NID_ecdsa_with_SHA256, NID_sha256, Scheme::ecdsa, "ecdsa"},
    SchemeRow{NID_ecdsa_with_SHA384, NID_sha384, Scheme::ecdsa, "ecdsa"},
    SchemeRow{NID_ecdsa_with_SHA512, NID_sha512, Scheme::ecdsa, "ecdsa"},
    SchemeRow{NID_ecdsa_with_SHA1, NID_sha1, Scheme::ecdsa, "ecdsa"},
};

template <class Rows>
const typename Rows::value_type* find(const Rows& rows, int nid) {
    const auto at = std::find_if(rows.begin(), rows.end(), [&](const auto& row) { return row.nid == nid; });
    return at == rows.end() ? nullptr : &*at;
}

int nid_of(const X509_ALGOR* algorithm) {
    const ASN1_OBJECT* object = nullptr;
    X509_ALGOR_get0(&object, nullptr, nullptr, algorithm);
    return OBJ_obj2nid(object);
}

// The digest is said three times over; all must be the message's.
bool pss_fits(const X509_ALGOR* algorithm, int digest) {
    int type = 0;
    const void* value = nullptr;
    X509_ALGOR_get0(nullptr, &type, &value, algorithm);
    if (type != V_ASN1_SEQUENCE) return false;
    const auto* sequence = static_cast<const ASN1_STRING*>(value);
    const auto* at = ASN1_STRING_get0_data(sequence);
    const PssHandle pss{d2i_RSA_PSS_PARAMS(nullptr, &at, ASN1_STRING_length(sequence))};
    if (!pss || pss->hashAlgorithm == nullptr || pss->maskGenAlgorithm == nullptr) return false;
    if (nid_of(pss->hashAlgorithm) != digest || nid_of(pss->maskGenAlgorithm) != NID_mgf1) return false;
    X509_ALGOR_get0(nullptr, &type, &value, pss->maskGenAlgorithm);
    if (type != V_ASN1_SEQUENCE) return false;
    sequence = static_cast<const ASN1_STRING*>(value);
    at = ASN1_STRING_get0_data(sequence);
    X509_ALGOR* inner = d2i_X509_ALGOR(nullptr, &at, ASN1_STRING_length(sequence));
    const bool same = inner != nullptr && nid_of(inner) == digest;
    X509_ALGOR_free(inner);
    return same;
}

std::string bytes_of(const ASN1_STRING* string) {
    return {
        reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
        static_cast<std::size_t>(ASN1_STRING_length(string))};
}

bool same_name(const X509_NAME* a, const X509_NAME* b) {
    const unsigned char *x = nullptr, *y = nullptr;
    std::size_t x_size = 0, y_size = 0;
    return X509_NAME_get0_der(a, &x, &x_size) == 1 && X509_NAME_get0_der(b, &y, &y_size) == 1 &&
           std::equal(x, x + x_size, y, y + y_size);
}

// By serial number and issuer, the name to the letter, or by the key's identifier.
bool names(CMS_SignerInfo* signer, X509* certificate) {
    ASN1_OCTET_STRING* key = nullptr;
    X509_NAME* issuer = nullptr;
    ASN1_INTEGER* serial = nullptr;
    return CMS_SignerInfo_get0_signer_id(signer, &key, &issuer, &serial) == 1 &&
           CMS_SignerInfo_cert_cmp(signer, certificate) == 0 &&
           (issuer == nullptr || same_name(issuer, X509_get_issuer_name(certificate)));
}

Fault wrong(std::string detail) {
    ERR_clear_error();
    return {Reason::pdf_cms, std::move(detail), {}};
}
Fault not_allowed(std::string detail) {
    ERR_clear_error();
    return {Reason::algorithm, std::move(detail), {}};
}

}  // namespace

struct SignedMessage::Handle {
    CmsHandle cms;
    CMS_SignerInfo* signer = nullptr;
    Scheme scheme = Scheme::rsa;
};

class SignedMessage::Parser {
public:
    explicit Parser(const Limits& limits) : limits_{limits} {}

    Read<SignedMessage> parse(std::string_view padded, Content content) {
        auto read = message(padded, content);
        if (read) read = certificates();
        if (read) read = algorithms(padded, content);
        if (read) read = attributes();
        if (!read) return read.error();
        const auto* value = CMS_SignerInfo_get0_signature(handle_->signer);
        out_.value_ = bytes_of(value);
        time_stamps();
        ERR_clear_error();
        out_.handle_ = std::move(handle_);
        return std::move(out_);
    }

private:
    Read<> message(std::string_view padded, Content content) {
        const auto* at = reinterpret_cast<const unsigned char*>(padded.data());
        const auto* begin = at;
        handle_->cms.reset(d2i_CMS_ContentInfo(nullptr, &at, static_cast<long>(padded.size())));
        if (!handle_->cms) return wrong("cannot be read");
        const auto rest = padded.substr(static_cast<std::size_t>(at - begin));
        if (rest.find_first_not_of('\0') != std::string_view::npos)
            return Fault{Reason::pdf_contents, "something else behind the signature", {}};
        auto* cms = handle_->cms.get();
        if (OBJ_obj2nid(CMS_get0_type(cms)) != NID_pkcs7_signed) return wrong("not a signed message");
        const int wanted = content == Content::data ? NID_pkcs7_data : NID_id_smime_ct_TSTInfo;
        if (OBJ_obj2nid(CMS_get0_eContentType(cms)) != wanted) return wrong("signs another kind of content");
        ASN1_OCTET_STRING** inside = CMS_get0_content(cms);
        if (inside != nullptr && *inside != nullptr) out_.content_ = bytes_of(*inside);
        auto* signers = CMS_get0_SignerInfos(cms);
        if (sk_CMS_SignerInfo_num(signers) != 1) return wrong("not exactly one signer");
        handle_->signer = sk_CMS_SignerInfo_value(signers, 0);
        return {};
    }

    Read<> certificates() {
        const CertificatesHandle all{CMS_get1_certs(handle_->cms.get())};
        const int count = all ? sk_X509_num(all.get()) : 0;
        if (static_cast<std::size_t>(count) > limits_.certificates_max) return beyond("certificates_max");
        bool found = false;
        for (int i = 0; i < count; ++i) {
            auto* x509 = sk_X509_value(all.get(), i);
            auto certificate = Certificate::from_der(der_of(x509, i2d_X509));
            if (!certificate) return Fault{Reason::certificate_unreadable, "", {}};
            if (!found && names(handle_->signer, x509)) {
                found = true;
                out_.signer_ = std::move(*certificate);
                CMS_SignerInfo_set1_signer_cert(handle_->signer, x509);
            } else {
                out_.sent_.push_back(std::move(*certificate));
            }
        }
        if (!found) return wrong("without the signer's certificate");
        return {};
    }

    Read<> algorithms(std::string_view padded, Content content) {
        X509_ALGOR* digest_algorithm = nullptr;
        X509_ALGOR* value_algorithm = nullptr;
        CMS_SignerInfo_get0_algs(handle_->signer, nullptr, nullptr, &digest_algorithm, &value_algorithm);
        const auto* digest = find(digests, nid_of(digest_algorithm));
        const auto* scheme = find(schemes, nid_of(value_algorithm));
        if (digest == nullptr || scheme == nullptr) return not_allowed("not an algorithm that is accepted");
        if (scheme->digest != NID_undef && scheme->digest != digest->nid)
            return not_allowed("two digests that differ");
        if (!head_fits(padded, digest->nid, content))
            return wrong("its versions or digests are not the signer's");
        if (scheme->scheme == Scheme::rsa_pss && !pss_fits(value_algorithm, digest->nid))
            return not_allowed("RSA-PSS with digests that differ");
        auto* key = out_.signer_.key();
        const bool fits = scheme->scheme == Scheme::ecdsa
                              ? EVP_PKEY_is_a(key, "EC") == 1
                              : EVP_PKEY_is_a(key, "RSA") == 1 ||
                                    (scheme->scheme == Scheme::rsa_pss && EVP_PKEY_is_a(key, "RSA-PSS") == 1);
        if (!fits) return not_allowed("the certificate's key is of another kind");
        handle_->scheme = scheme->scheme;
        out_.digest_ = digest->digest;
        out_.weak_ = digest->weak;
        out_.algorithm_ = std::string{scheme->name} + "-" + std::string{digest->name};
        return {};
    }

    // Nothing covers these; they must say what the signer says.
    bool head_fits(std::string_view message, int digest, Content content) const {
        const auto head = head_of(message);
        ASN1_OCTET_STRING* key = nullptr;
        X509_NAME* issuer = nullptr;
        CMS_SignerInfo_get0_signer_id(handle_->signer, &key, &issuer, nullptr);
        if (!head || (head->version != 1 && (head->version < 3 || head->version > 5))) return false;
        if (content == Content::time_stamp && head->version != 3) return false;  // RFC 5652, 5.1
        if (head->signer_version != (issuer != nullptr ? 1 : 3)) return false;
        const auto* object = OBJ_nid2obj(digest);
        const std::string_view name{reinterpret_cast<const char*>(OBJ_get0_data(object)), OBJ_length(object)};
        return std::find(head->digests.begin(), head->digests.end(), name) != head->digests.end();
    }

    const void* only(int nid, int type) const {
        return CMS_signed_get0_data_by_OBJ(handle_->signer, OBJ_nid2obj(nid), once, type);
    }
    bool has(int nid) const { return CMS_signed_get_attr_by_NID(handle_->signer, nid, -1) >= 0; }

    Read<> attributes() {
        if (CMS_signed_get_attr_count(handle_->signer) <= 0) return {};
        const auto* type = static_cast<const ASN1_OBJECT*>(only(NID_pkcs9_contentType, V_ASN1_OBJECT));
        if (type == nullptr || OBJ_cmp(type, CMS_get0_eContentType(handle_->cms.get())) != 0)
            return wrong("the attribute contentType");
        const auto* digest =
            static_cast<const ASN1_STRING*>(only(NID_pkcs9_messageDigest, V_ASN1_OCTET_STRING));
        if (digest == nullptr) return wrong("the attribute messageDigest");
        out_.message_digest_ = bytes_of(digest);
        if (has(NID_pkcs9_signingTime)) {
            const auto* utc = only(NID_pkcs9_signingTime, V_ASN1_UTCTIME);
            const auto* time = utc != nullptr ? utc : only(NID_pkcs9_signingTime, V_ASN1_GENERALIZEDTIME);
            if (time == nullptr) return wrong("the attribute signingTime");
            out_.signing_time_ = time_of(static_cast<const ASN1_TIME*>(time));
        }
        return named_certificate();
    }

    Read<> named_certificate() {
        EssHandle first;
        Ess2Handle second;
        if (has(NID_id_smime_aa_signingCertificate)) {
            const auto* text =
                static_cast<const ASN1_STRING*>(only(NID_id_smime_aa_signingCertificate, V_ASN1_SEQUENCE));
            const auto* at = text == nullptr ? nullptr : ASN1_STRING_get0_data(text);
            if (at != nullptr) first.reset(d2i_ESS_SIGNING_CERT(nullptr, &at, ASN1_STRING_length(text)));
            if (!first) return wrong("the attribute signingCertificate");
        }
        if (has(NID_id_smime_aa_signingCertificateV2)) {
            const auto* text =
                static_cast<const ASN1_STRING*>(only(NID_id_smime_aa_signingCertificateV2, V_ASN1_SEQUENCE));
            const auto* at = text == nullptr ? nullptr : ASN1_STRING_get0_data(text);
            if (at != nullptr) second.reset(d2i_ESS_SIGNING_CERT_V2(nullptr, &at, ASN1_STRING_length(text)));
            if (!second) return wrong("the attribute signingCertificateV2");
        }
        if (!first && !second) return {};
        const StackHandle chain{sk_X509_new_null()};
        sk_X509_push(chain.get(), out_.signer_.handle());
        for (const auto& certificate : out_.sent_) sk_X509_push(chain.get(), certificate.handle());
        const bool same = OSSL_ESS_check_signing_certs(first.get(), second.get(), chain.get(), 1) > 0;
        out_.named_ = same ? Named::this_one : Named::another;
        return {};
    }

    void time_stamps() {
        const int at = CMS_unsigned_get_attr_by_NID(handle_->signer, NID_id_smime_aa_timeStampToken, -1);
        if (at < 0) return;
        auto* attribute = CMS_unsigned_get_attr(handle_->signer, at);
        for (int i = 0; i < std::min(X509_ATTRIBUTE_count(attribute), time_stamps_max); ++i) {
            const auto* token = static_cast<const ASN1_STRING*>(
                X509_ATTRIBUTE_get0_data(attribute, i, V_ASN1_SEQUENCE, nullptr)
            );
            out_.time_stamps_.push_back(token == nullptr ? std::string{} : bytes_of(token));
        }
    }

    static constexpr int time_stamps_max = 4;

    const Limits& limits_;
    std::shared_ptr<Handle> handle_ = std::make_shared<Handle>();
    SignedMessage out_;
};

Read<SignedMessage> SignedMessage::parse(std::string_view padded, Content content, const Limits& limits) {
    if (padded.size() > limits.bytes_max) return beyond("cms_bytes_max");
    return Parser{limits}.parse(padded, content);
}

bool SignedMessage::value_holds(const std::string& content_digest) const {
    if (has_attributes()) {
        const bool good = CMS_SignerInfo_verify(handle_->signer) == 1;
        ERR_clear_error();
        return good;
    }
    const KeyContextHandle context{EVP_PKEY_CTX_new(signer_.key(), nullptr)};
    const auto octets = [](const std::string& s) { return reinterpret_cast<const unsigned char*>(s.data()); };
    const auto* digest = EVP_get_digestbyname(digest_);
    bool good = context && EVP_PKEY_verify_init(context.get()) == 1;
    if (handle_->scheme != Scheme::ecdsa) {
        const bool pss = handle_->scheme == Scheme::rsa_pss;
        good =
            good &&
            EVP_PKEY_CTX_set_rsa_padding(context.get(), pss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING) == 1;
        if (pss) good = good && EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), digest) == 1;
    }
    good = good && EVP_PKEY_CTX_set_signature_md(context.get(), digest) == 1 &&
           EVP_PKEY_verify(
               context.get(), octets(value_), value_.size(), octets(content_digest), content_digest.size()
           ) == 1;
    ERR_clear_error();
    return good;
}

bool SignedMessage::covers(const std::string& content_digest) const {
    return !message_digest_ || *message_digest_ == content_digest;
}

}  // namespace axis::signature::cms
