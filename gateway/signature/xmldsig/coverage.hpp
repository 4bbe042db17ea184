// What the signatures of a document cover together, and whether a reader could take something unsigned for
// something signed. Internal to signature/. Any thread.
#pragma once

#include "gateway/signature/xmldsig/document.hpp"

#include <cstddef>
#include <variant>
#include <vector>

namespace axis::signature {

struct Coverage {
    std::size_t element_count = 0;  // beside the signatures themselves
    std::size_t covered_count = 0;
};

// `twin`: an element stands unsigned that has the name of a signed one, or a value is cut in two by a comment
// that no digest sees. Both let one reader see what another does not.
std::variant<Coverage, Malformed> coverage_of(
    const Tree& tree, const std::vector<DocumentSignature>& signatures
);

}  // namespace axis::signature
