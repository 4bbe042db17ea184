#include "gateway/signature/xmldsig/document.hpp"

#include "gateway/base/base64.hpp"
#include "gateway/base/text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace axis::signature {

namespace {

constexpr std::string_view white_space = " \t\r\n";
constexpr std::string_view enveloped_uri = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
constexpr std::string_view base64_uri = "http://www.w3.org/2000/09/xmldsig#base64";
constexpr std::string_view xpath_uri = "http://www.w3.org/TR/1999/REC-xpath-19991116";
constexpr std::string_view exclusive_uri = "http://www.w3.org/2001/10/xml-exc-c14n#";
constexpr std::array<std::string_view, 6> canonical_uris{
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments",
    "http://www.w3.org/2006/12/xml-c14n11",
    "http://www.w3.org/2006/12/xml-c14n11#WithComments",
    "http://www.w3.org/2001/10/xml-exc-c14n#",
    "http://www.w3.org/2001/10/xml-exc-c14n#WithComments"};

// The text below an element, to the last padding: xmlsec1 leaks a little when it fails at this.
bool is_base64(const xmlNode* element) {
    std::string text;
    const auto collect = [&text](const auto& self, const xmlNode* node) -> void {
        for (const auto* child = node->children; child != nullptr; child = child->next)
            if (child->type == XML_ELEMENT_NODE)
                self(self, child);
            else if (child->type != XML_COMMENT_NODE && child->content != nullptr)
                text += reinterpret_cast<const char*>(child->content);
    };
    collect(collect, element);
    std::erase_if(text, [](char c) { return white_space.find(c) != std::string_view::npos; });
    std::string octets;
    return text.size() % 4 == 0 && base64_decode(text, octets);
}

template <class Visit>
void each_element(xmlNode* element, const Visit& visit) {
    visit(element);
    for (auto* child : elements(element)) each_element(child, visit);
}

bool within(const xmlNode* element, const xmlNode* outer) {
    for (; element != nullptr; element = element->parent)
        if (element == outer) return true;
    return false;
}

// What an Id may be, and a prefix: nothing that could end the expression it is put into. XML wants a letter
// at the beginning; documents in the wild have digits.
bool is_plain(std::string_view text) {
    const auto plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '-' || c == '.' || (static_cast<unsigned char>(c) & 0x80) != 0;
    };
    return !text.empty() && std::all_of(text.begin(), text.end(), plain);
}

bool is_canonical(std::string_view uri) {
    return std::find(canonical_uris.begin(), canonical_uris.end(), uri) != canonical_uris.end();
}

Malformed shape(std::string detail) {
    return {Reason::shape, std::move(detail)};
}

// -- one Signature

class Reader {
public:
    using Fault = std::optional<Malformed>;

    Reader(const Tree& tree, xmlNode* element, const XmldsigLimits& limits) : tree_{tree}, limits_{limits} {
        out_.element = element;
    }

    Fault read() {
        const auto children = elements(out_.element);
        constexpr std::array<std::string_view, 3> names{"SignedInfo", "SignatureValue", "KeyInfo"};
        for (std::size_t i = 0; i < children.size(); ++i)
            if (!is(children[i], i < names.size() ? names.at(i) : "Object", xmldsig))
                return i == 2 && is(children[i], "Object", xmldsig) ? no_key_info()
                                                                    : shape("children of Signature");
        if (children.size() < 2) return shape("children of Signature");
        if (children.size() < 3) return no_key_info();
        if (auto fault = signed_info(children[0])) return fault;
        if (auto fault = octets(children[1])) return fault;
        auto info = read_key_info(children[2], limits_.certificate_count_max);
        if (auto* malformed = std::get_if<Malformed>(&info)) return std::move(*malformed);
        out_.key_info = std::get<KeyInfo>(std::move(info));
        return {};
    }

    DocumentSignature take() { return std::move(out_); }

private:
    static Malformed no_key_info() { return {Reason::key_info, "KeyInfo is missing"}; }

    static Fault octets(const xmlNode* element) {
        const auto text = text_only(element);
        std::string out;
        if (!text || !base64_decode(*text, out) || out.empty())
            return Malformed{Reason::encoding, std::string{local_name(element)} + " is not plain base64"};
        return {};
    }

