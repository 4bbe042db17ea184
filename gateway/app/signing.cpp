#include "gateway/app/signing.hpp"

#include "gateway/signature/key_fence.hpp"

#include <array>
#include <filesystem>

namespace axis::app {

Result<Signing> open_signing(const settings::Settings& settings) {
    const auto& wanted = settings.signature;
    Signing out;
    if (!wanted.keys_dir.empty()) {
        auto found = signature::keys_in(wanted.keys_dir, wanted.pkcs11_module);
        if (!found) return found.error();
        auto process = signature::SignerProcess::start(*found);
        if (!process) return process.error();
        out.process = std::move(*process);
        std::vector<std::unique_ptr<signature::KeySource>> keys;
        for (std::size_t n = 0; n < found->size(); ++n) keys.push_back(out.process->key(n));
        out.keys = std::make_shared<const signature::KeyRing>(std::move(keys));
    }
    if (!wanted.trust_dir.empty()) {
        auto trust = signature::TrustStore::load(wanted.trust_dir);
        if (!trust) return trust.error();
        out.trust = std::make_shared<const signature::TrustStore>(std::move(*trust));
    }
    return out;
}

Result<> check_signing(const settings::Settings& settings) {
    const auto& wanted = settings.signature;
    std::vector<Fault> faults;
    const auto note = [&faults](std::string_view key, const Error& error) {
        const auto pointer = "signature." + std::string{key};
        for (const auto& fault : error.faults)
            faults.push_back({pointer + " " + fault.pointer, fault.code, fault.detail});
        if (error.faults.empty()) faults.push_back({pointer, error.code, error.detail});
    };
    if (!wanted.keys_dir.empty()) {
        const auto found = signature::keys_in(wanted.keys_dir, wanted.pkcs11_module);
        if (!found) note("keys_dir", found.error());
        for (std::size_t n = 0; found && n < found->size(); ++n) {
            const auto key = signature::open_key((*found)[n]);
            if (!key) note("keys_dir", key.error());
        }
    }
    if (!wanted.trust_dir.empty()) {
        const auto trust = signature::TrustStore::load(wanted.trust_dir);
        if (!trust) note("trust_dir", trust.error());
    }
    if (faults.empty()) return {};
    const auto first = faults.front().pointer + ": " + faults.front().detail;
    return Error{errc::config_invalid, first, std::move(faults)};
}

void fence_off_keys(Signing& signing, const settings::Settings& settings) {
    if (!signing.process) return;
    std::error_code failure;  // the ledger says what is wrong with it
    std::filesystem::create_directories(settings.gateway.state_dir, failure);
    auto fenced = signature::fence_off(settings.signature.keys_dir);
    if (!fenced) signing.unfenced = fenced.error().detail;
}

void watch_signing(const Signing& signing, Time now, observe::Alarms& alarms) {
    if (!signing.keys) return;
    alarms.set(!signing.unfenced.empty(), "signer.keys_exposed", "signer", signing.unfenced);
    alarms.set(signing.process->lost(), "signer.lost", "signer", "the process that holds the keys is gone");
    constexpr std::array steps{7, 30, 60};  // days; the text, and so the log, changes at each
    const auto left = std::chrono::floor<std::chrono::days>(signing.keys->ends() - now);
    for (const int step : steps) {
        if (left.count() >= step) continue;
        const auto text = "the signing certificate ends in less than " + std::to_string(step) + " days";
        return alarms.raise("signing.key_expiring", "signer", text);
    }
    alarms.clear("signing.key_expiring", "signer");
}

}  // namespace axis::app
