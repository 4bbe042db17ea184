#include "gateway/base/log.hpp"

#include "gateway/base/clock.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <mutex>

namespace axis::log {

namespace {

std::atomic<Level> threshold{Level::info};
std::mutex watcher_mutex;
Watcher watcher;

constexpr std::string_view names[]{"debug", "info", "warn", "error"};

spdlog::logger& sink() {
    static const auto logger = [] {
        auto made =
            std::make_shared<spdlog::logger>("axis", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        made->set_pattern("%v");
        made->set_level(spdlog::level::trace);
        return made;
    }();
    return *logger;
}

Time wall_clock() {
    return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

bool plain(std::string_view value) {
    if (value.empty()) return false;
    for (const char c : value)
        if (static_cast<unsigned char>(c) <= 0x20 || c == '"' || c == '\\' || c == '=' || c == 0x7f)
            return false;
    return true;
}

}  // namespace

void set_level(Level level) {
    threshold = level;
}

bool enabled(Level level) {
    return level >= threshold.load(std::memory_order_relaxed);
}

Watcher watch(Watcher next) {
    const std::lock_guard lock{watcher_mutex};
    return std::exchange(watcher, std::move(next));
}

std::string escaped(std::string_view value) {
    if (plain(value)) return std::string{value};
    static constexpr char hex[] = "0123456789abcdef";
    std::string out{"\""};
    for (const char c : value) {
        const auto u = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if (u < 0x20 || u == 0x7f) {
            out += "\\x";
            out += hex[u >> 4];
            out += hex[u & 15];
        } else {
            out += c;
        }
    }
    return out += '"';
}

void write(Level level, std::string_view event, const std::vector<Field>& fields) {
    std::string line = to_local_text(wall_clock());
    line += ' ';
    line += names[static_cast<std::size_t>(level)];
    line += ' ';
    line += event;
    for (const auto& field : fields) {
        line += ' ';
        line += field.key;
        line += '=';
        line += escaped(field.value);
    }
    sink().info(line);
    const std::lock_guard lock{watcher_mutex};
    if (watcher) watcher(level, event, fields);
}

}  // namespace axis::log
