#include "gateway/base/file.hpp"
#include "gateway/spool/spool.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace axis::spool {

namespace fs = std::filesystem;

namespace {

Error failed(const std::string& what, int error) {
    const bool full = error == ENOSPC || error == EDQUOT;
    return {full ? errc::disk_full : errc::io_failed, what + ": " + errno_text(error)};
}

class PosixDisk final : public Disk {
public:
    Result<int> create(const fs::path& path) override {
        const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd < 0) return failed("create " + path.string(), errno);
        return fd;
    }

    Result<> write(int fd, std::string_view bytes) override {
        while (!bytes.empty()) {
            const auto n = ::write(fd, bytes.data(), bytes.size());
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) return failed("write", errno);
            bytes.remove_prefix(static_cast<std::size_t>(n));
        }
        return {};
    }

    Result<> sync(int fd) override {
        if (::fsync(fd) != 0) return failed("fsync", errno);
        return {};
    }

    void close(int fd) override { ::close(fd); }

    Result<> rename(const fs::path& from, const fs::path& to) override {
        if (::rename(from.c_str(), to.c_str()) != 0) return failed("rename to " + to.string(), errno);
        return {};
    }

    Result<> sync_directory(const fs::path& path) override {
        const Fd fd{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
        if (!fd || ::fsync(fd.get()) != 0) return failed("fsync " + path.string(), errno);
        return {};
    }

    Result<> remove(const fs::path& path) override {
        if (::unlink(path.c_str()) != 0 && errno != ENOENT) return failed("remove " + path.string(), errno);
        return {};
    }

    Result<bool> make_directory(const fs::path& path) override {
        if (::mkdir(path.c_str(), 0700) == 0) return true;
        if (errno == EEXIST) return false;
        return failed("mkdir " + path.string(), errno);
    }

    Result<bool> touch(const fs::path& path) override {
        if (::utimensat(AT_FDCWD, path.c_str(), nullptr, 0) == 0) return true;
        if (errno == ENOENT) return false;
        return failed("touch " + path.string(), errno);
    }

    Result<bool> stamp(const fs::path& path, Time at) override {
        const auto since = at.time_since_epoch();
        const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
        const timespec when{seconds.count(), std::chrono::nanoseconds{since - seconds}.count()};
        const timespec times[2] = {when, when};
        if (::utimensat(AT_FDCWD, path.c_str(), times, 0) == 0) return true;
        if (errno == ENOENT) return false;
        return failed("stamp " + path.string(), errno);
    }

    Result<std::uint64_t> free_bytes(const fs::path& path) override {
        struct statvfs facts {};
        if (::statvfs(path.c_str(), &facts) != 0) return failed("statvfs " + path.string(), errno);
        return std::uint64_t{facts.f_bavail} * std::uint64_t{facts.f_frsize};
    }
};

}  // namespace

Disk& posix_disk() {
    static PosixDisk disk;
    return disk;
}

}  // namespace axis::spool
