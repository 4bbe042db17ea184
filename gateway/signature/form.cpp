#include "gateway/signature/form.hpp"

#include "gateway/base/base64.hpp"
#include "gateway/base/text.hpp"
#include "gateway/signature/stamping.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace axis::signature {

namespace {

constexpr std::string_view enveloped_uri = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
// What the national SDK's example signs with, found unchanged in real mail (edxml-standard.md §1.9).
constexpr std::string_view sample_digest = "FwgIqsSYJshUS2+wlOM61L+q7Aw=";

using Elements = std::vector<xmlNode*>;

Malformed structure(std::string detail) {
    return {Reason::structure, std::move(detail)};
}

void collect_signatures(const xmlNode* element, Elements& out) {
    for (auto* child : elements(element)) {
        if (equal_ignoring_case(local_name(child), "Signature")) out.push_back(child);
        collect_signatures(child, out);
    }
}

bool ncname(std::string_view text) {
    const auto letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
               (static_cast<unsigned char>(c) & 0x80) != 0;
    };
    const auto more = [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.'; };
    return !text.empty() && letter(text[0]) && std::all_of(text.begin(), text.end(), more);
}

// What the element is made of, wherever it stands.
class SignatureReader {
public:
    SignatureReader(const Tree& tree, xmlNode* signature) : tree_{tree} { form_.signature = signature; }

    std::variant<Form, Malformed> read() {
        if (auto fault = parts()) return std::move(*fault);
        return std::move(form_);
    }

private:
    using Fault = std::optional<Malformed>;

    static Malformed shape(std::string detail) { return {Reason::shape, std::move(detail)}; }

    Fault parts() {
        const auto children = elements(form_.signature);
        constexpr std::array<std::string_view, 5> names{
            "SignedInfo", "SignatureValue", "KeyInfo", "Object", "Object"};
        if (children.size() < 2 || children.size() > names.size()) return shape("children of Signature");
        for (std::size_t i = 0; i < children.size(); ++i)
            if (!is(children[i], names[i], xmldsig)) return shape("children of Signature");
        if (children.size() < 3) return Malformed{Reason::key_info, "KeyInfo is missing"};
        if (auto fault = objects({children.begin() + 3, children.end()})) return fault;
        if (auto fault = signed_info(children[0])) return fault;
        form_.value_element = children[1];
        if (auto fault = octets_of(children[1], form_.value)) return fault;
        return key_info(children[2]);
    }

    static Fault octets_of(const xmlNode* element, std::string& out) {
        const auto text = text_only(element);
        if (!text || !base64_decode(*text, out) || out.empty())
            return Malformed{Reason::encoding, std::string{local_name(element)} + " is not plain base64"};
        return {};
    }

    // The method an element names, without parameters.
    static std::optional<std::string> method(const xmlNode* element) {
        if (!elements(element).empty() || has_attributes_beside(element, "Algorithm")) return std::nullopt;
        return attribute(element, "Algorithm");
    }

    Fault signed_info(xmlNode* element) {
        form_.signed_info = element;
        const auto children = elements(element);
        if (children.size() < 3 || children.size() > 4) return shape("children of SignedInfo");
        if (!is(children[0], "CanonicalizationMethod", xmldsig) ||
            !is(children[1], "SignatureMethod", xmldsig))
            return shape("children of SignedInfo");
        const auto canonical = method(children[0]);
        if (!canonical || !canonical_method(*canonical, form_.canonical))
            return Malformed{Reason::algorithm, "CanonicalizationMethod"};
        const auto algorithm = method(children[1]);
        form_.algorithm = algorithm ? signature_algorithm(*algorithm) : nullptr;
        if (form_.algorithm == nullptr) return Malformed{Reason::algorithm, "SignatureMethod"};
        if (auto fault = whole_reference(children[2])) return fault;
        const bool two = children.size() == 4;
        if (two != (form_.properties_element != nullptr)) return shape("references and Object do not match");
        return two ? properties_reference(children[3]) : Fault{};
    }

