// The log: one event a line on stderr, key=value, always the same keys (architecture §4).
//
//   log::warn("delivery.deferred", "msg", id, "to", "G99", "reason", "peer.timeout");
//   2026-11-21T09:21:07.412+07:00 warn delivery.deferred msg=01J9X… to=G99 reason=peer.timeout
//
// Levels by what the reader does: error = act now, warn = look today, info = milestones, debug = off.
// Values with blanks, quotes or control characters are quoted and escaped, so that no document can forge a
// line. Never pass secrets, signed headers or document bodies. Thread: any.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace axis::log {

enum class Level { debug, info, warn, error };

struct Field {
    std::string_view key;
    std::string value;
};

void set_level(Level level);
bool enabled(Level level);
// Tests watch events here; an empty function goes back to stderr alone. Returns the one that was set before.
using Watcher = std::function<void(Level, std::string_view event, const std::vector<Field>&)>;
Watcher watch(Watcher watcher);

void write(Level level, std::string_view event, const std::vector<Field>& fields);
std::string escaped(std::string_view value);

namespace detail {
template <class T>
std::string text(const T& value) {
    if constexpr (std::is_same_v<T, bool>) {
        return value ? "true" : "false";
    } else if constexpr (std::is_arithmetic_v<T>) {
        return std::to_string(value);
    } else if constexpr (requires { std::string{std::string_view{value}}; }) {
        return std::string{std::string_view{value}};
    } else {
        return to_string(value);
    }
}
inline void collect(std::vector<Field>&) {}
template <class V, class... Rest>
void collect(std::vector<Field>& out, std::string_view key, const V& value, const Rest&... rest) {
    out.push_back({key, text(value)});
    collect(out, rest...);
}
template <class... A>
void emit(Level level, std::string_view event, const A&... fields) {
    if (!enabled(level)) return;
    std::vector<Field> out;
    out.reserve(sizeof...(A) / 2);
    collect(out, fields...);
    write(level, event, out);
}
}  // namespace detail

template <class... A>
void debug(std::string_view event, const A&... fields) {
    detail::emit(Level::debug, event, fields...);
}
template <class... A>
void info(std::string_view event, const A&... fields) {
    detail::emit(Level::info, event, fields...);
}
template <class... A>
void warn(std::string_view event, const A&... fields) {
    detail::emit(Level::warn, event, fields...);
}
template <class... A>
void error(std::string_view event, const A&... fields) {
    detail::emit(Level::error, event, fields...);
}

}  // namespace axis::log
