// Scanning and joining for the harnesses that read envelopes.
#pragma once

#include "gateway/envelope/scanner.hpp"
#include "tests/fuzz/harness.hpp"

namespace axis::fuzz {

// Keeps the diverted texts.
class Texts final : public envelope::HoleSink {
public:
    Result<> begin(std::size_t ordinal) override {
        order_kept = order_kept && ordinal == texts.size() && !open;
        texts.emplace_back();
        open = true;
        return {};
    }
    Result<> text(std::string_view piece) override {
        order_kept = order_kept && open;
        texts.back() += piece;
        return {};
    }
    Result<> end() override {
        open = false;
        return {};
    }
    std::vector<std::string> texts;
    bool open = false;
    bool order_kept = true;
};

struct Scanned {
    Result<> result;
    std::string skeleton;
    std::vector<envelope::Hole> holes;
    std::vector<envelope::Observation> observations;
    envelope::Position position;
    std::vector<std::string> texts;
    bool order_kept = false;
};

inline Scanned scan(const Cut& cut, const envelope::ScanLimits& limits) {
    Texts sink;
    envelope::Scanner scanner{limits, sink};
    auto result = cut.feed([&](std::string_view piece) { return scanner.feed(piece); });
    if (result) result = scanner.finish();
    const bool open = result && sink.open;
    return {
        result,
        scanner.skeleton(),
        scanner.holes(),
        scanner.observations(),
        scanner.position(),
        std::move(sink.texts),
        sink.order_kept && !open};
}

// The skeleton with a text at each offset.
inline std::string splice(
    std::string_view skeleton, const std::vector<std::size_t>& offsets, const std::vector<std::string>& texts
) {
    std::string out;
    std::size_t done = 0;
    for (std::size_t i = 0; i < offsets.size(); ++i) {
        out += skeleton.substr(done, offsets[i] - done);
        out += texts[i];
        done = offsets[i];
    }
    return out.append(skeleton.substr(done));
}

inline std::string splice(
    std::string_view skeleton, const std::vector<envelope::Hole>& holes, const std::vector<std::string>& texts
) {
    std::vector<std::size_t> offsets;
    for (const auto& hole : holes) offsets.push_back(hole.offset);
    return splice(skeleton, offsets, texts);
}

inline std::string splice(const Scanned& scanned) {
    return splice(scanned.skeleton, scanned.holes, scanned.texts);
}

}  // namespace axis::fuzz
