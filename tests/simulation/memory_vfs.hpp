// MemoryVfs: SQLite's file layer in memory, with a disk that forgets what was not synced.
//
//   write, truncate → what is read from then on; durable only once their file was synced
//   die(n) → at the n-th write or sync from now the disk is gone: that write is torn, everything later fails
//   power_cut(how) → what is left: the durable bytes, and of the rest nothing, everything, or a part
//
// A sync that fails loses what it should have made durable for good, though reading still shows it: so does
// Linux, whose kernel marks the pages clean. Connections must be closed before power_cut() and before it
// dies. Thread: one.
#pragma once

#include "gateway/base/random.hpp"

#include <sqlite3.h>

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace axis::simulation {

// What a power cut leaves of the bytes no sync confirmed.
enum class Leaves { nothing, everything, some };

class MemoryVfs {
public:
    MemoryVfs(std::string name, Random& random);
    ~MemoryVfs();
    MemoryVfs(const MemoryVfs&) = delete;
    MemoryVfs& operator=(const MemoryVfs&) = delete;

    void die(std::size_t calls) { dies_at_ = calls_ + calls; }
    void mend() { dies_at_ = std::numeric_limits<std::size_t>::max(); }
    bool dead() const { return calls_ >= dies_at_; }
    // Counts one call of somebody who shares this disk; true: it fails.
    bool strikes() { return ++calls_ >= dies_at_; }
    void power_cut(Leaves leaves);
    std::size_t syncs() const { return syncs_; }
    // Bytes now in the file whose path ends so; 0 when there is none.
    std::size_t size_of(const std::string& suffix) const;
    const std::string& name() const { return name_; }

private:
    struct Range {
        std::size_t offset;
        std::size_t bytes;
    };
    struct Image {
        std::string now;
        std::string durable;
        std::vector<Range> pending;
        int shared = 0;  // locks of the rollback kind
        bool reserved = false, exclusive = false;
        std::vector<std::unique_ptr<std::array<char, 32768>>> index;  // the WAL's, shared by its connections
        struct Slot {
            int shared = 0;
            bool exclusive = false;
        };
        std::array<Slot, SQLITE_SHM_NLOCK> slots;
    };
    struct File;
    struct Calls;
    friend struct Calls;

    void cut(Image& image, Leaves leaves);

    std::string name_;
    Random& random_;
    sqlite3_vfs* real_;
    sqlite3_vfs vfs_;
    std::map<std::string, std::unique_ptr<Image>> images_;
    std::size_t calls_ = 0;
    std::size_t syncs_ = 0;
    std::size_t dies_at_ = std::numeric_limits<std::size_t>::max();
};

}  // namespace axis::simulation
