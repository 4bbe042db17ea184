// libxml2's tree for signatures: parsed from scanned markup only, canonicalised, read by exact names.
// Internal to signature/. Any thread, one at a time per Tree.
#pragma once

#include "gateway/signature/algorithms.hpp"

#include <libxml/tree.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace axis::signature {

inline constexpr std::string_view qcvn = "http://www.mic.gov.vn/TBT/QCVN_102_2016";
inline constexpr std::string_view xmldsig = "http://www.w3.org/2000/09/xmldsig#";

class Tree {
public:
    // Nothing when it is not well-formed with all its prefixes declared.
    static std::optional<Tree> parse(const std::string& text);

    xmlNode* root() const { return xmlDocGetRootElement(doc_.get()); }
    // Without comments. Nothing when libxml2 cannot; never an empty text.
    std::optional<std::string> canonical(Canonical method) const;
    std::optional<std::string> canonical(xmlNode* element, Canonical method) const;
    // The same without one element, as the enveloped-signature transform has it.
    std::optional<std::string> canonical_without(xmlNode* element, Canonical method) const;

private:
    struct Free {
        void operator()(xmlDoc* doc) const { xmlFreeDoc(doc); }
    };
    explicit Tree(xmlDoc* doc) : doc_{doc} {}
    std::unique_ptr<xmlDoc, Free> doc_;
};

bool is(const xmlNode* element, std::string_view name, std::string_view name_space);
std::string_view local_name(const xmlNode* element);
std::vector<xmlNode*> elements(const xmlNode* parent);
std::optional<std::string> attribute(const xmlNode* element, std::string_view name);  // of no namespace
// Nothing when there is anything beside text: no value stands beside a comment or an element.
std::optional<std::string> text_only(const xmlNode* element);
bool has_attributes_beside(const xmlNode* element, std::string_view name);  // "" : any at all

}  // namespace axis::signature
