#include "gateway/app/ctl/findings.hpp"

#include "gateway/base/text.hpp"

#include <algorithm>
#include <iostream>

namespace axis::ctl {

int print_findings(const Options& o, const std::vector<Finding>& findings, Verdicts verdicts) {
    const bool differs = std::any_of(findings.begin(), findings.end(), [](const Finding& f) {
        return f.outcome == Finding::Outcome::differs;
    });
    if (o.json) {
        std::string list;
        for (const auto& f : findings)
            list += (list.empty() ? "" : ",") + std::string{"{\"outcome\":"} + json_quoted(name(f.outcome)) +
                    ",\"what\":" + json_quoted(f.what) + ",\"detail\":" + json_quoted(f.detail) + "}";
        std::cout << "{\"holds\":" << (differs ? "false" : "true") << ",\"findings\":[" << list << "]}\n";
    } else {
        for (const auto& f : findings)
            std::cout << name(f.outcome) << " " << f.what << ": " << shown(f.detail) << "\n";
        std::cout << (differs ? verdicts.differs : verdicts.holds) << "\n";
    }
    return differs ? negative : done;
}

}  // namespace axis::ctl
