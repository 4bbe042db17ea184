#include "gateway/envelope/tree.hpp"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <iterator>
#include <limits>
#include <mutex>
#include <numeric>
#include <optional>
#include <unordered_map>
#include <utility>

namespace axis::envelope {

namespace {

constexpr std::string_view xlink = "http://www.w3.org/1999/xlink";
constexpr int parse_options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;
constexpr std::ptrdiff_t read_bytes_max = 64 * 1024;  // that libxml2 may still hold
constexpr std::size_t document_bytes_max = 1u << 30;  // places are 32 bits; the scanner's limit is far below

// An attribute's value as libxml2 hands it out: every reference is replaced but those to '&', which come in
// one form.
void append(std::string_view value, std::string& text) {
    constexpr std::string_view ampersand = "&#38;";
    for (auto at = value.find(ampersand); at != std::string_view::npos; at = value.find(ampersand)) {
        text.append(value.substr(0, at + 1));
        value.remove_prefix(at + ampersand.size());
    }
    text.append(value);
}

std::string_view view(const xmlChar* text) {
    return text == nullptr ? std::string_view{} : std::string_view{reinterpret_cast<const char*>(text)};
}

struct FreeContext {
    void operator()(xmlParserCtxt* context) const { xmlFreeParserCtxt(context); }
};
using Context = std::unique_ptr<xmlParserCtxt, FreeContext>;

// Hands libxml2 the pieces one after the other: no copy of the document is made.
struct Source {
    std::vector<std::string_view> pieces;
    std::size_t piece = 0;

    static int read(void* self, char* buffer, int size) {
        auto& source = *static_cast<Source*>(self);
        while (source.piece < source.pieces.size() && source.pieces[source.piece].empty()) ++source.piece;
        if (source.piece == source.pieces.size()) return 0;
        auto& rest = source.pieces[source.piece];
        const auto n = std::min(rest.size(), static_cast<std::size_t>(size));
        std::memcpy(buffer, rest.data(), n);
        rest.remove_prefix(n);
        return static_cast<int>(n);
    }
};

// What the samples forget to declare, and where in the first piece it goes. The scanner guarantees that the
// first tag is the root's.
struct Missing {
    std::size_t at;
    std::string text;
};

Missing missing_declarations(std::string_view text) {
    std::size_t at = 0;
    while (text[at] != '<' || text[at + 1] == '?' || text[at + 1] == '!')
        at = text.substr(at).starts_with("<!--") ? text.find("-->", at + 4) + 3 : at + 1;
    const auto tag = text.substr(at, text.find('>', at) - at);
    std::string missing;
    if (tag.find("xmlns:xlink") == std::string_view::npos)
        missing.append(" xmlns:xlink=\"").append(xlink).append("\"");
    if (tag.find("xmlns:edXML") == std::string_view::npos)
        missing.append(" xmlns:edXML=\"").append(qcvn).append("\"");
    return {text.find_first_of(" \t\r\n/>", at), std::move(missing)};
}

}  // namespace

// What libxml2 calls while it parses.
class TreeBuilder {
public:
    explicit TreeBuilder(const TreeLimits& limits) : limits_{limits} {}

    // envelope.malformed, or the limit that stopped it.
    Result<> parse(std::vector<std::string_view> pieces, Position& where) {
        const auto bytes = std::transform_reduce(
            pieces.begin(), pieces.end(), std::size_t{0}, std::plus{}, [](auto piece) { return piece.size(); }
        );
        if (bytes > document_bytes_max) return Error{errc::xml_too_large, "markup"};
        tree_.text_.reserve(bytes);  // what it holds is shorter than what it is written as
        context_.reset(xmlNewParserCtxt());
        if (!context_) throw std::bad_alloc{};
        listen();
        Source source{std::move(pieces)};
        // The encoding is UTF-8, declared or not: the scanner saw to that.
        xmlCtxtReadIO(context_.get(), &Source::read, nullptr, &source, nullptr, nullptr, parse_options);
        if (thrown_) std::rethrow_exception(thrown_);
        const auto& error = context_->lastError;
        where = stopped_at_.value_or(Position{
            static_cast<std::uint64_t>(std::max(error.line, 1)),
            static_cast<std::uint64_t>(std::max(error.int2, 1))});
        if (stopped_) return *stopped_;
        if (context_->wellFormed == 0 || tree_.elements_.empty())
            return Error{errc::xml_malformed, "libxml2 error " + std::to_string(error.code)};
        return {};
    }

    bool has_unbound_prefix() const { return context_->nsWellFormed == 0; }
    // A namespace name must be an absolute URI; canonicalisation has no answer for any other.
    bool has_relative_name_space() const { return relative_; }

