// KeyRing: our signing keys with their overlap. Any thread.
//
//   folder of keys: NAME.crt with NAME.key, or with NAME.uri and NAME.pin
//
// The one that signs is the one whose certificate began last, of those valid at the time: a new key takes
// over as soon as it is there, the old one stays as long as its certificate lives.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/signature/key_source.hpp"

#include <filesystem>
#include <memory>
#include <vector>

namespace axis::signature {

// config_file, config_value: no keys there, or files without their counterparts.
Result<std::vector<KeyLocation>> keys_in(
    const std::filesystem::path& folder, const std::filesystem::path& pkcs11_module
);

class KeyRing {
public:
    explicit KeyRing(std::vector<std::unique_ptr<KeySource>> keys) : keys_{std::move(keys)} {}

    KeySource* at(Time now) const;  // null: none is valid
    // When the last certificate ends.
    Time ends() const;

private:
    std::vector<std::unique_ptr<KeySource>> keys_;
};

}  // namespace axis::signature
