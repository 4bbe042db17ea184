// OpenSSL's engine for PKCS#11: Debian 12 has no provider for it; the engine is old, deprecated, and works
// (security.md §6). This file goes when there is a provider.
#include "gateway/signature/token_key.hpp"

#include "gateway/base/secret.hpp"

#include <openssl/engine.h>

#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace axis::signature {

namespace {

Error wrong(const std::filesystem::path& file, const std::string& why) {
    return {errc::config_value, file.string() + ": " + why};
}

struct FreeReference {
    void operator()(ENGINE* engine) const { ENGINE_free(engine); }
};
struct FreeEngine {
    void operator()(ENGINE* engine) const {
        ENGINE_finish(engine);
        ENGINE_free(engine);
    }
};

}  // namespace

Result<KeyHandle> key_from_token(const KeyLocation& location) {
    const auto uri = Secret::from_file(location.pkcs11_uri_file);
    if (!uri) return Error{uri.error().code, location.pkcs11_uri_file.string()};
    const auto pin = Secret::from_file(location.pkcs11_pin_file);
    if (!pin) return Error{pin.error().code, location.pkcs11_pin_file.string()};
    ENGINE_load_builtin_engines();
    std::unique_ptr<ENGINE, FreeReference> found{ENGINE_by_id("pkcs11")};
    if (!found) return wrong("pkcs11", "OpenSSL's engine is missing (Debian: libengine-pkcs11-openssl)");
    const auto set = [&](const char* command, const std::string& value) {
        return ENGINE_ctrl_cmd_string(found.get(), command, value.c_str(), 0) == 1;
    };
    if (!set("MODULE_PATH", location.pkcs11_module.string()) || !set("PIN", std::string{pin->reveal()}) ||
        ENGINE_init(found.get()) != 1)
        return wrong(location.pkcs11_module, openssl_error());
    // Lives as long as the process: a token is opened once.
    static std::vector<std::unique_ptr<ENGINE, FreeEngine>> open;
    open.emplace_back(found.release());
    KeyHandle key{
        ENGINE_load_private_key(open.back().get(), std::string{uri->reveal()}.c_str(), nullptr, nullptr)};
    if (!key) return wrong(location.pkcs11_uri_file, "no such key, or a wrong PIN");
    return key;
}

}  // namespace axis::signature
