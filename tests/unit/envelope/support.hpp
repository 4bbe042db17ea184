// Feeding, joining and building for the envelope tests.
#pragma once

#include "gateway/base/file.hpp"
#include "gateway/envelope/check.hpp"
#include "gateway/envelope/scanner.hpp"
#include "gateway/envelope/writer.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

namespace axis::test {

inline const std::filesystem::path data_dir = std::filesystem::path{AXIS_SOURCE_DIR} / "tests/data/envelope";
// The reference corpus stands beside the repository, or beside the folder of a worktree.
inline const std::filesystem::path shared_dir = [] {
    const auto beside = std::filesystem::path{AXIS_SOURCE_DIR} / "../shared";
    return std::filesystem::exists(beside) ? beside : std::filesystem::path{AXIS_SOURCE_DIR} / "../../shared";
}();

inline bool shared_is_there() {
    const bool there = std::filesystem::exists(shared_dir);
    if (!there) MESSAGE("skipped: the reference corpus (../shared) is not there");
    return there;
}

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
    std::vector<std::string> texts;
    bool order_kept = false;
};

inline Scanned scan(const std::vector<std::string_view>& pieces, envelope::ScanLimits limits = {}) {
    Texts sink;
    envelope::Scanner scanner{limits, sink};
    Result<> result;
    for (const auto piece : pieces)
        if (result) result = scanner.feed(piece);
    if (result) result = scanner.finish();
    return {result, scanner.skeleton(), scanner.holes(), scanner.observations(), sink.texts, sink.order_kept};
}

inline std::string joined(
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

inline std::string joined(const Scanned& scanned) {
    std::vector<std::size_t> offsets;
    for (const auto& hole : scanned.holes) offsets.push_back(hole.offset);
    return joined(scanned.skeleton, offsets, scanned.texts);
}

inline Result<envelope::Checked> check(std::string_view bytes) {
    SeededRandom random{7};
    envelope::Checker checker{random};
    auto fed = checker.feed(bytes);
    if (!fed) return fed.error();
    return checker.finish();
}

inline errc code_of(const Result<envelope::Checked>& checked) {
    return checked ? errc::none : checked.error().code;
}

inline std::string name_of(errc code) {
    return std::string{row(code).code};
}

inline bool observed(const std::vector<envelope::Observation>& observations, std::string_view code) {
    for (const auto& observation : observations)
        if (observation.code == code) return true;
    return false;
}

}  // namespace axis::test