    Tree take() {
        xmlDictReference(context_->dict);
        tree_.dictionary_.reset(context_->dict);
        return std::move(tree_);
    }

private:
    struct Open {
        Tree::Number number;
        std::size_t declarations;
    };

    void listen() {
        xmlSAXHandler handler{};
        handler.initialized = XML_SAX2_MAGIC;
        handler.startElementNs = [](void* self,
                                    const xmlChar* name,
                                    const xmlChar* prefix,
                                    const xmlChar* uri,
                                    int declaration_count,
                                    const xmlChar** declarations,
                                    int attribute_count,
                                    int,
                                    const xmlChar** attributes) {
            guarded(self, [&](TreeBuilder& builder) {
                builder.declare(declarations, static_cast<std::size_t>(declaration_count));
                builder.start(name, prefix, uri);
                for (int i = 0; i < attribute_count; ++i) builder.attribute(attributes + 5 * i);
                builder.check_names();
            });
        };
        handler.endElementNs = [](void* self, const xmlChar*, const xmlChar*, const xmlChar*) {
            guarded(self, [](TreeBuilder& builder) {
                builder.end();
                builder.forget_input();
            });
        };
        handler.characters = [](void* self, const xmlChar* text, int size) {
            guarded(self, [&](TreeBuilder& builder) { builder.characters(text, size); });
        };
        handler.ignorableWhitespace = handler.characters;
        handler.comment = [](void* self, const xmlChar*) {
            guarded(self, [](TreeBuilder& builder) {
                builder.comment();
                builder.forget_input();
            });
        };
        *context_->sax = handler;
        context_->userData = this;
    }

    // No exception may cross libxml2.
    template <class F>
    static void guarded(void* self, F f) {
        auto& builder = *static_cast<TreeBuilder*>(self);
        if (builder.thrown_ || builder.stopped_) return;
        try {
            f(builder);
        } catch (...) {
            builder.thrown_ = std::current_exception();
        }
        if (builder.thrown_ || builder.stopped_) xmlStopParser(builder.context_.get());
    }

    // The parser itself is stopped last: what it has handed out goes with its input.
    void stop(std::string_view what) {
        if (stopped_) return;
        stopped_ = Error{errc::xml_too_many, std::string{what}};
        const auto& input = *context_->input;
        stopped_at_ = Position{
            static_cast<std::uint64_t>(std::max(input.line, 1)),
            static_cast<std::uint64_t>(std::max(input.col, 1))};
    }

    void declare(const xmlChar** declarations, std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            const auto* uri = declarations[2 * i + 1];
            relative_ = relative_ || (*uri != 0 && view(uri).find(':') == std::string_view::npos);
            tree_.declarations_.push_back({tree_.size(), name_of(declarations[2 * i]), name_of(uri)});
        }
        open_.push_back({tree_.size(), count});
        in_scope_ += count;
        if (in_scope_ > limits_.declaration_count_max) stop("declarations of namespaces");
    }

    void start(const xmlChar* name, const xmlChar* prefix, const xmlChar* uri) {
        const auto number = tree_.size();
        const auto place = static_cast<std::uint32_t>(tree_.text_.size());
        const auto parent = open_.size() > 1 ? open_[open_.size() - 2].number : number;
        tree_.elements_.push_back(
            {number + 1, parent, place, place, name_of(name), name_space(prefix, uri), false, false}
        );
    }

    // name, prefix, namespace, value, end of the value
    void attribute(const xmlChar** facts) {
        const auto begin = static_cast<std::uint32_t>(tree_.text_.size());
        append(
            {reinterpret_cast<const char*>(facts[3]), static_cast<std::size_t>(facts[4] - facts[3])},
            tree_.text_
        );
        tree_.elements_.back().has_attributes = true;
        tree_.attributes_.push_back(
            {open_.back().number,
             begin,
             static_cast<std::uint32_t>(tree_.text_.size()),
             name_of(facts[0]),
             name_space(facts[1], facts[2])}
        );
    }

