// A configuration folder of its own for one test, with a gateway that loads without fault to begin with.
#pragma once

#include "gateway/base/file.hpp"
#include "gateway/settings/settings.hpp"
#include "tests/support/temp_dir.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace axis::test {

inline const std::string token_a(64, 'a');
inline const std::string token_b(64, 'b');

class Folder {
public:
    Folder() {
        std::filesystem::create_directory(dir / "endpoints.d");
        write("national.key", "bi-mat-khong-duoc-hien\n", 0600);
    }

    std::string gateway = "[gateway]\nagency = \"G98\"\nstate_dir = \"state\"\n";
    std::string agency = "[[agency]]\ncode = \"G98\"\nname = \"Bộ Thử nghiệm\"\n";
    std::string unit = "adapter = \"rest\"\ncodes = [\"G98.11\"]\ntoken_sha256 = [\"" + token_a + "\"]\n";
    std::string national =
        "adapter = \"vxp\"\ncodes = [\"*\"]\n[vxp]\nbase_url = \"https://truc.example/adapter\"\n"
        "system_id = \"vxp.g98\"\nsecret_file = \"../national.key\"\n";

    void write(const std::string& name, std::string_view text, unsigned mode = 0644) const {
        write_file(dir / name, text, mode).value();
    }
    std::string file(const std::string& name) const { return (dir / name).string(); }

    // axisd.toml out of gateway, agency and `more`; endpoint files as they were written.
    Result<settings::Settings> load(
        const std::string& more = "", settings::Language language = settings::Language::vi
    ) const {
        write("axisd.toml", gateway + agency + more);
        return settings::load(dir / "axisd.toml", language);
    }

    TempDir dir;
};

inline std::vector<Fault> faults_of(const Result<settings::Settings>& result) {
    return result ? std::vector<Fault>{} : result.error().faults;
}

// The one fault that stands at `pointer` with that code; its detail, or a text that no test expects.
inline std::string detail_at(
    const Result<settings::Settings>& result, const std::string& pointer, errc code
) {
    for (const auto& fault : faults_of(result))
        if (fault.pointer == pointer && fault.code == code) return fault.detail;
    return "NO SUCH FAULT in " + (result ? std::string{"valid settings"} : to_string(result.error()));
}

inline bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

}  // namespace axis::test
