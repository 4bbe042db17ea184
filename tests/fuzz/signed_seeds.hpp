// The signed seeds of tests/data/signature, and whom they are to be held against.
#pragma once

#include "gateway/base/file.hpp"
#include "gateway/signature/trust_store.hpp"
#include "tests/fuzz/harness.hpp"

#include <filesystem>
#include <fstream>

namespace axis::fuzz {

inline const std::filesystem::path signed_data =
    std::filesystem::path{AXIS_SOURCE_DIR} / "tests/data/signature";

inline const signature::TrustStore& seeds_trust() {
    static const auto store = signature::TrustStore::load(signed_data / "trust").value();
    return store;
}

inline Time seeds_hold_at() {
    Time at{};
    parse_time("2026-06-01", at);
    return at;
}

// Those that a table calls good: valid, or weak.
inline std::vector<std::string> signed_seeds(const char* table) {
    std::vector<std::string> out;
    std::ifstream rows{signed_data / table};
    std::string line;
    while (std::getline(rows, line)) {
        const auto tab = line.find('\t');
        const auto code = line.substr(tab + 1, line.find('\t', tab + 1) - tab - 1);
        if (code == "signature.holds" || code == "signature.sha1" || code == "certificate.weak")
            out.push_back(read_file(signed_data / line.substr(0, tab)).value());
    }
    require(!out.empty(), "the seeds are there");
    return out;
}

}  // namespace axis::fuzz
