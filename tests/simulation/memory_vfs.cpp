#include "tests/simulation/memory_vfs.hpp"

#include <algorithm>
#include <cstring>

namespace axis::simulation {

struct MemoryVfs::File {
    sqlite3_file base;  // first
    MemoryVfs* vfs;
    Image* image;
    int level;               // SQLITE_LOCK_*
    unsigned shared, alone;  // bits of the WAL's locks held
};

// The methods of one file, as SQLite calls them.
struct MemoryVfs::Calls {
    static File& of(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }
    static MemoryVfs& self(sqlite3_vfs* vfs) { return *static_cast<MemoryVfs*>(vfs->pAppData); }

    static int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
        file->pMethods = nullptr;
        auto& images = self(vfs).images_;
        const std::string name = path != nullptr ? path : "";
        auto& image = images[name];
        if (!image && !(flags & SQLITE_OPEN_CREATE)) {
            images.erase(name);
            return SQLITE_CANTOPEN;
        }
        if (!image) image = std::make_unique<Image>();
        auto& f = of(file);
        f = File{{&methods}, &self(vfs), image.get(), SQLITE_LOCK_NONE, 0, 0};
        if (out_flags != nullptr) *out_flags = flags;
        return SQLITE_OK;
    }
    static int remove(sqlite3_vfs* vfs, const char* path, int) {
        return self(vfs).images_.erase(path) > 0 ? SQLITE_OK : SQLITE_IOERR_DELETE_NOENT;
    }
    static int access(sqlite3_vfs* vfs, const char* path, int, int* out) {
        const auto at = self(vfs).images_.find(path);
        *out = at != self(vfs).images_.end() && !at->second->now.empty() ? 1 : 0;
        return SQLITE_OK;
    }
    static int full_path(sqlite3_vfs*, const char* path, int size, char* out) {
        sqlite3_snprintf(size, out, "%s", path);
        return SQLITE_OK;
    }

    static int close(sqlite3_file* file) {
        unlock(file, SQLITE_LOCK_NONE);
        return SQLITE_OK;
    }
    static int read(sqlite3_file* file, void* out, int count, sqlite3_int64 offset) {
        const auto& now = of(file).image->now;
        const auto at = static_cast<std::size_t>(offset);
        const auto want = static_cast<std::size_t>(count);
        const auto have = at < now.size() ? std::min(want, now.size() - at) : 0;
        std::memcpy(out, now.data() + at, have);
        if (have == want) return SQLITE_OK;
        std::memset(static_cast<char*>(out) + have, 0, want - have);
        return SQLITE_IOERR_SHORT_READ;
    }
    static int write(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
        auto& f = of(file);
        const bool was_dead = f.vfs->dead();
        const bool strikes = f.vfs->strikes();
        if (was_dead) return SQLITE_IOERR;
        const auto at = static_cast<std::size_t>(offset);
        auto length = static_cast<std::size_t>(count);
        if (strikes) length = f.vfs->random_.below(length + 1);  // torn
        auto& image = *f.image;
        if (image.now.size() < at + length) image.now.resize(at + length);
        std::memcpy(image.now.data() + at, bytes, length);
        image.pending.push_back({at, length});
        return strikes ? SQLITE_IOERR : SQLITE_OK;
    }
    static int truncate(sqlite3_file* file, sqlite3_int64 size) {
        auto& f = of(file);
        if (f.vfs->dead()) return SQLITE_IOERR;
        f.image->now.resize(static_cast<std::size_t>(size));
        return SQLITE_OK;
    }
    static int sync(sqlite3_file* file, int) {
        auto& f = of(file);
        auto& image = *f.image;
        ++f.vfs->syncs_;
        const bool lost = f.vfs->strikes();
        if (!lost) {
            image.durable.resize(image.now.size());
            for (const auto& range : image.pending) {
                if (range.offset >= image.now.size()) continue;
                const auto length = std::min(range.bytes, image.now.size() - range.offset);
                std::memcpy(image.durable.data() + range.offset, image.now.data() + range.offset, length);
            }
        }
        image.pending.clear();
        return lost ? SQLITE_IOERR_FSYNC : SQLITE_OK;
    }
    static int size(sqlite3_file* file, sqlite3_int64* out) {
        *out = static_cast<sqlite3_int64>(of(file).image->now.size());
        return SQLITE_OK;
    }

