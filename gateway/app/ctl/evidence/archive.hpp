// Archive: the one ZIP file of an evidence, by libarchive. Names are the few that evidence has (README.md); a
// foreign archive cannot write elsewhere, nor more than its limits. Blocking.
#pragma once

#include "gateway/app/ctl/files.hpp"
#include "gateway/base/digest.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace axis::ctl {

struct ArchiveLimits {
    std::size_t entries_max = 5000;
    std::uint64_t bytes_max = 8ull * 1024 * 1024 * 1024;
};

// Writes a new file, which is gone unless finish() succeeded. The last entry, SHA256SUMS, lists the others as
// sha256sum(1) does.
class ArchiveWriter {
public:
    static Result<ArchiveWriter> create(const std::string& path);
    ArchiveWriter(ArchiveWriter&&) noexcept;
    ~ArchiveWriter();

    Result<> add(const std::string& name, std::string_view bytes);
    Result<> add_file(const std::string& name, const std::filesystem::path& file);
    Result<> finish();

private:
    struct Impl;
    explicit ArchiveWriter(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

// A folder of its own under the system's temporary one (0700); removed with everything in it.
class WorkFolder {
public:
    static Result<WorkFolder> create();
    WorkFolder(WorkFolder&& other) noexcept : path_{std::exchange(other.path_, {})} {}
    WorkFolder& operator=(WorkFolder&&) = delete;
    ~WorkFolder();
    const std::filesystem::path& path() const { return path_; }

private:
    explicit WorkFolder(std::filesystem::path path) : path_{std::move(path)} {}
    std::filesystem::path path_;
};

using Extracted = std::map<std::string, Sha256>;  // every file, by name

// evidence.refused: no ZIP, a name that evidence does not have, one twice, beyond a limit. io_failed.
Result<Extracted> extract(
    const std::string& archive, const std::filesystem::path& folder, const ArchiveLimits& limits = {}
);

}  // namespace axis::ctl
