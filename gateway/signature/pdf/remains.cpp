#include "gateway/signature/pdf/remains.hpp"

#include "gateway/signature/cms/time_stamp.hpp"
#include "gateway/signature/openssl.hpp"

namespace axis::signature {

namespace {

using cms::SignedMessage;
using Outcome = Check::Outcome;

class Judge {
public:
    Judge(const PdfRemains& remains, Time at, bool proven, const TrustStore& trust)
        : remains_{remains}, at_{at}, proven_{proven}, trust_{trust} {}

    Judgement judge() {
        remains_.time_stamp ? stamp() : signature();
        return std::move(out_);
    }

private:
    void passed(std::string_view check, std::string detail) {
        out_.checks.push_back({check, Outcome::passed, std::move(detail)});
    }
    void failed(std::string_view check, Reason reason, std::string detail) {
        out_.reason = reason;
        out_.detail = detail;
        out_.checks.push_back({check, Outcome::failed, std::move(detail)});
    }

    void take(Standing standing) {
        out_.chain = std::move(standing.chain);
        out_.revocation = standing.revocation;
        out_.anchor = standing.anchor;
        out_.materials = std::move(standing.materials);
    }

    void stamp() {
        const auto token = cms::TimeStamp::parse(remains_.message, {});
        if (!token) return failed("cms", token.error().reason, token.error().detail);
        out_.signer = token->message().signer().facts();
        out_.algorithm = token->message().algorithm();
        if (token->imprint() != remains_.covered) return failed("digest", Reason::digest, "");
        passed("digest", token->digest());
        auto judged = token->judge(trust_, at_);
        take(std::move(judged.standing));
        if (judged.reason != Reason::holds) return failed("time_stamp", judged.reason, judged.detail);
        passed("time_stamp", out_.anchor);
        out_.reason = Reason::holds;
    }

    void signature() {
        const auto message = SignedMessage::parse(remains_.message, SignedMessage::Content::data, {});
        if (!message) return failed("cms", message.error().reason, message.error().detail);
        out_.signer = message->signer().facts();
        out_.algorithm = message->algorithm();
        if (!message->value_holds(remains_.covered)) return failed("value", Reason::value, "");
        passed("value", out_.algorithm);
        if (!message->covers(remains_.covered)) return failed("digest", Reason::digest, "");
        passed("digest", message->digest());
        if (message->certificate_named() == SignedMessage::Named::another)
            return failed("named_certificate", Reason::pdf_named_certificate, "");
        auto standing = trust_.judge(message->signer(), message->sent(), at_, proven_);
        const auto reason = standing.reason;
        const auto detail = standing.detail;
        take(std::move(standing));
        if (!message->signer().may_sign()) return failed("certificate", Reason::usage, "key usage");
        if (reason != Reason::holds) return failed("chain", reason, detail);
        passed("chain", out_.anchor);
        const bool inside = message->content().has_value();  // an old form, by SHA-1
        out_.reason = message->weak() || inside ? Reason::sha1 : Reason::holds;
    }

    const PdfRemains& remains_;
    Time at_;
    bool proven_;
    const TrustStore& trust_;
    Judgement out_;
};

}  // namespace

Judgement judge_remains(const PdfRemains& remains, Time at, bool proven, const TrustStore& trust) {
    return Judge{remains, at, proven, trust}.judge();
}

std::string message_in(std::string_view padded) {
    const auto message = first_element(padded);
    return std::string{message ? message->whole : std::string_view{}};
}

}  // namespace axis::signature
