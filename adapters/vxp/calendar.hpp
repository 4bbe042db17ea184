// Times in the axis' own writings, always Vietnam's wall clock (M-14). Any thread.
#pragma once

#include "gateway/base/clock.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace axis::vxp {

// 21112026T180406+0749: what stands after the plus is milliseconds, not a zone.
std::string timestamp(Time at);
// 21/11/2026 18:04:06, for fromDate and toDate.
std::string list_time(Time at);
// A time as a list row may give it: dd/MM/yyyy HH:mm:ss, yyyy-MM-dd HH:mm:ss[.f], ISO 8601, epoch
// milliseconds.
std::optional<Time> read_list_time(std::string_view text);

}  // namespace axis::vxp
