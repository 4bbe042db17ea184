// The table of keys as text for people: explanation, reference, and fresh configuration files. Any thread.
#pragma once

#include "gateway/settings/settings.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace axis::settings {

// `key` as "limits.files_max" or "files_max" (then every key of that name). config_key: none; detail names a
// near one.
Result<std::string> explain(std::string_view key, Language language);
// Every key: type, limits, default, sentence.
std::string print_reference(Language language);

struct NewGateway {
    std::string agency{};
    std::string agency_name{};  // empty: the code stands in and is to be replaced
    std::string state_dir{};
};
// A whole axisd.toml: the required keys set, every other one as a comment with its default.
std::string init_text(const NewGateway& facts, Language language = Language::vi);

struct NewEndpoint {
    Adapter adapter = Adapter::rest;
    std::vector<std::string> codes{};  // {"*"}: vxp only
    Mode mode = Mode::trial;
    std::vector<std::string> token_sha256{};  // rest
    std::string base_url{};                   // vxp, from here
    std::string system_id{};
    std::string secret_file{};
};
// A whole endpoints.d/NAME.toml in the same form.
std::string endpoint_text(const NewEndpoint& facts, Language language = Language::vi);

}  // namespace axis::settings