    // Transforms?, DigestMethod, DigestValue. Gives the transforms' names.
    static Fault reference(const xmlNode* element, ReferenceForm& out, std::vector<std::string>& transforms) {
        if (!is(element, "Reference", xmldsig)) return shape("children of SignedInfo");
        auto children = elements(element);
        if (!children.empty() && is(children[0], "Transforms", xmldsig)) {
            for (const auto* transform : elements(children[0])) {
                const auto name = is(transform, "Transform", xmldsig) ? method(transform) : std::nullopt;
                if (!name) return Malformed{Reason::transform, "a Transform with parameters"};
                transforms.push_back(*name);
                if (transforms.size() > 2) return Malformed{Reason::transform, "too many"};
            }
            children.erase(children.begin());
        }
        if (children.size() != 2 || !is(children[0], "DigestMethod", xmldsig) ||
            !is(children[1], "DigestValue", xmldsig))
            return shape("children of Reference");
        const auto algorithm = method(children[0]);
        out.algorithm = algorithm ? digest_algorithm(*algorithm) : nullptr;
        if (out.algorithm == nullptr) return Malformed{Reason::algorithm, "DigestMethod"};
        if (text_only(children[1]) == std::string{sample_digest}) return Malformed{Reason::sample_copied, ""};
        return octets_of(children[1], out.digest);
    }

    // The root itself: "" or "#" and the root's own Id.
    bool names_root(std::string_view uri) const {
        if (uri.empty()) return true;
        if (uri[0] != '#' || !ncname(uri.substr(1))) return false;
        std::size_t ids = 0;
        bool same = false;
        for (const auto* name : {"Id", "ID", "id"}) {
            const auto id = attribute(tree_.root(), name);
            if (id) ++ids;
            same = same || (id && *id == uri.substr(1));
        }
        return ids == 1 && same;
    }

    Fault whole_reference(const xmlNode* element) {
        const auto uri = attribute(element, "URI");
        if (!uri) return Malformed{Reason::reference, "no URI"};
        if (!names_root(*uri)) return Malformed{Reason::reference, "not the whole document"};
        std::vector<std::string> transforms;
        if (auto fault = reference(element, form_.whole, transforms)) return fault;
        if (transforms.empty() || transforms[0] != enveloped_uri)
            return Malformed{Reason::transform, "enveloped-signature is not the first"};
        if (transforms.size() == 2 && !canonical_method(transforms[1], form_.whole.canonical))
            return Malformed{Reason::transform, "neither inclusive nor exclusive C14N without comments"};
        return {};
    }

    Fault properties_reference(const xmlNode* element) {
        const auto uri = attribute(element, "URI");
        const auto id = attribute(form_.properties_element, "Id");
        if (!uri || !id || !ncname(*id) || *uri != "#" + *id || names_root(*uri))
            return Malformed{Reason::reference, "the second is not the signing time's"};
        form_.properties.emplace();
        std::vector<std::string> transforms;
        if (auto fault = reference(element, *form_.properties, transforms)) return fault;
        const bool canonical =
            transforms.empty() ||
            (transforms.size() == 1 && canonical_method(transforms[0], form_.properties->canonical));
        if (!canonical) return Malformed{Reason::transform, "of the signing time"};
        return {};
    }

    // The signing time, then the time stamp; either may be missing.
    Fault objects(const Elements& all) {
        for (const auto* object : all) {
            const bool stamp = sole(object, "QualifyingProperties", xades) != nullptr;
            const bool repeated = stamp ? !form_.time_stamp.empty() : form_.properties_element != nullptr;
            if (repeated || !form_.time_stamp.empty()) return shape("Object");
            if (auto fault = stamp ? time_stamp(object) : signing_time(object)) return fault;
        }
        return {};
    }

    // The one child of this name, when there is nothing else at all: no text, no comment.
    static xmlNode* sole(const xmlNode* parent, std::string_view name, std::string_view name_space) {
        auto* child = parent->children;
        const bool alone = child != nullptr && child->next == nullptr && child->type == XML_ELEMENT_NODE;
        return alone && is(child, name, name_space) ? child : nullptr;
    }

