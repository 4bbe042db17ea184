// Spool: attachment texts on disk, addressed by the SHA-256 of the stored text (architecture D2).
//
//   <state_dir>/spool/tmp/N          being written, or written and not yet published; emptied at start
//   <state_dir>/spool/ab/abcd…       published: never changed again
//
//   Writer::finish() → Staged (in memory up to inline_bytes_max, else a synced file in tmp/)
//   Staged::publish() → renamed to its address, directory synced; existing content is kept, never rewritten.
//
// A text reaches the ledger only after publish() returned. A Staged that is dropped removes its file: a
// refused upload leaves nothing. Files go through Disk so that tests can fail and forget; a failed fsync is
// an error for good. Writers and Staged must not outlive their Spool. Memory: one 256 KiB buffer per open
// Writer. Blocking: files pool. Thread: any one at a time per object; Spool itself: any.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/base/digest.hpp"
#include "gateway/base/error.hpp"
#include "gateway/base/file.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace axis::spool {

struct Limits {
    std::size_t inline_bytes_max = 96 * 1024;
    // A long text is given up (disk_full) before less than this is left free; looked at every so many bytes.
    std::uint64_t reserve_bytes = 0;
    std::uint64_t look_every_bytes = 8 * 1024 * 1024;
};

// The disk as the spool changes it (reading is not changed by any test). io_failed, or disk_full.
// posix_disk() is the real one; tests forget what was not synced or fail the N-th call.
class Disk {
public:
    virtual ~Disk() = default;
    virtual Result<int> create(const std::filesystem::path& path) = 0;  // O_EXCL, 0600
    virtual Result<> write(int fd, std::string_view bytes) = 0;
    virtual Result<> sync(int fd) = 0;
    virtual void close(int fd) = 0;
    virtual Result<> rename(const std::filesystem::path& from, const std::filesystem::path& to) = 0;
    virtual Result<> sync_directory(const std::filesystem::path& path) = 0;
    virtual Result<> remove(const std::filesystem::path& path) = 0;              // missing already: fine
    virtual Result<bool> make_directory(const std::filesystem::path& path) = 0;  // 0700; false: it was there
    virtual Result<bool> touch(const std::filesystem::path& path) = 0;  // mtime = now; false: not there
    virtual Result<bool> stamp(
        const std::filesystem::path& path, Time at
    ) = 0;  // mtime = at; false: not there
    virtual Result<std::uint64_t> free_bytes(const std::filesystem::path& path) = 0;
};
Disk& posix_disk();

// Random access to one text. read_at gives fewer bytes only at the end.
class Text {
public:
    virtual ~Text() = default;
    virtual std::uint64_t size() const = 0;
    virtual Result<std::size_t> read_at(std::uint64_t offset, std::span<char> buffer) const = 0;
};
std::unique_ptr<Text> text_in_memory(std::string text);
Result<std::unique_ptr<Text>> text_at(const std::filesystem::path& path);  // blob_missing, io_failed

class Spool;

// A complete text, hashed and synced, that nothing refers to yet.
class Staged {
public:
    Staged(Staged&&) noexcept;
    Staged& operator=(Staged&&) noexcept;
    ~Staged();
    const Sha256& sha256() const;
    std::uint64_t bytes() const;
    bool is_inline() const;  // small: belongs into the ledger row
    const std::string& inline_text() const;
    Result<> publish();  // no effect for inline texts, nor the second time
    // Instead of publish(), not for inline texts: renamed to a place of the caller's below the spool's
    // folder, durably, with `at` as its mtime. The Staged is then spent and the file the caller's; refused,
    // nothing is there.
    Result<> move_to(const std::filesystem::path& place, Time at);
    // Readable before and after publish(); read_at fails if the file is gone.
    std::unique_ptr<Text> text() const;

private:
    friend class Writer;
    struct Impl;
    explicit Staged(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

class Writer {
public:
    Writer(Writer&&) noexcept;
    ~Writer();
    Result<> write(std::string_view text);
    Result<Staged> finish();  // syncs; the writer is then spent

private:
    friend class Spool;
    struct Impl;
    explicit Writer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

class Spool {
public:
    // Creates the folders (0700) and empties tmp/. io_failed.
    static Result<std::unique_ptr<Spool>> open(std::filesystem::path directory, Limits limits, Disk& disk);
    ~Spool();

    Writer writer();
    // A file without a name that is gone when it is closed; never synced.
    Result<Fd> scratch() const;
    Result<std::unique_ptr<Text>> text(const Sha256& sha256) const;  // blob_missing; published texts only
    // Removes a text that nothing refers to; one that was published again within `age_seconds` stays.
    Result<> remove(const Sha256& sha256, std::uint64_t age_seconds = 0);
    Result<std::uint64_t> free_bytes() const;
    // Every published text at least `age_seconds` old, for the collection to compare with the ledger.
    Result<> each(std::uint64_t age_seconds, const std::function<void(const Sha256&)>& visit) const;
    // The same of one of the 256 two-digit folders.
    Result<> each_in(
        std::uint8_t folder, std::uint64_t age_seconds, const std::function<void(const Sha256&)>& visit
    ) const;

private:
    struct Impl;
    explicit Spool(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace axis::spool
