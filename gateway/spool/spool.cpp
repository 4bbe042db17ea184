#include "gateway/spool/spool.hpp"

#include "gateway/base/mutation.hpp"
#include "gateway/spool/core.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

namespace axis::spool {

namespace fs = std::filesystem;

namespace {

// tmp/ and the folder itself; the two-digit folders come with their first text.
Result<> make_folders(Core& core) {
    auto top = core.disk.make_directory(core.directory);
    if (!top) return top.error();
    auto tmp = core.disk.make_directory(core.tmp_directory());
    if (!tmp) return tmp.error();
    // Also when it was there: whoever made it may have died before this line.
    return core.disk.sync_directory(core.directory.parent_path());
}

Result<std::vector<fs::path>> files_in(const fs::path& directory) {
    std::vector<fs::path> files;
    std::error_code failure;
    for (fs::directory_iterator at{directory, failure}, end; !failure && at != end; at.increment(failure))
        files.push_back(at->path());
    if (failure && failure != std::errc::no_such_file_or_directory)
        return Error{errc::io_failed, directory.string() + ": " + failure.message()};
    return files;
}

Result<> empty_tmp(Core& core) {
    const auto files = files_in(core.tmp_directory());
    if (!files) return files.error();
    for (const auto& file : *files) {
        auto removed = core.disk.remove(file);
        if (!removed) return removed;
    }
    return {};
}

// The file system's present: its clock stamped the files, so the same clock measures their age.
Result<fs::file_time_type> now_of(Core& core) {
    auto touched = core.disk.touch(core.tmp_directory());
    if (!touched) return touched.error();
    std::error_code failure;
    const auto now = fs::last_write_time(core.tmp_directory(), failure);
    if (failure) return Error{errc::io_failed, core.tmp_directory().string() + ": " + failure.message()};
    return now;
}

// A file that has vanished meanwhile is not old.
bool is_old(const fs::path& file, fs::file_time_type now, std::uint64_t age_seconds) {
    if (age_seconds == 0 || mutated(Mutation::collection_ignores_pins)) return true;
    std::error_code failure;
    const auto written = fs::last_write_time(file, failure);
    return !failure && now - written >= std::chrono::seconds{age_seconds};
}

}  // namespace

Spool::Spool(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
Spool::~Spool() = default;

Result<std::unique_ptr<Spool>> Spool::open(fs::path directory, Limits limits, Disk& disk) {
    std::error_code failure;
    directory = fs::absolute(directory, failure);
    if (failure) return Error{errc::io_failed, directory.string() + ": " + failure.message()};
    if (!directory.has_filename()) directory = directory.parent_path();
    std::unique_ptr<Impl> impl{new Impl{{std::move(directory), limits, disk}}};
    auto made = make_folders(impl->core);
    if (!made) return made.error();
    auto emptied = empty_tmp(impl->core);
    if (!emptied) return emptied.error();
    return std::unique_ptr<Spool>{new Spool{std::move(impl)}};
}

Result<Fd> Spool::scratch() const {
    auto& core = impl_->core;
    const auto path = core.tmp_directory() / std::to_string(core.next_tmp++);
    Fd file{::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
    if (!file || ::unlink(path.c_str()) != 0)
        return Error{errc::io_failed, path.string() + ": " + errno_text(errno)};
    return file;
}

Result<std::unique_ptr<Text>> Spool::text(const Sha256& sha256) const {
    return text_at(impl_->core.address(sha256));
}

Result<> Spool::remove(const Sha256& sha256, std::uint64_t age_seconds) {
    auto& core = impl_->core;
    const auto now = now_of(core);
    if (!now) return now.error();
    const std::lock_guard lock{core.folder_of(sha256).mutex};
    if (!is_old(core.address(sha256), *now, age_seconds)) return {};
    return core.disk.remove(core.address(sha256));
}

Result<std::uint64_t> Spool::free_bytes() const {
    return impl_->core.disk.free_bytes(impl_->core.directory);
}

Result<> Spool::each_in(
    std::uint8_t number, std::uint64_t age_seconds, const std::function<void(const Sha256&)>& visit
) const {
    auto& core = impl_->core;
    Sha256 folder;
    folder.bytes[0] = number;
    const auto files = files_in(core.folder_path(folder));
    if (!files) return files.error();
    if (files->empty()) return {};
    const auto now = now_of(core);
    if (!now) return now.error();
    for (const auto& file : *files) {
        const auto sha256 = Sha256::from_hex(file.filename().string());
        if (sha256 && core.address(*sha256) == file && is_old(file, *now, age_seconds)) visit(*sha256);
    }
    return {};
}

Result<> Spool::each(std::uint64_t age_seconds, const std::function<void(const Sha256&)>& visit) const {
    const auto folders = files_in(impl_->core.directory);
    if (!folders) return folders.error();
    for (const auto& folder : *folders) {
        const auto name = folder.filename().string();
        const auto first = Sha256::from_hex(name + std::string(62, '0'));
        if (name.size() != 2 || !first) continue;  // tmp/
        auto visited = each_in(first->bytes[0], age_seconds, visit);
        if (!visited) return visited;
    }
    return {};
}

}  // namespace axis::spool
