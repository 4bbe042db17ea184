#include "gateway/intake/claims.hpp"

#include "gateway/base/file.hpp"
#include "gateway/base/log.hpp"
#include "gateway/base/offload.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <optional>

namespace axis::intake {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t half_digits = 32;

std::string digest_half(const Sha256& sha256) {
    return sha256.hex().substr(0, half_digits);
}

bool is_claim(std::string_view text) {
    const auto digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    if (text.size() != 2 * half_digits + 1 || text[half_digits] != '-') return false;
    const auto first = text.substr(0, half_digits);
    const auto second = text.substr(half_digits + 1);
    return std::all_of(first.begin(), first.end(), digit) && std::all_of(second.begin(), second.end(), digit);
}

struct Seen {
    std::uint64_t bytes = 0;
    Time used{};  // kept, or last read
};
// Nothing: not there, or no file. io_failed: nobody knows.
Result<std::optional<Seen>> look_at(const fs::path& path) {
    struct stat facts {};
    const int failure = ::lstat(path.c_str(), &facts) == 0 ? 0 : errno;
    if (failure != 0 && failure != ENOENT)
        return Error{errc::io_failed, path.string() + ": " + errno_text(failure)};
    if (failure != 0 || !S_ISREG(facts.st_mode)) return std::optional<Seen>{};
    const auto since =
        std::chrono::seconds{facts.st_mtim.tv_sec} + std::chrono::nanoseconds{facts.st_mtim.tv_nsec};
    const auto bytes = static_cast<std::uint64_t>(facts.st_size);
    return std::optional{Seen{bytes, Time{std::chrono::floor<Duration>(since)}}};
}

Result<std::vector<fs::path>> names_in(const fs::path& directory) {
    std::vector<fs::path> out;
    std::error_code failure;
    for (fs::directory_iterator at{directory, failure}, end; !failure && at != end; at.increment(failure))
        out.push_back(at->path());
    if (failure) return Error{errc::io_failed, directory.string() + ": " + failure.message()};
    return out;
}

using Visit = std::function<void(const model::EndpointName&, const fs::path&)>;
// Every file that has a claim's name, in every endpoint's folder; others are passed over.
Result<> each_claim(const fs::path& kept, const Visit& visit) {
    const auto folders = names_in(kept);
    if (!folders) return folders.error();
    for (const auto& folder : *folders) {
        const auto endpoint = model::EndpointName::parse(folder.filename().string());
        if (!endpoint) continue;
        const auto files = names_in(folder);
        if (!files) return files.error();
        for (const auto& file : *files)
            if (is_claim(file.filename().string())) visit(*endpoint, file);
    }
    return {};
}

Error too_much(const model::EndpointName& endpoint, std::uint64_t bytes, std::size_t count) {
    log::warn("claims.full", "endpoint", endpoint, "bytes", bytes, "count", count);
    return {errc::overloaded, "files kept for " + endpoint.text + ": " + std::to_string(bytes) + " bytes"};
}

class KeptFile final : public ports::ByteStream {
public:
    KeptFile(Pool& files, std::size_t chunk_bytes, std::unique_ptr<spool::Text> text, std::string half)
        : files_{files}, chunk_bytes_{chunk_bytes}, text_{std::move(text)}, half_{std::move(half)} {}

    std::uint64_t length() const override { return text_->size(); }

    Task<Result<std::string_view>> next() override {
        buffer_.clear();
        if (ended_) co_return std::string_view{};
        auto work = [this] { return read_some(); };
        auto read = co_await offload(files_, std::move(work));
        if (!read) co_return read.error();
        co_return std::string_view{buffer_};
    }

private:
    Result<> read_some() {
        buffer_.resize(std::min<std::uint64_t>(chunk_bytes_, text_->size() - at_));
        auto got = text_->read_at(at_, {buffer_.data(), buffer_.size()});
        if (!got) return got.error();
        if (*got != buffer_.size()) return Error{errc::blob_damaged, "a kept file is shorter than it was"};
        hasher_.update(buffer_);
        // Never hand out the last of bytes that are not the ones kept: the length would look complete.
        const bool last = at_ + *got == text_->size();
        if (last && digest_half(hasher_.finish()) != half_)
            return Error{errc::blob_damaged, "a kept file is not what it was"};
        at_ += *got;
        ended_ = last;
        return {};
    }

