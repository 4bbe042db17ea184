// audit export|verify: the chained journal as lines that anybody can keep, and whether it is what its
// checkpoints tell of. On the files of a running daemon, of a stopped one, of a backup, or on an export
// alone. Blocking.
//
//   export: {"format":"axisd-audit-1","agency","first","before",…}
//           {"seq","at_ms","actor","kind","message","delivery","facts","hash"}   a row
//           {"checkpoint":{…}}                                                   behind the row it stands at
//           {"end":true,"rows","hash"}
#pragma once

#include "gateway/app/ctl/evidence/evidence.hpp"
#include "gateway/base/error.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace axis::ctl {

struct AuditExported {
    std::int64_t rows = 0;
    std::int64_t checkpoints = 0;
    std::string last_hash;
};
// Rows first…last (0: the end) into a new file. What LedgerFile refuses; io_failed, also when `out` exists.
Result<AuditExported> export_audit(
    const std::filesystem::path& state_dir, std::int64_t first, std::int64_t last, const std::string& out
);

struct AuditQuestion {
    std::filesystem::path state_dir;    // or
    std::filesystem::path export_file;  // when not empty
    std::vector<std::string> outside;   // copies of journal.checkpoints that were kept elsewhere
    std::filesystem::path trust;        // whose signatures are believed; empty: said to be unknown
};
// One finding per subject; `differs` is a changed, removed or cut-off row, or a checkpoint that is not what
// was signed. evidence.refused: not an export; config_invalid: the trust folder; what LedgerFile refuses.
Result<std::vector<Finding>> verify_audit(const AuditQuestion& question);

}  // namespace axis::ctl
