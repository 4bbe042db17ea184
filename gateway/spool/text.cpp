#include "gateway/spool/core.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace axis::spool {

namespace {

class MemoryText final : public Text {
public:
    explicit MemoryText(std::string text) : text_{std::move(text)} {}
    std::uint64_t size() const override { return text_.size(); }

    Result<std::size_t> read_at(std::uint64_t offset, std::span<char> buffer) const override {
        if (offset >= text_.size()) return std::size_t{0};
        const auto n = std::min(buffer.size(), text_.size() - offset);
        std::copy_n(text_.data() + offset, n, buffer.data());
        return n;
    }

private:
    std::string text_;
};

class FileText final : public Text {
public:
    FileText(Fd fd, std::uint64_t bytes) : fd_{std::move(fd)}, bytes_{bytes} {}
    std::uint64_t size() const override { return bytes_; }

    Result<std::size_t> read_at(std::uint64_t offset, std::span<char> buffer) const override {
        std::size_t done = 0;
        while (done < buffer.size()) {
            const auto at = static_cast<off_t>(offset + done);
            const auto n = ::pread(fd_.get(), buffer.data() + done, buffer.size() - done, at);
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) return Error{errc::io_failed, "read from the spool: " + errno_text(errno)};
            if (n == 0) break;
            done += static_cast<std::size_t>(n);
        }
        return done;
    }

private:
    Fd fd_;
    std::uint64_t bytes_;
};

}  // namespace

std::unique_ptr<Text> text_in_memory(std::string text) {
    return std::make_unique<MemoryText>(std::move(text));
}

std::unique_ptr<Text> text_in_file(Fd fd, std::uint64_t bytes) {
    return std::make_unique<FileText>(std::move(fd), bytes);
}

Result<std::unique_ptr<Text>> text_at(const std::filesystem::path& path) {
    auto fd = open_for_reading(path);
    if (!fd) return fd.error();
    struct stat facts {};
    if (::fstat(fd->get(), &facts) != 0)
        return Error{errc::io_failed, path.string() + ": " + errno_text(errno)};
    return text_in_file(std::move(*fd), static_cast<std::uint64_t>(facts.st_size));
}

Result<Fd> open_for_reading(const std::filesystem::path& path) {
    Fd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!fd && errno == ENOENT) return Error{errc::blob_missing, path.string()};
    if (!fd) return Error{errc::io_failed, path.string() + ": " + errno_text(errno)};
    return fd;
}

}  // namespace axis::spool
