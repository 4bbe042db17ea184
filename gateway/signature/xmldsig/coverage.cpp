#include "gateway/signature/xmldsig/coverage.hpp"

#include "gateway/base/text.hpp"

#include <bitset>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace axis::signature {

namespace {

bool blank(const xmlChar* text) {
    return text == nullptr || trimmed(reinterpret_cast<const char*>(text)).empty();
}

// A comment between two texts that are not blank: with it gone, as digests see them, they are one.
bool cut_by_comment(const xmlNode* element) {
    bool text = false;
    bool comment = false;
    for (const auto* child = element->children; child != nullptr; child = child->next) {
        if (child->type == XML_COMMENT_NODE) {
            comment = comment || text;
        } else if (child->type == XML_ELEMENT_NODE) {
            text = comment = false;
        } else if (!blank(child->content)) {
            if (comment) return true;
            text = true;
        }
    }
    return false;
}

using References = std::bitset<references_max>;
using Name = std::pair<std::string_view, std::string_view>;

Name name_of(const xmlNode* element) {
    const bool has = element->ns != nullptr && element->ns->href != nullptr;
    return {has ? reinterpret_cast<const char*>(element->ns->href) : "", local_name(element)};
}

// Goes down with the references that cover where it is, one bit each.
class CoverageWalk {
public:
    explicit CoverageWalk(const std::vector<DocumentSignature>& signatures) {
        std::size_t bit = 0;
        for (const auto& signature : signatures) {
            auto& left_out = left_out_[signature.element];
            for (const auto& reference : signature.references) {
                if (!reference.octets_only) begins_[reference.target].set(bit);
                left_out.set(bit, reference.without_own);
                leave_all_out_.set(bit, reference.without_all);
                ++bit;
            }
        }
    }

    // `machinery`: within a Signature, but not in an Object of it.
    void visit(const xmlNode* element, References covering, bool machinery) {
        if (const auto at = begins_.find(element); at != begins_.end()) covering |= at->second;
        if (const auto at = left_out_.find(element); at != left_out_.end()) {
            covering &= ~(at->second | leave_all_out_);
            machinery = true;
        } else if (machinery && is(element, "Object", xmldsig)) {
            machinery = false;
        }
        if (!machinery) count(element, covering.any());
        for (const auto* child : elements(element)) visit(child, covering, machinery);
    }

    std::variant<Coverage, Malformed> result() const {
        if (cut_) return Malformed{Reason::twin, "a comment inside a signed value"};
        for (const auto& name : bare_)
            if (covered_.contains(name))
                return Malformed{Reason::twin, "a signed and an unsigned element of one name"};
        return coverage_;
    }

private:
    void count(const xmlNode* element, bool covered) {
        ++coverage_.element_count;
        coverage_.covered_count += covered ? 1 : 0;
        (covered ? covered_ : bare_).insert(name_of(element));
        cut_ = cut_ || (covered && cut_by_comment(element));
    }

    std::unordered_map<const xmlNode*, References> begins_;
    std::unordered_map<const xmlNode*, References> left_out_;
    References leave_all_out_;
    Coverage coverage_;
    std::set<Name> covered_;
    std::set<Name> bare_;
    bool cut_ = false;
};

}  // namespace

std::variant<Coverage, Malformed> coverage_of(
    const Tree& tree, const std::vector<DocumentSignature>& signatures
) {
    CoverageWalk walk{signatures};
    walk.visit(tree.root(), {}, false);
    return walk.result();
}

}  // namespace axis::signature
