// Heap: what this program holds of malloc's memory, whoever asked for it: ours, libxml2, zlib, OpenSSL.
//
// heap.cpp replaces malloc and its kin for the whole program (sanitizers: listens to theirs): list it in the
// sources of a test program of its own. Counted are usable sizes, so what an allocation really takes but for
// its header.
#pragma once

#include <cstddef>

namespace axis::test {

// The most that was held since begin, beyond what was held then. One at a time.
class HeapPeak {
public:
    HeapPeak();
    std::size_t bytes() const;

private:
    std::ptrdiff_t before_;
};

}  // namespace axis::test
