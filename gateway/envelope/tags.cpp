#include "gateway/envelope/tags.hpp"

#include <algorithm>

namespace axis::envelope {

std::optional<Tag> next_tag(std::string_view text, std::size_t at) {
    for (at = text.find('<', at); at != std::string_view::npos; at = text.find('<', at)) {
        const auto rest = text.substr(at);
        if (rest.starts_with("<!--"))
            at = std::min(text.find("-->", at), text.size());
        else if (rest.starts_with("<?"))
            ++at;
        else
            break;
    }
    if (at >= text.size()) return std::nullopt;
    Tag tag;
    tag.begin = at;
    char quote = 0;
    for (++at; at < text.size() && (quote != 0 || text[at] != '>'); ++at) {
        if (quote != 0 && text[at] == quote)
            quote = 0;
        else if (quote == 0 && (text[at] == '"' || text[at] == '\''))
            quote = text[at];
    }
    if (at == text.size()) return std::nullopt;
    tag.end = at + 1;
    tag.closing = text[tag.begin + 1] == '/';
    tag.empty = text[at - 1] == '/';
    const auto name = text.substr(tag.begin + (tag.closing ? 2 : 1));
    tag.name = name.substr(0, name.find_first_of(" \t\r\n/>"));
    return tag;
}

std::optional<Element> element_at(std::string_view text, std::size_t n) {
    auto tag = next_tag(text, 0);
    for (; tag; tag = next_tag(text, tag->end))
        if (!tag->closing && n-- == 0) break;
    if (!tag || tag->empty) return tag ? std::optional{Element{*tag, *tag}} : std::nullopt;
    const auto start = *tag;
    std::size_t open = 1;
    while (open > 0 && (tag = next_tag(text, tag->end)))
        if (!tag->empty) open = tag->closing ? open - 1 : open + 1;
    return tag ? std::optional{Element{start, *tag}} : std::nullopt;
}

Position position_in_input(std::string_view skeleton, const std::vector<Hole>& holes, std::size_t offset) {
    Position at;
    const auto pass = [&at](std::string_view text) {
        at.line += static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
        const auto last = text.rfind('\n');
        at.column = last == std::string_view::npos ? at.column + text.size() : text.size() - last;
    };
    std::size_t done = 0;
    for (const auto& hole : holes) {
        if (hole.offset > offset) break;
        pass(skeleton.substr(done, hole.offset - done));
        at.line += hole.lines;
        at.column = hole.lines == 0 ? at.column + hole.bytes : hole.last_line_bytes + 1;
        done = hole.offset;
    }
    pass(skeleton.substr(done, offset - done));
    return at;
}

std::string to_string(Position position) {
    return std::to_string(position.line) + ":" + std::to_string(position.column);
}

}  // namespace axis::envelope
