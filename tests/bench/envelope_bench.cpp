// envelope_bench: one measurement of gateway/envelope per run, a line of JSON each. scripts/bench calls it.
//
//   make FILE BYTES LINE    an envelope; LINE characters per line of base64, 0: one line
//   floor FILE FOLDER       SHA-256 of the file, and a copy of it written and synced, each alone
//   receive FILE FOLDER     the file received into a spool in FOLDER, as intake does
//   small                   a document of 12 KB of markup and one 8 KB file, beside libxml2 alone
//   shapes                  the worst shapes of envelope at three sizes, a line each
#include "tests/bench/rows.hpp"
#include "tests/bench/sample.hpp"

#include <exception>
#include <string>
#include <vector>

using namespace axis::bench;

namespace {

int run(const std::vector<std::string>& words) {
    if (words.size() == 4 && words[0] == "make")
        make_envelope(words[1], std::stoull(words[2]), std::stoul(words[3]));
    else if (words.size() == 3 && words[0] == "floor")
        floor_of(words[1], words[2]).print();
    else if (words.size() == 3 && words[0] == "receive")
        receive(words[1], words[2]).print();
    else if (words.size() == 1 && words[0] == "small")
        small().print();
    else if (words.size() == 1 && words[0] == "shapes")
        shapes();
    else
        return 2;
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run({argv + 1, argv + argc});
    } catch (const std::exception& e) {
        std::fprintf(stderr, "envelope_bench: %s\n", e.what());
        return 1;
    }
}
