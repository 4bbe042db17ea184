// A stored document on its way out, as raw bytes (downloadEdoc) or as base64 in JSON (getEdoc): streamed from
// disk.
#pragma once

#include "gateway/base/file.hpp"
#include "gateway/http/server.hpp"

#include <cstdint>
#include <optional>

namespace axis::sim {

struct Download {
    Fd file;
    std::uint64_t bytes = 0;
    bool as_json = false;
    std::optional<std::uint64_t> cut_after;  // fault: the connection ends after that much of the body
};

// Opens a file for download; with `consume` its name disappears at once.
Result<Download> open_download(const std::filesystem::path& path, bool consume);
Task<> send_download(http::Exchange& exchange, Download download);

}  // namespace axis::sim
