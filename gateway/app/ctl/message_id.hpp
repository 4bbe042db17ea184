// Which message is meant on the command line, asked of the daemon.
#pragma once

#include "gateway/app/ctl/command.hpp"

#include <string>

namespace axis::ctl {

// The daemon's socket: as given, else as configured.
std::string socket_of(const Options& options);

// `text`: a message id, a unique prefix of one, or số ký hiệu. More than one candidate: they are listed and
// the answer is negative; unreachable without a daemon.
int resolve(const Options& options, const std::string& text, std::string& id);

}  // namespace axis::ctl
