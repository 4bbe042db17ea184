// The long outage: an axis is away for 72 hours while letters come in as always, every seventh of them urgent
// (hỏa tốc). Afterwards everything arrives, the urgent ones first.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace axis::simulation {

struct OutageStory {
    std::string text;  // for the terminal
    std::vector<std::string> broken;
};

OutageStory outage_of_72_hours(std::uint64_t seed, const std::filesystem::path& directory);

}  // namespace axis::simulation
