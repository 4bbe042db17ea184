#include "gateway/exchange/matching.hpp"

#include <algorithm>

namespace axis::exchange {

namespace {

using model::Candidate;
using model::StatusKeys;

struct Parties {
    const std::string& issuer;
    const std::string& recipient;
};

Parties parties(const StatusKeys& keys) {
    if (keys.code == model::status_code::take_back) return {keys.from_key, keys.organ_key};
    return {keys.organ_key, keys.from_key};
}

bool same(const std::string& a, const std::string& b) {
    return !a.empty() && a == b;
}

}  // namespace

std::optional<model::Match> match_status(const StatusKeys& keys, const std::vector<Candidate>& candidates) {
    const auto who = parties(keys);
    const auto by_id = [&](const Candidate& c) { return same(c.document_key, keys.document_key); };
    const auto by_number = [&](const Candidate& c) {
        return same(c.from_key, who.issuer) && same(c.number_key, keys.number_key);
    };
    const auto by_number_and_date = [&](const Candidate& c) {
        return by_number(c) && same(c.issued, keys.issued);
    };

    const auto first = [&](const auto& fits) -> std::optional<model::Match> {
        for (std::size_t i = 0; i < candidates.size(); ++i) {
            if (!fits(candidates[i])) continue;
            const auto& served = candidates[i].recipient_keys;
            const auto at = std::find(served.begin(), served.end(), who.recipient);
            if (at != served.end()) return model::Match{i, static_cast<std::size_t>(at - served.begin())};
        }
        return std::nullopt;
    };
    if (auto match = first(by_id)) return match;
    if (auto match = first(by_number_and_date)) return match;
    return first(by_number);
}

}  // namespace axis::exchange
