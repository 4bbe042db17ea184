// What the adapter must be told about one axis. Plain values; app/ fills them from [vxp] of an endpoint's
// file.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/base/secret.hpp"
#include "gateway/model/ids.hpp"

#include <string>

namespace axis::vxp {

enum class HashPadding { sdk, padded };  // hash-file with the SDK's lost zeros, or all 64 digits
enum class Fetch { download, get };      // GET /downloadEdoc or POST /getEdoc

struct Settings {
    model::EndpointName endpoint;
    std::string base_url;
    std::string system_id;
    Secret secret;
    std::string ca_file;
    bool allow_plain_http = false;
    std::string agency;  // sender of what names none itself
    Duration poll{std::chrono::seconds{60}};
    HashPadding hash_padding = HashPadding::sdk;
    bool send_crlf = true;
    Fetch fetch = Fetch::download;
};

}  // namespace axis::vxp
