#include "gateway/signature/form_judge.hpp"

#include "gateway/signature/cms/time_stamp.hpp"
#include "gateway/signature/stamping.hpp"

#include <algorithm>

namespace axis::signature {

namespace {

using Outcome = Check::Outcome;

class FormJudge {
public:
    FormJudge(
        const Tree& tree,
        const Form& form,
        const Question& question,
        const TrustStore& trust,
        const ContentDigest& content
    )
        : tree_{tree}, form_{form}, question_{question}, trust_{trust}, content_{content} {
        told_.signer = form_.certificates.front().facts();
        told_.algorithm = form_.algorithm->name;
        told_.claimed_at = form_.signing_time;
        passed("structure", "one signature around the whole message");
    }

    Result<Judgement> judge() {
        if (!value_holds()) return changed(told_.reason);
        const auto standing = signer_standing();
        if (question_.texts_gone) {
            note("digest", Outcome::unknown, "the texts are not kept any more");
        } else {
            auto content = content_holds();
            if (!content) return content.error();
            const bool transit = form_.relayed && standing == Reason::holds;
            if (!*content) return failed("digest", transit ? Reason::transit : Reason::digest, "");
            passed("digest", std::string{form_.whole.algorithm->name});
        }
        told_.reason = standing == Reason::holds && weak() ? Reason::sha1 : standing;
        return told_;
    }

    std::vector<OcspQuery> open_questions() {
        if (!value_holds()) return {};
        const auto standing = signer_standing();
        if (standing != Reason::holds && standing != Reason::revoked) return {};
        return std::move(open_);
    }

private:
    void note(std::string_view name, Outcome outcome, std::string detail) {
        told_.checks.push_back({name, outcome, std::move(detail)});
    }
    void passed(std::string_view name, std::string detail) { note(name, Outcome::passed, std::move(detail)); }
    Judgement failed(std::string_view check, Reason reason, std::string detail) {
        told_.reason = reason;
        told_.detail = detail;
        if (!check.empty()) note(check, Outcome::failed, std::move(detail));
        return told_;
    }

    // An axis that indents changes the signed part of the signature too. Anybody can write a trace header, so
    // that it is said of a signer who is trusted only; who has an old signature of his gets as far.
    Judgement changed(Reason why) {
        const bool transit = why == Reason::value && form_.relayed && signer_standing() == Reason::holds;
        told_.reason = transit ? Reason::transit : why;
        return told_;
    }

    bool weak() const {
        return form_.algorithm->weak || form_.whole.algorithm->weak ||
               (form_.properties && form_.properties->algorithm->weak);
    }

    bool value_holds() {
        const auto signed_bytes = tree_.canonical(form_.signed_info, form_.canonical);
        if (!signed_bytes) {
            failed("value", Reason::encoding, "SignedInfo has no canonical form");
            return false;
        }
        auto* key = form_.certificates.front().key();
        switch (verify_value(*form_.algorithm, key, *signed_bytes, form_.value)) {
            case Verified::good:
                passed("value", told_.algorithm);
                return true;
            case Verified::wrong_form:
                failed("value", Reason::encoding, "SignatureValue has another length than the key's");
                return false;
            case Verified::wrong_key:
                failed("value", Reason::algorithm, "the certificate's key is of another kind");
                return false;
            case Verified::bad:
                break;
        }
        failed("value", Reason::value, "");
        return false;
    }

    bool properties_hold() const {
        if (!form_.properties) return true;
        const auto canonical = tree_.canonical(form_.properties_element, form_.properties->canonical);
        if (!canonical) return false;
        Digest digest{form_.properties->algorithm->digest};
        digest.update(*canonical);
        return digest.finish() == form_.properties->digest;
    }

    Result<bool> content_holds() const {
        const auto canonical = tree_.canonical_without(form_.signature, form_.whole.canonical);
        if (!canonical) return false;
        Digest digest{form_.whole.algorithm->digest};
        const auto all = content_(*canonical, digest);
        if (!all) return all.error();
        return *all && digest.finish() == form_.whole.digest && properties_hold();
    }

