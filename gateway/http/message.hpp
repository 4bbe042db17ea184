// What the two ends of HTTP have in common: header fields and targets, without Beast.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace axis::http {

// Header fields in order of arrival; names compare without case.
class Headers {
public:
    void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
    void set(std::string_view name, std::string value);
    std::optional<std::string_view> get(std::string_view name) const;  // the first of that name
    std::size_t count(std::string_view name) const;
    auto begin() const { return fields_.begin(); }
    auto end() const { return fields_.end(); }

private:
    std::vector<std::pair<std::string, std::string>> fields_;
};

// An origin-form target, decoded: path segments and query parameters, in order.
struct Target {
    std::string path;                   // as received, without the query
    std::vector<std::string> segments;  // percent-decoded; "/v1/messages/X" gives {"v1","messages","X"}
    std::vector<std::pair<std::string, std::string>> query;
    std::optional<std::string_view> parameter(std::string_view name) const;
    // Nothing for anything a careful server must not guess about: dot segments, %00, backslash, bad escapes.
    static std::optional<Target> parse(std::string_view text);
};

}  // namespace axis::http
