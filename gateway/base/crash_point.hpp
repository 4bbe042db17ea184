// crash_point("name"): where a test may kill the process as a power cut would (tests/crash).
//
//   AXISD_CRASH_AT=after_send axisd …      dies by SIGKILL at the first pass of that point; after_send:3 at
//   the third
//
// Alive in test builds only (AXIS_CRASH_POINTS); in the release build it does nothing. Thread: any.
#pragma once

#include <string_view>

namespace axis {

void crash_point(std::string_view name);

}  // namespace axis
