// offload: the one bridge from a coroutine to a Pool and back (architecture D11).
//
//   auto work = [path] { return read(path); };      // a named local: g++ 12 breaks inline capturing lambdas
//   auto text = co_await offload(files_, std::move(work));
//
// An exception of the work is thrown at the co_await. Work in a pool cannot be interrupted: cancelling the
// coroutine waits for it. Thread: io; the work runs in the pool and its result returns to the io thread.
#pragma once

#include "gateway/base/pool.hpp"
#include "gateway/base/task.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace axis {

namespace detail {
struct Nothing {};

template <class F>
auto call(F& f) {
    if constexpr (std::is_void_v<std::invoke_result_t<F&>>) {
        f();
        return Nothing{};
    } else {
        return f();
    }
}
}  // namespace detail

template <class F>
Task<std::invoke_result_t<F&>> offload(Pool& pool, F work) {
    using R = decltype(detail::call(work));
    auto home = co_await asio::this_coro::executor;
    auto initiate = [&pool, home, work = std::move(work)](auto handler) mutable {
        auto guard = asio::make_work_guard(home);
        auto job =
            [work = std::move(work), handler = std::move(handler), home, guard = std::move(guard)]() mutable {
                std::exception_ptr error;
                std::optional<R> result;
                try {
                    result.emplace(detail::call(work));
                } catch (...) {
                    error = std::current_exception();
                }
                auto finish = [handler = std::move(handler), error, result = std::move(result)]() mutable {
                    std::move(handler)(error, std::move(result));
                };
                asio::post(home, std::move(finish));
            };
        pool.post(std::move(job));
    };
    using Handler = void(std::exception_ptr, std::optional<R>);
    auto work_done = asio::async_initiate<const asio::use_awaitable_t<>, Handler>(
        std::move(initiate), asio::use_awaitable
    );
    auto result = co_await std::move(work_done);
    if constexpr (!std::is_void_v<std::invoke_result_t<F&>>) co_return *std::move(result);
}

}  // namespace axis
