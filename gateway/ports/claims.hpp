// Claims: what an adapter asks of the core about files that come before the message which names them (claim
// check): over REST, for messages that travel where size is bounded.
//
//   open() → file()… → keep() → claim → read(), any number of times while it lives
//
// A claim belongs to the endpoint that made it; for every other one it is not there. It lives for a time from
// keep() or the last read(), restarts included. Its text comes back from outside: read() takes any.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/base/digest.hpp"
#include "gateway/base/error.hpp"
#include "gateway/base/task.hpp"
#include "gateway/ports/intake.hpp"
#include "gateway/ports/outlet.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace axis::ports {

struct Claim {
    std::string claim;  // ASCII letters, digits and '-'
    std::uint64_t bytes = 0;
    Sha256 sha256;
    Time until{};  // when its life ends, unless it is read
};

// One file while it comes in. Blocking: file() runs on the files pool, one call at a time; the object dies on
// the io thread. Dropped, it leaves nothing.
class FileUpload {
public:
    virtual ~FileUpload() = default;
    // file_too_large; overloaded when the endpoint keeps too much; disk_full, io_failed. The first refusal is
    // for good.
    virtual Result<> file(std::string_view bytes) = 0;
};

// Thread: io.
class Claims {
public:
    virtual ~Claims() = default;
    // overloaded when the endpoint has too many uploads or keeps too much; disk_full, stopping, draining.
    virtual Result<std::unique_ptr<FileUpload>> open(Caller caller) = 0;
    // Durable when it answers; refused, nothing is kept. file_empty, disk_full, io_failed.
    virtual Task<Result<Claim>> keep(std::unique_ptr<FileUpload> upload) = 0;
    // The bytes as they were kept; its life begins anew. file_claim_unknown: never made, not this endpoint's,
    // or over; nobody can tell which. The stream ends with spool.damaged rather than with other bytes.
    virtual Task<Result<std::unique_ptr<ByteStream>>> read(Caller caller, std::string claim) = 0;
};

}  // namespace axis::ports
