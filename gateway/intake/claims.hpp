// Claims: files that document software leaves here before the message that names them. Implements
// ports::Claims.
//
//   claims/tmp/N                     coming in; emptied at start
//   claims/kept/ENDPOINT/CLAIM       whole, synced, never changed again; mtime = kept or last read, by our
//   clock
//
//   open() → file()… → keep() → read()…  --claim_life after the last--> unknown, swept within the hour
//
// CLAIM is 128 random bits, "-", the first half of the content's SHA-256, in hexadecimal digits. Only a text
// of that form becomes part of a path, and only below the asking endpoint's folder. What is kept is kept on
// disk alone: a restart counts it again. Promises: what keep() answered survives a power cut, whole (a
// renewal of the last seconds may not); a broken upload leaves nothing; bytes that have rotted are an error.
// Thread: io, with the blocking parts on the files pool. Uploads and streams must not outlive their Claims.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/base/pool.hpp"
#include "gateway/base/random.hpp"
#include "gateway/ports/claims.hpp"
#include "gateway/spool/spool.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace axis::intake {

struct ClaimLimits {
    std::uint64_t file_bytes_max = 1ULL << 30;
    std::chrono::hours claim_life{7 * 24};
    std::uint64_t endpoint_bytes_max = 20ULL << 30;  // kept and coming in
    std::size_t endpoint_count_max = 100'000;
    std::uint64_t disk_reserve_bytes = 0;  // an upload is given up before less is left free
    std::chrono::hours sweep_every{1};
    std::size_t chunk_bytes = 256 * 1024;  // of a stream
};

struct ClaimParts {
    Clock& clock;
    Random& random;
    Pool& files;
    // Why the endpoint may not upload now; else held while it does.
    std::function<Result<std::shared_ptr<void>>(const model::EndpointName&)> admit;
    spool::Disk& disk = spool::posix_disk();
};

class Claims final : public ports::Claims {
public:
    // Creates the folders (0700), removes what broken uploads left, counts what is kept. io_failed.
    static Result<std::unique_ptr<Claims>> open(
        std::filesystem::path directory, ClaimLimits limits, ClaimParts parts
    );
    ~Claims() override;

    Result<std::unique_ptr<ports::FileUpload>> open(ports::Caller caller) override;
    Task<Result<ports::Claim>> keep(std::unique_ptr<ports::FileUpload> upload) override;
    Task<Result<std::unique_ptr<ports::ByteStream>>> read(ports::Caller caller, std::string claim) override;

    // Removes every claim whose life is over. A file that cannot be removed is met again by the next one.
    Task<> sweep();
    Task<> run();  // sweeps now and then, until cancelled

    std::uint64_t bytes_of(const model::EndpointName& endpoint) const;  // kept and coming in

private:
    class Upload;
    struct Account;
    struct Over;
    Claims(
        std::filesystem::path kept,
        ClaimLimits limits,
        ClaimParts parts,
        std::unique_ptr<spool::Spool> staging
    );

    Result<> count_kept();
    const std::shared_ptr<Account>& account(const model::EndpointName& endpoint);
    Result<> make_folder(Account& account, const std::filesystem::path& folder);
    Result<ports::Claim> store(Upload& upload, const std::string& random_half, Time now);
    Result<std::unique_ptr<spool::Text>> renew(const std::filesystem::path& path, Time now);
    std::vector<Over> remove_over(Time now);

    std::filesystem::path kept_;
    ClaimLimits limits_;
    ClaimParts parts_;
    std::unique_ptr<spool::Spool> staging_;
    std::map<model::EndpointName, std::shared_ptr<Account>> accounts_;
    std::mutex lives_;  // a life is looked at and ended, or renewed, as one
};

}  // namespace axis::intake
