#include "gateway/base/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace axis {

Fd& Fd::operator=(Fd&& other) noexcept {
    if (this != &other) {
        reset();
        fd_ = other.release();
    }
    return *this;
}

int Fd::release() {
    return std::exchange(fd_, -1);
}

void Fd::reset() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
}

std::string errno_text(int error) {
    return std::generic_category().message(error);
}

Result<std::string> read_file(const std::filesystem::path& path, std::size_t bytes_max) {
    const Fd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!fd) return Error{errc::io_failed, path.string() + ": " + errno_text(errno)};
    std::string text;
    char buffer[16384];
    for (;;) {
        const auto n = ::read(fd.get(), buffer, sizeof buffer);
        if (n < 0) return Error{errc::io_failed, path.string() + ": " + errno_text(errno)};
        if (n == 0) return text;
        if (text.size() + static_cast<std::size_t>(n) > bytes_max)
            return Error{errc::io_failed, path.string() + " is too large"};
        text.append(buffer, static_cast<std::size_t>(n));
    }
}

Result<> write_file(const std::filesystem::path& path, std::string_view text, unsigned mode) {
    const auto beside = path.string() + ".new";
    const auto failed = [&] {
        Error e{errc::io_failed, path.string() + ": " + errno_text(errno)};
        ::unlink(beside.c_str());
        return e;
    };
    Fd fd{::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)};
    if (!fd) return Error{errc::io_failed, beside + ": " + errno_text(errno)};
    if (::fchmod(fd.get(), mode) != 0) return failed();
    while (!text.empty()) {
        const auto n = ::write(fd.get(), text.data(), text.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return failed();
        text.remove_prefix(static_cast<std::size_t>(n));
    }
    if (::fsync(fd.get()) != 0) return failed();
    fd.reset();
    if (::rename(beside.c_str(), path.c_str()) != 0) return failed();
    const auto parent = path.has_parent_path() ? path.parent_path() : std::filesystem::path{"."};
    const Fd dir{::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!dir || ::fsync(dir.get()) != 0)
        return Error{errc::io_failed, path.string() + ": " + errno_text(errno)};
    return {};
}

}  // namespace axis
