// A real server on its own thread, and raw blocking sockets to talk to it byte by byte.
#pragma once

#include "gateway/base/random.hpp"
#include "gateway/http/server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <cstdlib>
#include <future>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace axis::test {

class LiveServer {
public:
    LiveServer(
        http::Handler handler, http::ServerLimits limits = {}, http::Listen listen = {"127.0.0.1:0", {}, {}}
    )
        : server_{http::Server::open(io_, std::move(listen), limits, random_, std::move(handler)).value()} {
        auto ended = [this](std::exception_ptr e) { error_ = e; };
        asio::co_spawn(io_, server_->run(), std::move(ended));
        thread_ = std::thread{[this] { io_.run(); }};
    }
    ~LiveServer() { join(); }

    // Stops and waits until run() has returned.
    void join() {
        if (!thread_.joinable()) return;
        asio::post(io_, [this] { server_->stop(); });
        thread_.join();
    }
    void wait() { thread_.join(); }  // for a run() that ends by itself
    template <class F>
    auto on_io(F f) {
        std::packaged_task<decltype(f())()> task{std::move(f)};
        auto result = task.get_future();
        asio::post(io_, [&task] { task(); });
        return result.get();
    }
    http::Server& server() { return *server_; }
    asio::io_context& io() { return io_; }
    bool failed() const { return error_ != nullptr; }
    std::string url() const { return "http://" + server_->bound(); }
    std::uint16_t port() const {
        const auto bound = server_->bound();
        return static_cast<std::uint16_t>(std::atoi(bound.c_str() + bound.rfind(':') + 1));
    }

private:
    asio::io_context io_;
    SeededRandom random_{1};
    std::unique_ptr<http::Server> server_;
    std::exception_ptr error_;
    std::thread thread_;
};

// One reply as it lay on the wire.
struct RawReply {
    unsigned status = 0;
    std::string head;
    std::string body;
    bool has(std::string_view text) const { return head.find(text) != std::string::npos; }
};

class RawClient {
public:
    explicit RawClient(const LiveServer& server) {
        socket_.connect(asio::ip::tcp::endpoint{asio::ip::make_address("127.0.0.1"), server.port()});
    }
    explicit RawClient(const asio::generic::stream_protocol::endpoint& endpoint) {
        socket_.connect(endpoint);
    }

    // False when the server closed before it had taken all.
    bool send(std::string_view bytes) {
        boost::system::error_code ec;
        asio::write(socket_, asio::buffer(bytes), ec);
        return !ec;
    }
    void end_sending() {
        boost::system::error_code ec;
        socket_.shutdown(asio::socket_base::shutdown_send, ec);
    }
    std::string read_bytes(std::size_t count) {
        std::string text(count, '\0');
        boost::system::error_code ec;
        text.resize(asio::read(socket_, asio::buffer(text), ec));
        return text;
    }
    // Everything until the server closes.
    std::string read_all() {
        std::string text;
        boost::system::error_code ec;
        asio::read(socket_, asio::dynamic_buffer(text), ec);
        was_reset_ = ec == asio::error::connection_reset;
        return text;
    }
    bool was_reset() const { return was_reset_; }
    void close() { socket_.close(); }

private:
    asio::io_context io_;
    asio::generic::stream_protocol::socket socket_{io_};
    bool was_reset_ = false;
};

// Replies with Content-Length, one after the other. A reply that does not parse ends the list with status 0.
inline std::vector<RawReply> parse_replies(std::string_view text) {
    std::vector<RawReply> out;
    while (!text.empty()) {
        RawReply reply;
        const auto end = text.find("\r\n\r\n");
        if (text.substr(0, 9) != "HTTP/1.1 " || end == std::string_view::npos) {
            out.push_back(reply);
            return out;
        }
        reply.head = text.substr(0, end + 2);
        reply.status = static_cast<unsigned>(std::atoi(reply.head.c_str() + 9));
        text.remove_prefix(end + 4);
        const auto at = reply.head.find("Content-Length: ");
        const auto length =
            at == std::string::npos ? 0 : std::strtoul(reply.head.c_str() + at + 16, nullptr, 10);
        reply.body = text.substr(0, length);
        text.remove_prefix(std::min<std::size_t>(length, text.size()));
        out.push_back(std::move(reply));
    }
    return out;
}

// Sends, says that no more comes, and gives back all replies.
inline std::vector<RawReply> talk(const LiveServer& server, std::string_view bytes) {
    RawClient client{server};
    client.send(bytes);
    client.end_sending();
    return parse_replies(client.read_all());
}

}  // namespace axis::test
