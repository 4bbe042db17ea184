#include "gateway/intake/signatures.hpp"

#include "gateway/base/json_object.hpp"
#include "gateway/base/log.hpp"
#include "gateway/base/offload.hpp"
#include "gateway/base/within.hpp"
#include "gateway/envelope/relay.hpp"
#include "gateway/intake/compose.hpp"
#include "gateway/intake/judgement_json.hpp"
#include "gateway/signature/envelope_signer.hpp"
#include "gateway/signature/envelope_verifier.hpp"
#include "gateway/signature/stamping.hpp"

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
    if (!anything || verify == Verify::ignore || !parts_.trust) co_return unjudged(seen);
    if (may_ask()) {
        auto look = [this, &seen, at] { return open_questions(seen, at); };
        const auto open = co_await offload(parts_.crypto, std::move(look));
        co_await ask(open);
    }
    auto work = [this, &seen, at] { return judge_now(seen, at); };
    auto judged = co_await offload(parts_.crypto, std::move(work));
    co_return judged;
}

Result<Findings> Signatures::judge_now(const Seen& seen, Time at) const {
    auto out = unjudged(seen);
    const signature::Question question{seen.from, at, false};
    if (seen.has_signature) {
        auto judged = signature::verify_envelope(
            split_of(seen.envelope, seen.texts), question, *parts_.trust, parts_.random
        );
        if (!judged) return judged.error();
        out.envelope = std::move(*judged);
    }
    if (seen.has_statement()) {
        auto judged = judge_statements(*seen.statements, *seen.document, seen.texts, question, *parts_.trust);
        if (!judged) return judged.error();
        out.attached = std::move(*judged);
    }
    return out;
}

std::vector<signature::OcspQuery> Signatures::open_questions(const Seen& seen, Time at) const {
    const signature::Question question{seen.from, at, false};
    std::vector<signature::OcspQuery> out;
    if (seen.has_signature)
        out = signature::open_questions(
            split_of(seen.envelope, seen.texts), question, *parts_.trust, parts_.random
        );
    if (seen.has_statement())
        for (auto& one : questions_about(*seen.statements, seen.texts, question, *parts_.trust))
            out.push_back(std::move(one));
    return out;
}

Task<Result<std::vector<FileJudgement>>> Signatures::judge_files(
    const model::Document& document,
    const std::vector<spool::Staged>& texts,
    const spool::Spool& spool,
    Verify verify,
    Time at
) const {
    if (verify == Verify::ignore || !parts_.trust || document.attachments.empty())
        co_return std::vector<FileJudgement>{};
    auto work = [this, &document, &texts, &spool, at] {
        return intake::judge_files(document, texts, spool, *parts_.trust, at);
    };
    auto judged = co_await offload(parts_.crypto, std::move(work));
    if (!judged || !may_ask()) co_return judged;
    // Who has signed is known once a file was read; what the responders then say, a second look tells.
    const auto open = intake::open_questions(*judged);
    if (open.empty()) co_return judged;
    co_await ask(open);
    auto again = [this, &judged, &document, &texts, &spool, at] {
        return judge_again(*judged, document, texts, spool, *parts_.trust, at);
    };
    auto done = co_await offload(parts_.crypto, std::move(again));
    if (!done) co_return done.error();
    co_return judged;
}

