// Error and Result: how a function says "this can fail and the caller can act".
// Every code, its HTTP status and its texts stand in errors.def; nothing else invents refusals.
// Any thread. A Result in hand must be looked at; .value() on an error throws (a bug of ours).
#pragma once

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace axis {

enum class errc : std::uint16_t {
    none = 0,
#define AXIS_ERROR(name, ...) name,
#include "gateway/base/errors.def"
#undef AXIS_ERROR
};

// One row of the table. `code` is stable for ever; `text` and `action` are Vietnamese.
struct ErrorRow {
    errc value;
    std::string_view code;
    unsigned http_status;
    bool retryable;
    std::string_view title;
    std::string_view text;
    std::string_view action;
};

const ErrorRow& row(errc e) noexcept;
const std::vector<ErrorRow>& error_table();

// One of several things wrong with the same input. `pointer` is a JSON pointer, an XPath or file:line.
struct Fault {
    std::string pointer;
    errc code = errc::none;
    std::string detail;
};

struct Error {
    errc code = errc::none;
    std::string detail;  // for the log and the caller's programmer; never a secret, never document text
    std::vector<Fault> faults;

    Error() = default;  // boost::system::result needs it
    Error(errc c, std::string d = {}) : code{c}, detail{std::move(d)} {}
    Error(errc c, std::string d, std::vector<Fault> f)
        : code{c}, detail{std::move(d)}, faults{std::move(f)} {}
};

std::ostream& operator<<(std::ostream& os, const Error& e);
std::string to_string(const Error& e);

template <class T = void>
using Result = boost::system::result<T, Error>;

[[noreturn]] void throw_exception_from_error(const Error& e, const boost::source_location& where);

// A bug of ours, not of the input: says where and ends the process, in release too.
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line) noexcept;

}  // namespace axis

#define AXIS_ASSERT(expression) \
    ((expression) ? void(0) : ::axis::assertion_failed(#expression, __FILE__, __LINE__))
