#include "tests/unit/signature_online/responder.hpp"

#include <openssl/ocsp.h>

#include <stdexcept>

namespace axis::test {

using namespace signature;

namespace {

using RequestHandle = std::unique_ptr<OCSP_REQUEST, Freed<OCSP_REQUEST_free>>;
using ResponseHandle = std::unique_ptr<OCSP_RESPONSE, Freed<OCSP_RESPONSE_free>>;
using BasicHandle = std::unique_ptr<OCSP_BASICRESP, Freed<OCSP_BASICRESP_free>>;
using IdHandle = std::unique_ptr<OCSP_CERTID, Freed<OCSP_CERTID_free>>;
using TimeHandle = std::unique_ptr<ASN1_TIME, Freed<ASN1_TIME_free>>;

void must(bool good, const char* what) {
    if (!good) throw std::runtime_error(std::string{what} + ": " + openssl_error());
}

template <class T>
std::string der(T* value, int (*encode)(const T*, unsigned char**)) {
    unsigned char* bytes = nullptr;
    const int size = encode(value, &bytes);
    must(size > 0, "encode");
    std::string out{reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)};
    OPENSSL_free(bytes);
    return out;
}

TimeHandle at(const std::string& text) {
    if (text.empty()) return nullptr;
    TimeHandle out{ASN1_GENERALIZEDTIME_set(nullptr, std::chrono::system_clock::to_time_t(day(text)))};
    must(out != nullptr, "time");
    return out;
}

void say(OCSP_BASICRESP* basic, const Party& subject, const Party& issuer, const Answering& how) {
    const IdHandle id{OCSP_cert_to_id(
        EVP_get_digestbyname(how.id_digest), subject.certificate.get(), issuer.certificate.get()
    )};
    const bool revoked = how.status == OcspAnswer::Status::revoked;
    const int status = revoked                                     ? V_OCSP_CERTSTATUS_REVOKED
                       : how.status == OcspAnswer::Status::unknown ? V_OCSP_CERTSTATUS_UNKNOWN
                                                                   : V_OCSP_CERTSTATUS_GOOD;
    const auto this_update = at(how.this_update), next_update = at(how.next_update);
    const auto revoked_at = revoked ? at(how.revoked_at) : nullptr;
    must(
        OCSP_basic_add1_status(
            basic, id.get(), status, 0, revoked_at.get(), this_update.get(), next_update.get()
        ) != nullptr,
        "status"
    );
}

// OpenSSL writes the machine's time; a test's is its own. Signed again.
void produced(OCSP_BASICRESP* basic, const Answering& how) {
    const auto when = at(how.produced);
    auto* field = const_cast<ASN1_GENERALIZEDTIME*>(OCSP_resp_get0_produced_at(basic));
    must(ASN1_STRING_copy(field, when.get()) == 1, "produced");
}

}  // namespace

Certificate certificate_of(const Party& party) {
    return Certificate::all_of(pem(party.certificate.get())).at(0);
}

std::string ocsp_answer(
    const Party& signer, const Party& subject, const Party& issuer, const Answering& how
) {
    const BasicHandle basic{OCSP_BASICRESP_new()};
    if (how.also != nullptr) say(basic.get(), *how.also, issuer, how);
    say(basic.get(), subject, issuer, how);
    if (!how.nonce.empty()) {
        const auto* bytes = reinterpret_cast<const unsigned char*>(how.nonce.data());
        const RequestHandle request{d2i_OCSP_REQUEST(nullptr, &bytes, static_cast<long>(how.nonce.size()))};
        must(request != nullptr && OCSP_copy_nonce(basic.get(), request.get()) == 1, "nonce");
    }
    produced(basic.get(), how);
    must(
        OCSP_basic_sign(
            basic.get(),
            signer.certificate.get(),
            signer.key.get(),
            EVP_get_digestbyname(how.digest),
            nullptr,
            OCSP_NOTIME | (how.signer_sent ? 0U : OCSP_NOCERTS)
        ) == 1,
        "sign"
    );
    const ResponseHandle response{OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic.get())};
    return der<OCSP_RESPONSE>(response.get(), i2d_OCSP_RESPONSE);
}

std::string ocsp_error(int status) {
    const ResponseHandle response{OCSP_response_create(status, nullptr)};
    return der<OCSP_RESPONSE>(response.get(), i2d_OCSP_RESPONSE);
}

}  // namespace axis::test
