// The element Signature as we write it: around a whole document, with the certificates (without the anchor)
// and a signing time, both covered. Internal to signature/. Blocking where the key is asked; any thread.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/signature/algorithms.hpp"
#include "gateway/signature/key_source.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace axis::signature {

// How a key signs: the digest that fits its strength.
struct Suite {
    const SignatureAlgorithm& signature;
    const DigestAlgorithm& digest;
};
Suite suite_of(const Certificate& certificate);

struct SignatureElement {
    std::string text;
    std::string stamped;          // what a time stamp is made over: SignatureValue, canonical
    std::size_t stamp_place = 0;  // where in `text` it belongs
};

// `whole`: the digest of the document's exclusive canonical form without the element. signer.failed.
Result<SignatureElement> signature_element(
    const std::string& whole, const Suite& suite, KeySource& key, Time at
);

// A token over `stamped`, as XAdES writes it (form.hpp).
std::string time_stamp_object(std::string_view token);

}  // namespace axis::signature
