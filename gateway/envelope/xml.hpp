// The tree, walked by hand: elements only, matched by (the dialect's, QCVN's or no namespace, local name
// without case). The first fault met is remembered and everything after it reads as absent, so that field
// lists stay plain lists. Internal to envelope/. Any thread, one at a time per Findings.
#pragma once

#include "gateway/base/error.hpp"
#include "gateway/envelope/scanner.hpp"
#include "gateway/envelope/tree.hpp"
#include "gateway/model/document.hpp"

#include <cstddef>
#include <iterator>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace axis::envelope {

// What the reader asked for: an element without a mark is unknown to it.
struct Mark {
    static constexpr std::uint32_t no_index = std::numeric_limits<std::uint32_t>::max();

    std::uint16_t name = 0;          // 0: no mark; see Findings::name_of
    std::uint32_t index = no_index;  // of the entry it became

    explicit operator bool() const { return name != 0; }
};

inline constexpr std::size_t observations_max = 100;
// Of all lists together: recipients, references, attachments …
inline constexpr std::size_t entry_count_max = 10'000;

// The last names of the way to an element, for errors.
std::string path_of(const Tree& tree, Tree::Number element);

class Findings {
public:
    explicit Findings(const Tree& tree);

    const Tree& tree() const { return tree_; }
    // The namespaces of this message's dialect, `frame` SOAP's where that is the frame; names in them, in
    // QCVN's or in none, are the standard's.
    void speak(std::string_view name_space, std::string_view frame);
    bool speaks_qcvn() const { return speaks_qcvn_; }
    bool ours(Tree::Number element) const { return ours_[tree_.name_space(element)]; }
    void refuse(errc code, Tree::Number element, std::string_view why);  // keeps the first
    // At most observations_max; then one more that says so.
    void observe(std::string_view code, std::string text);
    void observe_once(std::string_view code, std::string text);
    bool observes() const { return observations_.size() <= observations_max; }
    // Names are literals: they are not copied.
    void mark(Tree::Number element, std::string_view name);
    Mark& mark_of(Tree::Number element) { return marks_[element]; }
    const Mark& mark_of(Tree::Number element) const { return marks_[element]; }
    // The standard's, however the element spells it; from the root when it begins with '/'. "": passed over
    // with all below.
    std::string_view name_of(const Mark& mark) const { return names_[mark.name]; }
    std::uint16_t number_of(std::string_view name);
    // One more entry of a list; false and envelope.too_many beyond entry_count_max.
    bool count_entry(Tree::Number element);
    const std::optional<Error>& fault() const { return fault_; }   // the detail without line and column
    Tree::Number fault_element() const { return fault_element_; }  // its number in document order, from 0
    std::vector<Observation>& observations() { return observations_; }

private:
    const Tree& tree_;
    std::vector<bool> ours_;  // per namespace of the tree
    bool speaks_qcvn_ = true;
    std::optional<Error> fault_;
    Tree::Number fault_element_ = 0;
    std::vector<Observation> observations_;
    std::vector<Mark> marks_;  // per element
    std::vector<std::string_view> names_{1};
    std::size_t entry_count_ = 0;
};

// An element or nothing.
class Node {
public:
    class Children;

    Node() = default;
    Node(Tree::Number number, Findings& findings) : number_{number}, findings_{&findings} {}

    explicit operator bool() const { return findings_ != nullptr; }
    bool is(std::string_view name) const;
    // Exactly there; a final slash of the namespace does not count.
    bool is(std::string_view name, std::string_view name_space) const;
    std::string_view local_name() const;
    std::string_view name_space() const;  // "" when it has none
    Node parent() const;
    Tree::Number number_in_document() const { return number_; }  // from 0
    // Whether the prefix ("e:" or "") gives an element inside `scope` the namespace of this one.
    bool means_the_same(std::string_view prefix, const Node& scope) const;
    std::string attribute(std::string_view local_name) const;  // trimmed; in whatever namespace
    Children children() const;
    // Those of that name; literals only. envelope.too_many beyond entry_count_max.
    std::vector<Node> all(std::string_view name) const;
    // Says that this element became entry `index` of its list, for the place of what it holds unknown to us.
    void kept(std::size_t index) const;
    // Says by which name the writer writes it; from the root when it begins with '/'.
    void stands_for(std::string_view name) const;
    void pass_over() const { findings_->mark(number_, ""); }  // asked for, with all below
    bool holds_unknown() const;
    // The only child of that name; two of them are envelope.structure. "Bussiness…" also finds "Business…".
    Node child(std::string_view name) const;

    // This element's text as it stands; white space only and "null" are nothing. Text beside a comment, or a
    // child element, is envelope.structure.
    std::string value() const { return std::string{text()}; }
    std::string value(std::string_view name) const { return child(name).value(); }
    std::string word(std::string_view name) const;  // trimmed
    std::optional<int> number(std::string_view name) const;
    std::optional<unsigned> count(std::string_view name) const;
    std::optional<bool> flag(std::string_view name) const;

    void refuse(errc code, std::string_view why) const { findings_->refuse(code, number_, why); }
    void observe(std::string_view code, std::string_view why) const;

private:
    const Tree& tree() const { return findings_->tree(); }
    std::string_view text() const;
    template <class F>
    void each(std::string_view name, F f) const;

    Tree::Number number_ = 0;
    Findings* findings_ = nullptr;
};

// Elements, one after the other.
class Node::Children {
public:
    class Iterator {
    public:
        using value_type = Node;
        using difference_type = std::ptrdiff_t;
        Iterator() = default;
        Iterator(Tree::Number number, Findings* findings) : number_{number}, findings_{findings} {}
        Node operator*() const { return {number_, *findings_}; }
        Iterator& operator++() {
            number_ = findings_->tree().end(number_);
            return *this;
        }
        Iterator operator++(int) {
            const auto before = *this;
            ++*this;
            return before;
        }
        bool operator==(const Iterator& other) const { return number_ == other.number_; }

    private:
        Tree::Number number_ = 0;
        Findings* findings_ = nullptr;
    };

    Children(Tree::Number begin, Tree::Number end, Findings* findings)
        : begin_{begin, findings}, end_{end, findings} {}
    Iterator begin() const { return begin_; }
    Iterator end() const { return end_; }

private:
    Iterator begin_;
    Iterator end_;
};

// Every element below the root that nobody asked for, by place, then in document order. Together they may
// have extension_bytes_max as text, else envelope.too_many: each carries its declarations.
inline constexpr std::size_t extension_bytes_max = 256 * 1024;
std::vector<model::Extension> extensions_of(Findings& findings);

}  // namespace axis::envelope
