// Verifies the XML signatures of any document, wherever they stand in it, for conformance: `--profile
// xmldsig`. Never for mail: nothing here asks whether a whole message is covered or for whom a certificate
// speaks.
//
//   bytes ─► markup ─► tree ─► signatures, coverage ─► xmlsec1: references, value ─► trust store
//
// Judged are all signatures of the document together: it is as good as the worst of them. `valid` and `weak`
// are said of what is covered; a part only is told as an open check. Nothing is opened or fetched. Memory: a
// multiple of the document, whose size is limited. CPU: crypto pool. Any thread.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/signature/judgement.hpp"
#include "gateway/signature/trust_store.hpp"
#include "gateway/signature/xmldsig/limits.hpp"

#include <string_view>

namespace axis::signature {

// The signer is the first one's, or the first one's that does not hold.
Judgement verify_document(
    std::string_view document, const TrustStore& trust, Time at, const XmldsigLimits& limits = {}
);

}  // namespace axis::signature
