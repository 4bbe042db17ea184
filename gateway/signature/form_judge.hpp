// From a form to a verdict, whatever the document is: value, digest, certificate, chain, binding.
// Internal to signature/. CPU: crypto pool; blocking where the content is. Any thread.
#pragma once

#include "gateway/signature/envelope_verifier.hpp"
#include "gateway/signature/form.hpp"

#include <functional>
#include <string_view>

namespace axis::signature {

// Puts the document into the digest, given its canonical form without the signature; false: it is not all
// there. An error only when something could not be read.
using ContentDigest = std::function<Result<bool>(std::string_view canonical, Digest& digest)>;

Result<Judgement> judge_form(
    const Tree& tree,
    const Form& form,
    const Question& question,
    const TrustStore& trust,
    const ContentDigest& content
);

// As of an envelope: envelope_verifier.hpp.
std::vector<OcspQuery> open_questions(
    const Tree& tree, const Form& form, const Question& question, const TrustStore& trust
);

// What is said of a document without a form.
Judgement malformed(const Malformed& why);

}  // namespace axis::signature
