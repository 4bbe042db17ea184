#include "gateway/http/wire.hpp"

#include "gateway/base/error.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/stream_traits.hpp>
#include <sys/socket.h>

#include <cerrno>
#include <type_traits>

namespace axis::http {

namespace {

namespace beast = boost::beast;
using Plain = beast::basic_stream<asio::generic::stream_protocol>;
using Tls = asio::ssl::stream<Plain>;
using Steady = std::chrono::steady_clock;

void settle(Io& io, Steady::time_point start) {
    io.took = Steady::now() - start;
    if (io.ec == beast::error::timeout) io.ec = asio::error::timed_out;
}

template <class Stream>
class StreamWire final : public Wire {
public:
    template <class... Args>
    explicit StreamWire(asio::ssl::stream_base::handshake_type role, Args&&... args)
        : stream_{std::forward<Args>(args)...}, role_{role} {}

    Stream& stream() { return stream_; }

    Task<error_code> handshake(Wait limit) override {
        error_code ec;
        if constexpr (std::is_same_v<Stream, Tls>) {
            plain().expires_after(limit);
            co_await stream_.async_handshake(role_, asio::redirect_error(asio::use_awaitable, ec));
            if (ec == beast::error::timeout) ec = asio::error::timed_out;
        }
        co_return ec;
    }

    Task<Io> read_some(asio::mutable_buffer into, Wait limit) override {
        Io io;
        const auto start = Steady::now();
        plain().expires_after(limit);
        const auto n =
            co_await stream_.async_read_some(into, asio::redirect_error(asio::use_awaitable, io.ec));
        io.bytes = n;
        settle(io, start);
        co_return io;
    }

    Task<Io> write_some(asio::const_buffer from, Wait limit) override {
        Io io;
        const auto start = Steady::now();
        plain().expires_after(limit);
        const auto n =
            co_await stream_.async_write_some(from, asio::redirect_error(asio::use_awaitable, io.ec));
        io.bytes = n;
        settle(io, start);
        co_return io;
    }

    Task<> end_sending(Wait limit) override {
        error_code ec;
        if constexpr (std::is_same_v<Stream, Tls>) {
            plain().expires_after(limit);
            co_await stream_.async_shutdown(asio::redirect_error(asio::use_awaitable, ec));
        }
        plain().socket().shutdown(asio::socket_base::shutdown_send, ec);
    }

    Task<Io> discard_some(asio::mutable_buffer into, Wait limit) override {
        Io io;
        const auto start = Steady::now();
        plain().expires_after(limit);
        const auto n =
            co_await plain().async_read_some(into, asio::redirect_error(asio::use_awaitable, io.ec));
        io.bytes = n;
        settle(io, start);
        co_return io;
    }

    bool is_quiet() override {
        char c = 0;
        const auto n = ::recv(plain().socket().native_handle(), &c, 1, MSG_PEEK | MSG_DONTWAIT);
        return n < 0 && errno == EAGAIN;
    }

    std::string certificate_trouble() override {
        if constexpr (std::is_same_v<Stream, Tls>) {
            const long why = SSL_get_verify_result(stream_.native_handle());
            if (why != X509_V_OK) return std::string{": "} + X509_verify_cert_error_string(why);
        }
        return {};
    }

    void close() override { plain().close(); }

private:
    Plain& plain() { return beast::get_lowest_layer(stream_); }

    Stream stream_;
    asio::ssl::stream_base::handshake_type role_;
};

}  // namespace

Task<error_code> connect_to(Socket& socket, asio::generic::stream_protocol::endpoint to, Wire::Wait limit) {
    Plain stream{std::move(socket)};
    error_code ec;
    stream.expires_after(limit);
    co_await stream.async_connect(to, asio::redirect_error(asio::use_awaitable, ec));
    if (ec == beast::error::timeout) ec = asio::error::timed_out;
    const int family = to.protocol().family();
    if (!ec && family != AF_UNIX) stream.socket().set_option(asio::ip::tcp::no_delay{true}, ec);
    socket = stream.release_socket();
    co_return ec;
}

std::unique_ptr<Wire> plain_wire(Socket socket) {
    return std::make_unique<StreamWire<Plain>>(asio::ssl::stream_base::server, std::move(socket));
}

std::unique_ptr<Wire> tls_server_wire(Socket socket, asio::ssl::context& context) {
    return std::make_unique<StreamWire<Tls>>(asio::ssl::stream_base::server, std::move(socket), context);
}

std::unique_ptr<Wire> tls_client_wire(Socket socket, asio::ssl::context& context, const std::string& host) {
    auto wire = std::make_unique<StreamWire<Tls>>(asio::ssl::stream_base::client, std::move(socket), context);
    error_code not_a_name;
    asio::ip::make_address(host, not_a_name);
    SSL* handle = wire->stream().native_handle();
    X509_VERIFY_PARAM* wanted = SSL_get0_param(handle);
    X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    const bool is_name = not_a_name.failed();
    const int named =
        is_name ? SSL_set1_host(handle, host.c_str()) : X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str());
    AXIS_ASSERT(named == 1);  // without it any certificate would do
    std::string sni = host;
    if (is_name) SSL_ctrl(handle, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, sni.data());
    SSL_set_verify(handle, SSL_VERIFY_PEER, nullptr);
    return wire;
}

}  // namespace axis::http
