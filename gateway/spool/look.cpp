#include "gateway/spool/look.hpp"

#include "gateway/spool/core.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <ctime>
#include <vector>

namespace axis::spool {

namespace fs = std::filesystem;

namespace {
constexpr std::size_t piece_bytes = 256 * 1024;

Result<> failed(const fs::path& path, const std::error_code& why) {
    return Error{errc::io_failed, path.string() + ": " + why.message()};
}

// Nothing: gone meanwhile, or no file.
std::optional<SeenText> look_at(const fs::path& file, const Sha256& sha256, std::time_t young_since) {
    struct stat facts {};
    if (::stat(file.c_str(), &facts) != 0 || !S_ISREG(facts.st_mode)) return std::nullopt;
    return SeenText{sha256, static_cast<std::uint64_t>(facts.st_size), facts.st_mtime > young_since};
}

}  // namespace

fs::path address_in(const fs::path& spool, const Sha256& sha256) {
    const auto hex = sha256.hex();
    return spool / hex.substr(0, 2) / hex;
}

Result<> each_text(
    const fs::path& spool,
    std::chrono::seconds young_for,
    const std::function<Result<>(const SeenText&)>& visit
) {
    // tmp/ was touched by whoever works here; its time is the file system's, not ours.
    struct stat tmp {};
    const bool known = ::stat((spool / "tmp").c_str(), &tmp) == 0;
    const auto young_since = (known ? tmp.st_mtime : 0) - young_for.count();
    for (unsigned i = 0; i < 256; ++i) {
        Sha256 any;
        any.bytes[0] = static_cast<std::uint8_t>(i);
        const auto folder = address_in(spool, any).parent_path();
        std::error_code failure;
        for (fs::directory_iterator at{folder, failure}, end; !failure && at != end; at.increment(failure)) {
            const auto sha256 = Sha256::from_hex(at->path().filename().string());
            if (!sha256 || address_in(spool, *sha256) != at->path()) continue;
            const auto seen = look_at(at->path(), *sha256, young_since);
            auto visited = seen ? visit(*seen) : Result<>{};
            if (!visited) return visited;
        }
        if (failure && failure != std::errc::no_such_file_or_directory) return failed(folder, failure);
    }
    return {};
}

Result<Sha256> digest_of_file(const fs::path& file) {
    const auto text = text_at(file);
    if (!text) return text.error();
    Sha256Hasher hasher;
    std::vector<char> piece(piece_bytes);
    for (std::uint64_t at = 0;;) {
        const auto got = (*text)->read_at(at, piece);
        if (!got) return got.error();
        if (*got == 0) return hasher.finish();
        hasher.update({piece.data(), *got});
        at += *got;
    }
}

}  // namespace axis::spool
