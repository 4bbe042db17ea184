// within(io, limit, task): the task's result, or nothing when the limit came first; the loser is cancelled
// and awaited. Same executor only (asio#1332). A stream whose operation was cut off here is spent: close it.
// The limit is real time on purpose: it guards sockets, never the flow's own waits (those use Clock).
#pragma once

#include "gateway/base/task.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <optional>
#include <utility>
#include <variant>

namespace axis {

template <class T>
Task<std::optional<T>> within(std::chrono::milliseconds limit, Task<T> work) {
    using namespace asio::experimental::awaitable_operators;
    asio::steady_timer timer{co_await asio::this_coro::executor, limit};
    auto done =
        co_await (std::move(work) || timer.async_wait(asio::use_awaitable));  // co_await: ok, one executor
    if (done.index() == 1) co_return std::nullopt;
    co_return std::get<0>(std::move(done));
}

// For a task without a result: true when it finished in time.
inline Task<bool> within(std::chrono::milliseconds limit, Task<void> work) {
    using namespace asio::experimental::awaitable_operators;
    asio::steady_timer timer{co_await asio::this_coro::executor, limit};
    auto done =
        co_await (std::move(work) || timer.async_wait(asio::use_awaitable));  // co_await: ok, one executor
    co_return done.index() == 0;
}

}  // namespace axis
