// Filter: the data of object and cross-reference streams (ISO 32000-1 §7.4.4): as it is, or FlateDecode with
// PNG's predictors; nothing else occurs in them that is looked at here, and page content never is. Internal
// to signature/pdf. Memory: decoded_bytes_max, however much the data would expand to.
#pragma once

#include "gateway/signature/pdf/reader.hpp"
#include "gateway/signature/pdf/value.hpp"

#include <string>

namespace axis::signature::pdf {

Read<std::string> decoded(const Stream& stream, std::uint64_t end, Reader& reader);

}  // namespace axis::signature::pdf
