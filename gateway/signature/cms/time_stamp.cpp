#include "gateway/signature/cms/time_stamp.hpp"

#include "gateway/signature/algorithms.hpp"
#include "gateway/signature/openssl.hpp"

#include <openssl/err.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>

namespace axis::signature::cms {

namespace {

using TstHandle = std::unique_ptr<TS_TST_INFO, Freed<TS_TST_INFO_free>>;

const char* digest_of(const X509_ALGOR* algorithm) {
    const ASN1_OBJECT* object = nullptr;
    X509_ALGOR_get0(&object, nullptr, nullptr, algorithm);
    switch (OBJ_obj2nid(object)) {
        case NID_sha256:
            return "SHA256";
        case NID_sha384:
            return "SHA384";
        case NID_sha512:
            return "SHA512";
        default:
            return nullptr;
    }
}

Fault wrong(std::string detail) {
    ERR_clear_error();
    return {Reason::pdf_time_stamp, std::move(detail), {}};
}

}  // namespace

Read<TimeStamp> TimeStamp::parse(std::string_view padded, const Limits& limits) {
    auto message = SignedMessage::parse(padded, SignedMessage::Content::time_stamp, limits);
    if (!message) return message.error();
    TimeStamp out;
    out.message_ = std::move(*message);
    const auto& content = out.message_.content();
    if (!content) return wrong("says nothing");
    const auto* at = reinterpret_cast<const unsigned char*>(content->data());
    const auto* end = at + content->size();
    const TstHandle info{d2i_TS_TST_INFO(nullptr, &at, static_cast<long>(content->size()))};
    if (!info || at != end || TS_TST_INFO_get_version(info.get()) != 1) return wrong("cannot be read");
    auto* imprint = TS_TST_INFO_get_msg_imprint(info.get());
    out.digest_ = digest_of(TS_MSG_IMPRINT_get_algo(imprint));
    if (out.digest_ == nullptr) return Fault{Reason::algorithm, "of the time stamp's imprint", {}};
    const auto* bytes = TS_MSG_IMPRINT_get_msg(imprint);
    out.imprint_.assign(
        reinterpret_cast<const char*>(ASN1_STRING_get0_data(bytes)),
        static_cast<std::size_t>(ASN1_STRING_length(bytes))
    );
    out.at_ = time_of(TS_TST_INFO_get_time(info.get()));
    if (out.at_ == Time{}) return wrong("names no time");
    if (const auto* nonce = TS_TST_INFO_get_nonce(info.get())) out.nonce_ = serial_text(nonce);
    ERR_clear_error();
    return out;
}

TimeStamp::Judged TimeStamp::judge(const TrustStore& trust, Time at) const {
    Digest digest{message_.digest()};
    digest.update(*message_.content());
    const auto content = digest.finish();
    if (!message_.value_holds(content)) return {Reason::value, "", {}};
    if (!message_.covers(content)) return {Reason::digest, "", {}};
    if (message_.certificate_named() != SignedMessage::Named::this_one)
        return {Reason::pdf_named_certificate, "a time stamp must name its certificate", {}};
    Judged out;
    const auto& authority = message_.signer();
    out.standing = trust.judge(authority, message_.sent(), at, false, Use::time_stamps);
    const bool for_stamps = X509_check_purpose(authority.handle(), X509_PURPOSE_TIMESTAMP_SIGN, 0) == 1;
    ERR_clear_error();
    if (!for_stamps)
        out.reason = Reason::usage;
    else if (out.standing.reason != Reason::holds)
        out.reason = out.standing.reason;
    else if (message_.weak())
        out.reason = Reason::sha1;
    out.detail = for_stamps ? out.standing.detail : "not for time stamps";
    return out;
}

}  // namespace axis::signature::cms
