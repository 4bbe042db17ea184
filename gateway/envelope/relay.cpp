#include "gateway/envelope/relay.hpp"

#include "gateway/base/text.hpp"
#include "gateway/envelope/tags.hpp"
#include "gateway/envelope/xml.hpp"

#include <array>
#include <optional>

namespace axis::envelope {

namespace {

// Where the new element goes, between what, and how far it is indented.
struct Slot {
    std::size_t at = 0;
    std::string_view prefix;
    std::string_view margin;        // white space before the element beside it
    bool list = false;              // TraceHeaderList has to be written as well
    std::optional<Tag> empty_list;  // <TraceHeaderList/>, to be opened
};

constexpr std::string_view white = " \t\r\n";

std::string_view white_before(std::string_view text, std::size_t at) {
    auto begin = at;
    while (begin > 0 && white.find(text[begin - 1]) != std::string_view::npos) --begin;
    return text.substr(begin, at - begin);
}

// The value of an attribute as it stands; nothing when the tag does not have it.
std::optional<std::string_view> attribute(std::string_view tag, std::string_view name) {
    for (auto at = tag.find_first_of(white); at != std::string_view::npos;) {
        at = tag.find_first_not_of(white, at);
        const auto quote = tag.find_first_of("\"'", at);
        if (quote == std::string_view::npos) break;
        const auto end = tag.find(tag[quote], quote + 1);
        const auto said = tag.substr(at, tag.find('=', at) - at);
        if (trimmed(said) == name) return tag.substr(quote + 1, end - quote - 1);
        at = end + 1;
    }
    return std::nullopt;
}

// Walks edXML/edXMLEnvelope/edXMLHeader once: behind the last TraceHeader; else at the beginning of the list;
// else behind the message header. Elements of other namespaces have these names too.
class Search {
public:
    explicit Search(std::string_view text) : text_{text} {}

    std::optional<Slot> find() {
        for (auto tag = next_tag(text_, 0); tag; tag = next_tag(text_, tag->end)) {
            if (tag->closing) {
                const auto closed = std::move(path_.back());
                path_.pop_back();
                if (path_.size() + 1 == way.size() && slot_) break;  // the header ends
                close(closed, *tag);
            } else {
                open(*tag);
            }
        }
        return slot_;
    }

private:
    static constexpr std::array<std::string_view, 3> way{"edXML", "edXMLEnvelope", "edXMLHeader"};

    struct Open {
        Tag tag;
        bool ours = false;
        bool is(std::string_view name) const { return ours && equal_ignoring_case(tag.local(), name); }
    };

    // Whether the open elements are the way to the header, and `more` below it.
    bool inside(std::size_t more) const {
        if (path_.size() != way.size() + more) return false;
        for (std::size_t i = 0; i < way.size(); ++i)
            if (!path_[i].is(way.at(i))) return false;
        return true;
    }
    bool inside_list() const { return inside(1) && path_.back().is("TraceHeaderList"); }

    // In the standard's namespace or in none, as the reader has it. A prefix without declaration is edXML,
    // which the reader declares.
    bool ours(const Tag& tag) const {
        const auto prefix = tag.prefix();
        const auto declaration =
            prefix.empty() ? "xmlns" : "xmlns:" + std::string{prefix.substr(0, prefix.size() - 1)};
        auto said = attribute(text_.substr(tag.begin, tag.end - tag.begin), declaration);
        for (auto at = path_.rbegin(); at != path_.rend() && !said; ++at)
            said = attribute(text_.substr(at->tag.begin, at->tag.end - at->tag.begin), declaration);
        if (!said || said->empty()) return true;
        return *said == qcvn || *said == std::string{qcvn} + "/";
    }

    void open(const Tag& tag) {
        const Open opened{tag, ours(tag)};
        if (inside(0) || inside(1)) child_ = tag;
        if (inside(0) && opened.is("TraceHeaderList")) {
            slot_ = Slot{tag.end, tag.prefix(), white_before(text_, tag.begin), false, {}};
            if (tag.empty) slot_->empty_list = tag;
        }
        if (!tag.empty) path_.push_back(opened);
    }

    void close(const Open& closed, const Tag& tag) {
        const bool message = closed.is("MessageHeader") || closed.is("Status");
        const bool trace = inside_list() && closed.is("TraceHeader");
        if (trace || (inside(0) && message && !slot_))
            slot_ = Slot{tag.end, tag.prefix(), white_before(text_, child_.begin), !trace, {}};
    }

    std::string_view text_;
    std::vector<Open> path_;
    Tag child_;  // of the header or the list, the last that was opened
    std::optional<Slot> slot_;
};

std::string element(const Slot& slot, std::string_view name, const std::string& content) {
    const auto tag = std::string{slot.prefix}.append(name);
    return "<" + tag + ">" + content + "</" + tag + ">";
}

std::string text_of(const Slot& slot, const model::TraceHeader& header) {
    const bool lines = slot.margin.find('\n') != std::string_view::npos;
    const std::string margin{slot.margin};
    const std::string deeper = lines ? margin + "  " : margin;
    const auto fields = deeper + element(slot, "OrganId", header.organ.text()) + deeper +
                        element(slot, "Timestamp", header.timestamp) + margin;
    return margin + element(slot, "TraceHeader", fields);
}

}  // namespace

Result<Relayed> append_trace(
    std::string_view skeleton, const std::vector<Hole>& holes, const model::TraceHeader& header
) {
    const auto slot = Search{skeleton}.find();
    if (!slot) return Error{errc::envelope_structure, "no place for a TraceHeader"};
    auto added = text_of(*slot, header);
    auto from = slot->at;
    auto until = slot->at;
    const std::string list_end = "</" + std::string{slot->prefix} + "TraceHeaderList>";
    const std::string margin{slot->margin};
    if (slot->list)
        added = margin + "<" + std::string{slot->prefix} + "TraceHeaderList>" + added + margin + list_end;
    if (slot->empty_list) {
        from = slot->empty_list->end - 2;  // "/>"
        added = ">" + added + margin + list_end;
    }
    Relayed out;
    out.skeleton.reserve(skeleton.size() + added.size());
    out.skeleton.append(skeleton.substr(0, from)).append(added).append(skeleton.substr(until));
    out.holes = holes;
    for (auto& hole : out.holes)
        if (hole.offset >= until) hole.offset += out.skeleton.size() - skeleton.size();
    return out;
}

Result<std::size_t> signature_place(std::string_view skeleton) {
    std::size_t depth = 0;
    for (auto tag = next_tag(skeleton, 0); tag; tag = next_tag(skeleton, tag->end)) {
        if (tag->closing && depth == 3 && equal_ignoring_case(tag->local(), "edXMLHeader")) return tag->begin;
        if (tag->closing)
            --depth;
        else if (!tag->empty)
            ++depth;
    }
    return Error{errc::envelope_structure, "no edXMLHeader to sign in"};
}

}  // namespace axis::envelope
