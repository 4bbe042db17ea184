#include "gateway/envelope/relay.hpp"

#include "gateway/base/text.hpp"
#include "gateway/envelope/tags.hpp"

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

std::string_view white_before(std::string_view text, std::size_t at) {
    auto begin = at;
    while (begin > 0 && std::string_view{" \t\r\n"}.find(text[begin - 1]) != std::string_view::npos) --begin;
    return text.substr(begin, at - begin);
}

// Walks edXML/edXMLEnvelope/edXMLHeader once: behind the last TraceHeader; else at the beginning of the list;
// else behind the message header.
class Search {
public:
    explicit Search(std::string_view text) : text_{text} {}

    std::optional<Slot> find() {
        for (auto tag = next_tag(text_, 0); tag; tag = next_tag(text_, tag->end)) {
            if (tag->closing) {
                path_.pop_back();
                if (path_.size() + 1 == way.size() && slot_) break;  // the header ends
                close(*tag);
            } else {
                open(*tag);
                if (!tag->empty) path_.push_back(*tag);
            }
        }
        return slot_;
    }

private:
    static constexpr std::array<std::string_view, 3> way{"edXML", "edXMLEnvelope", "edXMLHeader"};

    // Whether the open elements are the way to the header, and `more` below it.
    bool inside(std::size_t more) const {
        if (path_.size() != way.size() + more) return false;
        for (std::size_t i = 0; i < way.size(); ++i)
            if (!equal_ignoring_case(path_[i].local(), way.at(i))) return false;
        return true;
    }
    bool inside_list() const {
        return inside(1) && equal_ignoring_case(path_.back().local(), "TraceHeaderList");
    }

    void open(const Tag& tag) {
        if (inside(0) || inside(1)) child_ = tag;
        if (!inside(0) || !equal_ignoring_case(tag.local(), "TraceHeaderList")) return;
        slot_ = Slot{tag.end, tag.prefix(), white_before(text_, tag.begin), false, {}};
        if (tag.empty) slot_->empty_list = tag;
    }

    void close(const Tag& tag) {
        const auto name = tag.local();
        const bool message =
            equal_ignoring_case(name, "MessageHeader") || equal_ignoring_case(name, "Status");
        const bool trace = inside_list() && equal_ignoring_case(name, "TraceHeader");
        if (trace || (inside(0) && message && !slot_))
            slot_ = Slot{tag.end, tag.prefix(), white_before(text_, child_.begin), !trace, {}};
    }

    std::string_view text_;
    std::vector<Tag> path_;  // open elements
    Tag child_;              // of the header or the list, the last that was opened
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
