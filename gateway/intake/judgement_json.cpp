#include "gateway/intake/judgement_json.hpp"

#include "gateway/base/base64.hpp"
#include "gateway/base/json_object.hpp"

namespace axis::intake {

namespace {

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

std::string checks_json(const std::vector<signature::Check>& checks) {
    std::vector<std::string> out;
    for (const auto& check : checks)
        out.push_back(JsonObject{}
                          .text("name", check.name)
                          .text("outcome", signature::name(check.outcome))
                          .text("detail", check.detail)
                          .done());
    return json_array(out);
}

std::vector<ledger::NewMaterial> materials_of(const signature::Judgement& judgement) {
    std::vector<ledger::NewMaterial> out;
    for (const auto& m : judgement.materials)
        out.push_back({std::string{signature::name(m.kind)}, m.sha256, m.der});
    return out;
}

std::string facts_json(const signature::Judgement& judgement) {
    std::vector<std::string> chain;
    for (const auto& der : judgement.chain) chain.push_back("\"" + base64_encode(der) + "\"");
    JsonObject facts;
    facts.text("detail", judgement.detail).text("algorithm", judgement.algorithm);
    facts.text("claimed_at", judgement.claimed_at).text("revocation", signature::name(judgement.revocation));
    facts.text("anchor", judgement.anchor);
    if (judgement.proven_at) facts.time("proven_at", *judgement.proven_at);
    facts.raw("signer", judgement.signer ? signer_json(*judgement.signer) : "null");
    std::vector<std::string> materials;
    for (const auto& m : judgement.materials) materials.push_back("\"" + m.sha256.hex() + "\"");
    facts.raw("checks", checks_json(judgement.checks)).raw("chain", json_array(chain));
    facts.raw("materials", json_array(materials));
    return facts.done();
}

}  // namespace axis::intake
