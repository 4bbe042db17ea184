#include "gateway/http/client.hpp"

#include "gateway/http/connections.hpp"
#include "gateway/http/round_trip.hpp"

#include <boost/throw_exception.hpp>

#include <algorithm>
#include <stdexcept>

namespace axis::http {

namespace {

using Steady = std::chrono::steady_clock;
using Millis = std::chrono::milliseconds;

Millis since(Steady::time_point start) {
    return std::chrono::duration_cast<Millis>(Steady::now() - start);
}

bool is_one_line(std::string_view text) {
    return std::none_of(text.begin(), text.end(), [](char c) {
        return (c >= 0 && c < ' ' && c != '\t') || c == 0x7f;
    });
}

// A control character in what becomes the head would start another field, or another request.
bool is_sendable(const Call& call) {
    const auto plain = [](const auto& field) {
        return is_one_line(field.first) && is_one_line(field.second);
    };
    const bool line =
        is_one_line(call.method) && is_one_line(call.path) && call.path.find(' ') == std::string::npos;
    return line && std::all_of(call.headers.begin(), call.headers.end(), plain);
}

Result<std::optional<asio::ssl::context>> client_tls(const BaseUrl& url, const Origin& origin) {
    const auto& ca_file = origin.ca_file;
    std::optional<asio::ssl::context> context;
    if (!url.tls) return context;
    context.emplace(asio::ssl::context::tls_client);
    SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
    error_code ec;
    if (ca_file.empty()) {
        context->set_default_verify_paths(ec);
    } else {
        context->load_verify_file(ca_file, ec);
    }
    if (ec) return Error{errc::config_file, ca_file + ": " + ec.message()};
    if (origin.cert.empty()) return context;
    context->use_certificate_chain_file(origin.cert, ec);
    if (ec) return Error{errc::config_file, origin.cert + ": " + ec.message()};
    context->use_private_key_file(origin.key, asio::ssl::context::pem, ec);
    if (ec) return Error{errc::config_file, origin.key + ": " + ec.message()};
    return context;
}

}  // namespace

struct Client::Impl {
    std::shared_ptr<Connections> connections;
};

Result<std::unique_ptr<Client>> Client::open(asio::io_context& io, Origin origin, ClientLimits limits) {
    auto url = BaseUrl::parse(origin.base_url);
    if (!url) return url.error();
    if (!url->tls && !url->loopback && !origin.allow_plain_http)
        return Error{errc::config_unsafe, origin.base_url + " would speak plain HTTP"};
    auto tls = client_tls(*url, origin);
    if (!tls) return tls.error();
    auto impl = std::make_unique<Impl>();
    impl->connections = std::make_shared<Connections>(
        io, std::move(*url), std::move(*tls), limits, std::move(origin.unix_socket)
    );
    return std::unique_ptr<Client>{new Client{std::move(impl)}};
}

Client::Client(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
Client::~Client() = default;

void Client::close_idle() {
    impl_->connections->close_idle();
}

Task<boost::system::result<Reply, Failure>> Client::call(Call call) {
    const auto connections = impl_->connections;
    const auto& limits = connections->limits();
    const Deadline deadline = Steady::now() + limits.total_wait;
    if (!is_sendable(call))
        co_return Failure{Phase::send_header, errc::internal, "a control character in the head", false};
    auto lease = co_await connections->acquire(deadline);
    if (!lease) co_return Failure{Phase::tcp, errc::peer_timeout, "no connection became free", false};

    bool kept = lease->reuse();
    for (;;) {
        Millis connect{0};
        if (!kept) {
            const auto start = Steady::now();
            auto opened = co_await connections->open(deadline);
            if (!opened) co_return opened.error();
            lease->connection = std::move(*opened);
            connect = since(start);
        }
        RoundTrip trip{*lease->connection, call, connections->url(), limits, deadline};
        auto reply = co_await trip.run();
        const bool again = !reply && kept && trip.repeatable();
        kept = false;
        if (again) continue;
        if (!reply) co_return reply.error();
        reply->connect = connect;
        if (trip.keeps()) lease->keep();
        co_return reply;
    }
}

Task<boost::system::result<Millis, Failure>> Client::probe() {
    const auto connections = impl_->connections;
    const auto start = Steady::now();
    auto opened = co_await connections->open(start + connections->limits().total_wait);
    if (!opened) co_return opened.error();
    co_return since(start);
}

void throw_exception_from_error(const Failure& failure, const boost::source_location& where) {
    const std::string text{row(failure.code).code};
    throw std::runtime_error(text + ": " + failure.detail + " at " + where.to_string());
}

}  // namespace axis::http
