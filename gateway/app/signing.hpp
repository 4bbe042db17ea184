// Signing and trust, as the settings want them. The signer process must be there before any thread is and
// before anything foreign is read: axisd's main starts it first.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/observe/alarms.hpp"
#include "gateway/settings/settings.hpp"
#include "gateway/signature/key_ring.hpp"
#include "gateway/signature/signer_process.hpp"
#include "gateway/signature/trust_store.hpp"

#include <memory>

namespace axis::app {

struct Signing {
    std::unique_ptr<signature::SignerProcess> process;  // nothing: no keys_dir
    std::shared_ptr<const signature::KeyRing> keys;
    std::shared_ptr<const signature::TrustStore> trust;  // nothing: no trust_dir
    std::string unfenced;  // why this process can still read the keys' files; empty: it cannot
};

// Blocking. Faults of keys and of the trust folder, each with its file.
Result<Signing> open_signing(const settings::Settings& settings);

// The same files looked at for `config check`, nothing started: every fault at once.
Result<> check_signing(const settings::Settings& settings);

// After it this process reads no key file any more (signature/key_fence.hpp). state_dir is made before: it
// may lie beside the keys.
void fence_off_keys(Signing& signing, const settings::Settings& settings);

// signer.keys_exposed when that failed, signing.key_expiring from 60 days before the last certificate ends
// (told again at 30 and 7), signer.lost.
void watch_signing(const Signing& signing, Time now, observe::Alarms& alarms);

}  // namespace axis::app
