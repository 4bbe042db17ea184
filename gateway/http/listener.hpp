// Listening sockets: addresses, binding, TLS files, who is at the other end. Private to http. Thread: io.
#pragma once

#include "gateway/base/error.hpp"
#include "gateway/base/task.hpp"
#include "gateway/http/server.hpp"
#include "gateway/http/wire.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ssl/context.hpp>

#include <memory>
#include <optional>
#include <string>

namespace axis::http {

using Acceptor = asio::basic_socket_acceptor<asio::generic::stream_protocol>;

struct Place {
    Place() = default;  // no aggregate: Asio's endpoint would make one out of an Error
    asio::generic::stream_protocol::endpoint endpoint;
    std::string unix_path;  // empty: TCP
    bool loopback = false;  // or Unix
};

// config_value when it is none of the forms of Listen::address.
Result<Place> parse_place(const std::string& address);
// Bound and listening. A Unix socket nobody answers on is replaced, one that answers is not; its mode is
// 0660.
Result<Acceptor> bind_listener(asio::io_context& io, const Place& place, const std::string& address);
// Nothing for plain. config_file for a bad certificate or key, config_unsafe for plain beyond loopback.
Result<std::optional<asio::ssl::context>> server_tls(const Listen& listen, const Place& place);
Peer peer_of(const Socket& socket);
std::string text_of(const Acceptor& acceptor, const Place& place);

}  // namespace axis::http
