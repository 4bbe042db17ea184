// The connections of one client: how they are opened (name, TCP, TLS) and kept. Private to http. Thread: io.
//
//   acquire() --> Lease: one of connections_max --reuse() or open()--> in use --keep--> idle --> reused |
//   idle_max: closed
//
// A Lease that dies without keep() closes its connection; its place goes to the longest waiting acquire().
#pragma once

#include "gateway/http/base_url.hpp"
#include "gateway/http/client.hpp"
#include "gateway/http/message_parser.hpp"
#include "gateway/http/wire.hpp"

#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <list>
#include <memory>
#include <optional>
#include <vector>

namespace axis::http {

template <class T>
using Outcome = boost::system::result<T, Failure>;
using Deadline = std::chrono::steady_clock::time_point;

struct Connection {
    explicit Connection(std::unique_ptr<Wire> w) : wire{std::move(w)} {}
    std::unique_ptr<Wire> wire;
    beast::flat_buffer input;
    Deadline idle_since;
};

class Connections;

class Lease {
public:
    explicit Lease(std::shared_ptr<Connections> owner) : owner_{std::move(owner)} {}
    ~Lease();
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;

    bool reuse();                            // true: `connection` is a kept one that looks usable
    void keep();                             // back to the idle ones
    std::unique_ptr<Connection> connection;  // dropping it closes it

private:
    std::shared_ptr<Connections> owner_;
};

class Connections : public std::enable_shared_from_this<Connections> {
public:
    Connections(
        asio::io_context& io,
        BaseUrl url,
        std::optional<asio::ssl::context> tls,
        ClientLimits limits,
        std::string unix_socket
    )
        : io_{io},
          url_{std::move(url)},
          tls_{std::move(tls)},
          limits_{limits},
          unix_socket_{std::move(unix_socket)} {}

    // Nothing when no connection became free by then.
    Task<std::optional<Lease>> acquire(Deadline deadline);
    Task<Outcome<std::unique_ptr<Connection>>> open(Deadline deadline);
    void close_idle() { idle_.clear(); }
    const BaseUrl& url() const { return url_; }
    const ClientLimits& limits() const { return limits_; }

private:
    friend class Lease;
    struct Waiter {
        asio::steady_timer timer;
        bool granted = false;
    };
    void release();
    void drop_old();
    Task<Outcome<Socket>> connect(Deadline deadline);
    Task<Outcome<Socket>> connect_locally(Deadline deadline);
    Task<Outcome<std::unique_ptr<Connection>>> secure(Socket socket, Deadline deadline);

    asio::io_context& io_;
    BaseUrl url_;
    std::optional<asio::ssl::context> tls_;
    ClientLimits limits_;
    std::string unix_socket_;
    std::size_t in_use_ = 0;
    std::vector<std::unique_ptr<Connection>> idle_;
    std::list<Waiter*> waiters_;
};

}  // namespace axis::http
