// The base URL of a counterpart, taken apart. Private to http. Any thread.
#pragma once

#include "gateway/base/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace axis::http {

struct BaseUrl {
    bool tls = false;
    bool loopback = false;
    std::string host;  // without brackets
    std::uint16_t port = 0;
    std::string authority;  // what Host says: as written, the scheme's own port left out
    std::string prefix;     // "" or "/prefix", no slash at its end

    // config_value for anything but http(s)://host[:port][/prefix].
    static Result<BaseUrl> parse(std::string_view text);
};

}  // namespace axis::http
