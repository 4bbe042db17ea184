// What a measurement says: names and numbers, printed as one JSON object.
#pragma once

#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace axis::bench {

class Rows {
public:
    void add(std::string name, double value) { rows_.emplace_back(std::move(name), value); }
    // With a name: {"name": "…", …}.
    void print(std::string_view name = {}) const {
        const char* separator = "{";
        if (!name.empty()) {
            std::printf("{\"name\": \"%.*s\"", static_cast<int>(name.size()), name.data());
            separator = ", ";
        }
        for (const auto& [what, value] : rows_) {
            std::printf("%s\"%s\": %.9g", separator, what.c_str(), value);
            separator = ", ";
        }
        std::printf("}\n");
    }

private:
    std::vector<std::pair<std::string, double>> rows_;
};

Rows floor_of(const std::filesystem::path& path, const std::filesystem::path& folder);
Rows receive(const std::filesystem::path& path, const std::filesystem::path& folder);
Rows small();
void shapes();  // prints a row for each

}  // namespace axis::bench
