#include "gateway/envelope/relay.hpp"

#include "gateway/envelope/insertion.hpp"
#include "gateway/envelope/mime.hpp"
#include "gateway/envelope/parts.hpp"
#include "gateway/envelope/tags.hpp"
#include "gateway/envelope/xml.hpp"

namespace axis::envelope {

namespace {

// Behind the last TraceHeader; else at the beginning of the list; else behind the message header.
std::pair<Place, Piece> trace_in(const Parts& parts, const model::TraceHeader& header) {
    Piece piece{"TraceHeader", {}, {{"OrganId", header.organ.text()}, {"Timestamp", header.timestamp}}};
    const auto lists = parts.header.all("TraceHeaderList");  // a document has one, of a status nobody asks
    const auto list = lists.empty() ? Node{} : lists.front();
    const auto headers = list.all("TraceHeader");
    if (!headers.empty()) return {{Place::Side::behind, headers.back()}, std::move(piece)};
    if (list) return {{Place::Side::inside, list}, std::move(piece)};
    return {{Place::Side::behind, parts.message}, {"TraceHeaderList", {}, {std::move(piece)}}};
}

Result<Insertion> trace_insertion(std::string_view xml, const model::TraceHeader& header) {
    Position where;
    const auto tree = Tree::parse({xml}, where);
    if (!tree) return tree.error();
    Findings findings{*tree};
    const auto parts = parts_of(findings);
    if (findings.fault()) return *findings.fault();
    const auto [place, piece] = trace_in(parts, header);
    auto insertion = insertion_at(xml, place, piece);
    if (findings.fault() || !insertion) return Error{errc::envelope_structure, "no place for a TraceHeader"};
    return std::move(*insertion);
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
    const auto change = trace_insertion(xml, header);
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
