// Task: a coroutine on the io thread.
// co_await stands alone in its statement, its result goes into a named local, and its arguments hold no
// braces and no capturing lambda: g++ 12 miscompiles the other forms (scripts/check refuses them).
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

namespace axis {

namespace asio = boost::asio;

template <class T = void>
using Task = asio::awaitable<T>;

}  // namespace axis
