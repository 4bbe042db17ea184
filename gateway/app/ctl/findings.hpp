// Findings of a check as JSON or lines for a person.
#pragma once

#include "gateway/app/ctl/command.hpp"
#include "gateway/app/ctl/evidence/evidence.hpp"

#include <string_view>
#include <vector>

namespace axis::ctl {

struct Verdicts {
    std::string_view holds, differs;
};
// Prints all, then one of the verdicts; the exit status.
int print_findings(const Options& options, const std::vector<Finding>& findings, Verdicts verdicts);

}  // namespace axis::ctl
