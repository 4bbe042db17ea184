#include "gateway/signature/stamping.hpp"

#include "gateway/base/digest.hpp"
#include "gateway/signature/cms/time_stamp.hpp"
#include "gateway/signature/openssl.hpp"

#include <openssl/err.h>
#include <openssl/ts.h>

#include <array>
#include <optional>

namespace axis::signature {

namespace {

using RequestHandle = std::unique_ptr<TS_REQ, Freed<TS_REQ_free>>;
using ResponseHandle = std::unique_ptr<TS_RESP, Freed<TS_RESP_free>>;
using ImprintHandle = std::unique_ptr<TS_MSG_IMPRINT, Freed<TS_MSG_IMPRINT_free>>;
using AlgorithmHandle = std::unique_ptr<X509_ALGOR, Freed<X509_ALGOR_free>>;
using NumberHandle = std::unique_ptr<BIGNUM, Freed<BN_free>>;
using IntegerHandle = std::unique_ptr<ASN1_INTEGER, Freed<ASN1_INTEGER_free>>;

constexpr std::size_t nonce_bytes = 8;

Error missing(std::string why) {
    ERR_clear_error();
    return {errc::time_stamp_missing, std::move(why)};
}

// As it was sent, byte for byte: what stands behind the status.
std::string_view token_in(std::string_view answer) {
    const auto whole = first_element(answer);
    if (!whole || !whole->rest.empty()) return {};
    const auto status = first_element(whole->content);
    return status ? status->rest : std::string_view{};
}

bool is_granted(const TS_RESP* response, std::string& told) {
    auto* info = TS_RESP_get_status_info(const_cast<TS_RESP*>(response));
    const auto status = ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(info));
    told = "the authority says: status " + std::to_string(status);
    return status == TS_STATUS_GRANTED || status == TS_STATUS_GRANTED_WITH_MODS;
}

}  // namespace

bool is_whole_der(std::string_view der) {
    const auto whole = first_element(der);
    return whole && whole->rest.empty();
}

StampRequest stamp_request(std::string_view stamped, Random& random) {
    const auto digest = sha256(stamped);
    StampRequest out;
    out.imprint.assign(reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size());
    std::array<std::uint8_t, nonce_bytes> bytes{};
    random.fill(bytes);
    const NumberHandle number{BN_bin2bn(bytes.data(), nonce_bytes, nullptr)};
    const IntegerHandle nonce{BN_to_ASN1_INTEGER(number.get(), nullptr)};
    out.nonce = serial_text(nonce.get());

    const RequestHandle request{TS_REQ_new()};
    const ImprintHandle imprint{TS_MSG_IMPRINT_new()};
    const AlgorithmHandle algorithm{X509_ALGOR_new()};
    AXIS_ASSERT(request && imprint && algorithm && nonce);
    X509_ALGOR_set0(algorithm.get(), OBJ_nid2obj(NID_sha256), V_ASN1_NULL, nullptr);
    const bool made = TS_MSG_IMPRINT_set_algo(imprint.get(), algorithm.get()) == 1 &&
                      TS_MSG_IMPRINT_set_msg(
                          imprint.get(),
                          const_cast<std::uint8_t*>(digest.bytes.data()),
                          static_cast<int>(digest.bytes.size())
                      ) == 1 &&
                      TS_REQ_set_version(request.get(), 1) == 1 &&
                      TS_REQ_set_msg_imprint(request.get(), imprint.get()) == 1 &&
                      TS_REQ_set_nonce(request.get(), nonce.get()) == 1 &&
                      TS_REQ_set_cert_req(request.get(), 1) == 1;
    AXIS_ASSERT(made);
    unsigned char* der = nullptr;
    const int size = i2d_TS_REQ(request.get(), &der);
    AXIS_ASSERT(size > 0);
    out.der.assign(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    return out;
}

Result<std::string> stamp_in(
    std::string_view answer,
    const StampRequest& request,
    const TrustStore& trust,
    Time now,
    const StampLimits& limits
) {
    const auto* at = reinterpret_cast<const unsigned char*>(answer.data());
    const ResponseHandle response{d2i_TS_RESP(nullptr, &at, static_cast<long>(answer.size()))};
    if (!response) return missing("no answer of a time-stamp authority");
    std::string told;
    if (!is_granted(response.get(), told)) return missing(told);
    const std::string token{token_in(answer)};
    if (!is_whole_der(token)) return missing("no token in the answer");
    if (token.size() > limits.token_bytes_max) return missing("a token of too many bytes");
    const auto stamp = cms::TimeStamp::parse(token, {});
    if (!stamp) return missing("the token cannot be read: " + stamp.error().detail);
    if (std::string_view{stamp->digest()} != "SHA256" || stamp->imprint() != request.imprint)
        return missing("the token is over something else");
    if (stamp->nonce() != request.nonce) return missing("the token has another nonce");
    if (stamp->at() > now + limits.clock_skew || stamp->at() < now - limits.clock_skew)
        return missing("the authority's clock says " + to_local_text(stamp->at()));
    const auto judged = stamp->judge(trust, stamp->at());
    if (judged.reason != Reason::holds)
        return missing(std::string{row(judged.reason).code} + " " + judged.detail);
    return token;
}

}  // namespace axis::signature
