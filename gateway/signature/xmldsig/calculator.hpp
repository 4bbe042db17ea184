// What xmlsec1 calculates: digests of references and the octets of SignedInfo. It is a calculator, not a
// judge (architecture D14): it holds no key, no certificate and no list of trusted ones, opens no file and no
// address, knows only the transforms and digests of our list, and the signature value is verified by our own
// methods, the same for files of mail.
//
// Internal to signature/. Any thread; the library is started at the first use.
#pragma once

#include "gateway/signature/algorithms.hpp"

#include <libxml/tree.h>

#include <cstddef>

namespace axis::signature {

struct Calculation {
    enum class Outcome {
        holds,
        digest_differs,  // of `reference`
        value_differs,
        wrong_key,   // of another kind than the algorithm's
        wrong_form,  // the value is not one of this key
        no_canonical_form,
    };
    Outcome outcome = Outcome::no_canonical_form;
    std::size_t reference = 0;
};

// `signature` has the form that form.hpp lets pass; elements that it refers to are known as IDs of the
// document. `with_xpath`: the one XPath that form lets pass stands in it.
Calculation calculate(
    xmlNode* signature, const SignatureAlgorithm& algorithm, EVP_PKEY* key, bool with_xpath
);

}  // namespace axis::signature