    Pool& files_;
    std::size_t chunk_bytes_;
    std::unique_ptr<spool::Text> text_;
    std::string half_;
    std::string buffer_;
    Sha256Hasher hasher_;
    std::uint64_t at_ = 0;
    bool ended_ = false;
};

}  // namespace

// What one endpoint has here, coming in or kept. Any thread.
struct Claims::Account {
    std::atomic<std::uint64_t> bytes{0};
    std::atomic<std::size_t> count{0};
    std::atomic<bool> folder_durable{false};
};

struct Claims::Over {
    model::EndpointName endpoint;
    std::uint64_t bytes = 0;
};

class Claims::Upload final : public ports::FileUpload {
public:
    Upload(
        const ClaimLimits& limits,
        model::EndpointName endpoint,
        std::shared_ptr<Account> account,
        std::shared_ptr<void> slot,
        spool::Writer writer
    )
        : limits_{limits},
          endpoint_{std::move(endpoint)},
          account_{std::move(account)},
          slot_{std::move(slot)},
          writer_{std::move(writer)} {
        ++account_->count;
    }
    ~Upload() override {
        if (kept_) return;
        account_->bytes -= bytes_;
        --account_->count;
    }

    Result<> file(std::string_view bytes) override {
        if (failure_) failure_ = take(bytes);
        return failure_;
    }

    Result<spool::Staged> finish() {
        if (!failure_) return failure_.error();
        return writer_.finish();
    }

    void keep() { kept_ = true; }
    std::uint64_t bytes() const { return bytes_; }
    const model::EndpointName& endpoint() const { return endpoint_; }
    Account& account() { return *account_; }

private:
    Result<> take(std::string_view bytes) {
        bytes_ += bytes.size();
        const auto all = account_->bytes += bytes.size();
        if (bytes_ > limits_.file_bytes_max)
            return Error{
                errc::file_too_large, "more than " + std::to_string(limits_.file_bytes_max) + " bytes"};
        if (all > limits_.endpoint_bytes_max) return too_much(endpoint_, all, account_->count);
        return writer_.write(bytes);
    }

    const ClaimLimits& limits_;
    model::EndpointName endpoint_;
    std::shared_ptr<Account> account_;
    std::shared_ptr<void> slot_;  // counts uploads of the endpoint
    spool::Writer writer_;
    std::uint64_t bytes_ = 0;
    Result<> failure_;  // the first one, for good
    bool kept_ = false;
};

Claims::Claims(fs::path kept, ClaimLimits limits, ClaimParts parts, std::unique_ptr<spool::Spool> staging)
    : kept_{std::move(kept)}, limits_{limits}, parts_{std::move(parts)}, staging_{std::move(staging)} {}
Claims::~Claims() = default;

Result<std::unique_ptr<Claims>> Claims::open(fs::path directory, ClaimLimits limits, ClaimParts parts) {
    spool::Limits staging_limits;
    staging_limits.inline_bytes_max = 0;
    staging_limits.reserve_bytes = limits.disk_reserve_bytes;
    auto staging = spool::Spool::open(directory, staging_limits, parts.disk);
    if (!staging) return staging.error();
    const auto kept = directory / "kept";
    auto made = parts.disk.make_directory(kept);
    if (!made) return made.error();
    // Also when it was there: whoever made it may have died before this line.
    auto synced = parts.disk.sync_directory(directory);
    if (!synced) return synced.error();
    std::unique_ptr<Claims> claims{new Claims{kept, limits, std::move(parts), std::move(*staging)}};
    auto counted = claims->count_kept();
    if (!counted) return counted.error();
    return claims;
}

Result<> Claims::count_kept() {
    return each_claim(kept_, [this](const model::EndpointName& endpoint, const fs::path& file) {
        const auto seen = look_at(file);
        if (!seen || !*seen) return;
        account(endpoint)->bytes += (*seen)->bytes;
        ++account(endpoint)->count;
    });
}

const std::shared_ptr<Claims::Account>& Claims::account(const model::EndpointName& endpoint) {
    auto& account = accounts_[endpoint];
    if (!account) account = std::make_shared<Account>();
    return account;
}

std::uint64_t Claims::bytes_of(const model::EndpointName& endpoint) const {
    const auto at = accounts_.find(endpoint);
    return at == accounts_.end() ? 0 : at->second->bytes.load();
}

