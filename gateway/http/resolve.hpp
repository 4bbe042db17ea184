// Names to addresses within a deadline. Private to http. Thread: io.
#pragma once

#include "gateway/base/task.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace axis::http {

struct Resolved {
    boost::system::error_code ec;
    bool timed_out = false;
    std::vector<asio::ip::tcp::endpoint> endpoints;
};

// getaddrinfo cannot be interrupted: after the deadline it goes on in Asio's thread and its answer is
// dropped.
Task<Resolved> resolve(
    asio::io_context& io, std::string host, std::uint16_t port, std::chrono::steady_clock::time_point deadline
);

}  // namespace axis::http
