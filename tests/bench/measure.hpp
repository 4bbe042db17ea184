// Time and memory of this process, as the kernel counts them.
#pragma once

#include <time.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

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

// The best of many short batches: the machine is shared, and what disturbs only adds.
class Best {
public:
    explicit Best(int repeats) : repeats_{repeats} {}
    template <class F>
    void take(F f) {
        const Watch watch;
        for (int i = 0; i < repeats_; ++i) f();
        wall_ = std::min(wall_, watch.wall() * 1e6 / repeats_);
        cpu_ = std::min(cpu_, watch.cpu() * 1e6 / repeats_);
    }
    double wall_us() const { return wall_; }
    double cpu_us() const { return cpu_; }  // of this process alone

private:
    int repeats_;
    double wall_ = std::numeric_limits<double>::infinity();
    double cpu_ = std::numeric_limits<double>::infinity();
};

inline double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

// VmRSS, VmHWM (the highest so far) of /proc/self/status, in bytes.
inline std::uint64_t resident(std::string_view field) {
    std::ifstream status{"/proc/self/status"};
    for (std::string line; std::getline(status, line);)
        if (line.starts_with(field)) return std::stoull(line.substr(field.size() + 1)) * 1024;
    return 0;
}

}  // namespace axis::bench
