#include "gateway/policy/policy.hpp"

#include <array>

namespace axis::policy {

namespace {

struct Rule {
    std::string_view pointer;
    std::string_view name;
    bool (*broken)(const model::Package&);
};

// A class that is not the ordinary one is forbidden, whatever its number: the gate fails closed.
constexpr std::array<Rule, 3> rules{{
    {"/security_class",
     "state_secret",
     [](const model::Package& p) { return p.security_class != model::SecurityClass::ordinary; }},
    {"/restricted_publication",
     "restricted_publication",
     [](const model::Package& p) { return p.restricted_publication; }},
    {"/denunciation", "denunciation", [](const model::Package& p) { return p.denunciation; }},
}};

}  // namespace

Result<> admit(const model::Package& package) {
    Error refusal{errc::forbidden_class};
    for (const auto& rule : rules) {
        if (!rule.broken(package)) continue;
        refusal.detail.append(refusal.detail.empty() ? "" : ", ").append(rule.name);
        refusal.faults.push_back({std::string{rule.pointer}, errc::forbidden_class, std::string{rule.name}});
    }
    if (refusal.faults.empty()) return {};
    return refusal;
}

}  // namespace axis::policy
