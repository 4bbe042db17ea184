#include "gateway/signature/ocsp_answers.hpp"

#include <algorithm>

namespace axis::signature {

namespace {

Sha256 id_of(const Certificate& certificate, const Certificate& issuer) {
    Sha256Hasher hasher;
    hasher.update(certificate.facts().sha256.hex());
    hasher.update(issuer.facts().sha256.hex());
    return hasher.finish();
}

}  // namespace

OcspAnswers::OcspAnswers(OcspLimits limits, const std::vector<StoredAnswer>& stored) : limits_{limits} {
    for (const auto& answer : stored)
        for (auto& serial : ocsp_serials(answer.der)) stored_.emplace(std::move(serial), answer);
}

// Full: what ends first makes room, failures before answers.
OcspAnswers::Entry& OcspAnswers::entry(const Sha256& id) {
    if (entries_.size() >= limits_.kept_max && !entries_.contains(id)) {
        const auto sooner = [](const auto& a, const auto& b) { return a.second.until < b.second.until; };
        entries_.erase(std::min_element(entries_.begin(), entries_.end(), sooner));
    }
    return entries_[id];
}

void OcspAnswers::look_into_files(
    const Certificate& certificate, const Certificate& issuer, const Sha256& id
) {
    const auto [begin, end] = stored_.equal_range(certificate.facts().serial);
    for (auto it = begin; it != end; ++it) {
        auto read = read_ocsp_answer(it->second.der, certificate, issuer, {}, limits_);
        auto& known = entry(id);
        if (const auto* refusal = std::get_if<OcspRefusal>(&read)) {
            known.failure = it->second.file + ": " + refusal->why;
            continue;
        }
        auto& answer = std::get<OcspAnswer>(read);
        if (known.answer && known.answer->this_update >= answer.this_update) continue;
        known.until = answer.ends + limits_.clock_skew;
        known.source = it->second.file;
        known.answer = std::move(answer);
    }
}

OcspAnswers::Known OcspAnswers::of(const Certificate& certificate, const Certificate& issuer, Time at) {
    const auto id = id_of(certificate, issuer);
    const std::lock_guard lock{mutex_};
    if (!entries_.contains(id)) look_into_files(certificate, issuer, id);
    const auto found = entries_.find(id);
    if (found == entries_.end()) return {};
    const auto& known = found->second;
    return {known.answer, at < known.until, known.source, known.failure};
}

std::optional<std::string> OcspAnswers::learn(
    const OcspQuery& query, std::string_view request, std::string_view answer, Time now
) {
    auto read = read_ocsp_answer(answer, query.certificate, query.issuer, request, limits_);
    std::string why;
    if (const auto* refusal = std::get_if<OcspRefusal>(&read)) {
        why = refusal->why;
    } else if (const auto& got = std::get<OcspAnswer>(read); got.this_update > now + limits_.clock_skew) {
        why = "an answer from the future";
    } else if (got.ends + limits_.clock_skew <= now) {
        why = "the answer is out of date";
    }
    if (!why.empty()) {
        unanswered(query, query.url + ": " + why);
        return why;
    }
    auto& got = std::get<OcspAnswer>(read);
    const std::lock_guard lock{mutex_};
    auto& known = entry(id_of(query.certificate, query.issuer));
    if (known.answer && known.answer->this_update > got.this_update) return std::nullopt;
    known.until = std::min(got.ends + limits_.clock_skew, now + limits_.kept_for_max);
    known.source = query.url + (got.nonce ? "" : " (without nonce)");
    known.failure.clear();
    known.answer = std::move(got);
    return std::nullopt;
}

void OcspAnswers::unanswered(const OcspQuery& query, std::string why) {
    const std::lock_guard lock{mutex_};
    entry(id_of(query.certificate, query.issuer)).failure = std::move(why);
}

}  // namespace axis::signature
