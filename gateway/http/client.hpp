// HTTP/1.1 client over Beast with pooled connections to one origin; TLS verifies name and chain.
//
// What a caller must know to decide between "try again" and "ask first" (architecture D6) is in
// Failure::phase: until the first body byte left, nothing can have been processed. Redirects are not
// followed. Requests are never repeated here, with one exception that is safe: a kept connection that turns
// out closed before any byte of the request's body was accepted by the kernel AND the request has no body or
// the write failed at offset 0. Thread: io.
#pragma once

#include "gateway/base/error.hpp"
#include "gateway/base/task.hpp"
#include "gateway/http/message.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace axis::http {

struct ClientLimits {
    std::chrono::milliseconds connect_wait{10'000};  // name and TCP
    std::chrono::milliseconds tls_wait{10'000};
    std::chrono::milliseconds progress_wait{30'000};  // no byte moved for this long: timed out
    std::chrono::milliseconds reply_wait{60'000};     // from the last request byte to the reply's header
    std::chrono::milliseconds total_wait{1'800'000};
    std::size_t header_bytes_max = 64 * 1024;
    std::size_t connections_max = 10;
    std::chrono::milliseconds idle_max{15'000};  // a kept connection older than this is not reused
};

enum class Phase { name, tcp, tls, send_header, send_body, reply };  // where it failed

struct Failure {
    Phase phase = Phase::tcp;
    errc code = errc::peer_unreachable;  // peer_name, peer_tcp, peer_tls, peer_timeout, peer_http
    std::string detail;
    bool body_began = false;  // a body byte (or, without body, the header) may have reached the other side
};

struct Reply {
    unsigned status = 0;
    Headers headers;
    std::string body;                      // empty when a sink took it
    std::chrono::milliseconds connect{0};  // name + TCP + TLS; 0 on a kept connection
    std::chrono::milliseconds transfer{0};
};

// The body of a request in pieces, with its length known before. Called on the io thread, one call at a time.
class BodySource {
public:
    virtual ~BodySource() = default;
    virtual std::uint64_t length() const = 0;
    // The next piece; the view holds until the next call; empty = end. An error aborts the request.
    virtual Task<Result<std::string_view>> next() = 0;
};

// Takes the reply's body in pieces, when status and headers please `wants`; else the body (bounded) goes to
// Reply::body.
class BodySink {
public:
    virtual ~BodySink() = default;
    virtual bool wants(unsigned status, const Headers& headers) = 0;
    virtual Task<Result<>> take(std::string_view piece) = 0;
};

struct Call {
    std::string method = "GET";
    std::string path;  // appended to the base path: "/sendEdoc"
    Headers headers;   // Host, Content-Length are ours
    std::string body;  // small bodies; else:
    BodySource* source = nullptr;
    BodySink* sink = nullptr;
    std::uint64_t reply_bytes_max = 1024 * 1024;
};

struct Origin {
    std::string base_url;           // http(s)://host[:port][/prefix]; a trailing slash is dropped
    std::string ca_file;            // PEM; empty: the system's CAs
    bool allow_plain_http = false;  // http:// to other than loopback is refused without it (config_unsafe)
    std::string unix_socket{};      // its path; base_url then only gives scheme (http) and Host
    std::string cert{};             // PEM, ours, for a server that asks for one
    std::string key{};
};

class Client {
public:
    // config_value for an unusable URL, config_unsafe for plain HTTP, config_file for the CA file. Resolves
    // nothing yet.
    static Result<std::unique_ptr<Client>> open(asio::io_context& io, Origin origin, ClientLimits limits);
    ~Client();

    // The reply, whatever its status, or how far it got.
    Task<boost::system::result<Reply, Failure>> call(Call call);
    // endpoint test: name, then TCP, then TLS, each on its own; Failure names the layer. Sends nothing.
    Task<boost::system::result<std::chrono::milliseconds, Failure>> probe();
    void close_idle();

private:
    struct Impl;
    explicit Client(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

[[noreturn]] void throw_exception_from_error(const Failure& failure, const boost::source_location& where);

}  // namespace axis::http
