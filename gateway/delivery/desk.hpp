// Desk: where worker processes come to the owner. HTTP and JSON over a Unix socket of this machine (0660), or
// over TCP with TLS and certificates of both sides.
//
//   POST   /workers             {"name": …}     → {"worker": id, "lease_ms": …, "beat_ms": …}
//   POST   /workers/{id}/beat                   → 204
//   POST   /workers/{id}/begin  reference       → dispatch | 409 stale
//   GET    /workers/{id}/envelope/{delivery}/{attempt}      → its exact bytes
//   POST   /workers/{id}/settle report          → 204, on disk | 409 stale
//   DELETE /workers/{id}                        → 204: it goes, with nothing under way
//
// A worker is lost when its process is gone (same machine), or was not heard for `lost_after`. That is longer
// than its lease, past which it sends not one byte more, so that what is asked for afterwards does not change
// any more. Thread: io.
#pragma once

#include "gateway/delivery/embedded.hpp"
#include "gateway/delivery/offers.hpp"
#include "gateway/http/server.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace axis::delivery {

struct DeskLimits {
    std::size_t workers_max = 16;
    Duration beat_every{5'000};
    Duration lease{15'000};       // since the beat was sent
    Duration lost_after{20'000};  // since it was heard
    std::size_t body_bytes_max = 64 * 1024;
};

struct DeskParts {
    asio::io_context& io;
    Clock& clock;
    Random& random;
    Offers& offers;
    StreamOf stream;
    std::function<void()> changed;  // workers came or went
};

class Desk {
public:
    explicit Desk(DeskParts parts, DeskLimits limits = {})
        : parts_{std::move(parts)}, limits_{limits}, ended_{parts_.io} {}

    Task<> handle(http::Exchange& exchange);
    Task<> run();  // finds out who is lost, until stop()
    void stop();
    std::size_t workers() const { return workers_.size(); }
    std::vector<std::string> names() const;

private:
    struct Known {
        std::string name;
        std::int32_t pid = 0;
        Duration heard{0};  // of Clock::uptime
    };

    Task<Result<>> answer(http::Exchange& exchange);
    Task<Result<>> welcome(http::Exchange& exchange);
    Task<Result<>> begin(http::Exchange& exchange, std::string worker);
    Task<Result<>> envelope(http::Exchange& exchange, std::string worker);
    Task<Result<>> settle(http::Exchange& exchange, std::string worker);
    void look();
    void leave(const std::string& id, const std::string& why);

    DeskParts parts_;
    DeskLimits limits_;
    Wakeup ended_;
    bool stopping_ = false;
    std::map<std::string, Known> workers_;
};

}  // namespace axis::delivery
