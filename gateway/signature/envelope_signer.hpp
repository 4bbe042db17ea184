// Signs an envelope whose texts stand elsewhere: profile `enveloped` (architecture D13), in the one form that
// envelope_verifier.hpp accepts.
//
//   skeleton ─► canonical form, texts streamed in ─► digest ─┐
//                               signing time ─► digest ──────┴─► SignedInfo ─► KeySource ─► Signature, put in
//
// The element holds the certificates (without the anchor) and a signing time, both covered. Same thread and
// memory as verifying. Blocking where texts are read and the key is asked; crypto pool. Any thread.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/base/random.hpp"
#include "gateway/signature/envelope_verifier.hpp"
#include "gateway/signature/key_source.hpp"

#include <string>
#include <vector>

namespace axis::signature {

struct SignedSkeleton {
    std::string skeleton;
    std::vector<std::size_t> offsets;  // of the same texts
    std::string stamped;               // what a time stamp is made over: SignatureValue, canonical
    std::size_t stamp_place = 0;       // where in the skeleton it belongs
};

// `place`: where in the skeleton the element belongs, the end of edXMLHeader (envelope/relay.hpp finds it).
// signature.exists: there is one already. envelope.malformed: the skeleton is no XML. signer.failed, and what
// reading a text says.
Result<SignedSkeleton> sign_envelope(
    const SplitEnvelope& envelope, std::size_t place, KeySource& key, Time at, Random& random
);

// Puts a token over `stamped` into the signature, as XAdES writes it (form.hpp); once.
void add_time_stamp(SignedSkeleton& envelope, std::string_view token);

}  // namespace axis::signature
