// What the world sends through the gateway, and what became of it as the world saw it: the truth the ledger
// is held against. Thread: one.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/base/digest.hpp"
#include "gateway/model/ids.hpp"

#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace axis::simulation {

struct File {
    std::string name;
    std::string bytes;
};

// One document. Its subject holds a mark by which it is known wherever it turns up.
struct Letter {
    std::size_t n = 0;
    std::string origin;  // the endpoint it enters through: a unit or an axis
    std::string from;    // agency
    bool foreign() const { return origin == "national" || origin == "tinh"; }
    std::vector<std::string> to;  // agencies
    std::vector<File> files;
    int priority = 0;
    bool refused = false;                // the axis refuses it for good
    Time created{};                      // true time
    std::optional<model::MessageId> id;  // as answered, or as somebody was told
    bool answered = false;               // the gateway said yes: it is responsible

    // what was seen of it
    struct Taken {
        std::string axis;
        std::string doc_id;
        Time at{};
    };
    std::vector<Taken> taken;                            // by axes
    std::map<std::string, std::set<std::int64_t>> told;  // unit → events that brought it
    std::map<std::string, Sha256> sent_as;               // axis → bytes of the first attempt
    std::map<std::string, std::size_t> arrived;          // recipient → times its 01 came back

    // What no other text holds, as "sim-12;".
    std::string mark() const { return "sim-" + std::to_string(n) + ";"; }
    std::string number() const { return std::to_string(n); }
    std::string full_number() const { return number() + "/MP-VP"; }
};

// One status about a letter. Its description holds its mark.
struct Report {
    std::size_t n = 0;
    std::size_t letter = 0;
    std::string origin;  // the endpoint it enters through
    std::string from;    // agency that speaks
    std::string code;
    bool answered = false;
    std::string to_axis;          // where it must turn up, or
    std::string to_unit;          // whose events must tell it
    std::set<std::int64_t> told;  // by these events
    std::size_t taken = 0;        // times the axis got it

    std::string mark() const { return "word-" + std::to_string(n) + ";"; }
};

// The number behind `prefix` in a text, up to ';'.
inline std::optional<std::size_t> marked(std::string_view text, std::string_view prefix) {
    const auto at = text.find(prefix);
    if (at == std::string_view::npos) return std::nullopt;
    std::size_t n = 0;
    for (auto i = at + prefix.size(); i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i)
        n = n * 10 + static_cast<std::size_t>(text[i] - '0');
    return n;
}

// The number of the letter whose full number stands in a text, "12/MP-VP".
inline std::optional<std::size_t> numbered(std::string_view text) {
    const auto end = text.find("/MP-VP");
    if (end == std::string_view::npos) return std::nullopt;
    auto begin = end;
    while (begin > 0 && text[begin - 1] >= '0' && text[begin - 1] <= '9') --begin;
    return static_cast<std::size_t>(std::atoll(std::string{text.substr(begin, end - begin)}.c_str()));
}

struct Papers {
    std::vector<Letter> letters;  // never shrinks
    std::vector<Report> reports;
};

// The axis that reaches an agency; "" for ours.
inline std::string axis_of(const std::string& agency) {
    return agency == "G99" ? "national" : agency == "G97" ? "tinh" : "";
}
// The unit whose software serves an agency; "" for others.
inline std::string unit_of(const std::string& agency) {
    return agency == "G98" ? "bo" : agency == "G98.11" ? "cuc1" : agency == "G98.12" ? "cuc2" : "";
}
inline std::string endpoint_of(const std::string& agency) {
    const auto axis = axis_of(agency);
    return axis.empty() ? unit_of(agency) : axis;
}

}  // namespace axis::simulation
