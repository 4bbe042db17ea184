// HTTP/1.1 server over Beast: listeners on TCP (plain only on loopback, else TLS 1.2+) and Unix sockets.
//
//   accept --> TLS --> [ header --> framing checks --> handler --> reply ] --keep-alive--> …
//
// Every request is checked beyond what Beast does (security.md §2.3): exactly one Host, one Content-Length of
// digits or Transfer-Encoding exactly chunked on 1.1, never both; no folded lines; origin-form target without
// dot segments; no Content-Encoding; no CONNECT. A violation is answered with a problem document and the
// connection is closed. The body is not read before the handler asks for it; a handler that replies without
// reading the body to its end closes the connection. Every wait has a deadline.
//
// A handler that throws is answered 500 with the request id; the connection closes. Thread: io.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/base/error.hpp"
#include "gateway/base/random.hpp"
#include "gateway/base/task.hpp"
#include "gateway/http/message.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace axis::http {

struct ServerLimits {
    std::size_t header_bytes_max = 16 * 1024;
    std::size_t target_bytes_max = 8 * 1024;
    std::size_t connections_max = 512;
    std::size_t connections_per_address_max = 32;  // loopback and Unix sockets are not counted per address
    std::chrono::milliseconds header_wait{10'000};
    std::chrono::milliseconds idle_wait{30'000};  // between requests of a kept connection
    std::chrono::milliseconds progress_wait{
        10'000};  // a body must bring (a reply must take) bytes_per_wait in this time
    std::size_t bytes_per_wait = 16 * 1024;  // … or end
    std::size_t chunk_bytes = 64 * 1024;     // what read() hands out at most
};

// Who asks, as the socket tells. Forwarded-for headers are ignored.
struct Peer {
    std::string address;             // "127.0.0.1", or "unix"
    std::uint32_t uid = UINT32_MAX;  // Unix sockets: SO_PEERCRED
    std::int32_t pid = 0;            // Unix sockets: who connected; 0: not known
};

struct Request {
    std::string method;
    Target target;
    Headers headers;
    Peer peer;
    std::string id;  // our own, 16 hex digits: in the log, in problems, in the Request-Id field of the reply
    std::optional<std::uint64_t> content_length;
};

// One request and its reply. Lives as long as the handler runs.
class Exchange {
public:
    virtual ~Exchange() = default;
    virtual const Request& request() const = 0;

    // The next piece of the body, at most chunk_bytes; empty at its end. The view holds until the next call.
    // http_body_too_large beyond `set_body_limit`; http_slow; http_malformed; http_closed.
    virtual Task<Result<std::string_view>> read() = 0;
    virtual void set_body_limit(std::uint64_t bytes) = 0;  // before the first read(); default 1 MiB
    // The whole body, when it is at most `bytes_max`.
    Task<Result<std::string>> read_all(std::size_t bytes_max);

    // One complete reply. After it, or after finish(), nothing more can be sent.
    virtual Task<> reply(unsigned status, Headers headers, std::string body) = 0;
    // A reply in pieces: begin (with its length when known, else chunked), write…, finish.
    virtual Task<> begin(unsigned status, Headers headers, std::optional<std::uint64_t> length) = 0;
    virtual Task<> write(std::string_view piece) = 0;
    virtual Task<> finish() = 0;
    virtual bool replied() const = 0;  // begun counts

    // RFC 9457 problem document made from the error table; `retry_after_seconds` goes into Retry-After.
    Task<> problem(Error error, unsigned retry_after_seconds = 0);
    Task<> reply_json(unsigned status, std::string json, Headers headers = {});
};

using Handler = std::function<Task<>(Exchange&)>;

// The body of a problem reply (architecture §4); used by the admin socket and in tests too.
std::string problem_json(const Error& error, std::string_view request_id);

struct Listen {
    std::string address;   // "127.0.0.1:8080", "[::1]:0", "0.0.0.0:443" or "unix:/run/axisd/admin.sock"
    std::string tls_cert;  // PEM files; both empty: plain, refused (config_unsafe) for a non-loopback address
    std::string tls_key;
    // PEM; whoever connects must have a certificate of it, and who has not is worth a warning in the log.
    std::string tls_client_ca{};
};

class Server {
public:
    // Binds at once: io_failed names the address. `uptime` counters feed /metrics.
    static Result<std::unique_ptr<Server>> open(
        asio::io_context& io, Listen listen, ServerLimits limits, Random& random, Handler handler
    );
    ~Server();

    Task<> run();               // accepts until stop()
    void stop();                // no new connections or requests; running handlers finish
    void abort();               // cuts what still runs
    std::string bound() const;  // "127.0.0.1:41873": the real port
    std::size_t connection_count() const;

private:
    struct Impl;
    explicit Server(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace axis::http