Result<std::unique_ptr<ports::FileUpload>> Claims::open(ports::Caller caller) {
    auto slot = parts_.admit(caller.endpoint);
    if (!slot) return slot.error();
    const auto& held = account(caller.endpoint);
    if (held->bytes >= limits_.endpoint_bytes_max || held->count >= limits_.endpoint_count_max)
        return too_much(caller.endpoint, held->bytes, held->count);
    return std::unique_ptr<ports::FileUpload>{std::make_unique<Upload>(
        limits_, std::move(caller.endpoint), held, std::move(*slot), staging_->writer()
    )};
}

Task<Result<ports::Claim>> Claims::keep(std::unique_ptr<ports::FileUpload> port_upload) {
    auto* upload = dynamic_cast<Upload*>(port_upload.get());
    AXIS_ASSERT(upload != nullptr);
    if (upload->bytes() == 0) co_return Error{errc::file_empty};
    std::array<std::uint8_t, half_digits / 2> bits{};
    parts_.random.fill(bits);
    auto work = [this, upload, random_half = to_hex(bits), now = parts_.clock.now()] {
        return store(*upload, random_half, now);
    };
    auto stored = co_await offload(parts_.files, std::move(work));
    co_return stored;
}

Result<ports::Claim> Claims::store(Upload& upload, const std::string& random_half, Time now) {
    auto staged = upload.finish();
    if (!staged) return staged.error();
    ports::Claim claim;
    claim.claim = random_half + "-" + digest_half(staged->sha256());
    claim.bytes = staged->bytes();
    claim.sha256 = staged->sha256();
    claim.until = now + limits_.claim_life;
    const auto folder = kept_ / upload.endpoint().text;
    auto made = make_folder(upload.account(), folder);
    if (!made) return made.error();
    auto moved = staged->move_to(folder / claim.claim, now);
    if (!moved) return moved.error();
    upload.keep();
    return claim;
}

Result<> Claims::make_folder(Account& account, const fs::path& folder) {
    if (account.folder_durable) return {};
    auto made = parts_.disk.make_directory(folder);
    if (!made) return made.error();
    auto synced = parts_.disk.sync_directory(kept_);
    account.folder_durable = synced.has_value();
    return synced;
}

Task<Result<std::unique_ptr<ports::ByteStream>>> Claims::read(ports::Caller caller, std::string claim) {
    if (!is_claim(claim)) co_return Error{errc::file_claim_unknown};
    auto work = [this, path = kept_ / caller.endpoint.text / claim, now = parts_.clock.now()] {
        return renew(path, now);
    };
    auto text = co_await offload(parts_.files, std::move(work));
    if (!text) co_return text.error();
    co_return std::unique_ptr<ports::ByteStream>{std::make_unique<KeptFile>(
        parts_.files, limits_.chunk_bytes, std::move(*text), claim.substr(half_digits + 1)
    )};
}

Result<std::unique_ptr<spool::Text>> Claims::renew(const fs::path& path, Time now) {
    const std::lock_guard lock{lives_};
    const auto seen = look_at(path);
    if (!seen) return seen.error();
    if (!*seen || (*seen)->used + limits_.claim_life <= now) return Error{errc::file_claim_unknown};
    auto text = spool::text_at(path);
    if (!text) return text.error();
    auto stamped = parts_.disk.stamp(path, now);
    if (!stamped) return stamped.error();
    return text;
}

Task<> Claims::sweep() {
    auto work = [this, now = parts_.clock.now()] { return remove_over(now); };
    auto removed = co_await offload(parts_.files, std::move(work));
    for (const auto& over : removed) {
        account(over.endpoint)->bytes -= over.bytes;
        --account(over.endpoint)->count;
    }
    if (!removed.empty()) log::info("claims.swept", "count", removed.size());
}

std::vector<Claims::Over> Claims::remove_over(Time now) {
    std::vector<Over> out;
    auto visited = each_claim(kept_, [&](const model::EndpointName& endpoint, const fs::path& file) {
        const std::lock_guard lock{lives_};
        const auto seen = look_at(file);
        if (!seen || !*seen || (*seen)->used + limits_.claim_life > now) return;
        auto removed = parts_.disk.remove(file);
        if (removed)
            out.push_back({endpoint, (*seen)->bytes});
        else
            log::warn("claims.not_removed", "reason", removed.error());
    });
    // What was removed is gone in any case; what could not be looked through is met again.
    if (!visited) log::warn("claims.sweep_failed", "reason", visited.error());
    return out;
}

Task<> Claims::run() {
    for (;;) {
        co_await sweep();
        co_await parts_.clock.sleep_for(limits_.sweep_every);
    }
}

}  // namespace axis::intake
