#include "gateway/intake/signatures.hpp"

#include "gateway/base/base64.hpp"
#include "gateway/base/json_object.hpp"
#include "gateway/base/log.hpp"
#include "gateway/base/offload.hpp"
#include "gateway/base/within.hpp"
#include "gateway/envelope/relay.hpp"
#include "gateway/intake/compose.hpp"
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

std::string signer_json(const signature::Signer& signer) {
    return JsonObject{}
        .text("name", signer.name)
        .text("organisation", signer.organisation)
        .text("issuer", signer.issuer)
        .text("serial", signer.serial)
        .text("sha256", signer.sha256.hex())
        .time("not_before", signer.not_before)
        .time("not_after", signer.not_after)
        .done();
}

}  // namespace

Task<Result<Judgement>> Signatures::judge(Seen seen, Verify verify, Time at) const {
    Judgement judgement;
    judgement.reason = seen.has_signature ? Reason::not_checked : Reason::absent;
    if (!seen.has_signature || verify == Verify::ignore || !parts_.trust) co_return judgement;
    if (parts_.inquiries != nullptr && !parts_.trust->responders().empty()) co_await ask_revocation(seen, at);
    auto work = [this, &seen, at] {
        return signature::verify_envelope(
            split_of(seen.envelope, seen.texts), {seen.from, at, false}, *parts_.trust, parts_.random
        );
    };
    auto judged = co_await offload(parts_.crypto, std::move(work));
    co_return judged;
}

// What the store then knows, the judgement tells.
Task<> Signatures::ask_revocation(const Seen& seen, Time at) const {
    auto look = [this, &seen, at] {
        return signature::open_questions(
            split_of(seen.envelope, seen.texts), {seen.from, at, false}, *parts_.trust, parts_.random
        );
    };
    const auto open = co_await offload(parts_.crypto, std::move(look));
    if (open.empty()) co_return;
    const auto& limits = parts_.inquiries->limits();
    std::size_t done = 0;
    const bool all = co_await within(limits.wait, ask_each(open, done));
    if (all) co_return;
    for (; done < open.size(); ++done)
        parts_.trust->unanswered(open[done], open[done].url + ": " + too_late(limits));
}

// `done`: how many have an answer, or a reason why not.
Task<> Signatures::ask_each(const std::vector<signature::OcspQuery>& open, std::size_t& done) const {
    for (; done < open.size(); ++done) {
        const auto& query = open[done];
        const auto request = signature::ocsp_request(query, parts_.random);
        auto answer = co_await parts_.inquiries->post(query.url, "application/ocsp-request", request);
        if (!answer) {
            parts_.trust->unanswered(query, answer.error().detail);
            continue;
        }
        auto learn = [this, &query, &request, &answer] {
            return parts_.trust->learn(query, request, *answer, parts_.clock.now());
        };
        const auto refused = co_await offload(parts_.crypto, std::move(learn));
        if (refused) log::warn("ocsp.refused", "responder", query.url, "reason", *refused);
    }
}

Task<Result<>> Signatures::sign(ledger::Acceptance& a, const std::vector<spool::Staged>& texts, Wants wants)
    const {
    std::vector<std::size_t> wanted;
    for (std::size_t n = 0; n < a.deliveries.size(); ++n)
        if (!a.deliveries[n].passive && wants(a.deliveries[n].endpoint)) wanted.push_back(n);
    if (wanted.empty()) co_return Result<>{};
    auto* key = parts_.keys ? parts_.keys->at(a.at) : nullptr;
    if (key == nullptr) co_return Error{errc::signer_failed, "no key whose certificate is valid now"};
    auto work = [this, &a, &texts, &wanted, key] { return sign_all(a, texts, wanted, *key, parts_.random); };
    auto made = co_await offload(parts_.crypto, std::move(work));
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

ledger::NewJudgement record_of(const Judgement& judgement) {
    const auto& reason = signature::row(judgement.reason);
    std::vector<std::string> checks;
    for (const auto& check : judgement.checks)
        checks.push_back(JsonObject{}
                             .text("name", check.name)
                             .text("outcome", signature::name(check.outcome))
                             .text("detail", check.detail)
                             .done());
    std::vector<std::string> chain;
    for (const auto& der : judgement.chain) chain.push_back("\"" + base64_encode(der) + "\"");
    JsonObject facts;
    facts.text("detail", judgement.detail).text("algorithm", judgement.algorithm);
    facts.text("claimed_at", judgement.claimed_at).text("revocation", signature::name(judgement.revocation));
    facts.text("anchor", judgement.anchor);
    facts.raw("signer", judgement.signer ? signer_json(*judgement.signer) : "null");
    facts.raw("checks", json_array(checks)).raw("chain", json_array(chain));
    return {0, std::string{signature::name(reason.verdict)}, std::string{reason.code}, facts.done()};
}

std::string event_members(const Judgement& judgement) {
    const auto& reason = signature::row(judgement.reason);
    auto out = "\"signature\":\"" + std::string{signature::name(reason.verdict)} + "\"";
    if (judgement.reason == Reason::absent || judgement.reason == Reason::not_checked) return out;
    JsonObject detail;
    detail.text("code", reason.code).text("text", reason.vietnamese);
    detail.maybe("signer", judgement.signer ? judgement.signer->name : "");
    detail.maybe("organisation", judgement.signer ? judgement.signer->organisation : "");
    detail.maybe("claimed_at", judgement.claimed_at)
        .text("revocation", signature::name(judgement.revocation));
    return out + ",\"signature_detail\":" + detail.done();
}

}  // namespace axis::intake
