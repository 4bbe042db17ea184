// Storage: the disk of the gateway's machine: the ledger's part in memory, the spool's in a folder of its
// own, and one power switch for both. Thread: one.
#pragma once

#include "tests/simulation/memory_vfs.hpp"
#include "tests/simulation/timeline.hpp"
#include "tests/support/forgetting_disk.hpp"

#include <filesystem>

namespace axis::simulation {

// The spool's disk: forgets, and dies together with the ledger's.
class SpoolDisk final : public spool::Disk {
public:
    using Path = std::filesystem::path;
    SpoolDisk(Path root, MemoryVfs& power, Timeline& world)
        : root_{root}, files_{std::move(root)}, power_{power}, world_{world} {}

    Result<int> create(const Path& path) override {
        return gone() ? Result<int>{lost()} : files_.create(path);
    }
    Result<> write(int fd, std::string_view bytes) override {
        return gone() ? Result<>{lost()} : files_.write(fd, bytes);
    }
    Result<> sync(int fd) override { return gone() ? Result<>{lost()} : files_.sync(fd); }
    void close(int fd) override { files_.close(fd); }
    Result<> rename(const Path& from, const Path& to) override {
        if (gone()) return lost();
        auto renamed = files_.rename(from, to);
        if (renamed) stamp(to);
        return renamed;
    }
    Result<> sync_directory(const Path& path) override {
        return gone() ? Result<>{lost()} : files_.sync_directory(path);
    }
    Result<> remove(const Path& path) override { return gone() ? Result<>{lost()} : files_.remove(path); }
    Result<bool> make_directory(const Path& path) override {
        return gone() ? Result<bool>{lost()} : files_.make_directory(path);
    }
    Result<bool> touch(const Path& path) override {
        if (gone()) return lost();
        auto touched = files_.touch(path);
        if (touched && *touched) stamp(path);
        return touched;
    }
    Result<bool> stamp(const Path& path, Time at) override {
        return gone() ? Result<bool>{lost()} : files_.stamp(path, at);
    }
    Result<std::uint64_t> free_bytes(const Path&) override { return std::uint64_t{1} << 40; }

    void forget(test::ForgettingDisk::Keep keep) {
        files_.crash(keep);
        for (const auto& entry : std::filesystem::recursive_directory_iterator{root_})
            if (entry.is_regular_file()) stamp(entry.path());
    }

private:
    bool gone() { return power_.strikes(); }
    static Error lost() { return {errc::io_failed, "the disk is gone"}; }
    // Files age by the world's clock.
    void stamp(const Path& path) {
        std::error_code ignored;
        const auto now = std::chrono::file_clock::from_sys(world_.wall());
        std::filesystem::last_write_time(path, now, ignored);
    }

    Path root_;
    test::ForgettingDisk files_;
    MemoryVfs& power_;
    Timeline& world_;
};

class Storage {
public:
    Storage(std::filesystem::path directory, std::string name, Random& random, Timeline& world)
        : directory_{std::move(directory)},
          world_{world},
          ledger{std::move(name), random},
          spool{directory_ / "disk", ledger, world} {
        std::filesystem::remove_all(directory_);
        std::filesystem::create_directories(directory_ / "disk");
    }
    ~Storage() {
        std::error_code ignored;
        std::filesystem::remove_all(directory_, ignored);
    }
    Storage(const Storage&) = delete;
    Storage& operator=(const Storage&) = delete;

    Timeline& world() { return world_; }
    std::filesystem::path ledger_file() const { return directory_ / "ledger.db"; }
    std::filesystem::path spool_directory() const { return directory_ / "disk" / "spool"; }

    // The machine is off: what was not synced may be gone.
    void power_cut(Leaves leaves, Timeline& world) {
        ledger.power_cut(leaves);
        using Keep = test::ForgettingDisk::Keep;
        if (leaves == Leaves::nothing) spool.forget(Keep::nothing);
        if (leaves == Leaves::some) spool.forget(world.chance(500) ? Keep::names : Keep::nothing);
    }

private:
    std::filesystem::path directory_;
    Timeline& world_;

public:
    MemoryVfs ledger;
    SpoolDisk spool;
};

}  // namespace axis::simulation
