#include "gateway/signature/attached/statement_form.hpp"

#include "gateway/base/text.hpp"
#include "gateway/signature/xmldsig/markup.hpp"

#include <algorithm>
#include <charconv>
#include <map>

namespace axis::signature {

namespace {

using Fault = std::optional<Malformed>;

Malformed shape(std::string detail) {
    return {Reason::attached_form, std::move(detail)};
}

XmldsigLimits markup_limits(const StatementLimits& limits) {
    XmldsigLimits out;
    out.document_bytes_max = limits.bytes_max;
    out.tag_bytes_max = limits.tag_bytes_max;
    out.tag_attribute_count_max = limits.tag_attribute_count_max;
    out.depth_max = limits.depth_max;
    return out;
}

// Nothing beside elements and white space.
bool elements_only(const xmlNode* parent) {
    for (const auto* child = parent->children; child != nullptr; child = child->next) {
        if (child->type == XML_ELEMENT_NODE) continue;
        if (child->type != XML_TEXT_NODE || child->content == nullptr) return false;
        if (!trimmed(reinterpret_cast<const char*>(child->content)).empty()) return false;
    }
    return true;
}

// The values of these attributes, in their order; nothing when there is anything else in the element.
std::optional<std::vector<std::string>> values_of(
    const xmlNode* element, const std::vector<std::string_view>& names
) {
    if (element->children != nullptr || element->nsDef != nullptr) return std::nullopt;
    std::size_t there = 0;
    std::vector<std::string> out;
    for (const auto name : names) {
        auto value = attribute(element, name);
        if (value) ++there;
        out.push_back(std::move(value).value_or(""));
    }
    std::size_t all = 0;
    for (const auto* a = element->properties; a != nullptr; a = a->next) ++all;
    if (all != there || all == 0) return std::nullopt;
    return out;
}

class StatementReader {
public:
    StatementReader(const Tree& tree, const StatementLimits& limits) : tree_{tree}, limits_{limits} {}

    Fault read() {
        const auto* root = tree_.root();
        if (!is(root, "Statement", statement_namespace)) return shape("the root is not Statement");
        if (has_attributes_beside(root, "")) return shape("attributes of Statement");
        const auto all = signatures_in(root);
        auto children = elements(root);
        if (all.size() != 1 || children.back() != all.front() || !is(all.front(), "Signature", xmldsig))
            return Malformed{Reason::structure, "not one Signature as the last element of Statement"};
        if (!elements_only(root)) return shape("text, comments or instructions in Statement");
        signature_ = all.front();
        children.pop_back();
        for (const auto* child : children)
            if (auto fault = part(child)) return fault;
        for (const auto* name : {"From", "DocumentId"})
            if (counts_[name] != 1) return shape(std::string{name} + " is missing");
        return {};
    }

    xmlNode* signature() const { return signature_; }
    Statement take() { return std::move(statement_); }

private:
    Fault part(const xmlNode* element) {
        if (is(element, "File", statement_namespace)) return file(element);
        const auto kinds = fact_kinds();
        const auto kind = std::ranges::find_if(kinds, [&](const FactKind& k) {
            return is(element, k.name, statement_namespace);
        });
        if (kind == kinds.end()) return shape("an element that no statement has");
        auto values = values_of(element, kind->attributes);
        if (!values) return shape("attributes or content of " + std::string{kind->name});
        if (++counts_[kind->name] > 1 && !kind->many) return shape(std::string{kind->name} + " occurs twice");
        if (statement_.facts.size() == limits_.fact_count_max)
            return Malformed{Reason::attached_limit, "facts"};
        for (auto& value : *values) value = plain_text(value);
        statement_.facts.push_back({static_cast<std::size_t>(kind - kinds.begin()), std::move(*values)});
        return {};
    }

    Fault file(const xmlNode* element) {
        const auto values = values_of(element, {"name", "bytes", "sha256"});
        if (!values) return shape("attributes or content of File");
        if (statement_.files.size() == limits_.file_count_max)
            return Malformed{Reason::attached_limit, "files"};
        SignedFile out{plain_text(values->at(0)), 0, {}};
        const auto& bytes = values->at(1);
        const auto* end = bytes.data() + bytes.size();
        const auto read = std::from_chars(bytes.data(), end, out.bytes);
        const auto digest = Sha256::from_hex(values->at(2));
        if (out.name.empty() || read.ec != std::errc{} || read.ptr != end || !digest) return shape("File");
        out.sha256 = *digest;
        statement_.files.push_back(std::move(out));
        return {};
    }

    const Tree& tree_;
    const StatementLimits& limits_;
    xmlNode* signature_ = nullptr;
    Statement statement_;
    std::map<std::string_view, std::size_t> counts_;
};

}  // namespace

std::variant<StatementForm, Malformed> read_statement(const std::string& xml, const StatementLimits& limits) {
    if (xml.size() > limits.bytes_max) return Malformed{Reason::attached_limit, "bytes"};
    if (auto fault = markup_fault(xml, markup_limits(limits))) return std::move(*fault);
    auto tree = Tree::parse(xml);
    if (!tree) return Malformed{Reason::parse, "not well-formed, or a prefix is not declared"};
    StatementReader reader{*tree, limits};
    if (auto fault = reader.read()) return std::move(*fault);
    auto form = read_signature(*tree, reader.signature());
    if (auto* fault = std::get_if<Malformed>(&form)) return std::move(*fault);
    return StatementForm{std::move(*tree), std::get<Form>(std::move(form)), reader.take()};
}

}  // namespace axis::signature
