#include "gateway/app/ctl/files.hpp"

#include "gateway/base/text.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <set>

namespace axis::ctl {

namespace {

constexpr std::size_t chunk_bytes = 256 * 1024;
constexpr std::size_t stored_name_bytes_max = 200;  // file systems take 255, and "-2" may follow
constexpr std::size_t extension_bytes_max = 20;

Error failed(const std::string& path) {
    return {errc::io_failed, path + ": " + errno_text(errno)};
}

}  // namespace

Result<> read_through(const std::string& path, const Sink& sink) {
    const Fd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!fd) return failed(path);
    std::string buffer(chunk_bytes, '\0');
    for (;;) {
        const auto n = ::read(fd.get(), buffer.data(), buffer.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return failed(path);
        if (n == 0) return {};
        auto taken = sink({buffer.data(), static_cast<std::size_t>(n)});
        if (!taken) return taken;
    }
}

Result<envelope::Checked> check_file(const std::string& path, Random& random, const envelope::Xsd* xsd) {
    envelope::Checker checker{random};
    auto fed = read_through(path, [&](std::string_view bytes) { return checker.feed(bytes); });
    if (!fed) return fed.error();
    auto checked = checker.finish();
    if (!checked || xsd == nullptr) return checked;
    if (checked->read.dialect != envelope::Dialect::qcvn_2016)
        return Error{errc::envelope_schema, "1:1 the XSD is for QCVN 102:2016"};
    auto fits = xsd->check(checker.skeleton(), checker.holes());
    if (!fits) return fits.error();
    return checked;
}

Result<> pass_texts(const std::string& path, envelope::HoleSink& sink) {
    envelope::Scanner scanner{{}, sink};
    auto fed = read_through(path, [&](std::string_view bytes) { return scanner.feed(bytes); });
    if (!fed) return fed;
    return scanner.finish();
}

Result<NewFile> NewFile::create(const std::string& path) {
    Fd fd{::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644)};
    if (!fd) return failed(path);
    return NewFile{path, std::move(fd)};
}

NewFile::NewFile(NewFile&& other) noexcept
    : path_{std::exchange(other.path_, {})}, fd_{std::move(other.fd_)}, kept_{other.kept_} {}

NewFile::~NewFile() {
    if (!path_.empty() && !kept_) ::unlink(path_.c_str());
}

Result<> NewFile::write(std::string_view bytes) {
    return write_all(bytes, fd_.get(), path_);
}

Result<> NewFile::close() {
    const int fd = fd_.release();
    if (fd >= 0 && ::close(fd) != 0) return failed(path_);
    return {};
}

Result<> write_all(std::string_view bytes, int fd, const std::string& path) {
    while (!bytes.empty()) {
        const auto n = ::write(fd, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return failed(path);
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return {};
}

std::vector<std::string> stored_names(const std::vector<std::string>& names) {
    std::set<std::string> taken{std::string{package_file}};
    std::vector<std::string> out;
    for (const auto& name : names) {
        const auto dot = name.rfind('.');
        const bool extended = dot != std::string::npos && dot > 0 && name.size() - dot <= extension_bytes_max;
        const auto extension = extended ? name.substr(dot) : std::string{};
        auto stem = name.substr(0, name.size() - extension.size());
        while (stem.size() + extension.size() > stored_name_bytes_max || !is_utf8(stem)) stem.pop_back();
        auto stored = stem + extension;
        for (int n = 2; !taken.insert(lower_ascii(nfc(stored))).second; ++n)
            stored = stem + "-" + std::to_string(n) + extension;
        out.push_back(std::move(stored));
    }
    return out;
}

}  // namespace axis::ctl
