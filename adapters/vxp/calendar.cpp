#include "adapters/vxp/calendar.hpp"

#include "gateway/base/text.hpp"

#include <algorithm>
#include <charconv>

namespace axis::vxp {

namespace {

// to_local_text() gives 2026-11-21T09:21:07.412+07:00; these are the places of its parts.
struct Parts {
    explicit Parts(Time at) : text{to_local_text(at)} {}
    std::string_view get(std::size_t from, std::size_t count) const {
        return std::string_view{text}.substr(from, count);
    }
    std::string_view year() const { return get(0, 4); }
    std::string_view month() const { return get(5, 2); }
    std::string_view day() const { return get(8, 2); }
    std::string_view hour() const { return get(11, 2); }
    std::string_view minute() const { return get(14, 2); }
    std::string_view second() const { return get(17, 2); }
    std::string_view millisecond() const { return get(20, 3); }
    std::string text;
};

std::string joined(std::initializer_list<std::string_view> pieces) {
    std::string out;
    for (const auto piece : pieces) out += piece;
    return out;
}

std::optional<Time> epoch(std::string_view text) {
    std::int64_t value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = read.ec == std::errc{} && read.ptr == text.data() + text.size();
    if (!whole || text.size() != 13) return std::nullopt;
    return Time{Duration{value}};
}

// yyyy-MM-dd HH:mm:ss with a fraction of any length: parse_time() wants three digits or none.
std::string without_fraction(std::string_view text) {
    const auto dot = text.find('.');
    if (dot == std::string_view::npos) return std::string{text};
    const auto end = text.find_first_not_of("0123456789", dot + 1);
    return joined({text.substr(0, dot), end == std::string_view::npos ? "" : text.substr(end)});
}

}  // namespace

std::string timestamp(Time at) {
    const Parts p{at};
    return joined({p.day(), p.month(), p.year(), "T", p.hour(), p.minute(), p.second(), "+0", p.millisecond()}
    );
}

std::string list_time(Time at) {
    const Parts p{at};
    return joined({p.day(), "/", p.month(), "/", p.year(), " ", p.hour(), ":", p.minute(), ":", p.second()});
}

std::optional<Time> read_list_time(std::string_view text) {
    text = trimmed(text);
    if (const auto at = epoch(text)) return at;
    std::string plain = without_fraction(text);
    const bool day_first = plain.size() >= 10 && plain[2] == plain[5] && (plain[2] == '/' || plain[2] == '-');
    if (day_first) {
        const std::string_view v = plain;
        plain = joined({v.substr(6, 4), "-", v.substr(3, 2), "-", v.substr(0, 2), v.substr(10)});
    }
    Time at{};
    if (!parse_time(plain, at)) return std::nullopt;
    return at;
}

}  // namespace axis::vxp
