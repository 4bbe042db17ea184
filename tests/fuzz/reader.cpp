// reader: the input is an envelope; what must hold of it stands in reading.hpp.
#include "tests/fuzz/harness.hpp"
#include "tests/fuzz/reading.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    axis::fuzz::check_envelope(axis::fuzz::text_of(data, size));
    return 0;
}
