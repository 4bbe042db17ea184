#include "gateway/envelope/xml.hpp"

#include "gateway/base/text.hpp"
#include "gateway/envelope/bytes.hpp"
#include "gateway/model/not_given.hpp"

#include <libxml/parser.h>

#include <algorithm>
#include <charconv>
#include <mutex>

namespace axis::envelope {

namespace {

constexpr std::string_view xlink = "http://www.w3.org/1999/xlink";
constexpr std::size_t path_depth_max = 4;
constexpr int parse_options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;

std::string_view view(const xmlChar* text) {
    return text == nullptr ? std::string_view{} : std::string_view{reinterpret_cast<const char*>(text)};
}

std::string_view without_slash(std::string_view name_space) {
    return name_space.ends_with('/') ? name_space.substr(0, name_space.size() - 1) : name_space;
}

// What follows "Bussiness", the standard's spelling, or "Business"; nothing when the name begins otherwise.
std::optional<std::string_view> after_business(std::string_view name) {
    for (const std::string_view spelling : {"bussiness", "business"})
        if (equal_ignoring_case(name.substr(0, spelling.size()), spelling))
            return name.substr(spelling.size());
    return std::nullopt;
}

bool same_name(std::string_view a, std::string_view b) {
    const auto rest_a = after_business(a);
    const auto rest_b = after_business(b);
    return rest_a.has_value() == rest_b.has_value() &&
           equal_ignoring_case(rest_a.value_or(a), rest_b.value_or(b));
}

const xmlNode* next_in_document(const xmlNode* node, const xmlNode* root) {
    if (node->children != nullptr && node->type == XML_ELEMENT_NODE) return node->children;
    while (node != root && node->next == nullptr) node = node->parent;
    return node == root ? nullptr : node->next;
}

// A namespace name must be an absolute URI; canonicalisation has no answer for any other.
bool has_relative_namespace(const xmlNode* root) {
    for (const auto* node = root; node != nullptr; node = next_in_document(node, root)) {
        if (node->type != XML_ELEMENT_NODE) continue;
        for (const auto* ns = node->nsDef; ns != nullptr; ns = ns->next) {
            const auto href = view(ns->href);
            if (!href.empty() && href.find(':') == std::string_view::npos) return true;
        }
    }
    return false;
}

// Declares at the root what the samples forget. The scanner guarantees that the first tag is the root's.
std::string with_declarations(std::string text) {
    std::size_t at = 0;
    while (text[at] != '<' || text[at + 1] == '?' || text[at + 1] == '!') {
        at = text.compare(at, 4, "<!--") == 0 ? text.find("-->", at + 4) + 3 : at + 1;
    }
    const auto name_end = text.find_first_of(" \t\r\n/>", at);
    const auto tag = std::string_view{text}.substr(at, text.find('>', at) - at);
    std::string missing;
    if (tag.find("xmlns:xlink") == std::string_view::npos)
        missing += " xmlns:xlink=\"" + std::string{xlink} + "\"";
    if (tag.find("xmlns:edXML") == std::string_view::npos)
        missing += " xmlns:edXML=\"" + std::string{qcvn} + "\"";
    return text.insert(name_end, missing);
}

template <class Number>
std::optional<Number> parsed(const Node& element, std::string_view text) {
    if (text.empty()) return std::nullopt;
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc{} && end == text.data() + text.size()) return number;
    element.observe("envelope.number", "not a number, ignored");
    return std::nullopt;
}

}  // namespace

std::string path_of(const xmlNode* node) {
    std::string path;
    for (std::size_t i = 0; i < path_depth_max && node != nullptr && node->type == XML_ELEMENT_NODE; ++i) {
        const auto name = std::string{shown(view(node->name))};
        path = path.empty() ? name : name + "/" + path;
        node = node->parent;
    }
    return path;
}