    static int lock(sqlite3_file* file, int level) {
        auto& f = of(file);
        auto& image = *f.image;
        if (f.level >= level) return SQLITE_OK;
        if (level == SQLITE_LOCK_SHARED) {
            if (image.exclusive) return SQLITE_BUSY;
            ++image.shared;
        } else {
            if (f.level < SQLITE_LOCK_RESERVED && image.reserved) return SQLITE_BUSY;
            if (level == SQLITE_LOCK_EXCLUSIVE && image.shared > 1) return SQLITE_BUSY;
            image.reserved = true;
            if (level == SQLITE_LOCK_EXCLUSIVE) image.exclusive = true;
        }
        f.level = level;
        return SQLITE_OK;
    }
    static int unlock(sqlite3_file* file, int level) {
        auto& f = of(file);
        auto& image = *f.image;
        if (f.level <= level) return SQLITE_OK;
        if (f.level > SQLITE_LOCK_SHARED) image.reserved = image.exclusive = false;
        if (level == SQLITE_LOCK_NONE && f.level >= SQLITE_LOCK_SHARED) --image.shared;
        f.level = level;
        return SQLITE_OK;
    }
    static int reserved(sqlite3_file* file, int* out) {
        *out = of(file).image->reserved ? 1 : 0;
        return SQLITE_OK;
    }
    static int control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
    static int sector(sqlite3_file*) { return 4096; }
    static int traits(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

    static int map_index(sqlite3_file* file, int page, int, int extend, void volatile** out) {
        auto& index = of(file).image->index;
        const auto wanted = static_cast<std::size_t>(page) + 1;
        *out = nullptr;
        if (index.size() < wanted && extend == 0) return SQLITE_OK;
        while (index.size() < wanted) index.push_back(std::make_unique<std::array<char, 32768>>());
        *out = index[wanted - 1]->data();
        return SQLITE_OK;
    }
    static int lock_index(sqlite3_file* file, int first, int count, int flags) {
        auto& f = of(file);
        for (int i = first; i < first + count; ++i) {
            const auto& slot = f.image->slots[static_cast<std::size_t>(i)];
            const unsigned bit = 1u << i;
            if (!(flags & SQLITE_SHM_LOCK)) continue;
            const bool others_share = slot.shared - ((f.shared & bit) != 0 ? 1 : 0) > 0;
            if (slot.exclusive || ((flags & SQLITE_SHM_EXCLUSIVE) && others_share)) return SQLITE_BUSY;
        }
        for (int i = first; i < first + count; ++i) set(f, i, flags);
        return SQLITE_OK;
    }
    static void set(File& f, int i, int flags) {
        auto& slot = f.image->slots[static_cast<std::size_t>(i)];
        const unsigned bit = 1u << i;
        const bool take = (flags & SQLITE_SHM_LOCK) != 0;
        if (flags & SQLITE_SHM_EXCLUSIVE) {
            slot.exclusive = take;
            f.alone = take ? f.alone | bit : f.alone & ~bit;
        } else if (((f.shared & bit) != 0) != take) {
            slot.shared += take ? 1 : -1;
            f.shared = take ? f.shared | bit : f.shared & ~bit;
        }
    }
    static void barrier(sqlite3_file*) {}
    static int unmap_index(sqlite3_file* file, int) {
        auto& f = of(file);
        for (int i = 0; i < SQLITE_SHM_NLOCK; ++i) {
            if (f.alone & (1u << i)) set(f, i, SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE);
            if (f.shared & (1u << i)) set(f, i, SQLITE_SHM_UNLOCK | SQLITE_SHM_SHARED);
        }
        return SQLITE_OK;
    }

    static const sqlite3_io_methods methods;
};

const sqlite3_io_methods MemoryVfs::Calls::methods{
    2,
    &close,
    &read,
    &write,
    &truncate,
    &sync,
    &size,
    &lock,
    &unlock,
    &reserved,
    &control,
    &sector,
    &traits,
    &map_index,
    &lock_index,
    &barrier,
    &unmap_index,
    nullptr,
    nullptr};

MemoryVfs::MemoryVfs(std::string name, Random& random)
    : name_{std::move(name)}, random_{random}, real_{sqlite3_vfs_find(nullptr)}, vfs_{*real_} {
    vfs_.iVersion = 1;
    vfs_.szOsFile = static_cast<int>(sizeof(File));
    vfs_.zName = name_.c_str();
    vfs_.pAppData = this;
    vfs_.pNext = nullptr;
    vfs_.xOpen = &Calls::open;
    vfs_.xDelete = &Calls::remove;
    vfs_.xAccess = &Calls::access;
    vfs_.xFullPathname = &Calls::full_path;
    sqlite3_vfs_register(&vfs_, 0);
}

MemoryVfs::~MemoryVfs() {
    sqlite3_vfs_unregister(&vfs_);
}

// Some of the ranges, a few of them torn; the order of writes says nothing about what reached the disk.
void MemoryVfs::cut(Image& image, Leaves leaves) {
    if (leaves == Leaves::some) {
        for (const auto& range : image.pending) {
            if (random_.below(2) == 0 || range.offset >= image.now.size()) continue;
            auto length = std::min(range.bytes, image.now.size() - range.offset);
            if (random_.below(4) == 0) length = random_.below(length + 1);
            if (image.durable.size() < range.offset + length) image.durable.resize(range.offset + length);
            std::memcpy(image.durable.data() + range.offset, image.now.data() + range.offset, length);
        }
    }
    if (leaves == Leaves::everything)
        image.durable = image.now;
    else
        image.now = image.durable;
    image.pending.clear();
    image.shared = 0;
    image.reserved = image.exclusive = false;
    image.index.clear();
    image.slots = {};
}

void MemoryVfs::power_cut(Leaves leaves) {
    for (auto& [path, image] : images_) cut(*image, leaves);
    mend();
}

std::size_t MemoryVfs::size_of(const std::string& suffix) const {
    for (const auto& [path, image] : images_)
        if (path.ends_with(suffix)) return image->now.size();
    return 0;
}

}  // namespace axis::simulation
