#include "gateway/model/file_name.hpp"

#include "gateway/base/text.hpp"
#include "gateway/model/not_given.hpp"

#include <algorithm>
#include <array>

namespace axis::model {

namespace {

// CON, PRN, AUX, NUL, COM0…COM9, LPT0…LPT9 in either case, whatever follows the first dot.
bool is_windows_device(std::string_view name) {
    constexpr std::array<std::string_view, 6> plain{"con", "prn", "aux", "nul", "conin$", "conout$"};
    const auto stem = lower_ascii(trimmed(name.substr(0, name.find('.'))));
    if (std::find(plain.begin(), plain.end(), stem) != plain.end()) return true;
    const bool numbered = stem.size() == 4 && stem[3] >= '0' && stem[3] <= '9';
    return numbered && (stem.starts_with("com") || stem.starts_with("lpt"));
}

}  // namespace

Result<> check_file_name(std::string_view name, std::size_t characters_max) {
    const auto fault = [](const char* why) { return Error{errc::file_name_invalid, why}; };
    if (not_given(name)) return fault("empty");
    if (!is_utf8(name)) return fault("not UTF-8");
    if (code_point_count(name) > characters_max) return fault("too long");
    if (has_hidden_characters(name)) return fault("control, bidirectional or zero-width character");
    if (name.find_first_of("/\\:") != std::string_view::npos) return fault("path separator");
    if (trimmed(name) == "." || trimmed(name) == "..") return fault("a folder, not a file");
    if (is_windows_device(name)) return fault("a device name of Windows");
    if (trimmed(name) == statement_file_name) return fault("reserved for a signature");
    return {};
}

bool safe_file_name(std::string_view name) {
    name = trimmed(name);
    if (name.empty() || name == "." || name == ".." || has_hidden_characters(name)) return false;
    return name.find_first_of("/\\") == std::string_view::npos && !is_windows_device(name);
}

}  // namespace axis::model
