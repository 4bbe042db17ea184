// Alarms: named conditions that are raised and cleared, shown in `axisctl status`, the log and the metrics.
//
//   raise("axis.unreachable", "national", "…")   logged once; again only when the text changes
//   clear("axis.unreachable", "national")        logged once
//
// Thread: io.
#pragma once

#include "gateway/base/clock.hpp"

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace axis::observe {

struct Alarm {
    std::string name;     // "axis.unreachable"
    std::string subject;  // endpoint, file, …
    std::string text;     // English, for the log; what to do is in alarm_catalogue()
    Time since{};
};

// Every alarm this program knows and what the reader does about it, in both languages; scripts and help print
// it.
struct AlarmRow {
    std::string_view name;
    std::string_view meaning;
    std::string_view action_vi;
};
const std::vector<AlarmRow>& alarm_catalogue();

class Alarms {
public:
    explicit Alarms(Clock& clock) : clock_{clock} {}

    void raise(
        std::string_view name, std::string_view subject, std::string_view text
    );  // the name must be in the catalogue
    void clear(std::string_view name, std::string_view subject);
    void set(bool raised, std::string_view name, std::string_view subject, std::string_view text);
    std::vector<Alarm> active() const;
    bool is_active(std::string_view name, std::string_view subject) const;

private:
    Clock& clock_;
    std::map<std::pair<std::string, std::string>, Alarm, std::less<>> active_;
};

}  // namespace axis::observe
