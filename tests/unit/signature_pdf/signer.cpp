#include "tests/unit/signature_pdf/signer.hpp"

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/ts.h>

#include <stdexcept>

namespace axis::test {

using namespace signature;

namespace {

void must(bool good, const char* what) {
    if (!good) throw std::runtime_error(std::string{what} + ": " + openssl_error());
}

template <class T>
std::string der(const T* value, int (*encode)(const T*, unsigned char**)) {
    unsigned char* bytes = nullptr;
    const int size = encode(value, &bytes);
    must(size > 0, "encode");
    std::string out{reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)};
    OPENSSL_free(bytes);
    return out;
}

void add_time(CMS_SignerInfo* signer, std::string_view at) {
    ASN1_TIME* time = ASN1_TIME_set(nullptr, std::chrono::system_clock::to_time_t(day(at)));
    must(
        CMS_signed_add1_attr_by_NID(signer, NID_pkcs9_signingTime, ASN1_STRING_type(time), time, -1) == 1,
        "time"
    );
    ASN1_TIME_free(time);
}

}  // namespace

std::string cms_of(const Party& party, const Pki& pki, std::string_view content, const Signing& how) {
    const auto& bytes = how.inside ? *how.inside : content;
    const unsigned base = CMS_BINARY | CMS_PARTIAL | CMS_NOSMIMECAP | (how.inside ? 0U : CMS_DETACHED);
    CMS_ContentInfo* cms = CMS_sign(nullptr, nullptr, nullptr, nullptr, base);
    must(cms != nullptr, "CMS_sign");
    const auto flags = base | (how.attributes ? 0U : CMS_NOATTR) |
                       (how.ess && how.attributes ? CMS_CADES : 0U) | (how.certificate ? 0U : CMS_NOCERTS) |
                       (how.pss ? CMS_KEY_PARAM : 0U);
    const auto* digest = EVP_get_digestbyname(how.digest.c_str());
    CMS_SignerInfo* signer = CMS_add1_signer(cms, party.certificate.get(), party.key.get(), digest, flags);
    must(signer != nullptr, "CMS_add1_signer");
    if (how.pss) {
        EVP_PKEY_CTX* context = CMS_SignerInfo_get0_pkey_ctx(signer);
        must(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1, "padding");
        must(EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1, "salt");
    }
    if (how.content_type != 0) CMS_set1_eContentType(cms, OBJ_nid2obj(how.content_type));
    if (how.attributes && !how.at.empty()) add_time(signer, how.at);
    if (how.chain) CMS_add1_cert(cms, const_cast<X509*>(pki.intermediate()));
    const BioHandle in{BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size()))};
    must(CMS_final(cms, in.get(), nullptr, flags) == 1, "CMS_final");
    if (how.stamp) {
        const auto* value = CMS_SignerInfo_get0_signature(signer);
        const auto token = how.stamp(
            {reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
             static_cast<std::size_t>(ASN1_STRING_length(value))}
        );
        must(
            CMS_unsigned_add1_attr_by_NID(
                signer,
                NID_id_smime_aa_timeStampToken,
                V_ASN1_SEQUENCE,
                token.data(),
                static_cast<int>(token.size())
            ) == 1,
            "time stamp"
        );
    }
    auto out = der<CMS_ContentInfo>(cms, i2d_CMS_ContentInfo);
    CMS_ContentInfo_free(cms);
    return out;
}

