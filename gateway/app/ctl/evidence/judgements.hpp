// What was thought of signatures, thought again from the evidence alone. Blocking.
//
//   recorded verdict ─┐
//   envelope, or markup; certificates, lists, answers ─► the same verifiers, at the time of acceptance ─►
//   same?
#pragma once

#include "gateway/app/ctl/evidence/evidence.hpp"
#include "gateway/app/ctl/evidence/facts.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace axis::ctl {

struct Case {
    const std::filesystem::path& folder;  // of the extracted evidence
    const EvidenceFacts& facts;
    bool whole = false;  // message/envelope.xml is there
    const std::string& trust;
};

// One finding for the trust it was judged with, one for each judgement.
Result<std::vector<Finding>> judge_again(const Case& evidence);

}  // namespace axis::ctl
