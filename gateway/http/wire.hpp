// One connected byte stream, TCP or Unix, plain or TLS, each step with its own limit. A step that fails or
// times out (asio::error::timed_out) leaves the wire spent: close it. Private to http. Thread: io.
#pragma once

#include "gateway/base/task.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace axis::http {

using error_code = boost::system::error_code;
using Socket = asio::generic::stream_protocol::socket;

struct Io {
    error_code ec;
    std::size_t bytes = 0;
    std::chrono::nanoseconds took{0};
};

class Wire {
public:
    using Wait = std::chrono::nanoseconds;

    virtual ~Wire() = default;
    virtual Task<error_code> handshake(Wait limit) = 0;  // nothing to do on plain wires
    virtual Task<Io> read_some(asio::mutable_buffer into, Wait limit) = 0;
    virtual Task<Io> write_some(asio::const_buffer from, Wait limit) = 0;
    virtual Task<> end_sending(Wait limit) = 0;  // FIN, after close_notify
    virtual Task<Io> discard_some(
        asio::mutable_buffer into, Wait limit
    ) = 0;                        // raw bytes, whatever they mean
    virtual bool is_quiet() = 0;  // nothing to read and not closed: a kept connection that can be used again
    virtual std::string certificate_trouble() = 0;  // why the peer's certificate was refused, else ""
    virtual void close() = 0;                       // at once; steps under way end with operation_aborted
};

Task<error_code> connect_to(Socket& socket, asio::generic::stream_protocol::endpoint to, Wire::Wait limit);
std::unique_ptr<Wire> plain_wire(Socket socket);
std::unique_ptr<Wire> tls_server_wire(Socket socket, asio::ssl::context& context);
// Names `host` in SNI and demands it in the certificate.
std::unique_ptr<Wire> tls_client_wire(Socket socket, asio::ssl::context& context, const std::string& host);

// The progress rule: `quota` bytes in each `wait`, where only time spent waiting for the peer counts.
class Pace {
public:
    Pace(Wire::Wait wait, std::size_t quota) : wait_{wait}, quota_{quota}, left_{wait} {}
    Wire::Wait left() const { return left_; }
    void moved(const Io& io) {
        bytes_ += io.bytes;
        left_ -= io.took;
        if (bytes_ < quota_) return;
        bytes_ = 0;
        left_ = wait_;
    }

private:
    Wire::Wait wait_;
    std::size_t quota_;
    Wire::Wait left_;
    std::size_t bytes_ = 0;
};

}  // namespace axis::http
