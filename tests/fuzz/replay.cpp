// Runs a harness once over files, without libFuzzer: what the ordinary builds do with seeds and findings.
//   fuzz_NAME FILE|FOLDER…    a folder that is not there holds no files; exit 2 when there is none at all
#include "gateway/base/file.hpp"
#include "tests/fuzz/harness.hpp"

#include <algorithm>
#include <filesystem>

namespace {

std::vector<std::filesystem::path> files_of(int argc, char** argv) {
    std::vector<std::filesystem::path> files;
    for (int i = 1; i < argc; ++i) {
        if (std::filesystem::is_regular_file(argv[i])) files.emplace_back(argv[i]);
        if (!std::filesystem::is_directory(argv[i])) continue;
        for (const auto& entry : std::filesystem::directory_iterator{argv[i]})
            if (entry.is_regular_file()) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

}  // namespace

int main(int argc, char** argv) {
    const auto files = files_of(argc, argv);
    for (const auto& file : files) {
        const auto text = axis::read_file(file);
        if (!text) {
            std::fprintf(stderr, "%s: %s\n", file.c_str(), to_string(text.error()).c_str());
            return 2;
        }
        std::printf("%s\n", file.c_str());
        std::fflush(stdout);  // the last line names the input of a crash
        const std::vector<std::uint8_t> bytes(text->begin(), text->end());
        LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    }
    std::printf("%zu inputs, every property holds\n", files.size());
    return files.empty() ? 2 : 0;
}
