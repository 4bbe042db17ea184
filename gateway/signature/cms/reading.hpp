// What the readers of binary structures share: why something is not read further. Internal to signature/.
#pragma once

#include "gateway/base/error.hpp"
#include "gateway/signature/judgement.hpp"

#include <boost/system/result.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace axis::signature::cms {

struct Limits {
    std::size_t bytes_max = 1024 * 1024;
    std::size_t certificates_max = 32;  // of one message
};

struct Fault {
    Reason reason = Reason::pdf_structure;
    std::string detail;
    std::optional<Error> io;  // it could not be read at all: no judgement, an error
};
[[noreturn]] void throw_exception_from_error(const Fault& fault, const boost::source_location& where);

template <class T = void>
using Read = boost::system::result<T, Fault>;

Fault beyond(std::string_view limit);  // the name of a limit

}  // namespace axis::signature::cms
