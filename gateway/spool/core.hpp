// What Spool, Writer and Staged share; private to this folder.
#pragma once

#include "gateway/base/file.hpp"
#include "gateway/spool/spool.hpp"

#include <array>
#include <atomic>
#include <mutex>

namespace axis::spool {

struct Core {
    std::filesystem::path directory;
    Limits limits;
    Disk& disk;
    std::atomic<std::uint64_t> next_tmp{0};
    // One change at a time per two-digit folder: nobody may rely on a text whose directory is not yet synced,
    // nor on one that is being removed. Taken for publish and remove only.
    struct Folder {
        std::mutex mutex;
        bool durable =
            false;  // made, and its name synced, by this process; earlier ones may have died in between
    };
    std::array<Folder, 256> folders{};

    std::filesystem::path tmp_directory() const { return directory / "tmp"; }
    std::filesystem::path folder_path(const Sha256& sha256) const {
        return directory / sha256.hex().substr(0, 2);
    }
    std::filesystem::path address(const Sha256& sha256) const { return folder_path(sha256) / sha256.hex(); }
    Folder& folder_of(const Sha256& sha256) { return folders[sha256.bytes[0]]; }
};

struct Spool::Impl {
    Core core;
};

// The text in a file. A file that cannot be opened gives a Text whose read_at fails.
std::unique_ptr<Text> text_in_file(Fd fd, std::uint64_t bytes);
Result<Fd> open_for_reading(const std::filesystem::path& path);  // blob_missing, io_failed

}  // namespace axis::spool
