// What a disk has kept if the power goes now, under a program that knows nothing of it (LD_PRELOAD;
// power_cut.py).
//
// Below AXIS_CUT_DIR only what was synced is kept: each fsync and fdatasync puts what the file held when it
// was called into the same place below AXIS_CUT_KEPT. Names are kinder than real: a rename or removal of what
// was kept is kept at once. A file that was never synced is not there; what was written since, neither.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <string>

namespace {

namespace fs = std::filesystem;

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

// The place of a file in what is kept; empty: it is none of ours.
std::string kept(const std::string& path) {
    static const std::string folder = variable("AXIS_CUT_DIR"), other = variable("AXIS_CUT_KEPT");
    const bool ours = !folder.empty() && path.compare(0, folder.size() + 1, folder + "/") == 0;
    return ours ? other + path.substr(folder.size()) : std::string{};
}

std::string kept(int fd) {
    char path[4096];
    const auto n = ::readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), path, sizeof path - 1);
    const std::string found{path, n < 0 ? 0 : static_cast<std::size_t>(n)};
    return found.find(" (deleted)") != std::string::npos ? std::string{} : kept(found);
}

template <class F>
F next(const char* name) {
    return reinterpret_cast<F>(::dlsym(RTLD_NEXT, name));
}

[[noreturn]] void broken(const char* what, const std::string& path) {
    std::fprintf(stderr, "power_cut: %s %s: errno %d\n", what, path.c_str(), errno);
    std::abort();
}

void copy(int fd, const std::string& to) {
    std::error_code failed;
    fs::create_directories(fs::path{to}.parent_path(), failed);
    const int from = ::open(("/proc/self/fd/" + std::to_string(fd)).c_str(), O_RDONLY | O_CLOEXEC);
    const int into = ::open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (from < 0 || into < 0) broken("open", to);
    static const auto write = next<ssize_t (*)(int, const void*, std::size_t)>("write");
    static char piece[1 << 20];  // under the lock
    for (ssize_t n; (n = ::read(from, piece, sizeof piece)) != 0;)
        if (n < 0 || write(into, piece, static_cast<std::size_t>(n)) != n) broken("copy", to);
    ::close(from);
    ::close(into);
}

// All that is in the copy was written before the sync began, so it is on the disk when the sync has ended;
// only then it counts as kept.
int sync(int fd, const char* name) {
    static std::mutex mutex;
    const auto to = kept(fd);
    const auto real = next<int (*)(int)>(name);
    if (to.empty()) return real(fd);
    const std::lock_guard lock{mutex};
    const auto fresh = to + ".power_cut";
    copy(fd, fresh);
    const int done = real(fd);
    const auto rename = next<int (*)(const char*, const char*)>("rename");
    if (done == 0 && rename(fresh.c_str(), to.c_str()) != 0) broken("rename", to);
    return done;
}

}  // namespace

extern "C" int fsync(int fd) {
    return sync(fd, "fsync");
}

extern "C" int fdatasync(int fd) {
    return sync(fd, "fdatasync");
}

extern "C" int rename(const char* from, const char* to) noexcept {
    static const auto real = next<int (*)(const char*, const char*)>("rename");
    const int done = real(from, to);
    const auto kept_from = kept(std::string{from}), kept_to = kept(std::string{to});
    if (done == 0 && !kept_from.empty() && !kept_to.empty()) real(kept_from.c_str(), kept_to.c_str());
    return done;
}

extern "C" int unlink(const char* path) noexcept {
    static const auto real = next<int (*)(const char*)>("unlink");
    const int done = real(path);
    const auto to = kept(std::string{path});
    if (done == 0 && !to.empty()) real(to.c_str());
    return done;
}
