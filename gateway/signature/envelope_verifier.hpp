// Verifies the signature of an envelope whose texts stand elsewhere (architecture D1, D14; security.md §2.1,
// §3).
//
//   scanned skeleton ─► tree ─► form ─► signature value ─► digest of all, texts streamed in ─► certificate
//
// Cheap checks come first: an attacker's message is refused before its hundreds of megabytes are hashed. The
// tree is parsed from the same bytes in the same way as the envelope reader's, and the signature covers the
// whole of it, so that what was read is what was signed. Memory: the skeleton a few times, one piece of text.
// CPU: crypto pool; blocking where the texts are read. Any thread.
#pragma once

#include "gateway/base/error.hpp"
#include "gateway/base/random.hpp"
#include "gateway/signature/judgement.hpp"
#include "gateway/signature/trust_store.hpp"

#include <cstddef>
#include <functional>
#include <string_view>
#include <vector>

namespace axis::signature {

using TextSink = std::function<Result<>(std::string_view piece)>;

struct SplitEnvelope {
    std::string_view skeleton;         // scanned before
    std::vector<std::size_t> offsets;  // in the skeleton, where text n belongs
    std::function<Result<>(std::size_t n, const TextSink& sink)> text;
};

struct Question {
    std::string_view from;    // the sender's code, as the envelope reader read it
    Time at{};                // when the signature has to hold
    bool proven = false;      // that it was made by then is beyond doubt (a time stamp)
    bool texts_gone = false;  // purged: all is looked at but the digest, which stays unknown
};

// An error only when a text could not be read. Everything else is a judgement.
Result<Judgement> verify_envelope(
    const SplitEnvelope& envelope, const Question& question, const TrustStore& trust, Random& random
);

// What a responder would have to be asked before the signer's revocation is known: nothing when all is known,
// when nobody may be asked, or when the signature is refused whatever the answer. Cheap: reads no text. The
// answers go to TrustStore::learn.
std::vector<OcspQuery> open_questions(
    const SplitEnvelope& envelope, const Question& question, const TrustStore& trust, Random& random
);

}  // namespace axis::signature
