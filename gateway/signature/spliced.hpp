// Texts and markup joined while they are hashed. Internal to signature/. Any thread.
#pragma once

#include "gateway/base/random.hpp"
#include "gateway/signature/algorithms.hpp"
#include "gateway/signature/envelope_verifier.hpp"

#include <string>
#include <string_view>

namespace axis::signature {

// Stands for a text while libxml2 looks: 128 random bits and the text's number.
class Tokens {
public:
    explicit Tokens(Random& random);
    // The skeleton with a token for each text.
    std::string splice(const SplitEnvelope& envelope) const;
    // `canonical` into the digest, each token replaced by its text as C14N writes it: CR LF and CR become LF;
    // nothing else in base64 changes. False in `all` when a token is missing or another order stands there.
    Result<> digest(std::string_view canonical, const SplitEnvelope& envelope, Digest& digest, bool& all)
        const;

private:
    std::string token(std::size_t n) const { return prefix_ + std::to_string(n) + "="; }
    std::string prefix_;
};

}  // namespace axis::signature