    // QualifyingProperties @Target / UnsignedProperties / UnsignedSignatureProperties / SignatureTimeStamp /
    // CanonicalizationMethod @Algorithm, EncapsulatedTimeStamp: base64 without a space.
    Fault time_stamp(const xmlNode* object) {
        const auto* at = sole(object, "QualifyingProperties", xades);
        const auto id = attribute(form_.signature, "Id");
        if (!id || attribute(at, "Target") != "#" + *id || has_attributes_beside(at, "Target") ||
            has_attributes_beside(object, ""))
            return shape("Target of QualifyingProperties");
        for (const auto* name : {"UnsignedProperties", "UnsignedSignatureProperties", "SignatureTimeStamp"}) {
            at = sole(at, name, xades);
            if (at == nullptr || has_attributes_beside(at, "")) return shape(name);
        }
        const auto* canonical = at->children;
        const auto* token = canonical == nullptr ? nullptr : canonical->next;
        const bool two = token != nullptr && token->next == nullptr;
        if (!two || canonical->type != XML_ELEMENT_NODE || token->type != XML_ELEMENT_NODE ||
            !is(canonical, "CanonicalizationMethod", xmldsig) || canonical->children != nullptr ||
            !is(token, "EncapsulatedTimeStamp", xades) || has_attributes_beside(token, ""))
            return shape("SignatureTimeStamp");
        if (method(canonical) != std::string{canonical_uri(Canonical::exclusive)})
            return Malformed{Reason::algorithm, "CanonicalizationMethod of the time stamp"};
        if (auto fault = octets_of(token, form_.time_stamp)) return fault;
        if (form_.time_stamp.size() > StampLimits{}.token_bytes_max) return shape("a time stamp too large");
        if (base64_encode(form_.time_stamp) != text_only(token) || !is_whole_der(form_.time_stamp))
            return Malformed{Reason::encoding, "EncapsulatedTimeStamp"};
        return {};
    }

    // Object / SignatureProperties @Id / SignatureProperty @Target / SigningTime, one of each.
    Fault signing_time(const xmlNode* object) {
        const auto only = [](const xmlNode* parent) {
            const auto children = elements(parent);
            return children.size() == 1 ? children.front() : nullptr;
        };
        auto* properties = only(object);
        if (properties == nullptr || !is(properties, "SignatureProperties", xmldsig)) return shape("Object");
        const auto* property = only(properties);
        if (property == nullptr || !is(property, "SignatureProperty", xmldsig))
            return shape("SignatureProperties");
        const auto id = attribute(form_.signature, "Id");
        if (!id || attribute(property, "Target") != "#" + *id) return shape("Target of SignatureProperty");
        const auto* time = only(property);
        if (time == nullptr || local_name(time) != "SigningTime") return shape("SignatureProperty");
        const auto text = text_only(time);
        if (!text) return Malformed{Reason::encoding, "SigningTime"};
        form_.signing_time = std::string{trimmed(*text)};
        form_.properties_element = properties;
        return {};
    }

    Fault key_info(const xmlNode* element) {
        const auto data = elements(element);
        if (data.size() != 1 || !is(data[0], "X509Data", xmldsig))
            return Malformed{Reason::key_info, "not exactly one X509Data"};
        for (const auto* item : elements(data[0])) {
            const bool described = is(item, "X509SubjectName", xmldsig) ||
                                   is(item, "X509IssuerSerial", xmldsig) || is(item, "X509SKI", xmldsig);
            if (described) continue;  // says again what the certificate says
            if (!is(item, "X509Certificate", xmldsig)) return Malformed{Reason::key_info, "X509Data"};
            if (form_.certificates.size() == certificates_max)
                return Malformed{Reason::key_info, "too many certificates"};
            std::string der;
            if (auto fault = octets_of(item, der)) return fault;
            auto certificate = Certificate::from_der(der);
            if (!certificate) return Malformed{Reason::certificate_unreadable, "X509Certificate"};
            form_.certificates.push_back(std::move(*certificate));
        }
        if (form_.certificates.empty()) return Malformed{Reason::key_info, "no X509Certificate"};
        return {};
    }

    const Tree& tree_;
    Form form_;
};

// The one shape of a signed envelope around it.
class EnvelopeReader {
public:
    EnvelopeReader(const Tree& tree, std::string_view from) : tree_{tree}, from_{from} {}

