// Writer and Staged: a text on its way from bytes to its address.
#include "gateway/base/mutation.hpp"
#include "gateway/spool/core.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace axis::spool {

namespace {

constexpr std::size_t chunk_bytes = 256 * 1024;
constexpr std::size_t direct_bytes = 64 * 1024;

// A file in tmp/ that is removed with its owner, unless it was moved to its address.
class TmpFile {
public:
    explicit TmpFile(Core& core) : core_{&core} {}
    TmpFile(TmpFile&& other) noexcept
        : core_{other.core_}, path_{std::exchange(other.path_, {})}, fd_{std::exchange(other.fd_, -1)} {}
    TmpFile& operator=(TmpFile&&) = delete;
    ~TmpFile() {
        close();
        discard();
    }

    bool exists() const { return !path_.empty(); }
    const std::filesystem::path& path() const { return path_; }
    void forget() { path_.clear(); }

    // A file that cannot be removed now goes when the spool is opened next.
    void discard() {
        if (exists()) static_cast<void>(core_->disk.remove(path_));
        forget();
    }

    Result<> append(std::string_view bytes) {
        if (!exists()) {
            auto created = create();
            if (!created) return created;
        }
        return core_->disk.write(fd_, bytes);
    }

    Result<> seal() {
        auto synced = core_->disk.sync(fd_);
        close();
        return synced;
    }

private:
    Result<> create() {
        const auto path = core_->tmp_directory() / std::to_string(core_->next_tmp++);
        auto fd = core_->disk.create(path);
        if (!fd) return fd.error();
        path_ = path;
        fd_ = *fd;
        return {};
    }

    void close() {
        if (fd_ >= 0) core_->disk.close(std::exchange(fd_, -1));
    }

    Core* core_;
    std::filesystem::path path_;
    int fd_ = -1;
};

}  // namespace

// ---- Writer

struct Writer::Impl {
    explicit Impl(Core& c) : core{c}, file{c} {}

    Result<> gather(std::string_view text) {
        const auto full = std::max(chunk_bytes, core.limits.inline_bytes_max);
        if (text.size() >= direct_bytes && buffer.size() + text.size() > full) {  // not worth a copy
            auto flushed = buffer.empty() ? Result<>{} : flush();
            return flushed ? file.append(text) : flushed;
        }
        while (!text.empty()) {
            if (buffer.size() == full) {
                auto flushed = flush();
                if (!flushed) return flushed;
            }
            const auto piece = text.substr(0, full - buffer.size());
            buffer.append(piece);
            text.remove_prefix(piece.size());
        }
        return {};
    }

    Result<> flush() {
        auto written = file.append(buffer);
        buffer.clear();
        return written;
    }

    Result<> seal() {
        auto flushed = buffer.empty() && file.exists() ? Result<>{} : flush();
        if (!flushed) return flushed;
        return file.seal();
    }

    // Many long texts at once could fill what was free when each of them began.
    Result<> look_at_disk() {
        if (bytes < looked_at + core.limits.look_every_bytes) return {};
        looked_at = bytes;
        auto free = core.disk.free_bytes(core.directory);
        if (!free) return free.error();
        if (*free >= core.limits.reserve_bytes) return {};
        return Error{errc::disk_full, std::to_string(*free) + " bytes free"};
    }

    bool fits_inline() const { return !file.exists() && buffer.size() <= core.limits.inline_bytes_max; }

    Core& core;
    TmpFile file;
    Sha256Hasher hasher;
    std::string buffer;  // not yet in the file
    std::uint64_t bytes = 0;
    std::uint64_t looked_at = 0;
    Result<> failure;  // the first one, for good
};

