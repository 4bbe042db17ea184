// A disk that fails on demand, under a program that knows nothing of it (LD_PRELOAD; disk.py).
//
// AXIS_FAULT_FILE's first byte says what fails from now on, below AXIS_FAULT_DIR alone:
//   '-' nothing   'f' writes: no space   'r' writes and new files: read-only   's' syncs: I/O error
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

const char* folder() {
    static const char* const path = std::getenv("AXIS_FAULT_DIR");
    return path;
}

char mode() {
    static const volatile char* const byte = [] {
        const char* path = std::getenv("AXIS_FAULT_FILE");
        const int fd = path ? ::open(path, O_RDONLY | O_CLOEXEC) : -1;
        void* at = fd < 0 ? MAP_FAILED : ::mmap(nullptr, 1, PROT_READ, MAP_SHARED, fd, 0);
        return at == MAP_FAILED ? nullptr : static_cast<const volatile char*>(at);
    }();
    return byte ? *byte : '-';
}

bool below(const char* path) {
    return folder() && std::strncmp(path, folder(), std::strlen(folder())) == 0;
}

bool is_ours(int fd) {
    char link[64];
    char path[4096];
    std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const auto n = ::readlink(link, path, sizeof path - 1);
    if (n < 0) return false;
    path[n] = '\0';
    return below(path);
}

// The errno a write, or a sync, fails with now; 0: it does not.
int write_error(int fd) {
    const char now = mode();
    if (now != 'f' && now != 'r') return 0;
    if (!is_ours(fd)) return 0;
    return now == 'f' ? ENOSPC : EROFS;
}
int sync_error(int fd) {
    return mode() == 's' && is_ours(fd) ? EIO : 0;
}

template <class F>
F next(const char* name) {
    return reinterpret_cast<F>(::dlsym(RTLD_NEXT, name));
}

int failed(int error) {
    errno = error;
    return -1;
}

}  // namespace

extern "C" {

ssize_t write(int fd, const void* bytes, size_t count) {
    static const auto real = next<ssize_t (*)(int, const void*, size_t)>("write");
    if (const int error = write_error(fd)) return failed(error);
    return real(fd, bytes, count);
}

ssize_t pwrite(int fd, const void* bytes, size_t count, off_t at) {
    static const auto real = next<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite");
    if (const int error = write_error(fd)) return failed(error);
    return real(fd, bytes, count, at);
}

ssize_t pwrite64(int fd, const void* bytes, size_t count, off64_t at) {
    static const auto real = next<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64");
    if (const int error = write_error(fd)) return failed(error);
    return real(fd, bytes, count, at);
}

int fsync(int fd) {
    static const auto real = next<int (*)(int)>("fsync");
    if (const int error = sync_error(fd)) return failed(error);
    return real(fd);
}

int fdatasync(int fd) {
    static const auto real = next<int (*)(int)>("fdatasync");
    if (const int error = sync_error(fd)) return failed(error);
    return real(fd);
}

int mkdir(const char* path, mode_t bits) {
    static const auto real = next<int (*)(const char*, mode_t)>("mkdir");
    if (mode() == 'r' && below(path)) return failed(EROFS);
    return real(path, bits);
}

int rename(const char* from, const char* to) {
    static const auto real = next<int (*)(const char*, const char*)>("rename");
    if (mode() == 'r' && below(to)) return failed(EROFS);
    return real(from, to);
}
}
