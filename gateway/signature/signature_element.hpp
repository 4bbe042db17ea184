// The element Signature as we write it: around a whole document, with the certificates (without the anchor)
// and a signing time, both covered. Internal to signature/. Blocking where the key is asked; any thread.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/signature/algorithms.hpp"
#include "gateway/signature/key_source.hpp"

#include <string>

namespace axis::signature {

// How a key signs: the digest that fits its strength.
struct Suite {
    const SignatureAlgorithm& signature;
    const DigestAlgorithm& digest;
};
Suite suite_of(const Certificate& certificate);

// `whole`: the digest of the document's exclusive canonical form without the element. signer.failed.
Result<std::string> signature_element(const std::string& whole, const Suite& suite, KeySource& key, Time at);

}  // namespace axis::signature
