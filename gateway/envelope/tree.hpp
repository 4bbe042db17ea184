// A skeleton's elements in document order, as libxml2's parser reports them. In place of libxml2's own tree,
// which takes eight times the bytes of ordinary markup and forty times those of dense markup.
//
//   skeleton, token, skeleton, … ─► libxml2 ─► elements · attributes · declarations · names · one text
//
// An element's subtree are the numbers from its own up to its `end`. The text of the whole document,
// attribute values included, is one string; elements say where in it they open and close. No entity but the
// five of XML, no DTD, no network, never XML_PARSE_HUGE. Internal to envelope/. Any thread once parsed.
#pragma once

#include "gateway/base/error.hpp"
#include "gateway/envelope/scanner.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct _xmlDict;

namespace axis::envelope {

inline constexpr std::string_view qcvn = "http://www.mic.gov.vn/TBT/QCVN_102_2016";

// What libxml2 keeps of a document beside what we keep. Mail has some hundred names and five namespaces.
struct TreeLimits {
    std::size_t name_count_max = 10'000;
    std::size_t name_bytes_max = 256 * 1024;  // of all names and namespaces, as libxml2 lays them out
    std::size_t name_space_count_max = 250;   // pairs of prefix and namespace
    std::size_t declaration_count_max = 256;  // in scope at one place: each name is looked up among them
};

class Tree {
public:
    using Number = std::uint32_t;

    struct NameSpace {
        std::string_view prefix;
        std::string uri;
    };
    using Name = std::uint16_t;  // 0 is none
    struct Attribute {
        Number element;
        std::uint32_t text_begin;
        std::uint32_t text_end;
        Name name;
        std::uint8_t name_space;
    };
    class Attributes {
    public:
        using Iterator = std::deque<Attribute>::const_iterator;
        Attributes(Iterator begin, Iterator end) : begin_{begin}, end_{end} {}
        Iterator begin() const { return begin_; }
        Iterator end() const { return end_; }

    private:
        Iterator begin_, end_;
    };

    // The document is what the pieces give together. envelope.malformed or envelope.too_many, `where` then
    // being line and column in it. Prefixes xlink and edXML without declaration are declared at the root.
    static Result<Tree> parse(
        std::vector<std::string_view> pieces, Position& where, const TreeLimits& limits = {}
    );

    // By us, since the sender had forgotten them.
    bool prefixes_declared() const { return prefixes_declared_; }
    Number size() const { return static_cast<Number>(elements_.size()); }
    Number end(Number n) const { return elements_[n].end; }
    Number parent(Number n) const { return elements_[n].parent; }  // the root's is itself
    std::string_view name(Number n) const { return names_[elements_[n].name]; }
    std::string_view name(const Attribute& a) const { return names_[a.name]; }
    std::size_t name_space(Number n) const { return elements_[n].name_space; }
    const std::vector<NameSpace>& name_spaces() const { return name_spaces_; }  // the first one is none
    bool has_comment(Number n) const { return elements_[n].has_comment; }       // among its children
    bool has_children(Number n) const { return elements_[n].end > n + 1; }
    Attributes attributes(Number n) const;  // but for declarations of namespaces
    // What a prefix ("" too) means to the children of an element; nothing when it means nothing there.
    std::optional<std::string> meaning(std::string_view prefix, Number element) const;

    // Places in the text: of the start tag, behind it, of the end tag.
    std::uint32_t open(Number n) const { return elements_[n].open; }
    std::uint32_t content(Number n) const;
    std::uint32_t close(Number n) const { return elements_[n].close; }
    std::string_view text(std::uint32_t from, std::uint32_t until) const {
        return std::string_view{text_}.substr(from, until - from);
    }

private:
    friend class TreeBuilder;
    struct Element {
        Number end;
        Number parent;
        std::uint32_t open;
        std::uint32_t close;
        Name name;
        std::uint8_t name_space;
        bool has_attributes : 1;
        bool has_comment : 1;
    };
    struct Declaration {
        Number element;
        Name prefix;
        Name uri;  // as libxml2 has it
    };
    static_assert(sizeof(Element) == 20 && sizeof(Attribute) == 16 && sizeof(Declaration) == 8);
    struct FreeNames {
        void operator()(_xmlDict* names) const;
    };
    Tree() = default;

    std::deque<Element> elements_;  // a vector would hold everything twice whenever it grows
    std::deque<Attribute> attributes_;
    std::deque<Declaration> declarations_;
    std::vector<NameSpace> name_spaces_{1};
    std::vector<std::string_view> names_{1};
    std::string text_;
    std::unique_ptr<_xmlDict, FreeNames> dictionary_;  // what all names point into
    bool prefixes_declared_ = false;
};

// The same with the prefixes xlink and edXML declared at the root, as parse() does where they are forgotten.
std::string with_prefixes_declared(std::string_view text);

}  // namespace axis::envelope
