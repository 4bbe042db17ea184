// FaultyVfs: SQLite's own file layer, with a call that fails, a count of syncs, and a power cut.
//
// Writes count as durable when their file was synced. A sync that is made to fail loses what it should have
// made durable for good, though reading still shows it: so does Linux, whose kernel marks the pages clean.
// Thread: any. Connections must be closed before it dies.
#pragma once

#include <sqlite3.h>

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace axis::test {

class FaultyVfs {
public:
    explicit FaultyVfs(std::string name);
    ~FaultyVfs();
    FaultyVfs(const FaultyVfs&) = delete;
    FaultyVfs& operator=(const FaultyVfs&) = delete;

    enum class Lasting { once, until_mended };
    // The n-th write or sync from now (1 = the next) answers `rc`; SQLITE_IOERR or SQLITE_FULL.
    void fail_call(std::size_t n, int rc, Lasting lasting = Lasting::once);
    void mend();          // no call fails any more
    bool failed() const;  // the call was met
    std::size_t syncs() const;
    // What a power cut at this moment would leave of `file` and its log, written to `copy`.
    void power_cut(const std::filesystem::path& file, const std::filesystem::path& copy) const;
    const std::string& name() const { return name_; }

private:
    struct Methods;
    struct Change {
        sqlite3_int64 offset;
        std::string bytes;
        bool cut;  // truncation to `offset`
    };
    struct Image {
        std::string durable;
        std::vector<Change> pending;
    };

    static int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags);
    static int close(sqlite3_file* file);
    static int write(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset);
    static int truncate(sqlite3_file* file, sqlite3_int64 size);
    static int sync(sqlite3_file* file, int flags);
    static Methods& of(sqlite3_file* file);
    bool strikes();
    void note(sqlite3_file* file, Change change);

    std::string name_;
    sqlite3_vfs* real_;
    sqlite3_vfs vfs_;
    mutable std::mutex mutex_;
    std::map<const sqlite3_io_methods*, std::unique_ptr<Methods>> methods_;
    std::map<sqlite3_file*, std::string> paths_;
    std::map<std::string, Image> images_;
    std::size_t calls_ = 0;
    std::size_t syncs_ = 0;
    std::size_t fail_at_ = 0;
    int rc_ = SQLITE_IOERR;
    Lasting lasting_ = Lasting::once;
    bool failed_ = false;
};

}  // namespace axis::test
