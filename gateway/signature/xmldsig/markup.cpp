#include "gateway/signature/xmldsig/markup.hpp"

#include "gateway/base/text.hpp"

namespace axis::signature {

namespace {

constexpr auto npos = std::string_view::npos;

Malformed parse_fault(std::string detail) {
    return {Reason::parse, std::move(detail)};
}

// What the XML declaration says, in lower case; empty when it says nothing.
std::string declared(std::string_view bytes, std::string_view what) {
    if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
    if (!bytes.starts_with("<?xml")) return {};
    const auto declaration = bytes.substr(0, bytes.find("?>"));
    const auto at = declaration.find(what, 5);
    if (at == npos) return {};
    const auto open = declaration.find_first_of("\"'", at);
    if (open == npos) return "?";
    return lower_ascii(declaration.substr(open + 1, declaration.find(declaration[open], open + 1) - open - 1)
    );
}

// Goes from one piece of markup to the next.
class Walk {
public:
    Walk(std::string_view bytes, const XmldsigLimits& limits) : left_{bytes}, limits_{limits} {}

    std::optional<Malformed> faults() {
        for (auto at = left_.find('<'); at != npos; at = left_.find('<')) {
            left_.remove_prefix(at);
            if (left_.starts_with("<!--"))
                skip("-->");
            else if (left_.starts_with("<![CDATA["))
                skip("]]>");
            else if (left_.starts_with("<?"))
                skip("?>");
            else if (left_.starts_with("<!"))
                return Malformed{Reason::doctype, ""};
            else if (auto fault = tag())
                return fault;
        }
        return {};
    }

private:
    void skip(std::string_view end) {
        const auto at = left_.find(end);
        left_.remove_prefix(at == npos ? left_.size() : at + end.size());
    }

    std::optional<Malformed> tag() {
        std::size_t value_count = 0;
        char quote = '\0';
        for (std::size_t i = 0; i < left_.size(); ++i) {
            if (i == limits_.tag_bytes_max) return parse_fault("a tag that is too long");
            const char c = left_[i];
            if (quote != '\0') {
                if (c == quote) quote = '\0';
            } else if (c == '"' || c == '\'') {
                quote = c;
                if (++value_count > limits_.tag_attribute_count_max ||
                    ++attribute_count_ > limits_.attribute_count_max)
                    return parse_fault("too many attributes");
            } else if (c == '>') {
                return closed(i);
            }
        }
        left_ = {};
        return {};
    }

    // The tag ends at `end`.
    std::optional<Malformed> closed(std::size_t end) {
        const bool closing = left_.starts_with("</");
        const bool empty = left_[end - 1] == '/';
        left_.remove_prefix(end + 1);
        if (closing) {
            depth_ -= depth_ > 0 ? 1 : 0;
            return {};
        }
        if (++element_count_ > limits_.element_count_max) return parse_fault("too many elements");
        if (!empty && ++depth_ > limits_.depth_max) return parse_fault("too deep");
        return {};
    }

    std::string_view left_;
    const XmldsigLimits& limits_;
    std::size_t element_count_ = 0;
    std::size_t attribute_count_ = 0;
    std::size_t depth_ = 0;
};

}  // namespace

std::optional<Malformed> markup_fault(std::string_view bytes, const XmldsigLimits& limits) {
    if (bytes.size() > limits.document_bytes_max) return parse_fault("too large");
    if (bytes.find('\0') != npos) return parse_fault("NUL");
    const auto version = declared(bytes, "version");
    if (!version.empty() && version != "1.0") return parse_fault("another version of XML");
    const auto encoding = declared(bytes, "encoding");
    if (!encoding.empty() && encoding != "utf-8" && encoding != "us-ascii")
        return parse_fault("another encoding than UTF-8 is declared");
    return Walk{bytes, limits}.faults();
}

}  // namespace axis::signature