std::string cms_of_digest(const Party& party, const Pki&, const std::string& sha256) {
    constexpr unsigned flags = CMS_BINARY | CMS_PARTIAL | CMS_NOSMIMECAP | CMS_DETACHED;
    CMS_ContentInfo* cms = CMS_sign(nullptr, nullptr, nullptr, nullptr, flags);
    must(cms != nullptr, "CMS_sign");
    CMS_SignerInfo* signer =
        CMS_add1_signer(cms, party.certificate.get(), party.key.get(), EVP_sha256(), flags | CMS_CADES);
    must(signer != nullptr, "CMS_add1_signer");
    must(
        CMS_signed_add1_attr_by_NID(
            signer,
            NID_pkcs9_messageDigest,
            V_ASN1_OCTET_STRING,
            sha256.data(),
            static_cast<int>(sha256.size())
        ) == 1,
        "digest"
    );
    must(
        CMS_signed_add1_attr_by_NID(
            signer, NID_pkcs9_contentType, V_ASN1_OBJECT, OBJ_nid2obj(NID_pkcs7_data), -1
        ) == 1,
        "type"
    );
    must(CMS_SignerInfo_sign(signer) == 1, "sign");
    auto out = der<CMS_ContentInfo>(cms, i2d_CMS_ContentInfo);
    CMS_ContentInfo_free(cms);
    return out;
}

std::string token_of(const Party& authority, std::string_view bytes, const Stamping& how) {
    auto digest = sha256(bytes);
    if (how.wrong_imprint) digest.bytes[0] ^= 1;
    TS_REQ* request = TS_REQ_new();
    TS_REQ_set_version(request, 1);
    TS_MSG_IMPRINT* imprint = TS_MSG_IMPRINT_new();
    X509_ALGOR* algorithm = X509_ALGOR_new();
    X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, nullptr);
    TS_MSG_IMPRINT_set_algo(imprint, algorithm);
    TS_MSG_IMPRINT_set_msg(imprint, digest.bytes.data(), static_cast<int>(digest.bytes.size()));
    TS_REQ_set_msg_imprint(request, imprint);
    TS_REQ_set_cert_req(request, 1);
    const BioHandle in{BIO_new(BIO_s_mem())};
    const auto wire = der<TS_REQ>(request, i2d_TS_REQ);
    BIO_write(in.get(), wire.data(), static_cast<int>(wire.size()));

    TS_RESP_CTX* context = TS_RESP_CTX_new();
    ASN1_OBJECT* policy = OBJ_txt2obj("1.2.3.4.1", 1);
    TS_RESP_CTX_set_def_policy(context, policy);
    must(TS_RESP_CTX_set_signer_cert(context, authority.certificate.get()) == 1, "not a stamper");
    TS_RESP_CTX_set_signer_key(context, authority.key.get());
    TS_RESP_CTX_set_signer_digest(context, EVP_sha256());
    TS_RESP_CTX_set_ess_cert_id_digest(context, EVP_sha256());
    TS_RESP_CTX_add_md(context, EVP_sha256());
    TS_RESP_CTX_set_serial_cb(
        context,
        [](TS_RESP_CTX*, void*) {
            ASN1_INTEGER* serial = ASN1_INTEGER_new();
            ASN1_INTEGER_set(serial, 7);
            return serial;
        },
        nullptr
    );
    auto at = std::chrono::system_clock::to_time_t(day(how.at));
    TS_RESP_CTX_set_time_cb(
        context,
        [](TS_RESP_CTX*, void* data, long* seconds, long* microseconds) {
            *seconds = *static_cast<std::time_t*>(data);
            *microseconds = 0;
            return 1;
        },
        &at
    );
    TS_RESP* response = TS_RESP_create_response(context, in.get());
    must(response != nullptr && TS_RESP_get_token(response) != nullptr, "no token");
    auto out = der<PKCS7>(TS_RESP_get_token(response), i2d_PKCS7);
    TS_RESP_free(response);
    ASN1_OBJECT_free(policy);
    TS_RESP_CTX_free(context);
    X509_ALGOR_free(algorithm);
    TS_MSG_IMPRINT_free(imprint);
    TS_REQ_free(request);
    return out;
}

std::string said_by(const std::string& token) {
    const auto* at = reinterpret_cast<const unsigned char*>(token.data());
    PKCS7* message = d2i_PKCS7(nullptr, &at, static_cast<long>(token.size()));
    TS_TST_INFO* info = PKCS7_to_TS_TST_INFO(message);
    must(info != nullptr, "no token");
    auto out = der<TS_TST_INFO>(info, i2d_TS_TST_INFO);
    TS_TST_INFO_free(info);
    PKCS7_free(message);
    return out;
}

}  // namespace axis::test
