// backup DIR: ledger, texts and checkpoints as one folder from which axisd can be started. Beside a running
// axisd or without one. Blocking.
//
//   state_dir ─► DIR.partial: checkpoints, texts so far ─► ledger ─► texts it names and has not ─► looked
//   through ─► DIR
//
// DIR is there whole and verified, or not at all. Texts never change: on the same file system they are linked
// (no space, and no help when that disk fails), else copied and synced.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/base/error.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace axis::ctl {

struct BackupWish {
    std::filesystem::path state_dir;
    std::filesystem::path directory;  // must not exist
    bool always_copy = false;         // never link
};
struct BackedUp {
    std::int64_t ledger_bytes = 0;
    std::int64_t linked = 0, copied = 0;  // texts
    std::int64_t reconciling = 0;         // deliveries that a restored axisd asks for before it sends them
    std::int64_t journal_row = 0;
    std::string journal_hash;
};
// io_failed, also when DIR exists; disk_full; ledger_damaged: what was copied is not whole (`ledger verify`
// tells more); what LedgerFile refuses.
Result<BackedUp> make_backup(const BackupWish& wish, Time now);

}  // namespace axis::ctl
