// Opening and migrating the ledger's file. Private to gateway/ledger. Blocking.
#pragma once

#include "gateway/base/error.hpp"
#include "gateway/ledger/sql.hpp"

#include <SQLiteCpp/Exception.h>

#include <filesystem>
#include <memory>
#include <string>

namespace axis::ledger {

inline constexpr int application_id = 0x41585344;  // "AXSD"
inline constexpr int busy_ms = 5000;               // how long a connection waits for another's lock

int schema_version();  // the newest this program knows

// The one connection that writes and checkpoints, on the newest schema and with an empty log. An older file
// is copied beside (`<file>.v<N>.bak`) before it is migrated. `again`: after a failed commit; a file that is
// gone is an error then.
enum class Opening { at_start, again };
Result<std::unique_ptr<Sql>> open_writer(
    const std::filesystem::path& file, const std::string& vfs, Opening opening
);
// Where the copy of an older file goes, and whether its file system has room for one: disk_full.
std::filesystem::path copy_before_migration(const std::filesystem::path& file, int version);
Result<> room_for_copy(const std::filesystem::path& file);

// query_only on a read-only file: it cannot checkpoint even by mistake.
Result<std::unique_ptr<Sql>> open_reader(const std::filesystem::path& file, const std::string& vfs);

// ledger_foreign, ledger_damaged or io_failed.
Error open_error(const SQLite::Exception& e, const std::filesystem::path& file);

}  // namespace axis::ledger
