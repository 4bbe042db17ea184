// The measurements of ledger_bench.
#pragma once

#include "tests/bench/rows.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>

namespace axis::bench {

struct LoadPlan {
    std::uint64_t first = 1;
    std::uint64_t count = 1;
    std::size_t connections = 1;
    double per_second = 0;  // 0: as fast as answers come
};

// A file with one whole HTTP request and its marks (http_load.cpp), sent `count` times with other numbers.
Rows post(std::uint16_t port, const std::filesystem::path& request, const LoadPlan& plan);

// The ledger's own statements in a loop on one thread: messages of a document each, `batch` in a transaction.
struct FillPlan {
    std::uint64_t count = 1;
    std::uint64_t batch = 1;
    std::size_t skeleton_bytes = 4096;
    std::size_t text_bytes = 0;
    bool done = false;    // the deliveries, as after they were sent
    bool durable = true;  // synchronous=FULL, as the daemon does it
};
Rows fill(const std::filesystem::path& ledger, const FillPlan& plan);

}  // namespace axis::bench
