#include "gateway/app/ctl/store/backup.hpp"

#include "gateway/app/ctl/store/store_check.hpp"
#include "gateway/base/file.hpp"
#include "gateway/base/json_object.hpp"
#include "gateway/ledger/ledger_copy.hpp"
#include "gateway/ledger/ledger_file.hpp"
#include "gateway/spool/look.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace axis::ctl {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t space_left_min = 64ull * 1024 * 1024;  // beside what the ledger's copy takes

Error failed(const fs::path& path, const std::error_code& why) {
    return {
        why == std::errc::no_space_on_device ? errc::disk_full : errc::io_failed,
        path.string() + ": " + why.message()};
}

// Removes the unfinished folder, unless it got its name.
class Partial {
public:
    explicit Partial(fs::path path) : path_{std::move(path)} {}
    ~Partial() {
        std::error_code ignored;
        if (!path_.empty()) fs::remove_all(path_, ignored);
    }
    Partial(const Partial&) = delete;
    Partial& operator=(const Partial&) = delete;
    const fs::path& path() const { return path_; }

    // All that was written becomes durable, then it gets its name, and that too.
    Result<> become(const fs::path& directory) {
        auto synced = sync_all(path_);
        if (!synced) return synced;
        std::error_code failure;
        fs::rename(path_, directory, failure);
        if (failure) return failed(directory, failure);
        path_.clear();
        const Fd parent{
            ::open(fs::absolute(directory).parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
        if (!parent || ::fsync(parent.get()) != 0)
            return failed(directory, std::error_code{errno, std::generic_category()});
        return {};
    }

private:
    static Result<> sync_all(const fs::path& path) {
        const Fd fd{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
        if (!fd || ::syncfs(fd.get()) != 0)
            return failed(path, std::error_code{errno, std::generic_category()});
        return {};
    }
    fs::path path_;
};

class Backup {
public:
    Backup(const BackupWish& wish, fs::path to) : wish_{wish}, to_{std::move(to)} {}

    Result<BackedUp> make(Time now) {
        for (auto step : {&Backup::folders, &Backup::checkpoints, &Backup::texts_so_far}) {
            auto done = (this->*step)();
            if (!done) return done.error();
        }
        auto copied = ledger::copy_ledger(wish_.state_dir / "ledger.db", to_ / "ledger.db", now);
        if (!copied) return copied.error();
        told_.reconciling = *copied;
        auto completed = complete();
        if (!completed) return completed.error();
        auto whole = look_through();
        if (!whole) return whole.error();
        return told_;
    }

private:
    Result<> folders() {
        auto original = ledger::LedgerFile::open(wish_.state_dir / "ledger.db");
        if (!original) return original.error();
        told_.ledger_bytes = (*original)->size();
        std::error_code failure;
        fs::create_directories(to_ / "spool" / "tmp", failure);
        if (failure) return failed(to_, failure);
        fs::permissions(to_, fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec, failure);
        const auto space = fs::space(to_, failure);
        if (failure) return failed(to_, failure);
        if (space.available < static_cast<std::uint64_t>(told_.ledger_bytes) + space_left_min)
            return Error{errc::disk_full, to_.string() + ": no room for the ledger's copy"};
        return {};
    }

    // Before the ledger: what the file has, the ledger has.
    Result<> checkpoints() {
        const auto name = "journal.checkpoints";
        return fs::exists(wish_.state_dir / name) ? copy(wish_.state_dir / name, to_ / name) : Result<>{};
    }

    // First what is there now: only what is unreferenced for long is ever removed, so that whatever the
    // ledger's copy names is here or still there.
    Result<> texts_so_far() {
        return spool::each_text(
            wish_.state_dir / "spool",
            {},
            [this](const spool::SeenText& seen) -> Result<> {
                auto taken = take(seen.sha256);
                if (!taken && !fs::exists(from(seen.sha256))) return {};  // collected meanwhile
                return taken;
            }
        );
    }

    Result<> complete() {
        auto ledger = ledger::LedgerFile::open(to_ / "ledger.db");
        if (!ledger) return ledger.error();
        auto last = (*ledger)->last_row();
        if (!last) return last.error();
        if (*last) {
            told_.journal_row = (*last)->row.seq;
            told_.journal_hash = (*last)->hash.hex();
        }
        return (*ledger)->each_blob([this](const ledger::BlobFacts& blob) -> Result<> {
            if (blob.in_ledger || fs::exists(spool::address_in(to_ / "spool", blob.sha256))) return {};
            return take(blob.sha256);
        });
    }

    fs::path from(const Sha256& sha256) const { return spool::address_in(wish_.state_dir / "spool", sha256); }

    Result<> take(const Sha256& sha256) {
        const auto target = spool::address_in(to_ / "spool", sha256);
        std::error_code failure;
        if (fs::create_directory(target.parent_path(), failure))
            fs::permissions(target.parent_path(), fs::perms::owner_all, failure);
        if (!wish_.always_copy) {
            fs::create_hard_link(from(sha256), target, failure);
            if (!failure) {
                ++told_.linked;
                return {};
            }
        }
        auto copied = copy(from(sha256), target);
        if (copied) ++told_.copied;
        return copied;
    }

    // With the owner and the age of the original.
    static Result<> copy(const fs::path& from, const fs::path& to) {
        std::error_code failure;
        fs::copy_file(from, to, failure);
        if (failure) return failed(from, failure);
        struct stat facts {};
        if (::stat(from.c_str(), &facts) != 0)
            return failed(from, std::error_code{errno, std::generic_category()});
        const timespec times[2] = {facts.st_atim, facts.st_mtim};
        if (::chmod(to.c_str(), facts.st_mode & 07777) != 0 ||
            ::utimensat(AT_FDCWD, to.c_str(), times, 0) != 0 ||
            (::geteuid() == 0 && ::chown(to.c_str(), facts.st_uid, facts.st_gid) != 0))
            return failed(to, std::error_code{errno, std::generic_category()});
        return {};
    }

    // A backup that nobody looked at is none.
    Result<> look_through() {
        auto report = check_store(to_, false);
        if (!report) return report.error();
        if (report->finding_count > 0) {
            const auto& first = report->findings.front();
            return Error{errc::ledger_damaged, "the copy is not whole: " + first.what + " " + first.detail};
        }
        struct stat facts {};
        const auto ledger = wish_.state_dir / "ledger.db";
        if (::geteuid() == 0 && ::stat(ledger.c_str(), &facts) == 0 &&
            ::chown((to_ / "ledger.db").c_str(), facts.st_uid, facts.st_gid) != 0)
            return failed(to_, std::error_code{errno, std::generic_category()});
        return {};
    }

    const BackupWish& wish_;
    fs::path to_;
    BackedUp told_;
};

}  // namespace

Result<BackedUp> make_backup(const BackupWish& wish, Time now) {
    if (fs::exists(wish.directory)) return Error{errc::io_failed, wish.directory.string() + ": exists"};
    auto name = wish.directory;
    name += ".partial";
    std::error_code failure;
    fs::remove_all(name, failure);  // of a backup that was broken off
    if (failure) return failed(name, failure);
    Partial partial{name};
    auto made = Backup{wish, name}.make(now);
    if (!made) return made.error();
    auto kept = partial.become(wish.directory);
    if (!kept) return kept.error();
    return made;
}

}  // namespace axis::ctl
