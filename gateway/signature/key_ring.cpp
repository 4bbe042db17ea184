#include "gateway/signature/key_ring.hpp"

#include <algorithm>
#include <system_error>

namespace axis::signature {

namespace {

namespace fs = std::filesystem;

const Signer& facts(const KeySource& key) {
    return key.chain().front().facts();
}

}  // namespace

Result<std::vector<KeyLocation>> keys_in(const fs::path& folder, const fs::path& pkcs11_module) {
    std::vector<KeyLocation> out;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator{folder, error}) {
        const auto& cert = entry.path();
        if (cert.extension() != ".crt") continue;
        const auto beside = [&](const char* extension) {
            return fs::path{cert}.replace_extension(extension);
        };
        KeyLocation key;
        key.cert_file = cert;
        if (fs::exists(beside(".key"), error)) {
            key.key_file = beside(".key");
        } else if (fs::exists(beside(".uri"), error)) {
            key.pkcs11_uri_file = beside(".uri");
            key.pkcs11_pin_file = beside(".pin");
            key.pkcs11_module = pkcs11_module;
        } else {
            return Error{errc::config_value, cert.string() + ": neither .key nor .uri beside it"};
        }
        out.push_back(std::move(key));
    }
    if (error) return Error{errc::config_file, folder.string() + ": " + error.message()};
    if (out.empty()) return Error{errc::config_value, folder.string() + ": no .crt there"};
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.cert_file < b.cert_file; });
    return out;
}

KeySource* KeyRing::at(Time now) const {
    KeySource* best = nullptr;
    for (const auto& key : keys_) {
        const auto& certificate = facts(*key);
        if (now < certificate.not_before || now >= certificate.not_after) continue;
        if (best == nullptr || certificate.not_before > facts(*best).not_before) best = key.get();
    }
    return best;
}

Time KeyRing::ends() const {
    Time last{};
    for (const auto& key : keys_) last = std::max(last, facts(*key).not_after);
    return last;
}

}  // namespace axis::signature
