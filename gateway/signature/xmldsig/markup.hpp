// The bytes of a document before a parser sees them: what is refused at once, and what would cost too much.
// Internal to signature/. Any thread.
#pragma once

#include "gateway/signature/form.hpp"
#include "gateway/signature/xmldsig/limits.hpp"

#include <optional>
#include <string_view>

namespace axis::signature {

// XML 1.0, UTF-8 or ASCII as declared, no NUL, no document type, nothing over its limit; whether it is
// well-formed is the parser's business.
std::optional<Malformed> markup_fault(std::string_view bytes, const XmldsigLimits& limits);

}  // namespace axis::signature
