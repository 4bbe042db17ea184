// What is left of a PDF's signature when its file is not kept any more: the signed message and the digest it
// was held against. Enough to judge value, chain and revocation again; not what stands in the file, nor what
// was added to it. CPU: crypto pool. Any thread.
#pragma once

#include "gateway/signature/judgement.hpp"
#include "gateway/signature/trust_store.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace axis::signature {

struct PdfRemains {
    std::string message;  // DER (RFC 5652); empty: it could not be read
    std::string covered;  // bytes of the digest that the message has to name
    bool time_stamp = false;
};

// `proven`: it was there by `at`, as a time stamp has shown.
Judgement judge_remains(const PdfRemains& remains, Time at, bool proven, const TrustStore& trust);

// The message alone, of a value that is filled up with zeros.
std::string message_in(std::string_view padded);

}  // namespace axis::signature
