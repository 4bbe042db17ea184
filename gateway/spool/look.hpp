// The spool's folder looked at from outside, beside a running daemon or without one: changes nothing.
// Blocking; any thread.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/base/digest.hpp"
#include "gateway/base/error.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>

namespace axis::spool {

// Where a text of this digest lies below the spool's folder.
std::filesystem::path address_in(const std::filesystem::path& spool, const Sha256& sha256);

struct SeenText {
    Sha256 sha256;
    std::uint64_t bytes = 0;
    bool young = false;  // published within `young_for`, by the file system's own clock
};
// Every published text; tmp/ and foreign names are passed over. A spool that is not there has none.
Result<> each_text(
    const std::filesystem::path& spool,
    std::chrono::seconds young_for,
    const std::function<Result<>(const SeenText&)>& visit
);

// Reads the whole file. io_failed.
Result<Sha256> digest_of_file(const std::filesystem::path& file);

}  // namespace axis::spool
