#include "gateway/envelope/relay.hpp"

#include "gateway/envelope/mime.hpp"
#include "gateway/envelope/parts.hpp"
#include "gateway/envelope/tags.hpp"
#include "gateway/envelope/xml.hpp"

namespace axis::envelope {

namespace {

// The element that what is new stands behind or in, and where.
struct Anchor {
    enum class Side { behind, in_front_of_content } side;
    Node element;
    bool list;  // TraceHeaderList has to be written as well

    Node scope() const { return side == Side::behind ? element.parent() : element; }
};

// Behind the last TraceHeader; else at the beginning of the list; else behind the message header.
Anchor anchor_of(const Parts& parts) {
    const auto lists = parts.header.all("TraceHeaderList");  // a document has one, of a status nobody asks
    const auto list = lists.empty() ? Node{} : lists.front();
    const auto headers = list.all("TraceHeader");
    if (!headers.empty()) return {Anchor::Side::behind, headers.back(), false};
    if (list) return {Anchor::Side::in_front_of_content, list, false};
    return {Anchor::Side::behind, parts.message, true};
}

std::string_view white_before(std::string_view text, std::size_t at) {
    auto begin = at;
    while (begin > 0 && std::string_view{" \t\r\n"}.find(text[begin - 1]) != std::string_view::npos) --begin;
    return text.substr(begin, at - begin);
}

// Writes the elements, with the prefix and the margin of the one beside them.
class Text {
public:
    // With `declaration` the first element says what no prefix means.
    Text(std::string_view prefix, std::string_view margin, std::string_view declaration)
        : prefix_{prefix}, margin_{margin}, declaration_{declaration} {}

    std::string of(const model::TraceHeader& header, bool with_list) const {
        const bool lines = margin_.find('\n') != std::string::npos;
        const auto deeper = lines ? margin_ + "  " : margin_;
        const auto fields = deeper + element("OrganId", header.organ.text(), {}) + deeper +
                            element("Timestamp", header.timestamp, {}) + margin_;
        if (!with_list) return margin_ + element("TraceHeader", fields, declaration_);
        const auto one = margin_ + element("TraceHeader", fields, {}) + margin_;
        return margin_ + element("TraceHeaderList", one, declaration_);
    }

private:
    std::string element(std::string_view name, const std::string& content, std::string_view declaration)
        const {
        const auto tag = prefix_ + std::string{name};
        return ("<" + tag).append(declaration) + ">" + content + "</" + tag + ">";
    }

    std::string prefix_;
    std::string margin_;
    std::string declaration_;
};

// `from` to `until` become `by`.
struct Change {
    std::size_t from, until;
    std::string by;
};

Result<Change> change_of(std::string_view xml, const model::TraceHeader& header) {
    Position where;
    const auto tree = Tree::parse({xml}, where);
    if (!tree) return tree.error();
    Findings findings{*tree};
    const auto parts = parts_of(findings);
    if (findings.fault()) return *findings.fault();
    const auto anchor = anchor_of(parts);
    const auto element = element_at(xml, anchor.element.number_in_document());
    if (findings.fault() || !element) return Error{errc::envelope_structure, "no place for a TraceHeader"};

    const bool fits = anchor.element.means_the_same(element->start.prefix(), anchor.scope());
    const auto margin = white_before(xml, element->start.begin);
    const auto text = fits ? Text{element->start.prefix(), margin, {}}
                           : Text{{}, margin, " xmlns=\"" + std::string{qcvn} + "\""};
    const auto added = text.of(header, anchor.list);
    if (anchor.side == Anchor::Side::behind) return Change{element->end.end, element->end.end, added};
    if (!element->start.empty) return Change{element->start.end, element->start.end, added};
    const auto end = "</" + std::string{element->start.name} + ">";
    return Change{element->start.end - 2, element->start.end, (">" + added).append(margin) + end};
}

}  // namespace

Result<Relayed> append_trace(
    std::string_view skeleton, const std::vector<Hole>& holes, const model::TraceHeader& header
) {
    auto xml = skeleton;
    if (looks_like_mime(skeleton).value_or(false)) {
        const auto message = read_mime(skeleton, holes);
        if (!message) return message.error();
        xml = message->xml;
    }
    const auto change = change_of(xml, header);
    if (!change) return change.error();
    const auto before = static_cast<std::size_t>(xml.data() - skeleton.data());
    Relayed out;
    out.skeleton.reserve(skeleton.size() + change->by.size());
    out.skeleton.append(skeleton.substr(0, before + change->from)).append(change->by);
    out.skeleton.append(skeleton.substr(before + change->until));
    out.holes = holes;
    for (auto& hole : out.holes)
        if (hole.offset >= before + change->until) hole.offset += out.skeleton.size() - skeleton.size();
    return out;
}

Result<std::size_t> signature_place(std::string_view skeleton) {
    Position where;
    const auto tree = Tree::parse({skeleton}, where);
    if (!tree) return tree.error();
    Findings findings{*tree};
    const auto parts = parts_of(findings);
    if (findings.fault()) return *findings.fault();
    const auto header = element_at(skeleton, parts.header.number_in_document());
    AXIS_ASSERT(header && !header->start.empty);  // there is a message in it
    return header->end.begin;
}

}  // namespace axis::envelope