    std::variant<Form, Malformed> read() {
        auto fault = find();
        if (!fault) fault = message();
        if (fault) return std::move(*fault);
        auto form = read_signature(tree_, signature_);
        if (auto* read = std::get_if<Form>(&form)) read->relayed = relayed_;
        return form;
    }

private:
    using Fault = std::optional<Malformed>;

    Fault find() {
        const auto all = signatures_in(tree_.root());
        if (all.empty()) return Malformed{Reason::absent, ""};
        const auto proper = [](const xmlNode* s) { return is(s, "Signature", xmldsig); };
        if (std::none_of(all.begin(), all.end(), proper))
            return Malformed{Reason::wrong_namespace, "Signature"};
        if (all.size() != 1) return structure(std::to_string(all.size()) + " elements named Signature");
        signature_ = all.front();
        return {};
    }

    // The only children of these names, and no others.
    Fault exactly(
        const xmlNode* parent,
        std::initializer_list<std::string_view> once,
        std::initializer_list<std::string_view> maybe
    ) {
        for (const auto* child : elements(parent)) {
            const auto known = [&](std::string_view name) { return is(child, name, qcvn); };
            if (child == signature_) continue;
            if (std::none_of(once.begin(), once.end(), known) &&
                std::none_of(maybe.begin(), maybe.end(), known))
                return structure("an element that does not belong into " + std::string{local_name(parent)});
        }
        for (const auto names : {once, maybe})
            for (const auto name : names)
                if (of(parent, name).size() > 1) return structure(std::string{name} + " occurs twice");
        for (const auto name : once)
            if (of(parent, name).empty()) return structure(std::string{name} + " is missing");
        return {};
    }

    static Elements of(const xmlNode* parent, std::string_view name) {
        auto all = elements(parent);
        std::erase_if(all, [&](const xmlNode* child) { return !is(child, name, qcvn); });
        return all;
    }

    Fault message() {
        const auto* root = tree_.root();
        if (!is(root, "edXML", qcvn)) return structure("the root is not edXML");
        if (auto fault = exactly(root, {"edXMLEnvelope"}, {"AttachmentEncoded"})) return fault;
        const auto* envelope = of(root, "edXMLEnvelope").front();
        if (auto fault = exactly(envelope, {"edXMLHeader"}, {"edXMLBody"})) return fault;
        const auto* header = of(envelope, "edXMLHeader").front();
        if (signature_->parent != header) return structure("Signature is not a child of edXMLHeader");
        if (auto fault = exactly(header, {}, {"MessageHeader", "Status", "TraceHeaderList", "ErrorList"}))
            return fault;
        auto messages = of(header, "MessageHeader");
        for (auto* status : of(header, "Status")) messages.push_back(status);
        if (messages.size() != 1) return structure("not exactly one MessageHeader");
        if (auto fault = sender(messages.front())) return fault;
        for (const auto* list : of(header, "TraceHeaderList")) traces(list);
        return {};
    }

    Fault sender(const xmlNode* header) {
        const auto senders = of(header, "From");
        if (senders.size() != 1) return structure("not exactly one From");
        const auto ids = of(senders.front(), "OrganId");
        if (ids.size() != 1) return structure("not exactly one OrganId in From");
        const auto code = text_only(ids.front());
        if (!code || *code != from_) return structure("From/OrganId is not plainly the sender's code");
        return {};
    }

    void traces(const xmlNode* list) {
        for (const auto* header : of(list, "TraceHeader")) {
            const auto ids = of(header, "OrganId");
            relayed_ = relayed_ || ids.size() != 1 || text_only(ids.front()) != std::string{from_};
        }
    }

    const Tree& tree_;
    std::string_view from_;
    xmlNode* signature_ = nullptr;
    bool relayed_ = false;
};

}  // namespace

std::vector<xmlNode*> signatures_in(const xmlNode* element) {
    Elements all;
    collect_signatures(element, all);
    return all;
}

std::variant<Form, Malformed> read_signature(const Tree& tree, xmlNode* signature) {
    return SignatureReader{tree, signature}.read();
}

std::variant<Form, Malformed> read_form(const Tree& tree, std::string_view from) {
    return EnvelopeReader{tree, from}.read();
}

}  // namespace axis::signature