    void characters(const xmlChar* text, int size) {
        tree_.text_.append(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
    }

    void comment() {
        if (!open_.empty()) tree_.elements_[open_.back().number].has_comment = true;
    }

    void end() {
        auto& element = tree_.elements_[open_.back().number];
        element.end = tree_.size();
        element.close = static_cast<std::uint32_t>(tree_.text_.size());
        in_scope_ -= open_.back().declarations;
        open_.pop_back();
    }

    // libxml2 drops what it has read only where little is left unread: long names of one length can hinder
    // that for ever. Not safe while it hands out attributes or text, which lie in its buffer.
    void forget_input() {
        auto* input = context_->input;
        if (input->cur - input->base > read_bytes_max) xmlParserInputShrink(input);
    }

    // libxml2's names are the same where they are equal.
    Tree::Name name_of(const xmlChar* name) {
        auto& names = tree_.names_;
        if (name == nullptr) return 0;
        const auto known = numbers_.find(name);
        if (known != numbers_.end()) return known->second;
        if (names.size() > std::numeric_limits<Tree::Name>::max()) {
            stop("names");
            return 0;
        }
        names.push_back(view(name));
        return numbers_[name] = static_cast<Tree::Name>(names.size() - 1);
    }

    std::uint8_t name_space(const xmlChar* prefix, const xmlChar* uri) {
        if (uri == nullptr) return 0;
        const std::pair key{prefix, uri};
        const auto known = std::find(name_spaces_.begin(), name_spaces_.end(), key) - name_spaces_.begin();
        const auto count = static_cast<std::ptrdiff_t>(name_spaces_.size());
        if (known < count) return static_cast<std::uint8_t>(known + 1);
        if (name_spaces_.size() == std::min<std::size_t>(limits_.name_space_count_max, 255)) {
            stop("namespaces");
            return 0;
        }
        name_spaces_.push_back(key);
        append(view(uri), tree_.name_spaces_.emplace_back(Tree::NameSpace{view(prefix), {}}).uri);
        return static_cast<std::uint8_t>(count + 1);
    }

    void check_names() {
        const auto count = static_cast<std::size_t>(xmlDictSize(context_->dict));
        if (count == name_count_) return;
        name_count_ = count;
        if (count > limits_.name_count_max || xmlDictGetUsage(context_->dict) > limits_.name_bytes_max)
            stop("names");
    }

    const TreeLimits limits_;
    Context context_;
    Tree tree_;
    std::vector<Open> open_;
    std::unordered_map<const xmlChar*, Tree::Name> numbers_;
    std::vector<std::pair<const xmlChar*, const xmlChar*>> name_spaces_;  // the tree's but for the first
    std::size_t in_scope_ = 0;                                            // declarations
    std::size_t name_count_ = 0;                                          // when last looked at
    bool relative_ = false;
    std::optional<Error> stopped_;
    std::optional<Position> stopped_at_;
    std::exception_ptr thrown_;
};

Result<Tree> Tree::parse(std::vector<std::string_view> pieces, Position& where, const TreeLimits& limits) {
    static std::once_flag once;
    std::call_once(once, xmlInitParser);
    std::optional<TreeBuilder> builder{std::in_place, limits};
    auto parsed = builder->parse(pieces, where);
    if (!parsed) return parsed.error();
    const bool unbound = builder->has_unbound_prefix();
    if (unbound) {
        const auto missing = missing_declarations(pieces.front());
        const auto first = pieces.front();
        pieces.front() = first.substr(missing.at);
        pieces.insert(pieces.begin(), {first.substr(0, missing.at), missing.text});
        builder.emplace(limits);
        parsed = builder->parse(std::move(pieces), where);
        if (!parsed) return parsed.error();
        if (builder->has_unbound_prefix()) return Error{errc::xml_malformed, "a prefix is not declared"};
    }
    if (builder->has_relative_name_space())
        return Error{errc::xml_malformed, "a namespace name is not absolute"};
    auto tree = builder->take();
    tree.prefixes_declared_ = unbound;
    return tree;
}

Tree::Attributes Tree::attributes(Number n) const {
    const auto earlier = [](const Attribute& a, Number element) { return a.element < element; };
    if (!elements_[n].has_attributes) return {attributes_.end(), attributes_.end()};
    const auto first = std::lower_bound(attributes_.begin(), attributes_.end(), n, earlier);
    return {first, std::lower_bound(first, attributes_.end(), n + 1, earlier)};
}

std::optional<std::string> Tree::meaning(std::string_view prefix, Number element) const {
    const auto earlier = [](const Declaration& d, Number n) { return d.element < n; };
    std::string uri;
    for (;; element = elements_[element].parent) {
        auto at = std::lower_bound(declarations_.begin(), declarations_.end(), element, earlier);
        while (at != declarations_.end() && at->element == element && names_[at->prefix] != prefix) ++at;
        if (at != declarations_.end() && at->element == element) {
            append(names_[at->uri], uri);
            return uri;
        }
        if (element == 0) break;
    }
    return prefix.empty() ? std::optional{uri} : std::nullopt;
}

std::uint32_t Tree::content(Number n) const {
    return elements_[n].has_attributes ? std::prev(attributes(n).end())->text_end : elements_[n].open;
}

std::string with_prefixes_declared(std::string_view text) {
    const auto missing = missing_declarations(text);
    return std::string{text}.insert(missing.at, missing.text);
}

void Tree::FreeNames::operator()(_xmlDict* names) const {
    xmlDictFree(names);
}

}  // namespace axis::envelope
