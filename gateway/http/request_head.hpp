// The checks of a request's head that Beast leaves to us (security.md §2.3). Pure. Private to http. Any
// thread.
#pragma once

#include "gateway/base/error.hpp"
#include "gateway/http/message.hpp"
#include "gateway/http/server.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace axis::http {

// Finds the end of a head in bytes that arrive in pieces, and refuses at the first byte that is out of order:
// NUL, CR or LF alone, a folded line, an empty first line, a head or a request line over its limit.
class HeadScan {
public:
    explicit HeadScan(const ServerLimits& limits) : limits_{limits} {}
    // `bytes`: all that arrived so far. The head's length with its empty line, or nothing yet.
    Result<std::optional<std::size_t>> advance(std::string_view bytes);

private:
    Result<> look_at(char c);

    const ServerLimits& limits_;
    std::size_t at_ = 0;
    std::size_t line_start_ = 0;
    std::size_t first_line_ = 0;  // its length, 0 before its end
    char before_ = 0;
    bool done_ = false;
};

// The version named by the first line: http_version for another HTTP, http_malformed for anything else.
Result<> check_version(std::string_view head);

struct HeadFields {
    std::string_view method;
    std::string_view target;
    const Headers& headers;
    int version = 11;
};

// Framing, host, target and encoding; the decoded target when all is in order.
Result<Target> check_head(const HeadFields& head);

}  // namespace axis::http