    Fault signed_info(const xmlNode* element) {
        const auto children = elements(element);
        if (children.size() < 3 || !is(children[0], "CanonicalizationMethod", xmldsig) ||
            !is(children[1], "SignatureMethod", xmldsig))
            return shape("children of SignedInfo");
        const auto canonical = attribute(children[0], "Algorithm").value_or("");
        if (!is_canonical(canonical) || !parameters_allowed(children[0], canonical))
            return Malformed{Reason::algorithm, "CanonicalizationMethod"};
        out_.algorithm = signature_algorithm(attribute(children[1], "Algorithm").value_or(""));
        if (out_.algorithm == nullptr || !elements(children[1]).empty())
            return Malformed{Reason::algorithm, "SignatureMethod"};
        for (std::size_t i = 2; i < children.size(); ++i)
            if (auto fault = reference(children[i])) return fault;
        return {};
    }

    // Exclusive C14N may name prefixes; nothing else has parameters.
    bool parameters_allowed(const xmlNode* method, std::string_view uri) const {
        const auto children = elements(method);
        if (children.empty()) return true;
        return uri.starts_with(exclusive_uri) && children.size() == 1 &&
               is(children[0], "InclusiveNamespaces", exclusive_uri) &&
               attribute(children[0], "PrefixList").value_or("").size() <= limits_.prefix_list_bytes_max;
    }

    Fault reference(const xmlNode* element) {
        if (!is(element, "Reference", xmldsig)) return shape("children of SignedInfo");
        DocumentReference out;
        if (auto fault = target(element, out)) return fault;
        auto children = elements(element);
        if (!children.empty() && is(children[0], "Transforms", xmldsig)) {
            if (auto fault = transforms(children[0], out)) return fault;
            children.erase(children.begin());
        }
        if (children.size() != 2 || !is(children[0], "DigestMethod", xmldsig) ||
            !is(children[1], "DigestValue", xmldsig))
            return shape("children of Reference");
        out.algorithm = digest_algorithm(attribute(children[0], "Algorithm").value_or(""));
        if (out.algorithm == nullptr || !elements(children[0]).empty())
            return Malformed{Reason::algorithm, "DigestMethod"};
        if (auto fault = octets(children[1])) return fault;
        out_.references.push_back(out);
        return {};
    }

    // -- what it refers to

    Fault target(const xmlNode* reference, DocumentReference& out) {
        const auto uri = attribute(reference, "URI");
        if (!uri) return Malformed{Reason::target, "no URI"};
        if (!uri->empty() && (*uri)[0] != '#') return Malformed{Reason::external, ""};
        if (uri->empty() || *uri == "#xpointer(/)") {
            out.target = tree_.root();
            return {};
        }
        const auto id = named_id(*uri);
        if (!is_plain(id))
            return Malformed{Reason::target, "an URI that is neither \"#id\" nor xpointer of one"};
        return registered(id, out);
    }

    static std::string named_id(std::string_view uri) {
        constexpr std::string_view open = "#xpointer(id('";
        constexpr std::string_view close = "'))";
        if (uri.starts_with(open) && uri.ends_with(close) && uri.size() > open.size() + close.size())
            return std::string{uri.substr(open.size(), uri.size() - open.size() - close.size())};
        return std::string{uri.substr(1)};
    }

    // Exactly one element of the document has it, whatever its attribute is called.
    Fault registered(const std::string& id, DocumentReference& out) {
        std::vector<std::pair<xmlNode*, xmlAttr*>> all;
        each_element(tree_.root(), [&](xmlNode* element) {
            for (auto* a = element->properties; a != nullptr; a = a->next)
                if (is_id(a) && value_of(a) == id) all.emplace_back(element, a);
        });
        if (all.size() != 1)
            return Malformed{
                Reason::target, std::to_string(all.size()) + " elements have the Id that is named"};
        auto* const doc = out_.element->doc;
        const auto* value = reinterpret_cast<const xmlChar*>(id.c_str());
        if (xmlGetID(doc, value) == nullptr) xmlAddID(nullptr, doc, value, all.front().second);
        out.target = all.front().first;
        return {};
    }

    static bool is_id(const xmlAttr* a) {
        const std::string_view name{reinterpret_cast<const char*>(a->name)};
        return name == "Id" || name == "ID" || name == "id" || name == "AssertionID";
    }
    static std::string value_of(const xmlAttr* a) {
        std::string out;
        for (const auto* part = a->children; part != nullptr; part = part->next)
            if (part->content != nullptr) out += reinterpret_cast<const char*>(part->content);
        return out;
    }

    // -- transforms

