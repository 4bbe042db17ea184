// The command line of axissim. Any thread.
#pragma once

#include "tests/axissim/simulator.hpp"

#include <optional>

namespace axis::sim {

struct CommandLine {
    Settings settings;
    std::optional<int> exit_code;  // set: nothing to run (help was shown, or the line was wrong)
};

CommandLine parse_command_line(int argc, char** argv);

}  // namespace axis::sim
