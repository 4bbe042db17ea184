#include "gateway/signature/judgement.hpp"

#include <array>

namespace axis::signature {

namespace {

constexpr ReasonRow reasons[] = {
#define AXIS_REASON(name, code, verdict, english, vietnamese) \
    {Reason::name, code, Verdict::verdict, english, vietnamese},
#include "gateway/signature/reasons.def"
#undef AXIS_REASON
};

constexpr std::array<std::string_view, 9> verdicts{
    "valid",
    "weak",
    "invalid",
    "untrusted",
    "broken_in_transit",
    "dummy",
    "malformed",
    "absent",
    "not_checked"};

}  // namespace

std::string_view name(Verdict verdict) {
    return verdicts.at(static_cast<std::size_t>(verdict));
}

const ReasonRow& row(Reason reason) {
    return reasons[static_cast<std::size_t>(reason)];
}

std::string_view name(Revocation revocation) {
    constexpr std::array<std::string_view, 3> names{"good", "unknown", "revoked"};
    return names.at(static_cast<std::size_t>(revocation));
}

std::string_view name(Check::Outcome outcome) {
    constexpr std::array<std::string_view, 3> names{"passed", "failed", "unknown"};
    return names.at(static_cast<std::size_t>(outcome));
}

std::string_view name(Material::Kind kind) {
    constexpr std::array<std::string_view, 3> names{"crl", "ocsp", "time_stamp"};
    return names.at(static_cast<std::size_t>(kind));
}

Material material(Material::Kind kind, std::string der) {
    const auto hash = sha256(der);
    return {kind, std::make_shared<const std::string>(std::move(der)), hash};
}

}  // namespace axis::signature
