// The program of the simulation. scripts/simulate runs it on all cores and adds up what it prints.
//
//   simulate --from 1 --seeds 100     seeds one after the other; exit 1 when an invariant does not hold
//   simulate --replay …               each seed twice: its trace must be the same
//   simulate --mutation NAME …        with the program broken on purpose there
//   simulate --mutations …            each mutation must be caught, and the same seeds be clean without it
//   simulate --outage …               an axis is away for 72 hours: everything arrives afterwards, urgent
//   first also --traces (a line per seed), --events (what happens), --log (the gateway's own log, on stderr)
#include "gateway/base/log.hpp"
#include "gateway/base/mutation.hpp"
#include "tests/simulation/outage.hpp"
#include "tests/simulation/world.hpp"

#include <malloc.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

using namespace axis;
using namespace axis::simulation;

namespace {

using Number = unsigned long long;

// Each mutation must be caught within so many seeds.
constexpr std::uint64_t seeds_to_catch_max = 40;

enum class Run { seeds, replay, mutations, outage };

struct Wish {
    Run run = Run::seeds;
    std::uint64_t from = 1;
    std::uint64_t seeds = 100;
    Mutation mutation = Mutation::none;
    bool events = false;
    bool traces = false;
    bool log = false;
};

struct Totals {
    std::uint64_t seeds = 0, failed = 0, messages = 0, crashes = 0;
    double days = 0;
    std::map<std::string, std::uint64_t> counts;
};

struct Ended {
    std::uint64_t trace = 0;
    std::vector<std::string> broken;
};

std::filesystem::path scratch(std::uint64_t seed) {
    const std::filesystem::path memory{"/dev/shm"};
    const auto base = std::filesystem::exists(memory) ? memory : std::filesystem::temp_directory_path();
    return base / ("axis-simulation-" + std::to_string(::getpid()) + "-" + std::to_string(seed));
}

void print_event(Time at, std::string_view what, std::uint64_t n) {
    std::printf("%s %s %llu\n", to_local_text(at).c_str(), std::string{what}.c_str(), Number{n});
}

Ended run_seed(std::uint64_t seed, const Wish& wish, Totals& totals) {
    Plan plan;
    plan.seed = seed;
    plan.directory = scratch(seed);
    World world{plan};
    if (wish.events) world.timeline().watcher = print_event;
    world.run();
    ++totals.seeds;
    totals.messages += world.messages();
    totals.crashes += world.crashes();
    totals.days += world.days();
    for (const auto& [what, count] : world.timeline().counts) totals.counts[std::string{what}] += count;
    const auto trace = world.timeline().trace;
    if (wish.traces)
        std::printf(
            "seed %llu trace %016llx: %.1f days, %zu messages, %zu crashes, %zu handlers\n",
            Number{seed},
            Number{trace},
            world.days(),
            world.messages(),
            world.crashes(),
            world.handlers()
        );
    return {trace, world.timeline().broken};
}

void print_failure(std::uint64_t seed, const Ended& ended, const Wish& wish) {
    std::printf("seed %llu fails, trace %016llx\n", Number{seed}, Number{ended.trace});
    for (const auto& what : ended.broken) std::printf("  %s\n", what.c_str());
    const auto with =
        wish.mutation == Mutation::none ? "" : " --mutation " + std::string{name(wish.mutation)};
    std::printf("  again: scripts/simulate --from %llu --seeds 1%s\n", Number{seed}, with.c_str());
    std::fflush(stdout);
}

int finish(const Totals& totals) {
    rusage use{};
    ::getrusage(RUSAGE_SELF, &use);
    std::printf("total seeds %llu\ntotal failed %llu\n", Number{totals.seeds}, Number{totals.failed});
    std::printf("total days %.0f\ntotal messages %llu\n", totals.days, Number{totals.messages});
    std::printf("total crashes %llu\npeak memory %ld KiB\n", Number{totals.crashes}, use.ru_maxrss);
    for (const auto& [what, count] : totals.counts)
        std::printf("count %llu %s\n", Number{count}, what.c_str());
    return totals.failed == 0 ? 0 : 1;
}

int run_seeds(const Wish& wish) {
    Totals totals;
    mutate(wish.mutation);
    for (auto seed = wish.from; seed < wish.from + wish.seeds; ++seed) {
        auto ended = run_seed(seed, wish, totals);
        if (wish.run == Run::replay) {
            const auto again = run_seed(seed, wish, totals);
            if (again.trace != ended.trace) ended.broken.emplace_back("the same seed took another course");
        }
        if (ended.broken.empty()) continue;
        ++totals.failed;
        print_failure(seed, ended, wish);
    }
    return finish(totals);
}

// Caught: the seed at which an invariant broke, after which the same seeds pass without the mutation.
bool catches(Mutation mutation, const Wish& wish) {
    Totals totals;
    for (auto seed = wish.from; seed < wish.from + seeds_to_catch_max; ++seed) {
        mutate(mutation);
        const auto broken = run_seed(seed, wish, totals);
        mutate(Mutation::none);
        const auto whole = run_seed(seed, wish, totals);
        if (!whole.broken.empty()) {
            print_failure(seed, whole, wish);
            return false;
        }
        if (broken.broken.empty()) continue;
        std::printf(
            "%-26s caught by seed %llu: %s\n",
            std::string{name(mutation)}.c_str(),
            Number{seed},
            broken.broken.front().c_str()
        );
        std::fflush(stdout);
        return true;
    }
    std::printf(
        "%-26s NOT caught in %llu seeds\n", std::string{name(mutation)}.c_str(), Number{seeds_to_catch_max}
    );
    return false;
}

int run_mutations(const Wish& wish) {
    if (!mutations_built_in()) {
        std::printf("this build has no mutations: -DAXIS_MUTATIONS=ON\n");
        return 77;
    }
    int missed = 0;
    for (const auto mutation : {
             Mutation::answer_before_commit,
             Mutation::synchronous_off,
             Mutation::no_directory_sync,
             Mutation::no_inbox_dedupe,
             Mutation::resend_without_reconcile,
             Mutation::ack_before_commit,
             Mutation::collection_ignores_pins,
             Mutation::attempt_after_send,
             Mutation::settle_lost,
             Mutation::journal_row_dropped,
         })
        missed += catches(mutation, wish) ? 0 : 1;
    return missed == 0 ? 0 : 1;
}

int run_outages(const Wish& wish) {
    int failed = 0;
    for (auto seed = wish.from; seed < wish.from + wish.seeds; ++seed) {
        const auto story = outage_of_72_hours(seed, scratch(seed));
        std::printf("seed %llu: %s\n", Number{seed}, story.text.c_str());
        for (const auto& what : story.broken) std::printf("  %s\n", what.c_str());
        failed += story.broken.empty() ? 0 : 1;
    }
    return failed == 0 ? 0 : 1;
}

// False: not understood.
bool read(int count, char** words, Wish& wish) {
    for (int i = 1; i < count; ++i) {
        const std::string word = words[i];
        const bool has_value = i + 1 < count;
        if (word == "--from" && has_value) {
            wish.from = std::strtoull(words[++i], nullptr, 10);
        } else if (word == "--seeds" && has_value) {
            wish.seeds = std::strtoull(words[++i], nullptr, 10);
        } else if (word == "--mutation" && has_value) {
            const auto named = mutation_named(words[++i]);
            if (!named || !mutations_built_in()) return false;
            wish.mutation = *named;
        } else if (word == "--replay") {
            wish.run = Run::replay;
        } else if (word == "--mutations") {
            wish.run = Run::mutations;
        } else if (word == "--outage") {
            wish.run = Run::outage;
        } else if (word == "--events") {
            wish.events = true;
        } else if (word == "--traces") {
            wish.traces = true;
        } else if (word == "--log") {
            wish.log = true;
        } else {
            return false;
        }
    }
    return true;
}

// A month opens hundreds of connections, and a year of them is run: memory stays with the process, pages of
// SQLite in one block. Nothing of the course of a seed depends on it.
void keep_memory() {
    constexpr int kept_bytes = 256 * 1024 * 1024;
    mallopt(M_MMAP_THRESHOLD, kept_bytes);
    mallopt(M_TRIM_THRESHOLD, kept_bytes);
    int header = 0;
    sqlite3_config(SQLITE_CONFIG_PCACHE_HDRSZ, &header);
    const int page = 4096 + header, count = 4000;
    static std::vector<char> pages(static_cast<std::size_t>(page) * count);
    sqlite3_config(SQLITE_CONFIG_PAGECACHE, pages.data(), page, count);
    sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 1200, 200);
}

}  // namespace

int main(int argc, char** argv) {
    keep_memory();
    Wish wish;
    if (!read(argc, argv, wish)) {
        std::printf("see tests/simulation/README.md\n");
        return 2;
    }
    log::set_level(wish.log ? log::Level::info : log::Level::error);
    // A disk that dies is told of in the log, thousands of times.
    if (!wish.log && std::freopen("/dev/null", "w", stderr) == nullptr) return 2;
    if (wish.run == Run::mutations) return run_mutations(wish);
    if (wish.run == Run::outage) return run_outages(wish);
    return run_seeds(wish);
}
