#include "gateway/base/text.hpp"
#include "gateway/envelope/escape.hpp"
#include "gateway/envelope/xml.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace axis::envelope {

namespace {

// Prefix → namespace where the writer will put the element; "" is the default one. The attachments stand
// outside the scope of edXML's declaration.
using Scope = std::map<std::string, std::string>;

// Writes a subtree so that it means the same wherever the writer puts it, and reads back as the same text.
class Serialiser {
public:
    Serialiser(const Tree& tree, bool in_envelope) : tree_{tree}, prefixed_{in_envelope} {
        scope_[""] = qcvn;
        if (in_envelope) scope_["edXML"] = qcvn;
    }

    // Stops soon after extension_bytes_max.
    std::string text(Tree::Number element) {
        write(element);
        return std::move(out_);
    }

private:
    struct Name {
        std::string prefix;
        std::string uri;
    };

    // What the names of one element are bound to.
    using Bound = std::map<std::string, std::string>;

    // "edXML" means the standard wherever we write; what meant something else has another prefix, one that
    // the element does not use otherwise.
    Name name_of(std::size_t name_space, bool attribute, Bound& bound) const {
        const auto& found = tree_.name_spaces()[name_space];
        const auto& uri = found.uri;
        std::string prefix{found.prefix};
        if (uri == qcvn)
            prefix = prefixed_ || attribute ? "edXML" : "";
        else if (prefix == "edXML")
            prefix = "other";
        for (auto at = bound.find(prefix); at != bound.end() && at->second != uri; at = bound.find(prefix))
            prefix += '_';
        bound[prefix] = uri;
        return {prefix, uri};
    }

    static std::string qualified(const Name& name, std::string_view local) {
        return (name.prefix.empty() ? "" : name.prefix + ":").append(local);
    }

    void declare(const Name& name, std::string& tag) {
        auto& bound = scope_[name.prefix];
        if (name.prefix == "xml" || bound == name.uri) return;
        tag += name.prefix.empty() ? " xmlns=\"" : " xmlns:" + name.prefix + "=\"";
        tag += escaped(name.uri) + "\"";
        undo_.emplace_back(name.prefix, std::exchange(bound, name.uri));
    }

    void leave_scope(std::size_t depth) {
        for (; undo_.size() > depth; undo_.pop_back())
            scope_[undo_.back().first] = std::move(undo_.back().second);
    }

    static std::string escaped(std::string_view text) {
        std::string out;
        for (const char c : text) switch (c) {
                case '&':
                    out += "&amp;";
                    break;
                case '<':
                    out += "&lt;";
                    break;
                case '>':
                    out += "&gt;";
                    break;
                case '"':
                    out += "&quot;";
                    break;
                case '\t':
                    out += "&#9;";
                    break;
                case '\n':
                    out += "&#10;";
                    break;
                case '\r':
                    out += "&#13;";
                    break;
                default:
                    out += c;
            }
        return out;
    }

    void attributes(Tree::Number element, Bound& bound) {
        std::string declared;
        std::string plain;
        for (const auto& a : tree_.attributes(element)) {
            const auto name = a.name_space == 0 ? Name{} : name_of(a.name_space, true, bound);
            if (a.name_space != 0) declare(name, declared);
            const auto value = tree_.text(a.text_begin, a.text_end);
            plain += " " + qualified(name, tree_.name(a)) + "=\"" + escaped(value) + "\"";
        }
        out_ += declared + plain;
    }

    void write(Tree::Number element) {
        if (out_.size() > extension_bytes_max) return;
        const auto depth = undo_.size();
        Bound bound;
        const auto name = name_of(tree_.name_space(element), false, bound);
        const auto tag = qualified(name, tree_.name(element));
        out_ += "<" + tag;
        declare(name, out_);
        attributes(element, bound);
        const auto content = out_.size() + 1;
        out_ += ">";
        auto text = tree_.content(element);
        for (auto child = element + 1; child < tree_.end(element); child = tree_.end(child)) {
            escape_text(tree_.text(text, tree_.open(child)), out_);
            write(child);
            text = tree_.close(child);
        }
        escape_text(tree_.text(text, tree_.close(element)), out_);
        if (out_.size() == content)
            out_.replace(content - 1, 1, "/>");
        else
            out_ += "</" + tag + ">";
        leave_scope(depth);
    }

    const Tree& tree_;
    bool prefixed_;
    Scope scope_;
    std::vector<std::pair<std::string, std::string>> undo_;  // prefix, what it was bound to before
    std::string out_;
};

class Collector {
public:
    explicit Collector(Findings& findings) : findings_{findings}, tree_{findings.tree()} {}

    // By place: the writer puts them behind what it knows, so that the order of the envelope would not last.
    std::vector<model::Extension> collect() {
        for (Tree::Number n = 1; n < tree_.size() && !findings_.fault();) {
            const auto& mark = findings_.mark_of(n);
            if (!mark) keep({n, findings_}, place_of(tree_.parent(n)));
            n = findings_.name_of(mark).empty() ? tree_.end(n) : n + 1;
        }
        std::stable_sort(found_.begin(), found_.end(), [](const auto& a, const auto& b) {
            return a.place < b.place;
        });
        return std::move(found_);
    }

private:
    // Where the writer puts what stands in an element.
    std::string place_of(Tree::Number element) const {
        if (element == 0) return {};
        const auto& mark = findings_.mark_of(element);
        const auto name = findings_.name_of(mark);
        const bool from_root = name.starts_with('/');
        auto place = from_root ? std::string{} : place_of(tree_.parent(element));
        if (!place.empty()) place += "/";
        place += name.substr(from_root);
        if (mark.index != Mark::no_index) place += "[" + std::to_string(mark.index) + "]";
        return place;
    }

    void keep(const Node& element, std::string place) {
        const auto name = lower_ascii(element.local_name());
        if (name.find("attach") != std::string::npos &&
            tree_.has_children(element.number_in_document()))  // no file is passed over
            return element.refuse(errc::envelope_structure, "files are not read from here");
        if (!findings_.speaks_qcvn() && frames_what_is_written(element))
            return element.refuse(errc::envelope_structure, "of the frame of another dialect");
        Serialiser serialiser{tree_, place.starts_with("edXMLEnvelope")};
        auto xml = serialiser.text(element.number_in_document());
        bytes_ += place.size() + xml.size();
        if (bytes_ > extension_bytes_max)
            return element.refuse(errc::xml_too_many, "too much that the standard does not know");
        element.observe("envelope.extension", "not in the standard, kept");
        found_.push_back({std::move(place), std::move(xml)});
    }

    // What a dialect does not know would be taken for the frame where the writer puts it.
    static bool frames_what_is_written(const Node& element) {
        const auto uri = element.name_space();
        if (!uri.empty() && uri != qcvn) return false;
        for (const auto name : {"edXMLEnvelope", "edXMLManifest", "AttachmentEncoded", "AttachmentEncode"})
            if (element.is(name)) return true;
        return false;
    }

    Findings& findings_;
    const Tree& tree_;
    std::vector<model::Extension> found_;
    std::size_t bytes_ = 0;
};

}  // namespace

std::vector<model::Extension> extensions_of(Findings& findings) {
    return Collector{findings}.collect();
}

}  // namespace axis::envelope
