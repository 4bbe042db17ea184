// The worst shapes of envelope: whether four times the bytes take more than four times the time, within the
// limits of counts and beyond them.
#include "gateway/envelope/check.hpp"
#include "gateway/envelope/relay.hpp"
#include "gateway/envelope/writer.hpp"
#include "tests/bench/measure.hpp"
#include "tests/bench/rows.hpp"
#include "tests/support/worst_shapes.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace axis::bench {

namespace {

constexpr std::array<std::size_t, 3> sizes{25'000, 100'000, 400'000};
constexpr int rounds = 7;

class Swallow final : public envelope::HoleSink {
public:
    Result<> begin(std::size_t) override { return {}; }
    Result<> text(std::string_view) override { return {}; }
    Result<> end() override { return {}; }
};

// Checked, read, relayed and written again: whatever a message from outside goes through here.
void pass(const std::string& bytes) {
    SeededRandom random{7};
    envelope::Checker checker{random};
    const auto fed = checker.feed(bytes);
    const auto checked = fed ? checker.finish() : Result<envelope::Checked>{fed.error()};
    Swallow sink;
    envelope::Scanner scanner{{}, sink};
    if (!checked || !scanner.feed(bytes) || !scanner.finish()) return;
    static_cast<void>(envelope::append_trace(scanner.skeleton(), scanner.holes(), {}));
    std::visit(
        [](const auto& content) { static_cast<void>(envelope::write(content)); }, checked->read.content
    );
}

double best_seconds(const std::string& bytes) {
    auto best = std::numeric_limits<double>::infinity();
    for (int i = 0; i < rounds; ++i) {
        const Watch watch;
        pass(bytes);
        best = std::min(best, watch.cpu());
    }
    return best;
}

}  // namespace

void shapes() {
    for (const auto& shape : test::worst_shapes()) {
        double per_byte = 0;
        double dearest = 0;
        double growth = 0;  // of the time per byte from one size to the next; 1: linear
        for (const auto size : sizes) {
            const auto bytes = shape.make(size);
            const auto before =
                std::exchange(per_byte, best_seconds(bytes) / static_cast<double>(bytes.size()));
            dearest = std::max(dearest, per_byte);
            if (before > 0) growth = std::max(growth, per_byte / before);
        }
        Rows rows;
        rows.add("ns_per_byte", dearest * 1e9);
        rows.add("growth", growth);
        rows.print(shape.name);
    }
}

}  // namespace axis::bench
