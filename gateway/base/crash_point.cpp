#include "gateway/base/crash_point.hpp"

#ifdef AXIS_CRASH_POINTS
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <string>

namespace axis {

namespace {

struct Wish {
    std::string name;
    std::atomic<int> passes_left{1};
};

Wish& wish() {
    static Wish the_wish;
    static const bool read = [] {
        const char* text = std::getenv("AXISD_CRASH_AT");
        if (!text) return false;
        const std::string_view value{text};
        const auto colon = value.find(':');
        the_wish.name = value.substr(0, colon);
        if (colon != std::string_view::npos) the_wish.passes_left = std::atoi(text + colon + 1);
        return true;
    }();
    (void)read;
    return the_wish;
}

}  // namespace

void crash_point(std::string_view name) {
    auto& w = wish();
    if (w.name.empty() || w.name != name) return;
    if (--w.passes_left == 0) std::raise(SIGKILL);
}

}  // namespace axis
#endif

#ifndef AXIS_CRASH_POINTS
namespace axis {

void crash_point(std::string_view) {}

}  // namespace axis
#endif
