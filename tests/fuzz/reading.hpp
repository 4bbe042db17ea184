// What must hold of every envelope, shared by the harnesses `reader` and `status`.
#pragma once

#include <string_view>

namespace axis::fuzz {

// - It is checked the same however it is cut.
// - What reads can be written, and reads again as the same value and with the same files: read(write(x)) ==
// x.
// - One TraceHeader more changes nothing but the trace.
// - A document is the same in the package's JSON (gateway/package/README.md).
void check_envelope(std::string_view input);

}  // namespace axis::fuzz
