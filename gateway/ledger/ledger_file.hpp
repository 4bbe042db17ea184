// LedgerFile: a ledger looked at from outside, beside the daemon that has it open or without one.
//
// Read-only: it takes no lock of the daemon, never checkpoints, changes nothing. What it reads in pieces is
// committed, but later pieces may be younger than earlier ones; each_… answers rows once each. Blocking; one
// thread at a time.
#pragma once

#include "gateway/base/error.hpp"
#include "gateway/ledger/journal_chain.hpp"
#include "gateway/ledger/views.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace axis::ledger {

class Sql;

struct BlobFacts {
    Sha256 sha256;
    std::uint64_t bytes = 0;
    bool in_ledger = false;  // else in the spool
    bool purged = false;
};

// What Ledger::open would do with the file, in a sentence; changes nothing. What it would refuse, disk_full
// too: no room for the copy before a migration.
Result<std::string> foreseen(const std::filesystem::path& file);

class LedgerFile {
public:
    // ledger_foreign, ledger_newer, ledger_damaged, io_failed; also when there is none.
    static Result<std::unique_ptr<LedgerFile>> open(const std::filesystem::path& file);
    ~LedgerFile();

    int version() const { return version_; }  // of its schema
    std::int64_t size() const;                // bytes

    // SQLite's own words on what is wrong with pages and indexes, at most `limit`; none: whole. Reads all.
    Result<std::vector<std::string>> integrity(int limit = 100);
    // "table row → parent" of references that lead nowhere.
    Result<std::vector<std::string>> loose_references(std::size_t limit = 100);
    // The first row of the journal that does not follow the one before it.
    Result<std::optional<std::int64_t>> broken_row();
    Result<std::optional<ChainedRow>> last_row();
    // The journal from row `first` on, in order; stops when `visit` answers an error.
    Result<> each_row(std::int64_t first, const std::function<Result<>(const ChainedRow&)>& visit);
    Result<std::vector<Checkpoint>> checkpoints();  // none before version 5
    Result<std::int64_t> count(const char* table);

    // Every text that is kept, by digest; stops when `visit` answers an error.
    Result<> each_blob(const std::function<Result<>(const BlobFacts&)>& visit);
    // One kept text's row, and the text when it is in the ledger.
    Result<std::optional<BlobFacts>> blob(const Sha256& sha256);
    Result<std::string> text(const Sha256& sha256);

private:
    explicit LedgerFile(std::unique_ptr<Sql> sql, int version);
    template <class Work>
    auto guarded(Work work) -> decltype(work());
    std::unique_ptr<Sql> sql_;
    int version_;
};

}  // namespace axis::ledger
