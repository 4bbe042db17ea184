#include "gateway/base/text.hpp"
#include "gateway/envelope/xml.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace axis::envelope {

namespace {

std::string_view view(const xmlChar* text) {
    return text == nullptr ? std::string_view{} : std::string_view{reinterpret_cast<const char*>(text)};
}

// libxml2 leaves an ampersand in the name of a namespace as a character reference.
std::string name_of_namespace(const xmlNs* ns) {
    std::string name{ns == nullptr ? std::string_view{} : view(ns->href)};
    constexpr std::string_view ampersand = "&#38;";
    for (auto at = name.find(ampersand); at != std::string::npos; at = name.find(ampersand, at + 1))
        name.replace(at, ampersand.size(), "&");
    return name;
}

// Prefix → namespace where the writer will put the element; "" is the default one. The attachments stand
// outside the scope of edXML's declaration.
using Scope = std::map<std::string, std::string>;

// Writes a subtree so that it means the same wherever the writer puts it, and reads back as the same text.
class Serialiser {
public:
    explicit Serialiser(bool in_envelope) : prefixed_{in_envelope} {
        scope_[""] = qcvn;
        if (in_envelope) scope_["edXML"] = qcvn;
    }

    // Stops soon after extension_bytes_max.
    std::string text(const xmlNode* element) {
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
    Name name_of(const xmlNs* ns, bool attribute, Bound& bound) const {
        const auto uri = name_of_namespace(ns);
        std::string prefix{ns == nullptr ? std::string_view{} : view(ns->prefix)};
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

    // In an element's text, line ends and tabs stand as they are.
    static std::string escaped_text(std::string_view text) {
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
                case '\r':
                    out += "&#13;";
                    break;
                default:
                    out += c;
            }
        return out;
    }

    void attributes(const xmlNode* element, Bound& bound) {
        std::string declared;
        std::string plain;
        for (const auto* a = element->properties; a != nullptr; a = a->next) {
            const auto name = a->ns == nullptr ? Name{} : name_of(a->ns, true, bound);
            if (a->ns != nullptr) declare(name, declared);
            std::string value;
            for (const auto* part = a->children; part != nullptr; part = part->next)
                value += view(part->content);
            plain += " " + qualified(name, view(a->name)) + "=\"" + escaped(value) + "\"";
        }
        out_ += declared + plain;
    }

    void write(const xmlNode* element) {
        if (out_.size() > extension_bytes_max) return;
        const auto depth = undo_.size();
        Bound bound;
        const auto name = name_of(element->ns, false, bound);
        const auto tag = qualified(name, view(element->name));
        out_ += "<" + tag;
        declare(name, out_);
        attributes(element, bound);
        const auto content = out_.size() + 1;
        out_ += ">";
        for (const auto* child = element->children; child != nullptr; child = child->next) {
            if (child->type == XML_ELEMENT_NODE) write(child);
            if (child->type == XML_TEXT_NODE) out_ += escaped_text(view(child->content));
        }
        if (out_.size() == content)
            out_.replace(content - 1, 1, "/>");
        else
            out_ += "</" + tag + ">";
        leave_scope(depth);
    }

    bool prefixed_;
    Scope scope_;
    std::vector<std::pair<std::string, std::string>> undo_;  // prefix, what it was bound to before
    std::string out_;
};

class Collector {
public:
    explicit Collector(Findings& findings) : findings_{findings} {}

    void collect(const Node& parent, const std::string& place) {
        for (const auto& child : parent.children()) {
            if (findings_.fault()) return;
            if (const auto* mark = static_cast<const Mark*>(child.raw()->_private)) {
                if (mark->name.empty()) continue;
                const bool from_root = mark->name.starts_with('/');
                auto below =
                    (place.empty() || from_root ? "" : place + "/").append(mark->name.substr(from_root));
                if (mark->index) below += "[" + std::to_string(*mark->index) + "]";
                collect(child, below);
            } else {
                keep(child, place);
            }
        }
    }

    // By place: the writer puts them behind what it knows, so that the order of the envelope would not last.
    std::vector<model::Extension> take() {
        std::stable_sort(found_.begin(), found_.end(), [](const auto& a, const auto& b) {
            return a.place < b.place;
        });
        return std::move(found_);
    }

private:
    void keep(const Node& element, const std::string& place) {
        const auto name = lower_ascii(view(element.raw()->name));
        if (name.find("attach") != std::string::npos &&
            !element.children().empty())  // no file is passed over
            return element.refuse(errc::envelope_structure, "files are not read from here");
        if (!findings_.speaks_qcvn() && frames_what_is_written(element))
            return element.refuse(errc::envelope_structure, "of the frame of another dialect");
        Serialiser serialiser{place.starts_with("edXMLEnvelope")};
        auto xml = serialiser.text(element.raw());
        bytes_ += place.size() + xml.size();
        if (bytes_ > extension_bytes_max)
            return element.refuse(errc::xml_too_many, "too much that the standard does not know");
        element.observe("envelope.extension", "not in the standard, kept");
        found_.push_back({place, std::move(xml)});
    }

    // What a dialect does not know would be taken for the frame where the writer puts it.
    static bool frames_what_is_written(const Node& element) {
        const auto uri = element.raw()->ns == nullptr ? std::string_view{} : view(element.raw()->ns->href);
        if (!uri.empty() && uri != qcvn) return false;
        for (const auto name : {"edXMLEnvelope", "edXMLManifest", "AttachmentEncoded", "AttachmentEncode"})
            if (element.is(name)) return true;
        return false;
    }

    Findings& findings_;
    std::vector<model::Extension> found_;
    std::size_t bytes_ = 0;
};

}  // namespace

std::vector<model::Extension> extensions_of(const Node& root, Findings& findings) {
    Collector collector{findings};
    collector.collect(root, "");
    return collector.take();
}

}  // namespace axis::envelope
