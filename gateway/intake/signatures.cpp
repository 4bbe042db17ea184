#include "gateway/intake/signatures.hpp"

#include "gateway/base/json_object.hpp"
#include "gateway/base/offload.hpp"
#include "gateway/envelope/relay.hpp"
#include "gateway/intake/compose.hpp"
#include "gateway/intake/judgement_json.hpp"
#include "gateway/intake/statements.hpp"
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

// Deliveries that a lane sends and whose endpoint wants it.
std::vector<std::size_t> wanting(const ledger::Acceptance& a, const Signatures::Wants& wants) {
    std::vector<std::size_t> out;
    for (std::size_t n = 0; n < a.deliveries.size(); ++n)
        if (!a.deliveries[n].passive && wants(a.deliveries[n].endpoint)) out.push_back(n);
    return out;
}

Result<signature::KeySource*> key_at(const signature::KeyRing* keys, Time at) {
    auto* key = keys != nullptr ? keys->at(at) : nullptr;
    if (key == nullptr) return Error{errc::signer_failed, "no key whose certificate is valid now"};
    return key;
}

// "NAME":verdict and, where something was looked at, "NAME_detail".
std::string members_of(const std::string& name, const Judgement& judgement) {
    const auto& reason = signature::row(judgement.reason);
    auto out = "\"" + name + "\":\"" + std::string{signature::name(reason.verdict)} + "\"";
    if (judgement.reason == Reason::absent || judgement.reason == Reason::not_checked) return out;
    JsonObject detail;
    detail.text("code", reason.code).text("text", reason.vietnamese);
    detail.maybe("signer", judgement.signer ? judgement.signer->name : "");
    detail.maybe("organisation", judgement.signer ? judgement.signer->organisation : "");
    detail.maybe("claimed_at", judgement.claimed_at)
        .text("revocation", signature::name(judgement.revocation));
    return out + ",\"" + name + "_detail\":" + detail.done();
}

}  // namespace

Findings unjudged(const Seen& seen) {
    Findings out;
    out.envelope.reason = seen.has_signature ? Reason::not_checked : Reason::absent;
    if (seen.has_statement()) out.attached.emplace().reason = Reason::not_checked;
    return out;
}

Task<Result<Findings>> Signatures::judge(Seen seen, Verify verify, Time at) const {
    const bool anything = seen.has_signature || seen.has_statement();
    if (!anything || verify == Verify::ignore || !trust_) co_return unjudged(seen);
    auto work = [this, &seen, at] { return judge_now(seen, at); };
    auto judged = co_await offload(crypto_, std::move(work));
    co_return judged;
}

Result<Findings> Signatures::judge_now(const Seen& seen, Time at) const {
    auto out = unjudged(seen);
    const signature::Question question{seen.from, at, false};
    if (seen.has_signature) {
        auto judged =
            signature::verify_envelope(split_of(seen.envelope, seen.texts), question, *trust_, random_);
        if (!judged) return judged.error();
        out.envelope = std::move(*judged);
    }
    if (seen.has_statement()) {
        auto judged = judge_statements(*seen.statements, *seen.document, seen.texts, question, *trust_);
        if (!judged) return judged.error();
        out.attached = std::move(*judged);
    }
    return out;
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
    const auto wanted = wanting(a, wants);
    if (wanted.empty()) co_return Result<>{};
    auto key = key_at(keys_.get(), a.at);
    if (!key) co_return key.error();
    auto work = [this, &a, &texts, &wanted, &key] { return sign_all(a, texts, wanted, **key, random_); };
    auto made = co_await offload(crypto_, std::move(work));
    co_return made;
}

Task<Result<>> Signatures::attach(ledger::Acceptance& a, std::vector<spool::Staged>& texts, Wants wants)
    const {
    if (a.status || a.incoming) co_return Result<>{};
    const auto wanted = wanting(a, wants);
    if (wanted.empty()) co_return Result<>{};
    auto key = key_at(keys_.get(), a.at);
    if (!key) co_return key.error();
    auto work = [this, &a, &texts, &wanted, &key] {
        return attach_statements(a, texts, wanted, {**key, spool_, random_});
    };
    auto made = co_await offload(crypto_, std::move(work));
    if (!made) co_return made.error();
    for (auto& text : *made) texts.push_back(std::move(text));
    co_return Result<>{};
}

Result<> admit(const Findings& findings, const VerifyPolicy& policy, Time at) {
    if (policy.verify != Verify::require) return {};
    const auto holds = [&](const Judgement& judgement) {
        const auto verdict = judgement.verdict();
        if (verdict == signature::Verdict::valid) return true;
        return verdict == signature::Verdict::weak && policy.weak_until && at < *policy.weak_until;
    };
    if (holds(findings.envelope) || (findings.attached && holds(*findings.attached))) return {};
    const auto& judgement = findings.attached ? *findings.attached : findings.envelope;
    auto detail = std::string{signature::row(judgement.reason).code};
    if (!judgement.detail.empty()) detail += ": " + judgement.detail;
    return Error{errc::signature_refused, std::move(detail)};
}

std::vector<ledger::NewJudgement> records_of(const Findings& findings) {
    std::vector<ledger::NewJudgement> out;
    const auto add = [&out](int part, const Judgement& judgement) {
        const auto& reason = signature::row(judgement.reason);
        if (reason.verdict == signature::Verdict::absent) return;
        out.push_back(
            {part,
             std::string{signature::name(reason.verdict)},
             std::string{reason.code},
             facts_json(judgement),
             materials_of(judgement)}
        );
    };
    add(ledger::part_envelope, findings.envelope);
    if (findings.attached) add(ledger::part_attached, *findings.attached);
    for (const auto& file : findings.files) out.push_back(record_of(file));
    return out;
}

std::string event_members(const Findings& findings) {
    auto out = members_of("signature", findings.envelope);
    if (findings.attached) out += "," + members_of("attached_signature", *findings.attached);
    if (!findings.files.empty()) out += ",\"file_signatures\":" + event_list(findings.files);
    return out;
}

}  // namespace axis::intake
