#include "gateway/model/date.hpp"

#include "gateway/base/text.hpp"

#include <cstdio>

namespace axis::model {

namespace {

std::optional<unsigned> number(std::string_view text, std::size_t digits) {
    if (text.size() != digits) return std::nullopt;
    unsigned value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + static_cast<unsigned>(c - '0');
    }
    return value;
}

std::optional<std::chrono::year_month_day> day_of(std::string_view text) {
    if (text.size() < 10 || (text.size() > 10 && text[10] != ' ' && text[10] != 'T')) return std::nullopt;
    text = text.substr(0, 10);
    const bool year_first = (text[4] == '/' || text[4] == '-') && text[7] == text[4];
    const bool day_first = (text[2] == '/' || text[2] == '-') && text[5] == text[2];
    if (!year_first && !day_first) return std::nullopt;
    const auto y = number(year_first ? text.substr(0, 4) : text.substr(6, 4), 4);
    const auto m = number(year_first ? text.substr(5, 2) : text.substr(3, 2), 2);
    const auto d = number(year_first ? text.substr(8, 2) : text.substr(0, 2), 2);
    if (!y || !m || !d) return std::nullopt;
    const std::chrono::year_month_day day{
        std::chrono::year{static_cast<int>(*y)}, std::chrono::month{*m}, std::chrono::day{*d}};
    return day.ok() ? std::optional{day} : std::nullopt;
}

std::string with(const Date& date, char mark) {
    if (!date.day) return date.written;
    char buffer[32];
    std::snprintf(
        buffer,
        sizeof buffer,
        "%04d%c%02u%c%02u",
        static_cast<int>(date.day->year()),
        mark,
        static_cast<unsigned>(date.day->month()),
        mark,
        static_cast<unsigned>(date.day->day())
    );
    return buffer;
}

}  // namespace

std::string Date::slashed() const {
    return with(*this, '/');
}

std::string Date::dashed() const {
    return with(*this, '-');
}

Date Date::read(std::string_view text) {
    text = trimmed(text);
    return {std::string{text}, day_of(text)};
}

}  // namespace axis::model
