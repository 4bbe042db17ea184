#include "gateway/base/error.hpp"

#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace axis {

const std::vector<ErrorRow>& error_table() {
    static const std::vector<ErrorRow> table{
        {errc::none, "none", 200, false, "No error", "Không có lỗi.", ""},
#define AXIS_ERROR(name, code, http, retryable, title, text, action) \
    {errc::name, code, http, retryable, title, text, action},
#include "gateway/base/errors.def"
#undef AXIS_ERROR
    };
    return table;
}

const ErrorRow& row(errc e) noexcept {
    return error_table()[static_cast<std::size_t>(e)];
}

std::string to_string(const Error& e) {
    std::string text{row(e.code).code};
    if (!e.detail.empty()) text += ": " + e.detail;
    for (const auto& fault : e.faults) {
        text += "; " + fault.pointer + " " + std::string{row(fault.code).code};
        if (!fault.detail.empty()) text += " (" + fault.detail + ")";
    }
    return text;
}

std::ostream& operator<<(std::ostream& os, const Error& e) {
    return os << to_string(e);
}

void throw_exception_from_error(const Error& e, const boost::source_location& where) {
    throw std::runtime_error(to_string(e) + " at " + where.to_string());
}

void assertion_failed(const char* expression, const char* file, int line) noexcept {
    std::fprintf(stderr, "axisd: bug: %s is false at %s:%d\n", expression, file, line);
    std::abort();
}

}  // namespace axis
