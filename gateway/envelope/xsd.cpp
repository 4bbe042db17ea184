#include "gateway/envelope/xsd.hpp"

#include "gateway/envelope/tags.hpp"
#include "gateway/envelope/xml.hpp"
#include "xsd_text.hpp"

#include <libxml/parser.h>
#include <libxml/xmlschemas.h>

#include <array>
#include <cstring>
#include <optional>

namespace axis::envelope {

namespace {

constexpr int parse_options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;

struct FreeDoc {
    void operator()(xmlDoc* doc) const { xmlFreeDoc(doc); }
};
struct FreeSchema {
    void operator()(xmlSchema* schema) const { xmlSchemaFree(schema); }
};
struct FreeParser {
    void operator()(xmlSchemaParserCtxt* context) const { xmlSchemaFreeParserCtxt(context); }
};
struct FreeValidator {
    void operator()(xmlSchemaValidCtxt* context) const { xmlSchemaFreeValidCtxt(context); }
};

// libxml2's own words quote the document, which must not get into logs.
struct Reason {
    int code;
    std::string_view words;
};
constexpr std::array reasons{
    Reason{XML_SCHEMAV_CVC_DATATYPE_VALID_1_2_1, "not a value of its type"},
    Reason{XML_SCHEMAV_CVC_LENGTH_VALID, "of another length"},
    Reason{XML_SCHEMAV_CVC_MINLENGTH_VALID, "too short"},
    Reason{XML_SCHEMAV_CVC_MAXLENGTH_VALID, "too long"},
    Reason{XML_SCHEMAV_CVC_MININCLUSIVE_VALID, "too small"},
    Reason{XML_SCHEMAV_CVC_MAXINCLUSIVE_VALID, "too large"},
    Reason{XML_SCHEMAV_CVC_PATTERN_VALID, "not in its form"},
    Reason{XML_SCHEMAV_CVC_ENUMERATION_VALID, "not one of its values"},
    Reason{XML_SCHEMAV_CVC_COMPLEX_TYPE_3_2_1, "an attribute that does not belong here"},
    Reason{XML_SCHEMAV_CVC_COMPLEX_TYPE_4, "an attribute is missing"},
    Reason{XML_SCHEMAV_ELEMENT_CONTENT, "an element that does not belong here, or one before it is missing"},
    Reason{XML_SCHEMAV_CVC_IDC, "occurs twice, or what it names is not there"},
};

std::string words_of(int code) {
    for (const auto& row : reasons)
        if (row.code == code) return std::string{row.words};
    return "libxml2 schema error " + std::to_string(code);
}

// The first complaint is kept; several about one element are one.
struct Complaints {
    const xmlNode* first = nullptr;
    int code = 0;
    const xmlNode* last = nullptr;
    std::size_t count = 0;

    static void hear(void* self, xmlError* error) {
        auto& all = *static_cast<Complaints*>(self);
        const auto* node = static_cast<const xmlNode*>(error->node);
        if (all.count > 0 && node == all.last) return;
        if (++all.count == 1) {
            all.first = node;
            all.code = error->code;
        }
        all.last = node;
    }
};

std::string with_texts(std::string_view skeleton, const std::vector<Hole>& holes) {
    std::string text;
    std::size_t done = 0;
    for (const auto& hole : holes) {
        text.append(skeleton.substr(done, hole.offset - done)).append("AAAA");
        done = hole.offset;
    }
    return text.append(skeleton.substr(done));
}

// In document order, from 0, as in our own tree; of an attribute its element's.
Tree::Number element_number(const xmlNode* node) {
    while (node != nullptr && node->type != XML_ELEMENT_NODE) node = node->parent;
    Tree::Number number = 0;
    if (node == nullptr) return number;
    const auto next = [](const xmlNode* n) {
        if (n->children != nullptr && n->type == XML_ELEMENT_NODE) return n->children;
        while (n->next == nullptr) n = n->parent;  // the node looked for is still to come
        return n->next;
    };
    for (const auto* n = xmlDocGetRootElement(node->doc); n != node; n = next(n))
        if (n->type == XML_ELEMENT_NODE) ++number;
    return number;
}

}  // namespace

struct Xsd::Impl {
    std::unique_ptr<xmlSchema, FreeSchema> schema;
};

Xsd::Xsd(Which which) : impl_{std::make_unique<Impl>()} {
    const char* text = which == Which::emit ? xsd_emit : xsd_accept;
    const std::unique_ptr<xmlSchemaParserCtxt, FreeParser> parser{
        xmlSchemaNewMemParserCtxt(text, static_cast<int>(std::strlen(text)))};
    if (!parser) throw std::bad_alloc{};
    impl_->schema.reset(xmlSchemaParse(parser.get()));
    AXIS_ASSERT(impl_->schema != nullptr);  // a test loads both
}
Xsd::~Xsd() = default;
Xsd::Xsd(Xsd&&) noexcept = default;

Result<> Xsd::check(std::string_view skeleton, const std::vector<Hole>& holes) const {
    auto text = with_texts(skeleton, holes);
    Position where;
    const auto tree = Tree::parse({text}, where);  // what it bounds, the validator's own tree may have
    if (!tree) return tree.error();
    if (tree->prefixes_declared()) text = with_prefixes_declared(text);
    const std::unique_ptr<xmlDoc, FreeDoc> doc{
        xmlReadMemory(text.data(), static_cast<int>(text.size()), nullptr, "UTF-8", parse_options)};
    if (!doc) return Error{errc::xml_malformed, "libxml2 makes no tree of it"};
    const std::unique_ptr<xmlSchemaValidCtxt, FreeValidator> validator{
        xmlSchemaNewValidCtxt(impl_->schema.get())};
    if (!validator) throw std::bad_alloc{};
    Complaints complaints;
    xmlSchemaSetValidStructuredErrors(validator.get(), &Complaints::hear, &complaints);
    if (xmlSchemaValidateDoc(validator.get(), doc.get()) == 0) return {};
    const auto number = element_number(complaints.first);
    const auto element = element_at(skeleton, number);
    const auto offset = element ? element->start.begin : 0;
    auto detail = to_string(position_in_input(skeleton, holes, offset)) + " " + path_of(*tree, number) +
                  ": " + words_of(complaints.code);
    if (complaints.count > 1) detail += "; " + std::to_string(complaints.count - 1) + " more";
    return Error{errc::envelope_schema, std::move(detail)};
}

}  // namespace axis::envelope
