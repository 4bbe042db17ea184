// run(io, task): drives one coroutine to its end on a private io_context; its exception reaches the test.
#pragma once

#include "gateway/base/task.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <optional>

namespace axis::test {

template <class T>
T run(asio::io_context& io, Task<T> task) {
    std::exception_ptr error;
    std::optional<T> result;
    auto done = [&](std::exception_ptr e, T value) {
        error = e;
        if (!e) result.emplace(std::move(value));
    };
    asio::co_spawn(io, std::move(task), std::move(done));
    io.restart();
    io.run();
    if (error) std::rethrow_exception(error);
    return std::move(*result);
}

inline void run(asio::io_context& io, Task<void> task) {
    std::exception_ptr error;
    auto done = [&](std::exception_ptr e) { error = e; };
    asio::co_spawn(io, std::move(task), std::move(done));
    io.restart();
    io.run();
    if (error) std::rethrow_exception(error);
}

template <class T>
T run(Task<T> task) {
    asio::io_context io;
    return run(io, std::move(task));
}

inline void run(Task<void> task) {
    asio::io_context io;
    run(io, std::move(task));
}

}  // namespace axis::test