    Reason refuse(std::string_view check, Reason reason, std::string detail) {
        failed(check, reason, std::move(detail));
        return reason;
    }
    void keep(Standing& standing) {
        for (auto& one : standing.materials) told_.materials.push_back(std::move(one));
        for (auto& one : standing.open) open_.push_back(std::move(one));
    }

    // Proves when the signature was there; one that proves nothing has no business to be here. What was made
    // later than the time that is asked about says nothing of it.
    Reason time_stamp() {
        if (form_.time_stamp.empty()) return Reason::holds;
        const auto stamp = cms::TimeStamp::parse(form_.time_stamp, {});
        if (!stamp) return refuse("time_stamp", Reason::time_stamp, stamp.error().detail);
        const auto stamped = tree_.canonical(form_.value_element, Canonical::exclusive);
        Digest digest{stamp->digest()};
        digest.update(stamped.value_or(""));
        if (!stamped || digest.finish() != stamp->imprint())
            return refuse("time_stamp", Reason::time_stamp, "made over another signature");
        auto judged = stamp->judge(trust_, stamp->at());
        if (judged.reason != Reason::holds) {
            const bool whose =
                row(judged.reason).verdict == Verdict::untrusted && judged.reason != Reason::usage;
            return refuse(
                "time_stamp",
                whose ? Reason::time_stamp_untrusted : Reason::time_stamp,
                std::string{row(judged.reason).code} + " " + judged.detail
            );
        }
        const auto words = to_local_text(stamp->at()) + " " + stamp->message().signer().facts().name;
        if (stamp->at() > question_.at + StampLimits{}.clock_skew) {
            note("time_stamp", Outcome::unknown, "later than what is asked about: " + words);
            return Reason::holds;
        }
        told_.proven_at = std::min(stamp->at(), question_.at);
        told_.materials.push_back(material(Material::Kind::time_stamp, form_.time_stamp));
        keep(judged.standing);
        passed("time_stamp", words);
        return Reason::holds;
    }

    // Why the signer is not trusted; `holds` when he is. At the proven time, when there is one.
    Reason signer_standing() {
        if (const auto reason = time_stamp(); reason != Reason::holds) return reason;
        const auto& leaf = form_.certificates.front();
        const std::vector<Certificate> sent{form_.certificates.begin() + 1, form_.certificates.end()};
        const auto at = told_.proven_at.value_or(question_.at);
        auto standing = trust_.judge(leaf, sent, at, question_.proven || told_.proven_at.has_value());
        told_.chain = std::move(standing.chain);
        told_.revocation = standing.revocation;
        told_.anchor = standing.anchor;
        keep(standing);
        if (!leaf.may_sign()) return refuse("certificate", Reason::usage, "key usage or extended key usage");
        passed("certificate", "for signing documents");
        if (standing.reason != Reason::holds) return refuse("chain", standing.reason, standing.detail);
        passed("chain", standing.anchor);
        const bool known = standing.revocation == Revocation::good;
        note("revocation", known ? Outcome::passed : Outcome::unknown, standing.revocation_detail);
        const std::string from{question_.from};
        if (!trust_.speaks_for(leaf, from)) return refuse("binding", Reason::binding, "not for " + from);
        passed("binding", from);
        return Reason::holds;
    }

    const Tree& tree_;
    const Form& form_;
    const Question& question_;
    const TrustStore& trust_;
    const ContentDigest& content_;
    std::vector<OcspQuery> open_;
    Judgement told_;
};

}  // namespace

Result<Judgement> judge_form(
    const Tree& tree,
    const Form& form,
    const Question& question,
    const TrustStore& trust,
    const ContentDigest& content
) {
    return FormJudge{tree, form, question, trust, content}.judge();
}

std::vector<OcspQuery> open_questions(
    const Tree& tree, const Form& form, const Question& question, const TrustStore& trust
) {
    const ContentDigest nothing_read;
    return FormJudge{tree, form, question, trust, nothing_read}.open_questions();
}

Judgement malformed(const Malformed& why) {
    Judgement out;
    out.reason = why.reason;
    if (row(why.reason).verdict == Verdict::absent) return out;
    out.detail = why.detail;
    out.checks.push_back({"structure", Check::Outcome::failed, why.detail});
    return out;
}

}  // namespace axis::signature
