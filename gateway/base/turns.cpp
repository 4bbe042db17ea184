#include "gateway/base/turns.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace axis {

Turns::Turn::Turn(std::shared_ptr<Line> line)
    : line_{std::move(line)}, place_{line_->emplace(line_->end())} {}

Task<> Turns::Turn::come() {
    while (!passed_ && place_ != line_->begin()) {
        auto executor = co_await asio::this_coro::executor;
        place_->emplace(executor, asio::steady_timer::time_point::max());
        boost::system::error_code cut_short;
        co_await (*place_)->async_wait(asio::redirect_error(asio::use_awaitable, cut_short));
    }
}

void Turns::Turn::pass() {
    if (std::exchange(passed_, true)) return;
    line_->erase(place_);
    if (!line_->empty() && line_->front()) line_->front()->cancel();
}

}  // namespace axis
