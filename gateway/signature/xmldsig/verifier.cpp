#include "gateway/signature/xmldsig/verifier.hpp"

#include "gateway/signature/xmldsig/calculator.hpp"
#include "gateway/signature/xmldsig/coverage.hpp"
#include "gateway/signature/xmldsig/markup.hpp"

#include <algorithm>

namespace axis::signature {

namespace {

using Outcome = Check::Outcome;

class Verifier {
public:
    Verifier(std::string_view document, const TrustStore& trust, Time at, const XmldsigLimits& limits)
        : document_{document}, trust_{trust}, at_{at}, limits_{limits} {}

    Judgement judge() {
        if (auto fault = markup_fault(document_, limits_)) return malformed(*fault);
        const auto tree = Tree::parse(std::string{document_});
        if (!tree || xmlGetIntSubset(tree->root()->doc) != nullptr)
            return failed("structure", Reason::parse, "not well-formed, or a prefix is not declared");
        const auto read = read_signatures(*tree, document_.size(), limits_);
        if (const auto* fault = std::get_if<Malformed>(&read)) return malformed(*fault);
        const auto& signatures = std::get<std::vector<DocumentSignature>>(read);
        const auto coverage = coverage_of(*tree, signatures);
        if (const auto* fault = std::get_if<Malformed>(&coverage)) return malformed(*fault);
        note("structure", Outcome::passed, "signatures: " + std::to_string(signatures.size()));
        note_coverage(std::get<Coverage>(coverage));
        for (const auto& signature : signatures)
            if (!holds(signature)) return told_;
        told_.reason = weak_ ? *weak_ : Reason::holds;
        return told_;
    }

private:
    void note(std::string_view name, Outcome outcome, std::string detail) {
        told_.checks.push_back({name, outcome, std::move(detail)});
    }
    Judgement failed(std::string_view check, Reason reason, std::string detail) {
        told_.reason = reason;
        told_.detail = detail;
        if (!check.empty()) note(check, Outcome::failed, std::move(detail));
        return told_;
    }
    Judgement malformed(const Malformed& fault) {
        const bool nothing = row(fault.reason).verdict == Verdict::absent;
        return failed(nothing ? "" : "structure", fault.reason, fault.detail);
    }

    void note_coverage(const Coverage& coverage) {
        const bool whole = coverage.covered_count == coverage.element_count;
        const auto part = std::to_string(coverage.covered_count) + " of " +
                          std::to_string(coverage.element_count) + " elements";
        note("coverage", whole ? Outcome::passed : Outcome::unknown, part);
    }

    void weaken(Reason reason, bool really) {
        if (really && !weak_) weak_ = reason;
    }

    bool refuse(std::string_view check, Reason reason, std::string detail) {
        failed(check, reason, std::move(detail));
        return false;
    }

    bool holds(const DocumentSignature& signature) {
        const auto found = signer_of(signature.key_info, trust_.known());
        if (const auto* fault = std::get_if<Malformed>(&found))
            return refuse("key", fault->reason, fault->detail);
        const auto& signer = std::get<Certificate>(found);
        const bool first = told_.algorithm.empty();
        auto kept = told_;
        told_.signer = signer.facts();
        told_.algorithm = signature.algorithm->name;
        if (!calculated(signature, signer) || !trusted(signature, signer)) return false;
        if (!first) {
            kept.checks = std::move(told_.checks);
            told_ = std::move(kept);
        }
        return true;
    }

    bool calculated(const DocumentSignature& signature, const Certificate& signer) {
        const auto result =
            calculate(signature.element, *signature.algorithm, signer.key(), signature.with_xpath);
        const auto which = "reference " + std::to_string(result.reference + 1);
        switch (result.outcome) {
            case Calculation::Outcome::holds:
                break;
            case Calculation::Outcome::digest_differs:
                return refuse("digest", Reason::digest, which);
            case Calculation::Outcome::value_differs:
                return refuse("value", Reason::value, "");
            case Calculation::Outcome::wrong_key:
                return refuse("value", Reason::algorithm, "the certificate's key is of another kind");
            case Calculation::Outcome::wrong_form:
                return refuse("value", Reason::encoding, "SignatureValue has another length than the key's");
            case Calculation::Outcome::no_canonical_form:
                return refuse("digest", Reason::canonical, "");
        }
        note("digest", Outcome::passed, std::to_string(signature.references.size()));
        note("value", Outcome::passed, std::string{signature.algorithm->name});
        weaken(
            Reason::sha1,
            signature.algorithm->weak || std::any_of(
                                             signature.references.begin(),
                                             signature.references.end(),
                                             [](const auto& reference) { return reference.algorithm->weak; }
                                         )
        );
        return true;
    }

    bool trusted(const DocumentSignature& signature, const Certificate& signer) {
        auto standing = trust_.judge_leniently(signer, signature.key_info.certificates, at_);
        told_.chain = std::move(standing.chain);
        told_.anchor = standing.anchor;
        told_.revocation = standing.revocation;
        told_.materials = standing.materials;
        if (!signer.key_may_sign()) return refuse("certificate", Reason::usage, "key usage");
        note("certificate", Outcome::passed, "for signing");
        if (standing.reason != Reason::holds) return refuse("chain", standing.reason, standing.detail);
        note("chain", Outcome::passed, standing.anchor);
        const bool known = standing.revocation == Revocation::good;
        note("revocation", known ? Outcome::passed : Outcome::unknown, standing.revocation_detail);
        if (!standing.weakness.empty()) note("strength", Outcome::unknown, standing.weakness);
        weaken(Reason::weak_chain, !standing.weakness.empty());
        return true;
    }

    std::string_view document_;
    const TrustStore& trust_;
    Time at_;
    const XmldsigLimits& limits_;
    std::optional<Reason> weak_;
    Judgement told_;
};

}  // namespace

Judgement verify_document(
    std::string_view document, const TrustStore& trust, Time at, const XmldsigLimits& limits
) {
    return Verifier{document, trust, at, limits}.judge();
}

}  // namespace axis::signature