Writer::Writer(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
Writer::Writer(Writer&&) noexcept = default;
Writer::~Writer() = default;

Result<> Writer::write(std::string_view text) {
    AXIS_ASSERT(impl_);
    if (!impl_->failure) return impl_->failure;
    impl_->hasher.update(text);
    impl_->bytes += text.size();
    impl_->failure = impl_->look_at_disk();
    if (impl_->failure) impl_->failure = impl_->gather(text);
    return impl_->failure;
}

Writer Spool::writer() {
    return Writer{std::make_unique<Writer::Impl>(impl_->core)};
}

// ---- Staged

struct Staged::Impl {
    Impl(Core& c, TmpFile f) : core{c}, file{std::move(f)} {}

    Result<> make_folder() {
        auto& folder = core.folder_of(sha256);
        if (folder.durable) return {};
        auto made = core.disk.make_directory(core.folder_path(sha256));
        if (!made) return made.error();
        auto synced = core.disk.sync_directory(core.directory);
        folder.durable = synced.has_value();
        return synced;
    }

    // With the folder's mutex held.
    Result<> publish() {
        auto made = make_folder();
        if (!made) return made;
        auto there =
            core.disk.touch(core.address(sha256));  // its age starts anew: the collection leaves it alone
        if (!there) return there.error();
        if (*there) {
            file.discard();
            return core.disk.sync_directory(core.folder_path(sha256));
        }
        return move_to(core.address(sha256));
    }

    Result<> move_to(const std::filesystem::path& place) {
        auto moved = core.disk.rename(file.path(), place);
        if (!moved) return moved;
        file.forget();
        auto synced =
            mutated(Mutation::no_directory_sync) ? Result<>{} : core.disk.sync_directory(place.parent_path());
        // Whether the name is on disk is not known, and a later fsync would not tell: nobody may find it.
        if (!synced) static_cast<void>(core.disk.remove(place));
        return synced;
    }

    Core& core;
    TmpFile file;
    Sha256 sha256;
    std::uint64_t bytes = 0;
    bool in_memory = false;
    std::string text;
    std::optional<Result<>> published;
};

Result<Staged> Writer::finish() {
    AXIS_ASSERT(impl_);
    const auto writer = std::move(impl_);
    if (!writer->failure) return writer->failure.error();
    const bool in_memory = writer->fits_inline();
    if (!in_memory) {
        auto sealed = writer->seal();
        if (!sealed) return sealed.error();
    }
    auto staged = std::make_unique<Staged::Impl>(writer->core, std::move(writer->file));
    staged->sha256 = writer->hasher.finish();
    staged->bytes = writer->bytes;
    staged->in_memory = in_memory;
    staged->text = std::move(writer->buffer);
    return Staged{std::move(staged)};
}

Staged::Staged(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
Staged::Staged(Staged&&) noexcept = default;
Staged& Staged::operator=(Staged&&) noexcept = default;
Staged::~Staged() = default;

const Sha256& Staged::sha256() const {
    return impl_->sha256;
}

std::uint64_t Staged::bytes() const {
    return impl_->bytes;
}

bool Staged::is_inline() const {
    return impl_->in_memory;
}

const std::string& Staged::inline_text() const {
    AXIS_ASSERT(impl_->in_memory);
    return impl_->text;
}

Result<> Staged::publish() {
    if (impl_->in_memory) return {};
    if (impl_->published) return *impl_->published;
    {
        const std::lock_guard lock{impl_->core.folder_of(impl_->sha256).mutex};
        impl_->published = impl_->publish();
    }
    return *impl_->published;
}

Result<> Staged::move_to(const std::filesystem::path& place, Time at) {
    AXIS_ASSERT(impl_ && !impl_->in_memory && !impl_->published);
    const auto staged = std::move(impl_);
    auto stamped = staged->core.disk.stamp(staged->file.path(), at);
    if (!stamped) return stamped.error();
    return staged->move_to(place);
}

std::unique_ptr<Text> Staged::text() const {
    if (impl_->in_memory) return text_in_memory(impl_->text);
    const bool moved = impl_->published && impl_->published->has_value();
    auto fd = open_for_reading(moved ? impl_->core.address(impl_->sha256) : impl_->file.path());
    return text_in_file(fd ? std::move(*fd) : Fd{}, impl_->bytes);
}

}  // namespace axis::spool
