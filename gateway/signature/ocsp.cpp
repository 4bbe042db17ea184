#include "gateway/signature/ocsp.hpp"

#include "gateway/signature/openssl.hpp"

#include <openssl/err.h>
#include <openssl/ocsp.h>

#include <algorithm>
#include <array>

namespace axis::signature {

namespace {

using RequestHandle = std::unique_ptr<OCSP_REQUEST, Freed<OCSP_REQUEST_free>>;
using ResponseHandle = std::unique_ptr<OCSP_RESPONSE, Freed<OCSP_RESPONSE_free>>;
using BasicHandle = std::unique_ptr<OCSP_BASICRESP, Freed<OCSP_BASICRESP_free>>;
using IdHandle = std::unique_ptr<OCSP_CERTID, Freed<OCSP_CERTID_free>>;

constexpr std::size_t nonce_bytes = 16;
constexpr int security_level = 2;

OcspRefusal refused(std::string why) {
    ERR_clear_error();
    return {std::move(why)};
}

// Nothing when it is not one response from the first byte to the last.
ResponseHandle parse(std::string_view der) {
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    const auto* end = at + der.size();
    ResponseHandle out{d2i_OCSP_RESPONSE(nullptr, &at, static_cast<long>(der.size()))};
    if (at != end) out.reset();
    return out;
}

bool is_sha2(const X509_ALGOR* algorithm) {
    const ASN1_OBJECT* object = nullptr;
    X509_ALGOR_get0(&object, nullptr, nullptr, algorithm);
    int digest = NID_undef;
    if (OBJ_find_sigid_algs(OBJ_obj2nid(object), &digest, nullptr) != 1) return false;
    return digest == NID_sha256 || digest == NID_sha384 || digest == NID_sha512;
}

// The issuer is the one trusted certificate: it has signed the answer, or the certificate of who did, and
// that one is for OCSP signing (OpenSSL looks for it where the two differ).
bool is_by_issuer(OCSP_BASICRESP* basic, const Certificate& issuer, Time produced) {
    const StoreHandle store{X509_STORE_new()};
    const StackHandle signers{sk_X509_new_null()};
    if (!store || !signers) return false;
    X509_STORE_add_cert(store.get(), issuer.handle());
    sk_X509_push(signers.get(), issuer.handle());
    auto* parameters = X509_STORE_get0_param(store.get());
    X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN);
    X509_VERIFY_PARAM_set_depth(parameters, 0);  // no certificate between the two
    X509_VERIFY_PARAM_set_auth_level(parameters, security_level);
    X509_VERIFY_PARAM_set_time(parameters, seconds(produced));
    return OCSP_basic_verify(basic, signers.get(), store.get(), OCSP_NOEXPLICIT) == 1;
}

// A certificate's id is written with a digest of the responder's choice; it only tells certificates apart.
OCSP_SINGLERESP* find(OCSP_BASICRESP* basic, const Certificate& certificate, const Certificate& issuer) {
    for (int i = 0; i < OCSP_resp_count(basic); ++i) {
        auto* single = OCSP_resp_get0(basic, i);
        auto* id = const_cast<OCSP_CERTID*>(OCSP_SINGLERESP_get0_id(single));
        ASN1_OBJECT* digest = nullptr;
        OCSP_id_get0_info(nullptr, &digest, nullptr, nullptr, id);
        const int nid = OBJ_obj2nid(digest);
        if (nid != NID_sha1 && nid != NID_sha256) continue;
        const IdHandle own{OCSP_cert_to_id(EVP_get_digestbynid(nid), certificate.handle(), issuer.handle())};
        if (own && OCSP_id_cmp(own.get(), id) == 0) return single;
    }
    return nullptr;
}

OcspAnswer::Status status_of(int status) {
    switch (status) {
        case V_OCSP_CERTSTATUS_GOOD:
            return OcspAnswer::Status::good;
        case V_OCSP_CERTSTATUS_REVOKED:
            return OcspAnswer::Status::revoked;
        default:
            return OcspAnswer::Status::unknown;
    }
}

}  // namespace

