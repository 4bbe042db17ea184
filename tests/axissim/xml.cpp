#include "tests/axissim/xml.hpp"

#include "gateway/base/text.hpp"

#include <libxml/parser.h>

namespace axis::sim {

Result<XmlDoc> parse_xml(std::string_view text, bool keep_blanks) {
    const int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA |
                        (keep_blanks ? 0 : XML_PARSE_NOBLANKS);
    XmlDoc doc{xmlReadMemory(text.data(), static_cast<int>(text.size()), nullptr, nullptr, options)};
    if (!doc || xmlDocGetRootElement(doc.get()) == nullptr) return Error{errc::xml_malformed, {}};
    return doc;
}

bool is_element(const xmlNode* node, std::string_view local_name) {
    if (node->type != XML_ELEMENT_NODE) return false;
    std::string_view name{reinterpret_cast<const char*>(node->name)};
    // An undeclared prefix stays part of the name.
    const auto colon = name.find(':');
    if (colon != std::string_view::npos) name.remove_prefix(colon + 1);
    return name == local_name;
}

xmlNode* child(const xmlNode* parent, std::string_view local_name) {
    if (parent == nullptr) return nullptr;
    for (auto* node = parent->children; node != nullptr; node = node->next)
        if (is_element(node, local_name)) return node;
    return nullptr;
}

std::vector<xmlNode*> children(const xmlNode* parent, std::string_view local_name) {
    std::vector<xmlNode*> found;
    if (parent == nullptr) return found;
    for (auto* node = parent->children; node != nullptr; node = node->next)
        if (is_element(node, local_name)) found.push_back(node);
    return found;
}

std::string text_of(const xmlNode* node) {
    if (node == nullptr) return {};
    xmlChar* raw = xmlNodeGetContent(node);
    if (raw == nullptr) return {};
    std::string text{trimmed(reinterpret_cast<const char*>(raw))};
    xmlFree(raw);
    return text == "null" ? std::string{} : text;
}

}  // namespace axis::sim
