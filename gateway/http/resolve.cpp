#include "gateway/http/resolve.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <memory>

namespace axis::http {

namespace {

using tcp = asio::ip::tcp;

struct Question {
    explicit Question(asio::io_context& io) : resolver{io}, done{io} {}
    tcp::resolver resolver;
    asio::steady_timer done;
    Resolved answer;
    bool answered = false;
};

}  // namespace

Task<Resolved> resolve(
    asio::io_context& io, std::string host, std::uint16_t port, std::chrono::steady_clock::time_point deadline
) {
    Resolved out;
    boost::system::error_code ec;
    const auto ip = asio::ip::make_address(host, ec);
    if (!ec) {
        out.endpoints.emplace_back(ip, port);
        co_return out;
    }
    auto question = std::make_shared<Question>(io);
    question->done.expires_at(deadline);
    auto answered = [question](boost::system::error_code e, const tcp::resolver::results_type& results) {
        question->answered = true;
        question->answer.ec = e;
        for (const auto& entry : results) question->answer.endpoints.push_back(entry.endpoint());
        question->done.cancel();
    };
    question->resolver.async_resolve(host, std::to_string(port), std::move(answered));
    co_await question->done.async_wait(asio::redirect_error(asio::use_awaitable, ec));
    if (question->answered) co_return std::move(question->answer);
    question->resolver.cancel();
    out.timed_out = true;
    co_return out;
}

}  // namespace axis::http
