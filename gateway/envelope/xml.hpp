// libxml2's tree, walked by hand: real children only, matched by (QCVN or no namespace, local name without
// case). The first fault met is remembered and everything after it reads as absent, so that field lists stay
// plain lists. Internal to envelope/: the only header that knows libxml2. Any thread, one at a time per Tree.
#pragma once

#include "gateway/base/error.hpp"
#include "gateway/envelope/scanner.hpp"
#include "gateway/model/document.hpp"

#include <libxml/tree.h>

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace axis::envelope {

// What the reader asked for: an element without a mark is unknown to it.
struct Mark {
    std::string_view name;  // the standard's, however the element spells it; none: passed over with all below
    std::optional<std::size_t> index;
};

inline constexpr std::size_t observations_max = 100;
inline constexpr std::string_view qcvn = "http://www.mic.gov.vn/TBT/QCVN_102_2016";

// The last names of the way to an element, for errors.
std::string path_of(const xmlNode* node);
// In document order, from 0.
std::size_t element_number(const xmlNode* node);

class Findings {
public:
    // The namespaces of this message's dialect; names in them, in QCVN's or in none, are the standard's.
    void speak(std::string_view name_space, std::string_view frame) {
        name_space_ = name_space;
        frame_ = frame;
    }
    bool ours(std::string_view name_space) const {
        return name_space == name_space_ || name_space == frame_ || name_space == qcvn;
    }
    bool speaks_qcvn() const { return name_space_ == qcvn; }
    void refuse(errc code, const xmlNode* node, std::string_view why);  // keeps the first
    // At most observations_max; then one more that says so.
    void observe(std::string_view code, std::string text);
    void observe_once(std::string_view code, std::string text);
    void mark(const xmlNode* node, std::string_view name);
    const std::optional<Error>& fault() const { return fault_; }  // the detail without line and column
    std::size_t fault_element() const { return fault_element_; }  // its number in document order, from 0
    std::vector<Observation>& observations() { return observations_; }

private:
    std::string name_space_{qcvn};
    std::string frame_{qcvn};  // of SOAP, where that is the frame
    std::optional<Error> fault_;
    std::size_t fault_element_ = 0;
    std::vector<Observation> observations_;
    std::deque<Mark> marks_;  // the tree points at them
};

// An element or nothing.
class Node {
public:
    Node() = default;
    Node(const xmlNode* node, Findings& findings) : node_{node}, findings_{&findings} {}

    explicit operator bool() const { return node_ != nullptr; }
    bool is(std::string_view name) const;
    // Exactly there; a final slash of the namespace does not count.
    bool is(std::string_view name, std::string_view name_space) const;
    std::string_view local_name() const;
    Node parent() const;
    std::size_t number_in_document() const;  // from 0
    // Whether the prefix ("e:" or "") gives an element inside `scope` the namespace of this one.
    bool means_the_same(std::string_view prefix, const Node& scope) const;
    std::string attribute(std::string_view local_name) const;  // trimmed; in whatever namespace
    std::vector<Node> children() const;
    std::vector<Node> all(std::string_view name) const;
    // Says that this element became entry `index` of its list, for the place of what it holds unknown to us.
    void kept(std::size_t index) const;
    // Says by which name the writer writes it; from the root when it begins with '/'.
    void stands_for(std::string_view name) const;
    bool holds_unknown() const;
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

// Every element below `root` that nobody asked for, by place, then in document order. Together they may have
// extension_bytes_max as text, else envelope.limit: each carries its declarations.
inline constexpr std::size_t extension_bytes_max = 256 * 1024;
std::vector<model::Extension> extensions_of(const Node& root, Findings& findings);

class Tree {
public:
    // envelope.malformed, `where` then being line and column in `text`. Prefixes xlink and edXML without
    // declaration are declared at the root and observed.
    static Result<Tree> parse(std::string text, Findings& findings, Position& where);
    Node root(Findings& findings) const;
    xmlDoc* document() { return doc_.get(); }

private:
    struct Free {
        void operator()(xmlDoc* doc) const { xmlFreeDoc(doc); }
    };
    using Doc = std::unique_ptr<xmlDoc, Free>;
    explicit Tree(Doc doc) : doc_{std::move(doc)} {}
    static Result<Doc> attempt(const std::string& text, bool& unbound, Position& where);
    Doc doc_;
};

}  // namespace axis::envelope
