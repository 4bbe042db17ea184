#include "gateway/envelope/insertion.hpp"

#include "gateway/envelope/escape.hpp"
#include "gateway/envelope/tags.hpp"

namespace axis::envelope {

namespace {

std::string_view white_before(std::string_view text, std::size_t at) {
    auto begin = at;
    while (begin > 0 && std::string_view{" \t\r\n"}.find(text[begin - 1]) != std::string_view::npos) --begin;
    return text.substr(begin, at - begin);
}

std::string deeper(std::string_view margin) {
    return std::string{margin} + (margin.find('\n') == std::string_view::npos ? "" : "  ");
}

class Text {
public:
    explicit Text(std::string_view prefix) : prefix_{prefix} {}

    // With `declaration` the element says what no prefix means.
    void write(const Piece& piece, const std::string& margin, std::string_view declaration) {
        const auto name = piece.name.find(':') == std::string::npos ? prefix_ + piece.name : piece.name;
        out_.append(margin).append("<" + name).append(piece.attributes).append(declaration).append(">");
        if (piece.hole) hole_ = out_.size();
        escape_text(piece.text, out_);
        for (const auto& part : piece.parts) write(part, deeper(margin), {});
        if (!piece.parts.empty()) out_ += margin;
        out_ += "</" + name + ">";
    }

    Insertion at(std::size_t from, std::size_t until) && { return {from, until, std::move(out_), hole_}; }

private:
    std::string prefix_;
    std::string out_;
    std::optional<std::size_t> hole_;
};

// The prefix that gives what is new the namespace of the element; nothing: none does, it has to be declared.
std::optional<std::string_view> prefix_for(const Place& place, std::string_view own) {
    if (place.plain && place.element.means_the_same("", place.scope())) return "";
    if (place.element.means_the_same(own, place.scope())) return own;
    return std::nullopt;
}

}  // namespace

std::optional<Insertion> insertion_at(std::string_view xml, const Place& place, const Piece& piece) {
    const auto element = element_at(xml, place.element.number_in_document());
    if (!element) return std::nullopt;
    const auto& start = element->start;
    const auto prefix = prefix_for(place, start.prefix());
    const auto declaration = prefix ? std::string{} : " xmlns=\"" + std::string{qcvn} + "\"";
    const auto margin = std::string{white_before(xml, start.begin)};
    Text text{prefix.value_or("")};
    if (place.side == Place::Side::behind) {
        text.write(piece, margin, declaration);
        return std::move(text).at(element->end.end, element->end.end);
    }
    text.write(piece, deeper(margin), declaration);
    if (!start.empty) return std::move(text).at(start.end, start.end);
    auto out = std::move(text).at(start.end - 2, start.end);  // <a/> becomes <a>…</a>
    out.by = (">" + out.by).append(margin) + "</" + std::string{start.name} + ">";
    if (out.hole) ++*out.hole;
    return out;
}

}  // namespace axis::envelope
