// What a document may weigh before it is refused. Costs grow with the product of some of these.
#pragma once

#include <cstddef>

namespace axis::signature {

struct XmldsigLimits {
    std::size_t document_bytes_max = 8 * 1024 * 1024;
    std::size_t tag_bytes_max = 16 * 1024;
    std::size_t tag_attribute_count_max = 64;  // libxml2 2.9.14 is quadratic in them
    std::size_t depth_max = 64;                // name spaces in scope: depth times attributes of a tag
    std::size_t element_count_max = 100'000;
    std::size_t attribute_count_max = 100'000;  // of all
    std::size_t signature_count_max = 8;
    std::size_t reference_count_max = 32;           // of all signatures
    std::size_t read_bytes_max = 64 * 1024 * 1024;  // each reference reads the document once
    std::size_t certificate_count_max = 8;
    std::size_t prefix_list_bytes_max = 256;  // of exclusive C14N: each prefix is looked for at each element
    std::size_t xpath_element_count_max = 2'000;  // xmlsec1's XPath is quadratic in nodes
};

}  // namespace axis::signature