std::string ocsp_request(const OcspQuery& query, Random& random) {
    const RequestHandle request{OCSP_REQUEST_new()};
    // SHA-1 here names a certificate; it is what every responder knows.
    auto* id = OCSP_cert_to_id(EVP_sha1(), query.certificate.handle(), query.issuer.handle());
    AXIS_ASSERT(request != nullptr && id != nullptr && OCSP_request_add0_id(request.get(), id) != nullptr);
    std::array<std::uint8_t, nonce_bytes> nonce{};
    random.fill(nonce);
    AXIS_ASSERT(OCSP_request_add1_nonce(request.get(), nonce.data(), nonce_bytes) == 1);
    return der_of<OCSP_REQUEST>(request.get(), i2d_OCSP_REQUEST);
}

std::variant<OcspAnswer, OcspRefusal> read_ocsp_answer(
    std::string_view der,
    const Certificate& certificate,
    const Certificate& issuer,
    std::string_view request,
    const OcspLimits& limits
) {
    if (der.size() > limits.answer_bytes_max) return refused("an answer of too many bytes");
    const auto response = parse(der);
    if (!response) return refused("no OCSP answer");
    const int told = OCSP_response_status(response.get());
    if (told != OCSP_RESPONSE_STATUS_SUCCESSFUL)
        return refused(std::string{"the responder says "} + OCSP_response_status_str(told));
    const BasicHandle basic{OCSP_response_get1_basic(response.get())};
    if (!basic) return refused("an answer of another kind");

    OcspAnswer out;
    if (!request.empty()) {
        const auto* at = reinterpret_cast<const unsigned char*>(request.data());
        const RequestHandle sent{d2i_OCSP_REQUEST(nullptr, &at, static_cast<long>(request.size()))};
        const int same = sent ? OCSP_check_nonce(sent.get(), basic.get()) : 0;
        if (same == 0 || same == 3) return refused("the nonce is another one");
        out.nonce = same == 1;
    }
    if (!is_sha2(OCSP_resp_get0_tbs_sigalg(basic.get()))) return refused("signed by a weak algorithm");
    const auto produced = time_of(OCSP_resp_get0_produced_at(basic.get()));
    if (produced == Time{}) return refused("it names no time");
    if (!is_by_issuer(basic.get(), issuer, produced))
        return refused("not signed by the issuer or for it: " + openssl_error());
    auto* single = find(basic.get(), certificate, issuer);
    if (single == nullptr) return refused("about another certificate");

    ASN1_GENERALIZEDTIME *revoked = nullptr, *this_update = nullptr, *next_update = nullptr;
    out.status = status_of(OCSP_single_get0_status(single, nullptr, &revoked, &this_update, &next_update));
    out.this_update = time_of(this_update);
    if (out.this_update == Time{}) return refused("it names no time");
    out.ends = next_update == nullptr ? out.this_update + limits.holds_for : time_of(next_update);
    if (out.ends < out.this_update) return refused("it ends before it begins");
    // A date that cannot be read is before every other.
    if (revoked != nullptr) out.revoked_at = time_of(revoked);
    out.material = material(Material::Kind::ocsp, std::string{der});
    ERR_clear_error();
    return out;
}

std::vector<std::string> ocsp_serials(std::string_view der) {
    std::vector<std::string> out;
    const auto response = parse(der);
    const BasicHandle basic{response ? OCSP_response_get1_basic(response.get()) : nullptr};
    for (int i = 0; basic && i < OCSP_resp_count(basic.get()); ++i) {
        auto* id = const_cast<OCSP_CERTID*>(OCSP_SINGLERESP_get0_id(OCSP_resp_get0(basic.get(), i)));
        ASN1_INTEGER* serial = nullptr;
        OCSP_id_get0_info(nullptr, nullptr, nullptr, &serial, id);
        out.push_back(serial_text(serial));
    }
    ERR_clear_error();
    return out;
}

}  // namespace axis::signature
