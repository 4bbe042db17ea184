#include "gateway/signature/tree.hpp"

#include <libxml/c14n.h>
#include <libxml/parser.h>

#include <mutex>
#include <new>

namespace axis::signature {

namespace {

// As envelope/ parses, so that both see one tree; what that repairs (undeclared prefixes) is no tree here.
constexpr int parse_options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;

std::string_view view(const xmlChar* text) {
    return text == nullptr ? std::string_view{} : std::string_view{reinterpret_cast<const char*>(text)};
}

// libxml2 writes to stderr what it thinks of a message, unless told otherwise; once per thread.
void keep_quiet() {
    xmlSetStructuredErrorFunc(nullptr, [](void*, xmlError*) {});
}

struct CloseOutput {
    void operator()(xmlOutputBuffer* buffer) const { xmlOutputBufferClose(buffer); }
};

int inside(void* apex, xmlNode* node, xmlNode* parent) {
    const bool is_element = node->type == XML_ELEMENT_NODE;
    for (const auto* at = is_element ? node : parent; at != nullptr; at = at->parent)
        if (at == apex) return 1;
    return 0;
}

std::optional<std::string> canonicalised(
    xmlDoc* doc, xmlC14NIsVisibleCallback visible, void* apex, Canonical method
) {
    keep_quiet();
    const std::unique_ptr<xmlOutputBuffer, CloseOutput> out{xmlAllocOutputBuffer(nullptr)};
    if (!out) throw std::bad_alloc{};
    const int mode = method == Canonical::inclusive ? XML_C14N_1_0 : XML_C14N_EXCLUSIVE_1_0;
    if (xmlC14NExecute(doc, visible, apex, mode, nullptr, 0, out.get()) < 0) return std::nullopt;
    const auto size = xmlOutputBufferGetSize(out.get());
    if (size == 0) return std::nullopt;
    return std::string{reinterpret_cast<const char*>(xmlOutputBufferGetContent(out.get())), size};
}

}  // namespace

std::optional<Tree> Tree::parse(const std::string& text) {
    static std::once_flag once;
    std::call_once(once, xmlInitParser);
    struct FreeContext {
        void operator()(xmlParserCtxt* context) const { xmlFreeParserCtxt(context); }
    };
    const std::unique_ptr<xmlParserCtxt, FreeContext> context{xmlNewParserCtxt()};
    if (!context) throw std::bad_alloc{};
    Tree tree{xmlCtxtReadMemory(
        context.get(), text.data(), static_cast<int>(text.size()), nullptr, "UTF-8", parse_options
    )};
    const bool good = tree.doc_ && context->wellFormed != 0 && context->nsWellFormed != 0;
    return good ? std::optional{std::move(tree)} : std::nullopt;
}

std::optional<std::string> Tree::canonical(Canonical method) const {
    return canonicalised(doc_.get(), nullptr, nullptr, method);
}

std::optional<std::string> Tree::canonical(xmlNode* element, Canonical method) const {
    return canonicalised(doc_.get(), inside, element, method);
}

std::optional<std::string> Tree::canonical_without(xmlNode* element, Canonical method) const {
    auto* const parent = element->parent;
    auto* const next = element->next;
    xmlUnlinkNode(element);
    auto out = canonical(method);
    // Back where it was; xmlAddPrevSibling and xmlAddChild move it as it is, since it is no text.
    if (next != nullptr)
        xmlAddPrevSibling(next, element);
    else
        xmlAddChild(parent, element);
    return out;
}

bool is(const xmlNode* element, std::string_view name, std::string_view name_space) {
    return view(element->name) == name && element->ns != nullptr && view(element->ns->href) == name_space;
}

std::string_view local_name(const xmlNode* element) {
    return view(element->name);
}

std::vector<xmlNode*> elements(const xmlNode* parent) {
    std::vector<xmlNode*> out;
    for (auto* child = parent->children; child != nullptr; child = child->next)
        if (child->type == XML_ELEMENT_NODE) out.push_back(child);
    return out;
}

std::optional<std::string> attribute(const xmlNode* element, std::string_view name) {
    for (const auto* a = element->properties; a != nullptr; a = a->next) {
        if (a->ns != nullptr || view(a->name) != name) continue;
        std::string out;
        for (const auto* part = a->children; part != nullptr; part = part->next) out += view(part->content);
        return out;
    }
    return std::nullopt;
}

bool has_attributes_beside(const xmlNode* element, std::string_view name) {
    for (const auto* a = element->properties; a != nullptr; a = a->next)
        if (a->ns != nullptr || view(a->name) != name) return true;
    return false;
}

std::optional<std::string> text_only(const xmlNode* element) {
    std::string out;
    for (const auto* child = element->children; child != nullptr; child = child->next) {
        if (child->type != XML_TEXT_NODE) return std::nullopt;
        out += view(child->content);
    }
    return out;
}

}  // namespace axis::signature
