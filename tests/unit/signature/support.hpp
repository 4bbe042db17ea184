// Folders, trust and files for the signature tests.
#pragma once

#include "gateway/app/ctl/signed_file.hpp"
#include "gateway/base/base64.hpp"
#include "gateway/base/file.hpp"
#include "gateway/base/text.hpp"
#include "gateway/signature/judgement.hpp"
#include "gateway/signature/trust_store.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace axis::test {

// The reference corpus stands beside the repository, or beside the folder of a worktree.
inline const std::filesystem::path shared_dir = [] {
    const auto beside = std::filesystem::path{AXIS_SOURCE_DIR} / "../shared";
    return std::filesystem::exists(beside) ? beside : std::filesystem::path{AXIS_SOURCE_DIR} / "../../shared";
}();
inline const std::filesystem::path data_dir = std::filesystem::path{AXIS_SOURCE_DIR} / "tests/data/signature";

inline bool corpus_is_there(const std::filesystem::path& folder) {
    const bool there = std::filesystem::exists(folder);
    if (!there) MESSAGE("skipped: " << folder.string() << " is not there");
    return there;
}

inline Time moment(std::string_view text) {
    Time at{};
    REQUIRE(parse_time(text, at));
    return at;
}

inline signature::TrustStore trust_in(
    const std::filesystem::path& folder, signature::TrustLimits limits = {}
) {
    auto store = signature::TrustStore::load(folder, limits);
    const auto why = store ? std::string{} : to_string(store.error());
    CAPTURE(why);
    REQUIRE(store.has_value());
    return std::move(*store);
}

// As `axisctl signature verify` does it.
inline signature::Judgement judged(
    const std::filesystem::path& file, const signature::TrustStore& trust, Time at
) {
    SeededRandom random{7};
    auto judgement = ctl::judge_envelope(file.string(), trust, at, random);
    REQUIRE(judgement.has_value());
    return std::move(judgement->envelope);
}

// As `axisctl signature verify --profile xmldsig` does it.
inline signature::Judgement judged_document(
    const std::filesystem::path& file, const signature::TrustStore& trust, Time at
) {
    auto judgement = ctl::judge_document(file.string(), trust, at);
    REQUIRE(judgement.has_value());
    return std::move(*judgement);
}

inline std::string code_of(const signature::Judgement& judgement) {
    return std::string{signature::row(judgement.reason).code};
}

// A table with a line of names, its fields divided by tabs.
inline std::vector<std::vector<std::string>> table_in(const std::filesystem::path& path) {
    std::vector<std::vector<std::string>> rows;
    std::ifstream file{path};
    std::string line;
    std::getline(file, line);
    while (std::getline(file, line)) {
        rows.emplace_back();
        for (std::size_t at = 0, end = 0; end != std::string::npos; at = end + 1) {
            end = line.find('\t', at);
            rows.back().push_back(line.substr(at, end - at));
        }
    }
    return rows;
}

}  // namespace axis::test