std::size_t element_number(const xmlNode* node) {
    const auto* root = xmlDocGetRootElement(node->doc);
    std::size_t number = 0;
    for (const auto* n = root; n != nullptr && n != node; n = next_in_document(n, root))
        if (n->type == XML_ELEMENT_NODE) ++number;
    return number;
}

void Findings::refuse(errc code, const xmlNode* node, std::string_view why) {
    if (fault_) return;
    fault_ = Error{code, path_of(node) + ": " + std::string{why}};
    fault_element_ = element_number(node);
}

void Findings::mark(const xmlNode* node, std::string_view name) {
    if (node->_private != nullptr) return;
    marks_.push_back({name, std::nullopt});
    const_cast<xmlNode*>(node)->_private = &marks_.back();  // libxml2's place for its user's data
}

void Findings::observe(std::string_view code, std::string text) {
    if (observations_.size() > observations_max) return;
    if (observations_.size() == observations_max) text = "more of this and other kinds";
    observations_.push_back({std::string{code}, std::move(text)});
}

void Findings::observe_once(std::string_view code, std::string text) {
    const auto same = [&](const Observation& o) { return o.code == code && o.text == text; };
    if (std::none_of(observations_.begin(), observations_.end(), same)) observe(code, std::move(text));
}

void Node::observe(std::string_view code, std::string_view why) const {
    findings_->observe(code, path_of(node_) + ": " + std::string{why});
}

bool Node::is(std::string_view name) const {
    return node_ != nullptr &&
           (node_->ns == nullptr || findings_->ours(without_slash(view(node_->ns->href)))) &&
           same_name(view(node_->name), name);
}

bool Node::is(std::string_view name, std::string_view name_space) const {
    if (node_ == nullptr || !equal_ignoring_case(view(node_->name), name)) return false;
    return without_slash(node_->ns == nullptr ? std::string_view{} : view(node_->ns->href)) == name_space;
}

std::string_view Node::local_name() const {
    return node_ == nullptr ? std::string_view{} : view(node_->name);
}

Node Node::parent() const {
    const auto* above = node_ == nullptr ? nullptr : node_->parent;
    return above != nullptr && above->type == XML_ELEMENT_NODE ? Node{above, *findings_} : Node{};
}

std::size_t Node::number_in_document() const {
    return node_ == nullptr ? 0 : element_number(node_);
}

bool Node::means_the_same(std::string_view prefix, const Node& scope) const {
    if (node_ == nullptr || scope.node_ == nullptr) return false;
    const std::string name{prefix.substr(0, prefix.find(':'))};
    // libxml2 looks only, but does not say so.
    auto* const inside = const_cast<xmlNode*>(scope.node_);
    const auto* bound = xmlSearchNs(
        inside->doc, inside, name.empty() ? nullptr : reinterpret_cast<const xmlChar*>(name.c_str())
    );
    const auto href = [](const xmlNs* ns) { return ns == nullptr ? std::string_view{} : view(ns->href); };
    return href(bound) == href(node_->ns) && (bound != nullptr || name.empty());
}

std::string Node::attribute(std::string_view local_name) const {
    for (const auto* a = node_ == nullptr ? nullptr : node_->properties; a != nullptr; a = a->next)
        if (view(a->name) == local_name && a->children != nullptr)
            return std::string{trimmed(view(a->children->content))};
    return {};
}

std::vector<Node> Node::children() const {
    std::vector<Node> found;
    if (node_ == nullptr) return found;
    for (const auto* child = node_->children; child != nullptr; child = child->next)
        if (child->type == XML_ELEMENT_NODE) found.emplace_back(child, *findings_);
    return found;
}

std::vector<Node> Node::all(std::string_view name) const {
    std::vector<Node> found;
    if (node_ == nullptr) return found;
    for (const auto* child = node_->children; child != nullptr; child = child->next) {
        const Node element{child, *findings_};
        if (child->type != XML_ELEMENT_NODE || !element.is(name)) continue;
        findings_->mark(child, name);
        if (element.local_name() != name)
            findings_->observe_once("envelope.name", path_of(child) + ": read as " + std::string{name});
        found.push_back(element);
    }
    return found;
}

