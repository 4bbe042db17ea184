// envelope diff: two envelopes, and what they say otherwise.
#pragma once

#include "gateway/app/ctl/command.hpp"

#include <string>

namespace axis::ctl {

// Exit: 0 the same meaning, 1 another one, 2 trouble (a file cannot be read, or is no envelope).
int compare_envelopes(const Options& options, const std::string& a, const std::string& b);

}  // namespace axis::ctl
