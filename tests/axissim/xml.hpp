// The few things axissim does with a libxml2 tree: parse a skeleton, walk by local name, read and write text.
// Names match without prefix, as receivers on the real axis do. Any thread.
#pragma once

#include "gateway/base/error.hpp"

#include <libxml/tree.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace axis::sim {

struct XmlDocDeleter {
    void operator()(xmlDoc* doc) const { xmlFreeDoc(doc); }
};
using XmlDoc = std::unique_ptr<xmlDoc, XmlDocDeleter>;

// xml_malformed. Undeclared prefixes are let pass: the reference SDK's own samples have them.
Result<XmlDoc> parse_xml(std::string_view text, bool keep_blanks = true);

bool is_element(const xmlNode* node, std::string_view local_name);
xmlNode* child(
    const xmlNode* parent, std::string_view local_name
);  // the first, or null; null for a null parent
std::vector<xmlNode*> children(const xmlNode* parent, std::string_view local_name);
// Trimmed; "" for null, for no text and for the literal "null" some SDKs write.
std::string text_of(const xmlNode* node);

}  // namespace axis::sim