void Node::kept(std::size_t index) const {
    if (node_ != nullptr && node_->_private != nullptr) static_cast<Mark*>(node_->_private)->index = index;
}

void Node::stands_for(std::string_view name) const {
    if (node_ != nullptr && node_->_private != nullptr) static_cast<Mark*>(node_->_private)->name = name;
}

bool Node::holds_unknown() const {
    const auto elements = children();
    return std::any_of(elements.begin(), elements.end(), [](const Node& child) {
        return child.raw()->_private == nullptr || child.holds_unknown();
    });
}

Node Node::child(std::string_view name) const {
    const auto found = all(name);
    if (found.size() > 1) found[1].refuse(errc::envelope_structure, "more than one");
    return found.size() == 1 ? found.front() : Node{};
}

std::string Node::value() const {
    if (node_ == nullptr) return {};
    std::string text;
    bool beside = false;
    for (const auto* child = node_->children; child != nullptr; child = child->next) {
        if (child->type == XML_TEXT_NODE)
            text += view(child->content);
        else if (child->type == XML_COMMENT_NODE)
            beside = true;
        else
            refuse(errc::envelope_structure, "only text may stand here");
    }
    if (model::not_given(text)) return {};
    if (beside) refuse(errc::envelope_structure, "a comment inside a value");
    return text;
}

std::string Node::word(std::string_view name) const {
    return std::string{trimmed(value(name))};
}

std::optional<int> Node::number(std::string_view name) const {
    const auto element = child(name);
    return parsed<int>(element, trimmed(element.value()));
}

std::optional<unsigned> Node::count(std::string_view name) const {
    const auto element = child(name);
    return parsed<unsigned>(element, trimmed(element.value()));
}

std::optional<bool> Node::flag(std::string_view name) const {
    const auto text = lower_ascii(word(name));
    if (text == "true" || text == "1") return true;
    if (text == "false" || text == "0") return false;
    return std::nullopt;
}

Result<Tree::Doc> Tree::attempt(const std::string& text, bool& unbound, Position& where) {
    static std::once_flag once;
    std::call_once(once, xmlInitParser);
    struct FreeContext {
        void operator()(xmlParserCtxt* context) const { xmlFreeParserCtxt(context); }
    };
    const std::unique_ptr<xmlParserCtxt, FreeContext> context{xmlNewParserCtxt()};
    if (!context) throw std::bad_alloc{};
    Doc doc{xmlCtxtReadMemory(
        context.get(), text.data(), static_cast<int>(text.size()), nullptr, "UTF-8", parse_options
    )};
    unbound = context->nsWellFormed == 0;
    const auto& error = context->lastError;
    where = {
        static_cast<std::uint64_t>(std::max(error.line, 1)),
        static_cast<std::uint64_t>(std::max(error.int2, 1))};
    if (doc && context->wellFormed != 0) return doc;
    return Error{errc::xml_malformed, "libxml2 error " + std::to_string(error.code)};
}

Result<Tree> Tree::parse(std::string text, Findings& findings, Position& where) {
    bool unbound = false;
    auto doc = attempt(text, unbound, where);
    if (!doc) return doc.error();
    if (unbound) {
        findings.observe("envelope.prefix", "prefix xlink or edXML used without declaration");
        doc = attempt(with_declarations(std::move(text)), unbound, where);
        if (!doc) return doc.error();
        if (unbound) return Error{errc::xml_malformed, "a prefix is not declared"};
    }
    const auto* root = xmlDocGetRootElement(doc->get());
    if (has_relative_namespace(root)) return Error{errc::xml_malformed, "a namespace name is not absolute"};
    return Tree{std::move(*doc)};
}

Node Tree::root(Findings& findings) const {
    return Node{xmlDocGetRootElement(doc_.get()), findings};
}

}  // namespace axis::envelope
