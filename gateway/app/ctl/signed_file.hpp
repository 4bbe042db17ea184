// Verdicts on signatures of files. Blocking. Memory: an envelope's markup a few times and one piece of text.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/base/error.hpp"
#include "gateway/base/random.hpp"
#include "gateway/signature/judgement.hpp"
#include "gateway/signature/trust_store.hpp"

#include <string>

namespace axis::ctl {

// First pass: scan and read, as for any message; second: only the texts, where the signature wants them.
// io_failed when the file cannot be read; an envelope that is refused is a judgement.
Result<signature::Judgement> judge_envelope(
    const std::string& path, const signature::TrustStore& trust, Time at, Random& random
);

}  // namespace axis::ctl
