// Small whole files: configuration, secrets, fixtures. Message payloads go through spool/ instead. Blocking.
#pragma once

#include "gateway/base/error.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace axis {

// io_failed when it cannot be read or is larger than `bytes_max`.
Result<std::string> read_file(const std::filesystem::path& path, std::size_t bytes_max = 16 * 1024 * 1024);
// Written beside, fsynced, renamed: readers see the old or the new file, never half of one.
Result<> write_file(const std::filesystem::path& path, std::string_view text, unsigned mode = 0644);

// An owned file descriptor.
class Fd {
public:
    Fd() = default;
    explicit Fd(int fd) : fd_{fd} {}
    ~Fd() { reset(); }
    Fd(Fd&& other) noexcept : fd_{other.release()} {}
    Fd& operator=(Fd&& other) noexcept;
    int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }
    int release();
    void reset();

private:
    int fd_ = -1;
};

std::string errno_text(int error);

}  // namespace axis
