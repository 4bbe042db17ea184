// Time and memory of this process, as the kernel counts them.
#pragma once

#include <time.h>

#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>

namespace axis::bench {

inline double seconds(clockid_t clock) {
    timespec at{};
    clock_gettime(clock, &at);
    return static_cast<double>(at.tv_sec) + static_cast<double>(at.tv_nsec) * 1e-9;
}

// Wall and CPU time (all threads) since it was made.
class Watch {
public:
    double wall() const { return seconds(CLOCK_MONOTONIC) - wall_; }
    double cpu() const { return seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu_; }

private:
    double wall_ = seconds(CLOCK_MONOTONIC);
    double cpu_ = seconds(CLOCK_PROCESS_CPUTIME_ID);
};

// VmRSS, VmHWM (the highest so far) of /proc/self/status, in bytes.
inline std::uint64_t resident(std::string_view field) {
    std::ifstream status{"/proc/self/status"};
    for (std::string line; std::getline(status, line);)
        if (line.starts_with(field)) return std::stoull(line.substr(field.size() + 1)) * 1024;
    return 0;
}

}  // namespace axis::bench
