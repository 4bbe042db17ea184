// JudgementJson: judgements on signatures as they stand in the ledger, with what they rest on. Internal to
// intake. Any thread.
#pragma once

#include "gateway/ledger/records.hpp"
#include "gateway/signature/judgement.hpp"

#include <string>
#include <vector>

namespace axis::intake {

// Everything an officer needs:
// {"detail","algorithm","claimed_at","revocation","anchor","signer","checks","chain","materials"}
std::string facts_json(const signature::Judgement& judgement);
std::vector<ledger::NewMaterial> materials_of(const signature::Judgement& judgement);
std::string checks_json(const std::vector<signature::Check>& checks);

}  // namespace axis::intake