// What the store then knows, the judgement tells.
Task<> Signatures::ask(const std::vector<signature::OcspQuery>& open) const {
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

struct Signatures::Made {
    signature::SignedSkeleton signed_skeleton;
    ledger::StoredEnvelope envelope;
};

// Equal envelopes are signed once: usually all deliveries carry the same.
Task<Result<>> Signatures::sign(ledger::Acceptance& a, const std::vector<spool::Staged>& texts, Wants wants)
    const {
    std::optional<std::pair<Sha256, ledger::StoredEnvelope>> last;
    for (auto& delivery : a.deliveries) {
        if (delivery.passive || !wants(delivery.endpoint)) continue;
        const auto& base = delivery.rendition ? *delivery.rendition : a.envelope;
        if (!last || last->first != base.sha256) {
            auto made = co_await signed_form(base, texts, a.at);
            if (!made && made.error().code == errc::signature_exists) continue;
            if (!made) co_return made.error();
            last.emplace(base.sha256, std::move(made->envelope));
        }
        delivery.rendition = last->second;
    }
    co_return Result<>{};
}

Result<signature::KeySource*> Signatures::key_at(Time at) const {
    auto* key = parts_.keys ? parts_.keys->at(at) : nullptr;
    if (key == nullptr) return Error{errc::signer_failed, "no key whose certificate is valid now"};
    return key;
}

Task<Result<Signatures::Made>> Signatures::signed_form(
    const ledger::StoredEnvelope& base, const std::vector<spool::Staged>& texts, Time at
) const {
    auto key = key_at(at);
    if (!key) co_return key.error();
    auto work = [this, &base, &texts, at, &key]() -> Result<signature::SignedSkeleton> {
        const auto place = envelope::signature_place(base.skeleton);
        if (!place) return place.error();
        return signature::sign_envelope(split_of(base, texts), *place, **key, at, parts_.random);
    };
    auto signed_skeleton = co_await offload(parts_.crypto, std::move(work));
    if (!signed_skeleton) co_return signed_skeleton.error();
    Made made;
    made.signed_skeleton = std::move(*signed_skeleton);
    auto stamped = co_await stamp(made.signed_skeleton);
    if (!stamped) co_return stamped.error();

    made.envelope.skeleton = std::move(made.signed_skeleton.skeleton);
    made.envelope.holes = base.holes;
    for (std::size_t i = 0; i < made.envelope.holes.size(); ++i)
        made.envelope.holes[i].offset = made.signed_skeleton.offsets[i];
    auto measure = [&made, &texts] { return complete(made.envelope, texts); };
    auto completed = co_await offload(parts_.crypto, std::move(measure));
    if (!completed) co_return completed.error();
    co_return made;
}

// Equal envelopes get one statement: usually all deliveries carry the same.
Task<Result<>> Signatures::attach(
    ledger::Acceptance& a, std::vector<spool::Staged>& texts, spool::Spool& spool, Wants wants
) const {
    if (a.status || a.incoming) co_return Result<>{};
    std::vector<spool::Staged> statements;
    std::optional<std::pair<Sha256, ledger::StoredEnvelope>> last;
    for (auto& delivery : a.deliveries) {
        if (delivery.passive || !wants(delivery.endpoint)) continue;
        const auto& base = delivery.rendition ? *delivery.rendition : a.envelope;
        if (!last || last->first != base.sha256) {
            auto made = co_await attached_form(base, texts, a, spool);
            if (!made) co_return made.error();
            if (!*made) continue;
            last.emplace(base.sha256, std::move((*made)->envelope));
            statements.push_back(std::move((*made)->text));
        }
        delivery.rendition = last->second;
    }
    for (auto& blob : new_blobs(statements)) a.blobs.push_back(std::move(blob));
    for (auto& text : statements) texts.push_back(std::move(text));
    co_return Result<>{};
}

Task<Result<std::optional<WithStatement>>> Signatures::attached_form(
    const ledger::StoredEnvelope& base,
    const std::vector<spool::Staged>& texts,
    const ledger::Acceptance& a,
    spool::Spool& spool
) const {
    auto key = key_at(a.at);
    if (!key) co_return key.error();
    auto work = [this, &base, &a, &key] {
        return statement_for(base, a.document.attachments, **key, a.at, parts_.random);
    };
    auto made = co_await offload(parts_.crypto, std::move(work));
    if (!made) co_return made.error();
    if (!*made) co_return std::optional<WithStatement>{};
    auto stamped = co_await stamp(**made);
    if (!stamped) co_return stamped.error();
    auto put = [this, &base, &texts, &made, &spool]() -> Result<std::optional<WithStatement>> {
        auto whole = with_statement(base, texts, (*made)->skeleton, spool, parts_.random);
        if (!whole) return whole.error();
        return std::optional{std::move(*whole)};
    };
    auto whole = co_await offload(parts_.crypto, std::move(put));
    co_return whole;
}

Task<Result<>> Signatures::stamp(signature::SignedSkeleton& made) const {
    const auto& wanted = parts_.time_stamps;
    if (wanted.address.empty()) co_return Result<>{};
    const auto request = signature::stamp_request(made.stamped, parts_.random);
    auto token = co_await parts_.inquiries->post(wanted.address, "application/timestamp-query", request.der);
    if (token) {
        auto look = [this, &request, &token] {
            return signature::stamp_in(*token, request, *parts_.trust, parts_.clock.now());
        };
        token = co_await offload(parts_.crypto, std::move(look));
    }
    if (wanted.alarm) wanted.alarm(!token, token ? "" : token.error().detail);
    if (token) {
        signature::add_time_stamp(made, *token);
        co_return Result<>{};
    }
    log::warn("signature.time_stamp_missing", "authority", wanted.address, "reason", token.error().detail);
    if (!wanted.required) co_return Result<>{};
    co_return Error{errc::time_stamp_missing, token.error().detail};
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
    if (findings.attached) add(ledger::part_attached, *findings.attached);
    add(ledger::part_envelope, findings.envelope);
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
