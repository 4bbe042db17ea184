// Files read in the pieces that intake gathers, and what must be so.
#pragma once

#include "gateway/base/file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

namespace axis::bench {

constexpr std::size_t piece_bytes = 256 * 1024;  // what intake gathers per hop to its pool

inline void must(bool ok, const std::string& what) {
    if (!ok) throw std::runtime_error(what);
}

template <class F>
void each_piece(const std::filesystem::path& path, F f) {
    const Fd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    must(static_cast<bool>(fd), "cannot open " + path.string());
    std::string buffer(piece_bytes, '\0');
    for (;;) {
        const auto n = ::read(fd.get(), buffer.data(), buffer.size());
        must(n >= 0, "cannot read " + path.string());
        if (n == 0) return;
        f(std::string_view{buffer}.substr(0, static_cast<std::size_t>(n)));
    }
}

}  // namespace axis::bench
