#include "tests/simulation/outage.hpp"

#include "tests/simulation/world.hpp"

#include <algorithm>

namespace axis::simulation {

namespace {

// Begun in the moments between the first answer and the look at what had been put off: as many as may be
// open, and those that followed the quickest of them.
constexpr std::size_t ordinary_first_max = 16;

}  // namespace

OutageStory outage_of_72_hours(std::uint64_t seed, const std::filesystem::path& directory) {
    Plan plan;
    plan.seed = seed;
    plan.directory = directory;
    plan.kind = Plan::Kind::outage;
    World world{plan};
    world.run();

    OutageStory story;
    story.broken = world.timeline().broken;
    const auto& letters = world.papers().letters;
    std::vector<const Letter*> waiting;  // in the order they arrived
    std::size_t urgent = 0;
    for (const auto n : world.taken_in_order()) {
        const auto& letter = letters[n];
        if (letter.created >= world.outage_end() || letter.taken.front().at < world.outage_end()) continue;
        waiting.push_back(&letter);
        urgent += letter.priority > 0 ? 1 : 0;
    }
    if (urgent == 0) {
        story.broken.emplace_back("no urgent letter waited");
        return story;
    }
    const auto last =
        std::find_if(waiting.rbegin(), waiting.rend(), [](const auto* l) { return l->priority > 0; });
    const auto until_last = static_cast<std::size_t>(waiting.rend() - last);
    const auto before = until_last - urgent;
    const auto drained = waiting.back()->taken.front().at - world.outage_end();
    story.text = std::to_string(waiting.size()) + " letters waited, " + std::to_string(urgent) +
                 " of them urgent; " + std::to_string(before) +
                 " ordinary ones before the last urgent one; all there after " +
                 std::to_string(std::chrono::floor<minutes>(drained).count()) + " minutes";
    if (before > ordinary_first_max) story.broken.push_back("urgent letters waited behind ordinary ones");
    return story;
}

}  // namespace axis::simulation
