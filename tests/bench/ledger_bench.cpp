// ledger_bench: one measurement of a daemon's intake, or of its ledger without a daemon, per run, a line of
// JSON. scripts/bench calls it.
//
//   post PORT REQUEST FIRST COUNT CONNECTIONS PER_SECOND
//   fill LEDGER COUNT BATCH SKELETON_BYTES TEXT_BYTES queued|done full|off
#include "tests/bench/ledger_rows.hpp"
#include "tests/bench/pieces.hpp"

#include <cstdio>
#include <cstdlib>
#include <exception>

using namespace axis::bench;

namespace {

Rows run(int argc, char** argv) {
    const std::string verb = argc > 1 ? argv[1] : "";
    const auto number = [&](int i) { return std::strtoull(argv[i], nullptr, 10); };
    if (verb == "post" && argc == 8) {
        const LoadPlan plan{number(4), number(5), number(6), std::strtod(argv[7], nullptr)};
        return post(static_cast<std::uint16_t>(number(2)), argv[3], plan);
    }
    must(verb == "fill" && argc == 9, "see the head of ledger_bench.cpp");
    const FillPlan plan{
        number(3),
        number(4),
        number(5),
        number(6),
        std::string_view{argv[7]} == "done",
        std::string_view{argv[8]} == "full"};
    return fill(argv[2], plan);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        run(argc, argv).print();
    } catch (const std::exception& e) {
        std::fprintf(stderr, "ledger_bench: %s\n", e.what());
        return 1;
    }
    return 0;
}
