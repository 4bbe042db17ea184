#include "gateway/intake/signatures.hpp"

#include "gateway/base/json_object.hpp"
#include "gateway/base/offload.hpp"
#include "gateway/envelope/relay.hpp"
#include "gateway/intake/compose.hpp"
#include "gateway/intake/judgement_json.hpp"
#include "gateway/signature/envelope_signer.hpp"
#include "gateway/signature/envelope_verifier.hpp"

namespace axis::intake {

namespace {

using signature::Judgement;
using signature::Reason;

signature::SplitEnvelope split_of(
    const ledger::StoredEnvelope& envelope, const std::vector<spool::Staged>& texts
) {
    signature::SplitEnvelope out{envelope.skeleton, {}, {}};
    for (const auto& hole : envelope.holes) out.offsets.push_back(hole.offset);
    out.text = [&texts](std::size_t n, const signature::TextSink& sink) {
        return pass_text(texts.at(n), sink);
    };
    return out;
}

Result<ledger::StoredEnvelope> signed_form(
    const ledger::StoredEnvelope& envelope,
    const std::vector<spool::Staged>& texts,
    signature::KeySource& key,
    Time at,
    Random& random
) {
    const auto place = envelope::signature_place(envelope.skeleton);
    if (!place) return place.error();
    auto made = signature::sign_envelope(split_of(envelope, texts), *place, key, at, random);
    if (!made) return made.error();
    ledger::StoredEnvelope out;
    out.skeleton = std::move(made->skeleton);
    out.holes = envelope.holes;
    for (std::size_t i = 0; i < out.holes.size(); ++i) out.holes[i].offset = made->offsets[i];
    auto completed = complete(out, texts);
    if (!completed) return completed.error();
    return out;
}

// Equal envelopes are signed once: usually all deliveries carry the same.
Result<> sign_all(
    ledger::Acceptance& a,
    const std::vector<spool::Staged>& texts,
    const std::vector<std::size_t>& wanted,
    signature::KeySource& key,
    Random& random
) {
    std::optional<std::pair<Sha256, ledger::StoredEnvelope>> last;
    for (const auto n : wanted) {
        auto& delivery = a.deliveries[n];
        const auto& base = delivery.rendition ? *delivery.rendition : a.envelope;
        if (!last || last->first != base.sha256) {
            auto made = signed_form(base, texts, key, a.at, random);
            if (!made && made.error().code == errc::signature_exists) continue;
            if (!made) return made.error();
            last.emplace(base.sha256, std::move(*made));
        }
        delivery.rendition = last->second;
    }
    return {};
}

}  // namespace

Task<Result<Judgement>> Signatures::judge(Seen seen, Verify verify, Time at) const {
    Judgement judgement;
    judgement.reason = seen.has_signature ? Reason::not_checked : Reason::absent;
    if (!seen.has_signature || verify == Verify::ignore || !trust_) co_return judgement;
    auto work = [this, &seen, at] {
        return signature::verify_envelope(
            split_of(seen.envelope, seen.texts), {seen.from, at, false}, *trust_, random_
        );
    };
    auto judged = co_await offload(crypto_, std::move(work));
    co_return judged;
}

Task<Result<std::vector<FileJudgement>>> Signatures::judge_files(
    const model::Document& document, const std::vector<spool::Staged>& texts, Verify verify, Time at
) const {
    if (verify == Verify::ignore || !trust_ || document.attachments.empty())
        co_return std::vector<FileJudgement>{};
    auto work = [this, &document, &texts, at] {
        return intake::judge_files(document, texts, spool_, *trust_, at);
    };
    auto judged = co_await offload(crypto_, std::move(work));
    co_return judged;
}

Task<Result<>> Signatures::sign(ledger::Acceptance& a, const std::vector<spool::Staged>& texts, Wants wants)
    const {
    std::vector<std::size_t> wanted;
    for (std::size_t n = 0; n < a.deliveries.size(); ++n)
        if (!a.deliveries[n].passive && wants(a.deliveries[n].endpoint)) wanted.push_back(n);
    if (wanted.empty()) co_return Result<>{};
    auto* key = keys_ ? keys_->at(a.at) : nullptr;
    if (key == nullptr) co_return Error{errc::signer_failed, "no key whose certificate is valid now"};
    auto work = [this, &a, &texts, &wanted, key] { return sign_all(a, texts, wanted, *key, random_); };
    auto made = co_await offload(crypto_, std::move(work));
    co_return made;
}

Result<> admit(const Judgement& judgement, const VerifyPolicy& policy, Time at) {
    if (policy.verify != Verify::require) return {};
    const auto verdict = judgement.verdict();
    const bool weak = verdict == signature::Verdict::weak && policy.weak_until && at < *policy.weak_until;
    if (verdict == signature::Verdict::valid || weak) return {};
    const auto& reason = signature::row(judgement.reason);
    auto detail = std::string{reason.code};
    if (!judgement.detail.empty()) detail += ": " + judgement.detail;
    return Error{errc::signature_refused, std::move(detail)};
}

std::vector<ledger::NewJudgement> records_of(const Findings& findings) {
    std::vector<ledger::NewJudgement> out;
    const auto& envelope = findings.envelope;
    const auto& reason = signature::row(envelope.reason);
    if (reason.verdict != signature::Verdict::absent)
        out.push_back(
            {0, std::string{signature::name(reason.verdict)}, std::string{reason.code}, facts_json(envelope)}
        );
    for (const auto& file : findings.files) out.push_back(record_of(file));
    return out;
}

std::string event_members(const Findings& findings) {
    const auto& judgement = findings.envelope;
    const auto& reason = signature::row(judgement.reason);
    auto out = "\"signature\":\"" + std::string{signature::name(reason.verdict)} + "\"";
    if (judgement.reason != Reason::absent && judgement.reason != Reason::not_checked) {
        JsonObject detail;
        detail.text("code", reason.code).text("text", reason.vietnamese);
        detail.maybe("signer", judgement.signer ? judgement.signer->name : "");
        detail.maybe("organisation", judgement.signer ? judgement.signer->organisation : "");
        detail.maybe("claimed_at", judgement.claimed_at)
            .text("revocation", signature::name(judgement.revocation));
        out += ",\"signature_detail\":" + detail.done();
    }
    if (!findings.files.empty()) out += ",\"file_signatures\":" + event_list(findings.files);
    return out;
}

}  // namespace axis::intake
