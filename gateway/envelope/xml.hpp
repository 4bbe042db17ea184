// libxml2's tree, walked by hand: real children only, matched by (QCVN or no namespace, local name without
// case). The first fault met is remembered and everything after it reads as absent, so that field lists stay
// plain lists. Internal to envelope/: the only header that knows libxml2. Any thread, one at a time per Tree.
#pragma once

#include "gateway/base/error.hpp"
#include "gateway/envelope/scanner.hpp"

#include <libxml/tree.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace axis::envelope {

class Findings {
public:
    void refuse(errc code, const xmlNode* node, std::string_view why);  // keeps the first
    void observe(std::string_view code, std::string text);
    const std::optional<Error>& fault() const { return fault_; }
    std::vector<Observation>& observations() { return observations_; }

private:
    std::optional<Error> fault_;
    std::vector<Observation> observations_;
};

// An element or nothing.
class Node {
public:
    Node() = default;
    Node(const xmlNode* node, Findings& findings) : node_{node}, findings_{&findings} {}

    explicit operator bool() const { return node_ != nullptr; }
    bool is(std::string_view name) const;
    std::vector<Node> children() const;
    std::vector<Node> all(std::string_view name) const;
    // The only child of that name; two of them are envelope.structure. "Bussiness…" also finds "Business…".
    Node child(std::string_view name) const;

    // This element's text as it stands; white space only and "null" are nothing. Text beside a comment, or a
    // child element, is envelope.structure.
    std::string value() const;
    std::string value(std::string_view name) const { return child(name).value(); }
    std::string word(std::string_view name) const;  // trimmed
    std::optional<int> number(std::string_view name) const;
    std::optional<unsigned> count(std::string_view name) const;
    std::optional<bool> flag(std::string_view name) const;

    void refuse(errc code, std::string_view why) const { findings_->refuse(code, node_, why); }
    void observe(std::string_view code, std::string_view why) const;
    const xmlNode* raw() const { return node_; }

private:
    const xmlNode* node_ = nullptr;
    Findings* findings_ = nullptr;
};

class Tree {
public:
    // envelope.malformed. Prefixes xlink and edXML without declaration are declared at the root and observed.
    static Result<Tree> parse(std::string text, Findings& findings);
    Node root(Findings& findings) const;

private:
    struct Free {
        void operator()(xmlDoc* doc) const { xmlFreeDoc(doc); }
    };
    using Doc = std::unique_ptr<xmlDoc, Free>;
    explicit Tree(Doc doc) : doc_{std::move(doc)} {}
    static Result<Doc> attempt(const std::string& text, bool& unbound);
    Doc doc_;
};

}  // namespace axis::envelope
