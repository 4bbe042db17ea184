#include "gateway/signature/key_fence.hpp"

#include "gateway/base/file.hpp"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

namespace axis::signature {

namespace fs = std::filesystem;

namespace {

// Renames between folders are always refused inside a Landlock domain unless they are allowed by name.
constexpr std::uint64_t for_files = LANDLOCK_ACCESS_FS_READ_FILE;
constexpr std::uint64_t for_folders = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_REFER;
constexpr long version_with_refer = 2;

Error failed(const std::string& what) {
    return {errc::signer_failed, "Landlock: " + what + ": " + errno_text(errno)};
}

class Rules {
public:
    static Result<Rules> create() {
        const auto version =
            ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
        if (version < 0) return failed("not in this kernel");
        if (version < version_with_refer)
            return Error{errc::signer_failed, "Landlock: this kernel's is too old (Linux 5.19 is needed)"};
        landlock_ruleset_attr handled{};
        handled.handled_access_fs = for_folders;
        Fd fd{static_cast<int>(::syscall(SYS_landlock_create_ruleset, &handled, sizeof handled, 0))};
        if (!fd) return failed("no rules");
        return Rules{std::move(fd)};
    }

    // Symbolic links are left out: what counts is where they lead.
    Result<> allow(const fs::path& path) {
        const Fd entry{::open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC)};
        struct stat facts {};
        if (!entry || ::fstat(entry.get(), &facts) != 0 || S_ISLNK(facts.st_mode)) return {};
        landlock_path_beneath_attr rule{};
        rule.parent_fd = entry.get();
        rule.allowed_access = S_ISDIR(facts.st_mode) ? for_folders : for_files;
        if (::syscall(SYS_landlock_add_rule, fd_.get(), LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
            return failed(path.string());
        return {};
    }

    Result<> enforce() {
        if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failed("no_new_privs");
        if (::syscall(SYS_landlock_restrict_self, fd_.get(), 0) != 0) return failed("cannot be enforced");
        return {};
    }

private:
    explicit Rules(Fd fd) : fd_{std::move(fd)} {}
    Fd fd_;
};

Result<> allow_all_but(Rules& rules, const fs::path& folder, const fs::path& name) {
    std::error_code failure;
    for (fs::directory_iterator at{folder, failure}, end; !failure && at != end; at.increment(failure)) {
        if (at->path().filename() == name) continue;
        auto allowed = rules.allow(at->path());
        if (!allowed) return allowed;
    }
    // A folder that may be passed but not listed: what lies in it stays out of reach.
    if (failure && failure != std::errc::permission_denied)
        return Error{errc::signer_failed, folder.string() + ": " + failure.message()};
    return {};
}

}  // namespace

Result<> fence_off(const fs::path& folder) {
    std::error_code failure;
    const auto real = fs::canonical(folder, failure);
    if (failure) return Error{errc::signer_failed, folder.string() + ": " + failure.message()};
    auto rules = Rules::create();
    if (!rules) return rules.error();
    fs::path way{"/"};
    for (const auto& name : real.relative_path()) {
        auto allowed = allow_all_but(*rules, way, name);
        if (!allowed) return allowed;
        way /= name;
    }
    return rules->enforce();
}

}  // namespace axis::signature
