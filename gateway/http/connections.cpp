#include "gateway/http/connections.hpp"

#include "gateway/http/resolve.hpp"

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace axis::http {

namespace {

using Steady = std::chrono::steady_clock;

Failure failure(Phase phase, errc code, std::string detail) {
    return {phase, code, std::move(detail), false};
}

// Leaves the queue however the waiting ends.
template <class List>
struct Place {
    List& list;
    typename List::iterator at;
    ~Place() { list.erase(at); }
};

}  // namespace

Lease::~Lease() {
    connection.reset();
    if (owner_) owner_->release();
}

bool Lease::reuse() {
    owner_->drop_old();
    while (!owner_->idle_.empty()) {
        connection = std::move(owner_->idle_.back());
        owner_->idle_.pop_back();
        if (connection->wire->is_quiet()) return true;
        connection.reset();
    }
    return false;
}

void Lease::keep() {
    connection->idle_since = Steady::now();
    owner_->idle_.push_back(std::move(connection));
    owner_->drop_old();
}

void Connections::drop_old() {
    const auto oldest = Steady::now() - limits_.idle_max;
    const auto old = [oldest](const auto& c) { return c->idle_since < oldest; };
    idle_.erase(std::remove_if(idle_.begin(), idle_.end(), old), idle_.end());
}

void Connections::release() {
    // The longest waiting one takes this place over.
    const auto waiting =
        std::find_if(waiters_.begin(), waiters_.end(), [](Waiter* w) { return !w->granted; });
    if (waiting == waiters_.end()) {
        --in_use_;
        return;
    }
    (*waiting)->granted = true;
    (*waiting)->timer.cancel();
}

Task<std::optional<Lease>> Connections::acquire(Deadline deadline) {
    if (in_use_ < limits_.connections_max) {
        ++in_use_;
        co_return Lease{shared_from_this()};
    }
    Waiter waiter{asio::steady_timer{io_, deadline}};
    std::optional<Lease> lease;
    error_code ec;
    {
        Place<std::list<Waiter*>> place{waiters_, waiters_.insert(waiters_.end(), &waiter)};
        co_await waiter.timer.async_wait(asio::redirect_error(asio::use_awaitable, ec));
    }
    if (waiter.granted) lease.emplace(shared_from_this());
    co_return lease;
}

Task<Outcome<std::unique_ptr<Connection>>> Connections::open(Deadline deadline) {
    auto connecting = unix_socket_.empty() ? connect(deadline) : connect_locally(deadline);
    auto socket = co_await std::move(connecting);
    if (!socket) co_return socket.error();
    if (tls_) {
        auto secured = co_await secure(std::move(*socket), deadline);
        co_return secured;
    }
    co_return std::make_unique<Connection>(plain_wire(std::move(*socket)));
}

Task<Outcome<Socket>> Connections::connect_locally(Deadline total) {
    const Deadline deadline = std::min(total, Steady::now() + limits_.connect_wait);
    Socket socket{io_};
    const asio::local::stream_protocol::endpoint to{unix_socket_};
    const auto ec = co_await connect_to(socket, to, deadline - Steady::now());
    if (!ec) co_return std::move(socket);
    const bool late = ec == asio::error::timed_out;
    co_return failure(
        Phase::tcp, late ? errc::peer_timeout : errc::peer_tcp, unix_socket_ + ": " + ec.message()
    );
}

// Every address gets an equal share of what is left of the time.
Task<Outcome<Socket>> Connections::connect(Deadline total) {
    const Deadline deadline = std::min(total, Steady::now() + limits_.connect_wait);
    auto found = co_await resolve(io_, url_.host, url_.port, deadline);
    if (found.timed_out)
        co_return failure(Phase::name, errc::peer_timeout, url_.host + " did not resolve in time");
    if (found.ec) co_return failure(Phase::name, errc::peer_name, url_.host + ": " + found.ec.message());
    std::string detail;
    error_code ec;
    for (std::size_t left = found.endpoints.size(); left > 0; --left) {
        const auto& endpoint = found.endpoints[found.endpoints.size() - left];
        const Wire::Wait share = (deadline - Steady::now()) / static_cast<std::int64_t>(left);
        Socket socket{io_};
        ec = co_await connect_to(socket, endpoint, share);
        if (!ec) co_return std::move(socket);
        detail += (detail.empty() ? "" : "; ") + endpoint.address().to_string() + ": " + ec.message();
    }
    const bool late = ec == asio::error::timed_out;
    co_return failure(Phase::tcp, late ? errc::peer_timeout : errc::peer_tcp, std::move(detail));
}

Task<Outcome<std::unique_ptr<Connection>>> Connections::secure(Socket socket, Deadline total) {
    const Deadline deadline = std::min(total, Steady::now() + limits_.tls_wait);
    auto wire = tls_client_wire(std::move(socket), *tls_, url_.host);
    const error_code ec = co_await wire->handshake(deadline - Steady::now());
    if (ec == asio::error::timed_out)
        co_return failure(Phase::tls, errc::peer_timeout, "no TLS handshake in time");
    if (ec) co_return failure(Phase::tls, errc::peer_tls, ec.message() + wire->certificate_trouble());
    co_return std::make_unique<Connection>(std::move(wire));
}

}  // namespace axis::http
