#include "gateway/signature/envelope_verifier.hpp"

#include "gateway/signature/form.hpp"
#include "gateway/signature/spliced.hpp"

namespace axis::signature {

namespace {

using Outcome = Check::Outcome;

class Verifier {
public:
    Verifier(const SplitEnvelope& envelope, const Question& question, const TrustStore& trust, Random& random)
        : envelope_{envelope}, question_{question}, trust_{trust}, tokens_{random} {}

    Result<Judgement> judge() {
        if (!looked_at()) return told_;
        const auto standing = signer_standing();
        if (question_.texts_gone) {
            note("digest", Outcome::unknown, "the texts are not kept any more");
            told_.reason = standing == Reason::holds && weak() ? Reason::sha1 : standing;
            return told_;
        }
        auto content = content_holds(*tree_);
        if (!content) return content.error();
        // Anybody can write a trace header: only of a signer who is trusted is it said that an axis did this.
        const bool transit = form_->relayed && standing == Reason::holds;
        if (!*content) return failed("digest", transit ? Reason::transit : Reason::digest, "");
        passed("digest", std::string{form_->whole.algorithm->name});
        told_.reason = standing == Reason::holds && weak() ? Reason::sha1 : standing;
        return told_;
    }

    std::vector<OcspQuery> open_questions() {
        if (!looked_at()) return {};
        const auto standing = signer_standing();
        if (standing != Reason::holds && standing != Reason::revoked) return {};
        return std::move(open_);
    }

private:
    // The cheap checks: of the form, and of the value over SignedInfo.
    bool looked_at() {
        tree_ = Tree::parse(tokens_.splice(envelope_));
        if (!tree_) {
            failed("structure", Reason::parse, "not well-formed, or a prefix is not declared");
            return false;
        }
        auto read = read_form(*tree_, question_.from);
        if (const auto* malformed = std::get_if<Malformed>(&read)) {
            const bool absent = row(malformed->reason).verdict == Verdict::absent;
            failed(absent ? "" : "structure", malformed->reason, absent ? "" : malformed->detail);
            return false;
        }
        form_ = std::move(std::get<Form>(read));
        told_.signer = form_->certificates.front().facts();
        told_.algorithm = form_->algorithm->name;
        told_.claimed_at = form_->signing_time;
        passed("structure", "one signature around the whole message");
        return value_holds(*tree_);
    }

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

    bool weak() const {
        return form_->algorithm->weak || form_->whole.algorithm->weak ||
               (form_->properties && form_->properties->algorithm->weak);
    }

    bool value_holds(const Tree& tree) {
        const auto signed_bytes = tree.canonical(form_->signed_info, form_->canonical);
        if (!signed_bytes) {
            failed("value", Reason::encoding, "SignedInfo has no canonical form");
            return false;
        }
        auto* key = form_->certificates.front().key();
        switch (verify_value(*form_->algorithm, key, *signed_bytes, form_->value)) {
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

    bool properties_hold(const Tree& tree) const {
        if (!form_->properties) return true;
        const auto canonical = tree.canonical(form_->properties_element, form_->properties->canonical);
        if (!canonical) return false;
        Digest digest{form_->properties->algorithm->digest};
        digest.update(*canonical);
        return digest.finish() == form_->properties->digest;
    }

    Result<bool> content_holds(const Tree& tree) const {
        const auto canonical = tree.canonical_without(form_->signature, form_->whole.canonical);
        if (!canonical) return false;
        Digest digest{form_->whole.algorithm->digest};
        bool all = false;
        auto hashed = tokens_.digest(*canonical, envelope_, digest, all);
        if (!hashed) return hashed.error();
        return all && digest.finish() == form_->whole.digest && properties_hold(tree);
    }

    // Why the signer is not trusted; `holds` when he is.
    Reason signer_standing() {
        const auto& leaf = form_->certificates.front();
        const std::vector<Certificate> sent{form_->certificates.begin() + 1, form_->certificates.end()};
        auto standing = trust_.judge(leaf, sent, question_.at, question_.proven);
        told_.chain = std::move(standing.chain);
        told_.revocation = standing.revocation;
        told_.anchor = standing.anchor;
        told_.materials = std::move(standing.materials);
        open_ = std::move(standing.open);
        const auto refuse = [this](std::string_view check, Reason reason, std::string detail) {
            failed(check, reason, std::move(detail));
            return reason;
        };
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

    const SplitEnvelope& envelope_;
    const Question& question_;
    const TrustStore& trust_;
    Tokens tokens_;
    std::optional<Tree> tree_;
    std::optional<Form> form_;
    std::vector<OcspQuery> open_;
    Judgement told_;
};

}  // namespace

Result<Judgement> verify_envelope(
    const SplitEnvelope& envelope, const Question& question, const TrustStore& trust, Random& random
) {
    return Verifier{envelope, question, trust, random}.judge();
}

std::vector<OcspQuery> open_questions(
    const SplitEnvelope& envelope, const Question& question, const TrustStore& trust, Random& random
) {
    return Verifier{envelope, question, trust, random}.open_questions();
}

}  // namespace axis::signature
