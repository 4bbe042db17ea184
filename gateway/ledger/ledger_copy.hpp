// A copy of the ledger that can be started: for backups. Blocking.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/base/error.hpp"

#include <cstdint>
#include <filesystem>

namespace axis::ledger {

// Copies one committed state of `from`, which a daemon may have open, into the new file `to`, and makes it
// fit to be started some day: what an axis had not got yet may have been sent in between, so that it is
// `reconciling` in the copy, asked for before it is sent. The copy's journal tells of it. One whole file,
// without a log. How many deliveries that were. What LedgerFile refuses; disk_full, io_failed.
Result<std::int64_t> copy_ledger(
    const std::filesystem::path& from, const std::filesystem::path& to, Time now
);

}  // namespace axis::ledger
