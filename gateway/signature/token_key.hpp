// A key in a PKCS#11 token. Internal to signature/. Blocking.
#pragma once

#include "gateway/base/error.hpp"
#include "gateway/signature/key_source.hpp"
#include "gateway/signature/openssl.hpp"

namespace axis::signature {

// config_file, config_secret_mode, config_value with the file in the detail.
Result<KeyHandle> key_from_token(const KeyLocation& location);

}  // namespace axis::signature
