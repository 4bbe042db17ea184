// Date: a day as a document states it. The writing is kept beside the meaning: partners match on the text.
#pragma once

#include "gateway/base/clock.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace axis::model {

struct Date {
    std::string written;                             // as it stood, trimmed
    std::optional<std::chrono::year_month_day> day;  // nothing when impossible (2014/02/30) or unreadable

    bool empty() const { return written.empty(); }
    std::string slashed() const;  // yyyy/MM/dd, or as written when unreadable: the envelope's form
    std::string dashed() const;   // yyyy-MM-dd, or as written: the package's form
    // Reads yyyy/MM/dd, yyyy-MM-dd and dd/MM/yyyy, each with an optional time after a blank or T.
    static Date read(std::string_view text);
    friend bool operator==(const Date& a, const Date& b) {
        return a.day && b.day ? *a.day == *b.day : a.written == b.written;
    }
};

}  // namespace axis::model
