// ledger verify: whether the ledger and the spool beside it are whole, and fit each other. Works on the files
// of a running daemon as well as on those of a stopped one, and on a backup; changes nothing. Blocking.
#pragma once

#include "gateway/base/error.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace axis::ctl {

struct StoreFinding {
    std::string what;    // page, reference, journal, text.missing, text.size, text.digest; note: text.unknown
    std::string detail;  // which one, and how
};

struct StoreReport {
    static constexpr std::size_t kept_max = 200;  // findings beyond it are only counted
    std::vector<StoreFinding> findings;           // something is wrong
    std::vector<StoreFinding> notes;              // worth knowing, nobody's loss
    std::size_t finding_count = 0;
    std::size_t note_count = 0;
    std::int64_t version = 0, messages = 0, texts = 0, journal_rows = 0;
    std::string last_hash;  // of the journal: publish it, and removed rows are noticed
};

// `digests`: every text is read and hashed too. ledger_foreign, ledger_newer, ledger_damaged, io_failed:
// there is nothing that could be looked at.
Result<StoreReport> check_store(const std::filesystem::path& state_dir, bool digests);

}  // namespace axis::ctl
