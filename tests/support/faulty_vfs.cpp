#include "tests/support/faulty_vfs.hpp"

#include <fstream>
#include <sstream>

namespace axis::test {

// The methods of the real files with four of them replaced; the file's own pointer leads back here.
struct FaultyVfs::Methods {
    sqlite3_io_methods ours;  // first
    const sqlite3_io_methods* real;
    FaultyVfs* vfs;
};

namespace {

void apply(std::string& content, sqlite3_int64 offset, const std::string& bytes) {
    const auto at = static_cast<std::size_t>(offset);
    if (content.size() < at + bytes.size()) content.resize(at + bytes.size());
    content.replace(at, bytes.size(), bytes);
}

std::string content_of(const std::string& path) {
    std::ifstream in{path, std::ios::binary};
    std::ostringstream out;
    if (in.peek() != std::ifstream::traits_type::eof()) out << in.rdbuf();
    return std::move(out).str();
}

}  // namespace

FaultyVfs::FaultyVfs(std::string name)
    : name_{std::move(name)}, real_{sqlite3_vfs_find(nullptr)}, vfs_{*real_} {
    vfs_.zName = name_.c_str();
    vfs_.pAppData = this;
    vfs_.pNext = nullptr;
    vfs_.xOpen = &FaultyVfs::open;
    sqlite3_vfs_register(&vfs_, 0);
}

FaultyVfs::~FaultyVfs() {
    sqlite3_vfs_unregister(&vfs_);
}

void FaultyVfs::fail_call(std::size_t n, int rc, Lasting lasting) {
    const std::lock_guard lock{mutex_};
    calls_ = 0;
    fail_at_ = n;
    failed_ = false;
    rc_ = rc;
    lasting_ = lasting;
}

void FaultyVfs::mend() {
    const std::lock_guard lock{mutex_};
    fail_at_ = 0;
}

bool FaultyVfs::failed() const {
    const std::lock_guard lock{mutex_};
    return failed_;
}

std::size_t FaultyVfs::syncs() const {
    const std::lock_guard lock{mutex_};
    return syncs_;
}

void FaultyVfs::power_cut(const std::filesystem::path& file, const std::filesystem::path& copy) const {
    const std::lock_guard lock{mutex_};
    for (const auto* suffix : {"", "-wal"}) {
        const auto image = images_.find(file.string() + suffix);
        if (image != images_.end())
            std::ofstream{copy.string() + suffix, std::ios::binary} << image->second.durable;
    }
}

int FaultyVfs::open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
    auto& self = *static_cast<FaultyVfs*>(vfs->pAppData);
    const int rc = self.real_->xOpen(self.real_, path, file, flags, out_flags);
    if (rc != SQLITE_OK || !file->pMethods || !(flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL))) return rc;
    const std::lock_guard lock{self.mutex_};
    self.paths_[file] = path;
    if (!self.images_.contains(path)) self.images_[path].durable = content_of(path);
    auto& methods = self.methods_[file->pMethods];
    if (!methods) {
        methods = std::make_unique<Methods>(Methods{*file->pMethods, file->pMethods, &self});
        methods->ours.xClose = &FaultyVfs::close;
        methods->ours.xWrite = &FaultyVfs::write;
        methods->ours.xTruncate = &FaultyVfs::truncate;
        methods->ours.xSync = &FaultyVfs::sync;
    }
    file->pMethods = &methods->ours;
    return rc;
}

FaultyVfs::Methods& FaultyVfs::of(sqlite3_file* file) {
    return *reinterpret_cast<Methods*>(const_cast<sqlite3_io_methods*>(file->pMethods));
}

bool FaultyVfs::strikes() {
    ++calls_;
    if (fail_at_ == 0 || calls_ < fail_at_ || (failed_ && lasting_ == Lasting::once)) return false;
    failed_ = true;
    return true;
}

void FaultyVfs::note(sqlite3_file* file, Change change) {
    const std::lock_guard lock{mutex_};
    images_[paths_.at(file)].pending.push_back(std::move(change));
}

int FaultyVfs::close(sqlite3_file* file) {
    auto& methods = of(file);
    {
        const std::lock_guard lock{methods.vfs->mutex_};
        methods.vfs->paths_.erase(file);
    }
    return methods.real->xClose(file);
}

int FaultyVfs::write(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
    auto& methods = of(file);
    {
        const std::lock_guard lock{methods.vfs->mutex_};
        if (methods.vfs->strikes()) return methods.vfs->rc_;
    }
    const int rc = methods.real->xWrite(file, bytes, count, offset);
    std::string copy{static_cast<const char*>(bytes), static_cast<std::size_t>(count)};
    if (rc == SQLITE_OK) methods.vfs->note(file, {offset, std::move(copy), false});
    return rc;
}

int FaultyVfs::truncate(sqlite3_file* file, sqlite3_int64 size) {
    auto& methods = of(file);
    const int rc = methods.real->xTruncate(file, size);
    if (rc == SQLITE_OK) methods.vfs->note(file, {size, {}, true});
    return rc;
}

int FaultyVfs::sync(sqlite3_file* file, int) {
    auto& self = *of(file).vfs;
    const std::lock_guard lock{self.mutex_};
    ++self.syncs_;
    auto& image = self.images_[self.paths_.at(file)];
    const bool lost = self.strikes();
    if (!lost)
        for (const auto& change : image.pending) {
            if (change.cut)
                image.durable.resize(static_cast<std::size_t>(change.offset));
            else
                apply(image.durable, change.offset, change.bytes);
        }
    image.pending.clear();
    return lost ? self.rc_ : SQLITE_OK;  // the real fsync would add nothing but time
}

}  // namespace axis::test