    Fault transforms(const xmlNode* element, DocumentReference& out) {
        bool octets = false;  // the transform before gave octets; to parse them again is not looked at
        for (const auto* transform : elements(element)) {
            const auto uri = attribute(transform, "Algorithm").value_or("");
            const bool known =
                is(transform, "Transform", xmldsig) && !octets &&
                (uri == xpath_uri ? leaves_signatures_out(transform) : parameters_allowed(transform, uri));
            if (!known) return refused(uri);
            if (uri == enveloped_uri && !out.without_own) {
                out.without_own = true;
            } else if (uri == xpath_uri && !out.without_all) {
                out.without_all = out_.with_xpath = true;
            } else if (uri == base64_uri || is_canonical(uri)) {
                octets = true;
                out.octets_only = uri == base64_uri;
            } else {
                return refused(uri);
            }
        }
        if (out.octets_only && !is_base64(out.target))
            return Malformed{Reason::canonical, "the text that is signed is not base64"};
        if ((out.without_own || out.without_all) && !within(out_.element, out.target))
            return Malformed{Reason::target, "enveloped in an element that does not hold the signature"};
        return {};
    }

    // By its usual name: what a document says is never shown.
    static Malformed refused(std::string_view uri) {
        constexpr std::array<std::pair<std::string_view, const char*>, 4> usual{
            {{xpath_uri, "XPath"},
             {"http://www.w3.org/2002/06/xmldsig-filter2", "XPath Filter 2.0"},
             {"http://www.w3.org/TR/1999/REC-xslt-19991116", "XSLT"},
             {enveloped_uri, "enveloped-signature, where it may not stand"}}};
        const auto at =
            std::find_if(usual.begin(), usual.end(), [&](const auto& one) { return one.first == uri; });
        return {
            Reason::transform, at == usual.end() ? "one that is not known here, or its place" : at->second};
    }

    // XPath as XMLDSig's own example of enveloped-signature has it: nothing else of XPath is evaluated.
    static bool leaves_signatures_out(const xmlNode* transform) {
        const auto children = elements(transform);
        if (children.size() != 1 || !is(children[0], "XPath", xmldsig)) return false;
        const auto text = text_only(children[0]);
        constexpr std::string_view open = "not(ancestor-or-self::";
        constexpr std::string_view close = ":Signature)";
        const auto path = trimmed(text ? std::string_view{*text} : std::string_view{});
        if (!path.starts_with(open) || !path.ends_with(close) || path.size() <= open.size() + close.size())
            return false;
        const std::string prefix{path.substr(open.size(), path.size() - open.size() - close.size())};
        const auto* bound =
            xmlSearchNs(children[0]->doc, children[0], reinterpret_cast<const xmlChar*>(prefix.c_str()));
        return is_plain(prefix) && bound != nullptr && xmldsig == reinterpret_cast<const char*>(bound->href);
    }

    const Tree& tree_;
    const XmldsigLimits& limits_;
    DocumentSignature out_;
};

}  // namespace

std::variant<std::vector<DocumentSignature>, Malformed> read_signatures(
    const Tree& tree, std::size_t document_bytes, const XmldsigLimits& limits
) {
    std::vector<xmlNode*> proper;
    bool other = false;
    bool fetched = false;
    std::size_t element_count = 0;
    each_element(tree.root(), [&](xmlNode* element) {
        ++element_count;
        fetched = fetched || is(element, "RetrievalMethod", xmldsig);
        if (local_name(element) != "Signature") return;
        if (is(element, "Signature", xmldsig))
            proper.push_back(element);
        else
            other = true;
    });
    if (proper.empty()) return Malformed{other ? Reason::wrong_namespace : Reason::absent, ""};
    if (proper.size() > limits.signature_count_max) return shape("too many signatures");
    if (fetched) return Malformed{Reason::key_info, "RetrievalMethod"};
    std::vector<DocumentSignature> out;
    std::size_t reference_count = 0;
    for (auto* element : proper) {
        Reader reader{tree, element, limits};
        if (auto fault = reader.read()) return std::move(*fault);
        out.push_back(reader.take());
        reference_count += out.back().references.size();
        if (reference_count > std::min(limits.reference_count_max, references_max))
            return shape("too many references");
        if (reference_count * document_bytes > limits.read_bytes_max)
            return shape("too many references for a document of this size");
        if (out.back().with_xpath && element_count > limits.xpath_element_count_max)
            return Malformed{Reason::transform, "XPath over a document that is too large for it"};
    }
    return out;
}

}  // namespace axis::signature
