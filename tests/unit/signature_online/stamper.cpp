#include "tests/unit/signature_online/stamper.hpp"

#include <openssl/obj_mac.h>
#include <openssl/ts.h>

#include <stdexcept>

namespace axis::test {

using namespace signature;

namespace {

void must(bool good, const char* what) {
    if (!good) throw std::runtime_error(std::string{what} + ": " + openssl_error());
}

using ContextHandle = std::unique_ptr<TS_RESP_CTX, Freed<TS_RESP_CTX_free>>;
using ResponseHandle = std::unique_ptr<TS_RESP, Freed<TS_RESP_free>>;

ASN1_INTEGER* serial(TS_RESP_CTX*, void*) {
    ASN1_INTEGER* number = ASN1_INTEGER_new();
    ASN1_INTEGER_set(number, 7);
    return number;
}
int moment(TS_RESP_CTX*, void* data, long* seconds, long* microseconds) {
    *seconds = *static_cast<std::time_t*>(data);
    *microseconds = 0;
    return 1;
}

std::string sequence(const std::string& content) {
    std::string out{"\x30"};
    const auto size = content.size();
    const auto byte = [](std::size_t value) { return static_cast<char>(value); };
    if (size >= 128) out += {'\x82', byte(size >> 8), byte(size & 0xff)};
    if (size < 128) out += byte(size);
    return out + content;
}

std::string token_of_answer(const std::string& answer) {
    const auto* at = reinterpret_cast<const unsigned char*>(answer.data());
    const ResponseHandle response{d2i_TS_RESP(nullptr, &at, static_cast<long>(answer.size()))};
    unsigned char* bytes = nullptr;
    const int size = i2d_PKCS7(TS_RESP_get_token(response.get()), &bytes);
    must(size > 0, "token");
    std::string out{reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)};
    OPENSSL_free(bytes);
    return out;
}

}  // namespace

Subject stamper(std::string cn) {
    Subject out;
    out.cn = std::move(cn);
    out.usage = "critical,digitalSignature";
    out.extended_usage = "critical,timeStamping";
    return out;
}

std::string stamp_answer(const Party& authority, const std::string& question, std::string_view at) {
    const ContextHandle context{TS_RESP_CTX_new()};
    ASN1_OBJECT* policy = OBJ_txt2obj("1.2.3.4.1", 1);
    TS_RESP_CTX_set_def_policy(context.get(), policy);
    ASN1_OBJECT_free(policy);
    must(TS_RESP_CTX_set_signer_cert(context.get(), authority.certificate.get()) == 1, "not a stamper");
    TS_RESP_CTX_set_signer_key(context.get(), authority.key.get());
    TS_RESP_CTX_set_signer_digest(context.get(), EVP_sha256());
    TS_RESP_CTX_set_ess_cert_id_digest(context.get(), EVP_sha256());
    TS_RESP_CTX_add_md(context.get(), EVP_sha256());
    TS_RESP_CTX_set_serial_cb(context.get(), &serial, nullptr);
    auto when = std::chrono::system_clock::to_time_t(day(at));
    TS_RESP_CTX_set_time_cb(context.get(), &moment, &when);
    const BioHandle in{BIO_new_mem_buf(question.data(), static_cast<int>(question.size()))};
    const ResponseHandle response{TS_RESP_create_response(context.get(), in.get())};
    unsigned char* bytes = nullptr;
    const int size = i2d_TS_RESP(response.get(), &bytes);
    must(size > 0, "answer");
    std::string out{reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)};
    OPENSSL_free(bytes);
    return out;
}

std::string stamp_answer_by(
    const Party& signer,
    const Pki& pki,
    const Party& authority,
    const std::string& question,
    std::string_view at
) {
    Signing said;
    said.inside = said_by(token_of_answer(stamp_answer(authority, question, at)));
    said.content_type = NID_id_smime_ct_TSTInfo;
    return answer_with(cms_of(signer, pki, "", said));
}

std::string answer_with(const std::string& token, unsigned char status) {
    return sequence(sequence(std::string{"\x02\x01"} + static_cast<char>(status)) + token);
}

}  // namespace axis::test
