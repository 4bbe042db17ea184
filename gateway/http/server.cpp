#include "gateway/http/server.hpp"

#include "gateway/base/log.hpp"
#include "gateway/base/task_group.hpp"
#include "gateway/http/listener.hpp"
#include "gateway/http/session.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <unistd.h>

namespace axis::http {

namespace {

constexpr std::chrono::milliseconds accept_pause{100};  // when the process is out of descriptors

bool is_remote(const Peer& peer) {
    error_code ec;
    const auto ip = asio::ip::make_address(peer.address, ec);
    return !ec && !ip.is_loopback();
}

}  // namespace

struct Server::Impl {
    Impl(
        asio::io_context& i,
        Place p,
        Acceptor a,
        std::optional<asio::ssl::context> t,
        std::shared_ptr<Shared> s
    )
        : io{i},
          place{std::move(p)},
          acceptor{std::move(a)},
          tls{std::move(t)},
          shared{std::move(s)},
          bound{text_of(acceptor, place)},
          tasks{io, shared->limits.connections_max + 1},
          pause{io} {}
    ~Impl();

    Task<> accept();
    void admit(Socket socket);
    void stop();
    void abort();

    asio::io_context& io;
    Place place;
    Acceptor acceptor;
    std::optional<asio::ssl::context> tls;
    std::shared_ptr<Shared> shared;
    std::string bound;
    TaskGroup tasks;
    asio::steady_timer pause;
};

Server::Impl::~Impl() {
    if (!place.unix_path.empty()) ::unlink(place.unix_path.c_str());
}

Task<> Server::Impl::accept() {
    while (!shared->stopping) {
        Socket socket{io};
        error_code ec;
        co_await acceptor.async_accept(socket, asio::redirect_error(asio::use_awaitable, ec));
        if (ec == asio::error::operation_aborted) co_return;
        if (!ec) {
            admit(std::move(socket));
            continue;
        }
        log::warn("http.accept_failed", "listen", bound, "reason", ec.message());
        pause.expires_after(accept_pause);
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ec));
    }
}

void Server::Impl::admit(Socket socket) {
    Peer peer = peer_of(socket);
    const auto& limits = shared->limits;
    const auto held = shared->per_address.find(peer.address);
    const std::size_t same = held == shared->per_address.end() ? 0 : held->second;
    const bool crowded = is_remote(peer) && same >= limits.connections_per_address_max;
    if (shared->stopping || tasks.size() >= limits.connections_max || crowded) {
        log::debug("http.connection_refused", "peer", peer.address, "connections", tasks.size());
        return;
    }
    error_code ec;
    if (place.unix_path.empty()) socket.set_option(asio::ip::tcp::no_delay{true}, ec);
    auto wire = tls ? tls_server_wire(std::move(socket), *tls) : plain_wire(std::move(socket));
    auto session = std::make_unique<Session>(shared, std::move(wire), std::move(peer));
    tasks.spawn("http.session", Session::serve(std::move(session)));
}

void Server::Impl::stop() {
    if (std::exchange(shared->stopping, true)) return;
    error_code ec;
    acceptor.close(ec);
    pause.cancel();
    for (Session* session : shared->sessions) session->stop();
}

void Server::Impl::abort() {
    stop();
    for (Session* session : shared->sessions) session->abort();
    tasks.cancel();
}

Result<std::unique_ptr<Server>> Server::open(
    asio::io_context& io, Listen listen, ServerLimits limits, Random& random, Handler handler
) {
    auto place = parse_place(listen.address);
    if (!place) return place.error();
    auto tls = server_tls(listen, *place);
    if (!tls) return tls.error();
    auto acceptor = bind_listener(io, *place, listen.address);
    if (!acceptor) return acceptor.error();
    const bool known_only = !listen.tls_client_ca.empty();
    auto shared =
        std::make_shared<Shared>(Shared{limits, random, std::move(handler), known_only, false, {}, {}});
    auto impl = std::make_unique<Impl>(io, *place, std::move(*acceptor), std::move(*tls), std::move(shared));
    return std::unique_ptr<Server>{new Server{std::move(impl)}};
}

Server::Server(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
Server::~Server() = default;

// Cancelling this task aborts; it still returns only when the last session has ended.
Task<> Server::run() {
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await impl_->accept();
    if (!impl_->shared->stopping) impl_->abort();
    co_await impl_->tasks.join();
}

void Server::stop() {
    impl_->stop();
}

void Server::abort() {
    impl_->abort();
}

std::string Server::bound() const {
    return impl_->bound;
}

std::size_t Server::connection_count() const {
    return impl_->tasks.size();
}

}  // namespace axis::http
