// Evidence: everything a verdict on a message's signatures rests on, in one ZIP that is judged again without
// axisd, its ledger or a network (README.md tells the files). Blocking.
#pragma once

#include "gateway/app/ctl/console.hpp"
#include "gateway/base/error.hpp"

#include <string>
#include <vector>

namespace axis::ctl {

struct Exported {
    bool whole = false;     // with the message's texts; false: they are not kept any more
    std::string message;    // its id
    std::size_t parts = 0;  // judgements on signatures
};

// Writes a new file. What the daemon refuses; io_failed.
Result<Exported> export_evidence(const Console& console, const std::string& id, const std::string& out);

// One thing that was looked at.
struct Finding {
    enum class Outcome { holds, unknown, differs };
    Outcome outcome = Outcome::holds;
    std::string what;  // "files", "envelope", "journal", "signature 0", …
    std::string detail;
};
std::string_view name(Finding::Outcome outcome);

// `trust`: folder of certificates that the reader trusts (signature/trust_store.hpp); empty: those of the
// evidence itself, which then shows that it agrees with itself, not who made it. evidence.refused: it is
// none.
Result<std::vector<Finding>> verify_evidence(const std::string& archive, const std::string& trust);

}  // namespace axis::ctl
