#include "gateway/http/listener.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <cstring>

namespace axis::http {

namespace {

using tcp = asio::ip::tcp;
using Local = asio::local::stream_protocol;

constexpr std::string_view unix_prefix = "unix:";

Result<Place> unix_place(const std::string& path) {
    Place place;
    if (path.empty() || path.front() != '/' || path.size() > 100)
        return Error{
            errc::config_value, "unix:" + path + ": an absolute path of at most 100 bytes is needed"};
    place.endpoint = Local::endpoint{path};
    place.unix_path = path;
    place.loopback = true;
    return place;
}

// Frees the path of a socket that nobody listens on.
Result<> clear_stale(asio::io_context& io, const Place& place) {
    struct stat info {};
    if (::lstat(place.unix_path.c_str(), &info) != 0) return {};
    if (!S_ISSOCK(info.st_mode)) return Error{errc::io_failed, place.unix_path + " exists and is no socket"};
    error_code ec;
    Local::socket probe{io};
    probe.connect(Local::endpoint{place.unix_path}, ec);
    if (ec != asio::error::connection_refused)
        return Error{errc::io_failed, place.unix_path + " is in use by another process"};
    ::unlink(place.unix_path.c_str());
    return {};
}

tcp::endpoint tcp_endpoint(const asio::generic::stream_protocol::endpoint& from) {
    tcp::endpoint out;
    if (from.size() > out.capacity()) return out;
    std::memcpy(out.data(), from.data(), from.size());
    out.resize(from.size());
    return out;
}

}  // namespace

Result<Place> parse_place(const std::string& address) {
    if (address.rfind(unix_prefix, 0) == 0) return unix_place(address.substr(unix_prefix.size()));
    const auto colon = address.rfind(':');
    const Error bad{
        errc::config_value, "'" + address + "' is not ADDRESS:PORT, [ADDRESS]:PORT or unix:/PATH"};
    if (colon == std::string::npos || colon == 0) return bad;
    std::string host = address.substr(0, colon);
    const bool brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (brackets) host = host.substr(1, host.size() - 2);
    error_code ec;
    const auto ip = asio::ip::make_address(host, ec);
    std::uint16_t port = 0;
    const char* end = address.data() + address.size();
    const auto read = std::from_chars(address.data() + colon + 1, end, port);
    if (ec || ip.is_v6() != brackets || read.ec != std::errc{} || read.ptr != end) return bad;
    Place place;
    place.endpoint = tcp::endpoint{ip, port};
    place.loopback = ip.is_loopback();
    return place;
}

Result<Acceptor> bind_listener(asio::io_context& io, const Place& place, const std::string& address) {
    if (!place.unix_path.empty()) {
        auto cleared = clear_stale(io, place);
        if (!cleared) return cleared.error();
    }
    Acceptor acceptor{io};
    error_code ec;
    acceptor.open(place.endpoint.protocol(), ec);
    if (!ec && place.unix_path.empty()) acceptor.set_option(asio::socket_base::reuse_address{true}, ec);
    if (!ec) acceptor.bind(place.endpoint, ec);
    // Nobody can connect before listen(), so the mode is in force from the first connection on.
    if (!ec && !place.unix_path.empty() && ::chmod(place.unix_path.c_str(), 0660) != 0)
        ec.assign(errno, boost::system::system_category());
    if (!ec) acceptor.listen(asio::socket_base::max_listen_connections, ec);
    if (ec) return Error{errc::io_failed, "cannot listen on " + address + ": " + ec.message()};
    return acceptor;
}

Result<std::optional<asio::ssl::context>> server_tls(const Listen& listen, const Place& place) {
    std::optional<asio::ssl::context> context;
    if (listen.tls_cert.empty() != listen.tls_key.empty())
        return Error{errc::config_value, listen.address + ": tls_cert and tls_key belong together"};
    if (listen.tls_cert.empty()) {
        if (!place.loopback) return Error{errc::config_unsafe, listen.address + " would speak plain HTTP"};
        return context;
    }
    context.emplace(asio::ssl::context::tls_server);
    error_code ec;
    SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
    context->set_options(asio::ssl::context::default_workarounds | SSL_OP_NO_RENEGOTIATION, ec);
    if (!ec) context->use_certificate_chain_file(listen.tls_cert, ec);
    if (ec) return Error{errc::config_file, listen.tls_cert + ": " + ec.message()};
    context->use_private_key_file(listen.tls_key, asio::ssl::context::pem, ec);
    if (ec) return Error{errc::config_file, listen.tls_key + ": " + ec.message()};
    if (listen.tls_client_ca.empty()) return context;
    context->load_verify_file(listen.tls_client_ca, ec);
    if (ec) return Error{errc::config_file, listen.tls_client_ca + ": " + ec.message()};
    context->set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert, ec);
    // Without a session id context OpenSSL refuses to resume what was verified.
    SSL_CTX_set_session_cache_mode(context->native_handle(), SSL_SESS_CACHE_OFF);
    return context;
}

Peer peer_of(const Socket& socket) {
    Peer peer;
    error_code ec;
    const auto remote = socket.remote_endpoint(ec);
    const int family = remote.protocol().family();
    if (!ec && (family == AF_INET || family == AF_INET6)) {
        auto ip = tcp_endpoint(remote).address();
        if (ip.is_v6() && ip.to_v6().is_v4_mapped())
            ip = asio::ip::make_address_v4(asio::ip::v4_mapped, ip.to_v6());
        peer.address = ip.to_string();
        return peer;
    }
    peer.address = "unix";
    ucred who{};
    socklen_t size = sizeof who;
    auto& open = const_cast<Socket&>(socket);  // native_handle() is not const
    if (::getsockopt(open.native_handle(), SOL_SOCKET, SO_PEERCRED, &who, &size) == 0) {
        peer.uid = who.uid;
        peer.pid = who.pid;
    }
    return peer;
}

std::string text_of(const Acceptor& acceptor, const Place& place) {
    if (!place.unix_path.empty()) return std::string{unix_prefix} + place.unix_path;
    error_code ec;
    const auto local = tcp_endpoint(acceptor.local_endpoint(ec));
    const auto ip = local.address().to_string();
    const auto port = std::to_string(local.port());
    return local.address().is_v6() ? "[" + ip + "]:" + port : ip + ":" + port;
}

}  // namespace axis::http
