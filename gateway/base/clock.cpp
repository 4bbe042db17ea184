#include "gateway/base/clock.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <cstdio>

namespace axis {

namespace {

constexpr std::chrono::hours vietnam{7};
// The wall clock may jump while a timer runs: look again at least this often.
constexpr Duration look_again{std::chrono::minutes{1}};

std::tm broken_down(Time local) {
    const auto day = std::chrono::floor<std::chrono::days>(local);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::seconds>(local - day)};
    std::tm tm{};
    tm.tm_year = static_cast<int>(date.year());
    tm.tm_mon = static_cast<int>(static_cast<unsigned>(date.month()));
    tm.tm_mday = static_cast<int>(static_cast<unsigned>(date.day()));
    tm.tm_hour = static_cast<int>(clock.hours().count());
    tm.tm_min = static_cast<int>(clock.minutes().count());
    tm.tm_sec = static_cast<int>(clock.seconds().count());
    return tm;
}

// Reads exactly `width` digits at `at`.
bool digits(std::string_view text, std::size_t& at, std::size_t width, int& out) {
    if (at + width > text.size()) return false;
    out = 0;
    for (std::size_t i = 0; i < width; ++i) {
        const char c = text[at + i];
        if (c < '0' || c > '9') return false;
        out = out * 10 + (c - '0');
    }
    at += width;
    return true;
}

bool one_of(std::string_view text, std::size_t& at, std::string_view allowed) {
    if (at >= text.size() || allowed.find(text[at]) == std::string_view::npos) return false;
    ++at;
    return true;
}

bool parse_zone(std::string_view text, std::size_t& at, std::chrono::minutes& zone) {
    if (at == text.size()) return true;
    if (text[at] == 'Z') {
        zone = std::chrono::minutes{0};
        return ++at == text.size();
    }
    const int sign = text[at] == '-' ? -1 : 1;
    int h = 0;
    int m = 0;
    if (!one_of(text, at, "+-") || !digits(text, at, 2, h) || !one_of(text, at, ":") ||
        !digits(text, at, 2, m))
        return false;
    zone = std::chrono::minutes{sign * (h * 60 + m)};
    return at == text.size() && h < 15 && m < 60;
}

}  // namespace

void Wakeup::notify() {
    pending_ = true;
    timer_.cancel();
}

Time SystemClock::now() const {
    return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

Duration SystemClock::uptime() const {
    timespec since{};
    ::clock_gettime(CLOCK_BOOTTIME, &since);
    return std::chrono::duration_cast<Duration>(
        std::chrono::seconds{since.tv_sec} + std::chrono::nanoseconds{since.tv_nsec}
    );
}

Task<> SystemClock::sleep_until(Time when) {
    asio::steady_timer timer{io_};
    for (auto left = when - now(); left > Duration{0}; left = when - now()) {
        timer.expires_after(std::min<Duration>(left, look_again));
        co_await timer.async_wait(asio::use_awaitable);
    }
}

Task<> SystemClock::wait(Wakeup& wakeup, Time when) {
    while (!wakeup.pending_) {
        const auto left = when - now();
        if (left <= Duration{0}) break;
        wakeup.timer_.expires_after(std::min<Duration>(left, look_again));
        boost::system::error_code ec;
        co_await wakeup.timer_.async_wait(asio::redirect_error(asio::use_awaitable, ec));
        const auto state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none)
            throw boost::system::system_error(asio::error::operation_aborted);
    }
    wakeup.pending_ = false;
}

struct ManualClock::Sleeper {
    Sleeper(ManualClock& owner, Time when, asio::steady_timer& timer) : clock{owner} {
        timer.expires_at(std::chrono::steady_clock::time_point::max());
        at = clock.sleepers_.emplace(when, &timer);
    }
    ~Sleeper() { clock.sleepers_.erase(at); }
    Sleeper(const Sleeper&) = delete;
    Sleeper& operator=(const Sleeper&) = delete;

    ManualClock& clock;
    std::multimap<Time, asio::steady_timer*>::iterator at;
};

Task<> ManualClock::sleep_until(Time when) {
    asio::steady_timer timer{io_};
    while (now() < when) {
        Sleeper sleeper{*this, when, timer};
        boost::system::error_code ec;
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ec));
        const auto state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none)
            throw boost::system::system_error(asio::error::operation_aborted);
    }
}

Task<> ManualClock::wait(Wakeup& wakeup, Time when) {
    while (!wakeup.pending_ && now() < when) {
        Sleeper sleeper{*this, when, wakeup.timer_};
        boost::system::error_code ec;
        co_await wakeup.timer_.async_wait(asio::redirect_error(asio::use_awaitable, ec));
        const auto state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none)
            throw boost::system::system_error(asio::error::operation_aborted);
    }
    wakeup.pending_ = false;
}

void ManualClock::advance(Duration by) {
    now_ = now_.load() + by;
    for (auto& [when, timer] : sleepers_) {
        if (when > now_.load()) break;
        timer->cancel();
    }
}

Time ManualClock::next_wake() const {
    return sleepers_.empty() ? Time::max() : sleepers_.begin()->first;
}

std::string to_local_text(Time t) {
    const auto local = t + vietnam;
    const auto tm = broken_down(local);
    const auto ms = (local - std::chrono::floor<std::chrono::seconds>(local)).count();
    char buffer[64];
    std::snprintf(
        buffer,
        sizeof buffer,
        "%04d-%02d-%02dT%02d:%02d:%02d.%03d+07:00",
        tm.tm_year,
        tm.tm_mon,
        tm.tm_mday,
        tm.tm_hour,
        tm.tm_min,
        tm.tm_sec,
        static_cast<int>(ms)
    );
    return buffer;
}

std::string to_envelope_text(Time t) {
    const auto tm = broken_down(t + vietnam);
    char buffer[64];
    std::snprintf(
        buffer,
        sizeof buffer,
        "%04d/%02d/%02d %02d:%02d:%02d",
        tm.tm_year,
        tm.tm_mon,
        tm.tm_mday,
        tm.tm_hour,
        tm.tm_min,
        tm.tm_sec
    );
    return buffer;
}

std::string to_envelope_date(Time t) {
    return to_envelope_text(t).substr(0, 10);
}

bool parse_time(std::string_view text, Time& out) {
    std::size_t at = 0;
    int y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0, ms = 0;
    if (!digits(text, at, 4, y) || !one_of(text, at, "/-") || !digits(text, at, 2, mo) ||
        !one_of(text, at, "/-") || !digits(text, at, 2, d))
        return false;
    std::chrono::minutes zone = vietnam;
    if (at < text.size()) {
        if (!one_of(text, at, " T") || !digits(text, at, 2, h) || !one_of(text, at, ":") ||
            !digits(text, at, 2, mi) || !one_of(text, at, ":") || !digits(text, at, 2, s))
            return false;
        if (at < text.size() && text[at] == '.' && (++at, !digits(text, at, 3, ms))) return false;
        if (!parse_zone(text, at, zone)) return false;
    }
    const std::chrono::year_month_day date{
        std::chrono::year{y},
        std::chrono::month{static_cast<unsigned>(mo)},
        std::chrono::day{static_cast<unsigned>(d)}};
    if (!date.ok() || h > 23 || mi > 59 || s > 60) return false;
    out = Time{std::chrono::sys_days{date}.time_since_epoch()} + std::chrono::hours{h} +
          std::chrono::minutes{mi} + std::chrono::seconds{s} + Duration{ms} - zone;
    return true;
}

}  // namespace axis
