// Checkpoints: at intervals the journal's last row is signed, and kept in the ledger and in a file that only
// grows. Whoever has a copy of that file elsewhere notices a row that was changed, taken out or cut off.
//
//   ledger: last row ─► sign (keys_dir; else unsigned) ─► ledger: checkpoint ─► state_dir/journal.checkpoints
//
// At start the file's last line is held against the journal: a journal that does not reach it, or has another
// row there, was cut or comes from an older backup (alarm audit.journal_differs). What could not be signed or
// written raises audit.checkpoint_failed and is tried again. Thread: io; signing on the crypto pool, the file
// on the files pool.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/base/pool.hpp"
#include "gateway/ledger/ledger.hpp"
#include "gateway/observe/alarms.hpp"
#include "gateway/signature/key_ring.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace axis::app {

inline constexpr const char* checkpoint_file_name = "journal.checkpoints";

struct CheckpointParts {
    ledger::Ledger& ledger;
    Clock& clock;
    Pool& crypto;
    Pool& files;
    observe::Alarms& alarms;
    std::shared_ptr<const signature::KeyRing> keys;  // nothing: unsigned
    std::string agency;
    std::filesystem::path file;
    Duration every{};
};

class Checkpoints {
public:
    explicit Checkpoints(CheckpointParts parts) : parts_{std::move(parts)} {}

    Task<> run();
    // One now, if there are rows without; also at the end of a clean stop.
    Task<> make();

private:
    Task<Result<>> try_to_make();
    Task<Result<>> add_to_file();
    Task<Result<>> look_at_file();

    CheckpointParts parts_;
    bool looked_ = false;
    bool busy_ = false;
    Time in_file_ = Time::min();  // the moment of the last checkpoint that the file has
};

}  // namespace axis::app
