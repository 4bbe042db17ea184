// Goal: nobody makes the gateway hold much more than he sent. Method: the worst shapes known, received as
// intake does, with every byte of malloc counted, just before and just beyond their limits.
#include "gateway/intake/compose.hpp"
#include "gateway/intake/envelope_receiver.hpp"
#include "tests/support/heap.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/worst_shapes.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <memory>
#include <string>

using namespace axis;

TEST_SUITE_BEGIN("intake");

namespace {

constexpr std::size_t piece_bytes = 256 * 1024;  // what intake gathers

std::size_t bound(std::size_t input_bytes) {
    return 4 * input_bytes + 8'000'000;
}

// Receives it, and relays what was accepted; the most memory held meanwhile, and what became of it.
struct Outcome {
    std::size_t peak = 0;
    std::string refused;
};

Outcome receive(spool::Spool& spool, const std::string& bytes) {
    SeededRandom random{7};
    const test::HeapPeak peak;
    intake::EnvelopeReceiver receiver{spool, random, {}};
    for (std::size_t at = 0; at < bytes.size(); at += piece_bytes)
        REQUIRE(receiver.feed(std::string_view{bytes}.substr(at, piece_bytes)).has_value());
    const auto received = receiver.finish();
    REQUIRE(received.has_value());
    if (!received->read) return {peak.bytes(), to_string(received->refused)};
    model::TraceHeader ours;
    ours.timestamp = "2026/11/21 08:00:00";
    static_cast<void>(intake::relay(received->envelope, received->texts, ours));
    return {peak.bytes(), ""};
}

void check(spool::Spool& spool, const std::string& envelope) {
    const auto outcome = receive(spool, envelope);
    CAPTURE(envelope.size());
    CAPTURE(outcome.refused);
    CHECK(outcome.peak <= bound(envelope.size()));
}

}  // namespace

TEST_CASE("the meter sees what is allocated and freed in between") {
    const test::HeapPeak peak;
    std::string(1'000'000, 'x').resize(10);
    const std::unique_ptr<void, void (*)(void*)> kept{std::malloc(100'000), std::free};
    const auto seen = peak.bytes();
    CHECK(seen >= 1'000'000);
    CHECK(seen < 1'200'000);
}

TEST_CASE("no shape of envelope takes more than four times its size and 8 MB") {
    test::TempDir dir;
    const auto spool = spool::Spool::open(dir / "spool", {}, spool::posix_disk()).value();
    for (const auto& shape : test::worst_shapes()) {
        CAPTURE(shape.name);
        check(*spool, shape.make(shape.full));
        if (shape.full < 1'000'000) check(*spool, shape.make(shape.full + shape.full / 8));
    }
}

TEST_SUITE_END();
