#include "gateway/app/checkpoints.hpp"

#include "gateway/base/file.hpp"
#include "gateway/base/log.hpp"
#include "gateway/base/offload.hpp"
#include "gateway/signature/detached.hpp"

#include <boost/json/parse.hpp>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace axis::app {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t tail_bytes = 64 * 1024;  // more than one line has

Error failed(const fs::path& file) {
    return {errno == ENOSPC ? errc::disk_full : errc::io_failed, file.string() + ": " + errno_text(errno)};
}

Result<std::string> tail_of(const fs::path& file) {
    const Fd fd{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!fd && errno == ENOENT) return std::string{};
    struct stat facts {};
    if (!fd || ::fstat(fd.get(), &facts) != 0) return failed(file);
    const auto from = std::max<off_t>(0, facts.st_size - static_cast<off_t>(tail_bytes));
    std::string out(static_cast<std::size_t>(facts.st_size - from), '\0');
    const auto got = ::pread(fd.get(), out.data(), out.size(), from);
    if (got < 0) return failed(file);
    out.resize(static_cast<std::size_t>(got));
    return out;
}

struct Mark {
    std::int64_t seq = 0;
    Time at{};
    Sha256 hash;
};

std::optional<Mark> mark_of(std::string_view line) {
    boost::json::error_code ec;
    const auto json = boost::json::parse(boost::json::string_view{line.data(), line.size()}, ec);
    if (ec || !json.is_object()) return std::nullopt;
    const auto& o = json.as_object();
    const auto* seq = o.if_contains("seq");
    const auto* at = o.if_contains("at_ms");
    const auto* hash = o.if_contains("hash");
    if (!seq || !seq->is_int64() || !at || !at->is_int64() || !hash || !hash->is_string())
        return std::nullopt;
    const auto digest = Sha256::from_hex(std::string_view{hash->as_string()});
    if (!digest) return std::nullopt;
    return Mark{seq->as_int64(), Time{Duration{at->as_int64()}}, *digest};
}

// The last line that is one: a power cut may leave half of a line.
std::optional<Mark> last_mark(std::string_view text) {
    while (!text.empty()) {
        const auto end = text.find_last_not_of('\n');
        if (end == std::string_view::npos) break;
        text = text.substr(0, end + 1);
        const auto begin = text.find_last_of('\n');
        const auto line = text.substr(begin == std::string_view::npos ? 0 : begin + 1);
        if (auto mark = mark_of(line)) return mark;
        text = text.substr(0, text.size() - line.size());
    }
    return std::nullopt;
}

// Behind half a line a new one is begun.
Result<> append(const fs::path& file, std::string lines) {
    const bool is_new = !fs::exists(file);
    const auto tail = tail_of(file);
    if (!tail) return tail.error();
    if (!tail->empty() && tail->back() != '\n') lines.insert(0, "\n");
    const Fd fd{::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640)};
    if (!fd) return failed(file);
    if (::write(fd.get(), lines.data(), lines.size()) != static_cast<ssize_t>(lines.size()))
        return failed(file);
    if (::fsync(fd.get()) != 0) return failed(file);
    if (!is_new) return {};
    const Fd folder{::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!folder || ::fsync(folder.get()) != 0) return failed(file.parent_path());
    return {};
}

}  // namespace

Task<> Checkpoints::run() {
    for (;;) {
        co_await make();
        co_await parts_.clock.sleep_for(parts_.every);
    }
}

Task<> Checkpoints::make() {
    if (busy_) co_return;
    busy_ = true;
    auto made = co_await try_to_make();
    busy_ = false;
    const auto why = made ? std::string{} : to_string(made.error());
    if (!made) log::warn("audit.checkpoint_failed", "reason", why);
    parts_.alarms.set(!made, "audit.checkpoint_failed", "journal", why);
}

Task<Result<>> Checkpoints::try_to_make() {
    if (!looked_) {
        auto looked = co_await look_at_file();
        if (!looked) co_return looked.error();
        looked_ = true;
    }
    auto due = co_await parts_.ledger.checkpoint_due();
    if (!due) co_return due.error();
    if (*due) {
        auto checkpoint = std::move(**due);
        checkpoint.at = parts_.clock.now();
        checkpoint.agency = parts_.agency;
        if (parts_.keys) {
            auto* key = parts_.keys->at(checkpoint.at);
            if (key == nullptr) co_return Error{errc::signer_failed, "no certificate is valid now"};
            auto work = [key, text = ledger::checkpoint_text(checkpoint)] {
                return signature::sign_text(*key, text);
            };
            auto value = co_await offload(parts_.crypto, std::move(work));
            if (!value) co_return value.error();
            checkpoint.value = std::move(*value);
            checkpoint.certificate = key->chain().front().der();
        }
        auto kept = co_await parts_.ledger.keep_checkpoint(std::move(checkpoint));
        if (!kept) co_return kept.error();
    }
    auto added = co_await add_to_file();
    co_return added;
}

Task<Result<>> Checkpoints::add_to_file() {
    auto missing = co_await parts_.ledger.checkpoints(in_file_);
    if (!missing) co_return missing.error();
    if (missing->empty()) co_return Result<>{};
    std::string lines;
    for (const auto& checkpoint : *missing) lines += ledger::to_json(checkpoint) + "\n";
    auto work = [file = parts_.file, lines = std::move(lines)] { return append(file, lines); };
    auto appended = co_await offload(parts_.files, std::move(work));
    if (!appended) co_return appended.error();
    in_file_ = missing->back().at;
    co_return Result<>{};
}

Task<Result<>> Checkpoints::look_at_file() {
    auto work = [file = parts_.file] { return tail_of(file); };
    auto tail = co_await offload(parts_.files, std::move(work));
    if (!tail) co_return tail.error();
    const auto last = last_mark(*tail);
    if (!last) co_return Result<>{};
    auto hash = co_await parts_.ledger.journal_hash(last->seq);
    if (!hash) co_return hash.error();
    in_file_ = last->at;
    const bool same = *hash && **hash == last->hash;
    parts_.alarms.set(
        !same,
        "audit.journal_differs",
        "journal",
        "row " + std::to_string(last->seq) + " is not what the last checkpoint in the file tells of"
    );
    co_return Result<>{};
}

}  // namespace axis::app
