#include "gateway/envelope/scanner.hpp"

#include "gateway/base/text.hpp"
#include "gateway/envelope/bytes.hpp"
#include "gateway/envelope/mime.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace axis::envelope {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::string_view white = " \t\r\n";
constexpr std::size_t framing_bytes = 16;  // enough to tell MIME from XML

bool is_hole(std::string_view name) {
    const auto colon = name.rfind(':');
    if (colon != std::string_view::npos) name.remove_prefix(colon + 1);
    return equal_ignoring_case(name, "ContentTransferEncoded");
}

// The value of a pseudo-attribute of the XML declaration; nothing when it is absent.
std::optional<std::string_view> declared(std::string_view declaration, std::string_view name) {
    const auto at = declaration.find(name);
    if (at == std::string_view::npos) return std::nullopt;
    const auto open = declaration.find_first_of("\"'", at);
    if (open == std::string_view::npos) return std::nullopt;
    const auto close = declaration.find(declaration[open], open + 1);
    if (close == std::string_view::npos) return std::nullopt;
    return declaration.substr(open + 1, close - open - 1);
}

}  // namespace

struct Scanner::Impl {
    enum class State { junk, text, open, bang, comment_open, comment, declaration, tag, hole };
    struct Name {
        std::size_t offset, size;  // in the skeleton
    };

    ScanLimits limits;
    HoleSink& sink;
    State state = State::junk;
    std::optional<Error> failed;
    std::string skeleton;
    std::vector<Hole> holes;
    std::vector<Observation> observations;
    Place place;
    MarkupCheck check;
    std::string junk;
    Hole dropped;
    std::vector<Name> path;      // open elements
    std::size_t token = 0;       // where the current tag, comment or declaration begins in the skeleton
    std::size_t text_bytes = 0;  // since the last tag
    std::size_t elements = 0;
    std::size_t attributes = 0;      // of the current tag
    std::size_t attributes_all = 0;  // of all tags
    char quote = 0;                  // open in the current tag
    bool root_seen = false;
    Position hole_begin;  // in the input
    bool hole_filled = false;
    bool hole_closing = false;  // only the end tag may follow
    bool framing_known = false;
    std::string head;  // until the framing is known
    std::unique_ptr<MimeScanner> mime;

    Impl(ScanLimits l, HoleSink& s) : limits{l}, sink{s} {}

    Error fail(errc code, std::string_view why) { return fail(code, why, place.position()); }
    Error fail(errc code, std::string_view why, Position at) {
        std::string detail = std::to_string(at.line) + ":" + std::to_string(at.column) + " ";
        detail += path.empty() ? std::string_view{"document"} : shown(name_of(path.back()));
        if (!why.empty()) detail += ": " + std::string{why};
        failed = Error{code, std::move(detail)};
        return *failed;
    }

    std::string_view name_of(const Name& name) const {
        return std::string_view{skeleton}.substr(name.offset, name.size);
    }
    std::string_view current() const { return std::string_view{skeleton}.substr(token); }

    void pass(std::string_view& rest, std::size_t n) {
        place.pass(rest.substr(0, n));
        rest.remove_prefix(n);
    }

    // Moves n bytes of markup into the skeleton; `room` is what the current token may still grow by.
    Result<> take(std::string_view& rest, std::size_t n, std::size_t room, errc over) {
        const auto free = limits.skeleton_bytes_max - skeleton.size();
        const auto m = std::min({n, room, free});
        errc fault = errc::none;
        const auto good = check.pass(rest.substr(0, m), fault);
        skeleton.append(rest.substr(0, good));
        pass(rest, good);
        // A NUL among the first bytes is UTF-16 or UTF-32.
        if (fault == errc::xml_nul && place.bytes() < 4) fault = errc::xml_not_utf8;
        if (fault != errc::none) return fail(fault, "byte not allowed");
        if (m < n) return fail(m == room ? over : errc::xml_too_large, "over its limit");
        return {};
    }

    std::size_t tag_room() const { return limits.tag_bytes_max - current().size(); }

    Result<> begin_token(std::string_view& rest) {
        token = skeleton.size();
        attributes = 0;
        quote = 0;
        state = State::open;
        return take(rest, 1, 1, errc::xml_tag_too_long);
    }

    Result<> step(std::string_view& rest) {
        switch (state) {
            case State::junk:
                return step_junk(rest);
            case State::text:
                return step_text(rest);
            case State::open:
                return step_open(rest);
            case State::bang:
                return step_bang(rest);
            case State::comment_open:
                return step_comment_open(rest);
            case State::comment:
                return step_comment(rest);
            case State::declaration:
                return step_declaration(rest);
            case State::tag:
                return step_tag(rest);
            case State::hole:
                return step_hole(rest);
        }
        return {};
    }

    Result<> step_junk(std::string_view& rest) {
        if (junk.empty() && (rest.front() == '\xFF' || rest.front() == '\xFE'))
            return fail(errc::xml_not_utf8, "another byte order mark");
        const auto n = std::min(rest.find('<'), rest.size());
        const auto m = std::min(n, limits.junk_bytes_max + byte_order_mark.size() - junk.size());
        const auto nul = rest.substr(0, m).find('\0');
        if (nul != std::string_view::npos) {
            pass(rest, nul);
            return fail(place.bytes() < 4 ? errc::xml_not_utf8 : errc::xml_nul, "NUL byte");
        }
        junk.append(rest.substr(0, m));
        dropped.pass(rest.substr(0, m));
        pass(rest, m);
        if (m < n) return fail(errc::xml_malformed, "too much before the XML declaration");
        if (rest.empty()) return {};
        observe_junk();
        return begin_token(rest);
    }

    void observe_junk() {
        std::string_view text = junk;
        if (text.starts_with(byte_order_mark)) {
            observations.push_back({"envelope.bom", "UTF-8 byte order mark dropped"});
            text.remove_prefix(byte_order_mark.size());
        }
        if (white_run(text) < text.size())
            observations.push_back(
                {"envelope.junk", std::to_string(text.size()) + " bytes dropped before the XML declaration"}
            );
    }

    Result<> step_text(std::string_view& rest) {
        const auto n = std::min(rest.find('<'), rest.size());
        if (path.empty()) {
            const auto blank = white_run(rest.substr(0, n));
            if (blank < n) {
                const bool nul = rest[blank] == '\0';
                auto taken = take(rest, blank, limits.text_bytes_max - text_bytes, errc::xml_text_too_long);
                if (!taken) return taken.error();
                return fail(nul ? errc::xml_nul : errc::xml_malformed, "text outside the root element");
            }
        }
        auto taken = take(rest, n, limits.text_bytes_max - text_bytes, errc::xml_text_too_long);
        if (!taken) return taken.error();
        text_bytes += n;
        return rest.empty() ? Result<>{} : begin_token(rest);
    }

    // The byte after '<'.
    Result<> step_open(std::string_view& rest) {
        const char c = rest.front();
        if (hole_closing && c != '/') return fail(errc::attachment_base64, "only text may stand here");
        if (c == '?' && token != 0) return fail(errc::xml_instruction, "");
        state = c == '!' ? State::bang : c == '?' ? State::declaration : State::tag;
        if (c == '!' || c == '?') return take(rest, 1, tag_room(), errc::xml_tag_too_long);
        return {};
    }

    Result<> step_bang(std::string_view& rest) {
        if (rest.front() == '[') return fail(errc::xml_cdata, "");
        if (rest.front() != '-') return fail(errc::xml_doctype, "");
        state = State::comment_open;
        return take(rest, 1, tag_room(), errc::xml_tag_too_long);
    }

    Result<> step_comment_open(std::string_view& rest) {
        if (rest.front() != '-') return fail(errc::xml_malformed, "<!-");
        state = State::comment;
        return take(rest, 1, tag_room(), errc::xml_tag_too_long);
    }

    Result<> step_comment(std::string_view& rest) {
        const auto end = rest.find('>');
        const auto n = end == std::string_view::npos ? rest.size() : end + 1;
        const auto room = limits.comment_bytes_max - std::min(limits.comment_bytes_max, current().size());
        auto taken = take(rest, n, room, errc::xml_comment_too_long);
        if (!taken) return taken.error();
        if (end != std::string_view::npos && current().size() >= 7 && current().ends_with("-->"))
            state = State::text;
        return {};
    }

    Result<> step_declaration(std::string_view& rest) {
        const auto end = rest.find('>');
        const auto n = end == std::string_view::npos ? rest.size() : end + 1;
        auto taken = take(rest, n, tag_room(), errc::xml_tag_too_long);
        if (!taken) return taken.error();
        if (end == std::string_view::npos) return {};
        const auto text = current();
        if (!text.starts_with("<?xml") || text.size() < 8 || white.find(text[5]) == std::string_view::npos)
            return fail(errc::xml_instruction, "");
        if (!text.ends_with("?>")) return fail(errc::xml_malformed, "XML declaration");
        if (declared(text, "version") != "1.0") return fail(errc::xml_malformed, "XML version is not 1.0");
        const auto encoding = declared(text, "encoding");
        if (encoding && !equal_ignoring_case(*encoding, "UTF-8"))
            return fail(errc::xml_not_utf8, "another encoding is declared");
        state = State::text;
        return {};
    }

    Result<> step_tag(std::string_view& rest) {
        const auto at = quote != 0 ? std::min(rest.find(quote), rest.size()) : tag_run(rest);
        const auto n = std::min(at + 1, rest.size());
        const char c = at == rest.size() ? '\0' : rest[at];
        auto taken = take(rest, n, tag_room(), errc::xml_tag_too_long);
        if (!taken) return taken.error();
        if (c == '\0') return {};
        if (quote != 0) {
            quote = 0;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '=') {
            if (++attributes > limits.attribute_count_max || ++attributes_all > limits.attribute_total_max)
                return fail(errc::xml_too_many, "attributes");
        } else if (c == '<') {
            return fail(errc::xml_malformed, "< inside a tag");
        } else {
            text_bytes = 0;
            return current().starts_with("</") ? end_tag() : start_tag();
        }
        return {};
    }

    Result<> end_tag() {
        const auto text = current().substr(2);
        const auto name = text.substr(0, text.find_first_of(" \t\r\n>"));
        if (path.empty() || name_of(path.back()) != name)
            return fail(errc::xml_malformed, "mismatched end tag");
        path.pop_back();
        hole_closing = false;
        state = State::text;
        return {};
    }

    Result<> start_tag() {
        const auto text = current().substr(1);
        const Name name{token + 1, text.find_first_of(" \t\r\n/>")};
        const bool empty = text.ends_with("/>");
        if (name.size == 0) return fail(errc::xml_malformed, "a tag without a name");
        if (path.empty() && root_seen) return fail(errc::xml_malformed, "a second root element");
        if (path.size() >= limits.depth_max) return fail(errc::xml_too_deep, "");
        if (++elements > limits.element_count_max) return fail(errc::xml_too_many, "elements");
        root_seen = true;
        path.push_back(name);
        state = State::text;
        if (is_hole(name_of(name))) return empty ? fail(errc::attachment_base64, "empty") : begin_hole();
        if (empty) path.pop_back();
        return {};
    }

    Result<> begin_hole() {
        if (holes.size() >= limits.hole_count_max) return fail(errc::xml_too_many, "attachments");
        Hole hole;
        hole.offset = skeleton.size();
        holes.push_back(hole);
        hole_begin = place.position();
        hole_filled = false;
        state = State::hole;
        return told(sink.begin(holes.size() - 1));
    }

    // What the sink said, with the place where its text begins: it says no other.
    Result<> told(const Result<>& answer) {
        if (answer) return {};
        return fail(answer.error().code, answer.error().detail, hole_begin);
    }

    Result<> step_hole(std::string_view& rest) {
        const auto [n, has_white] = base64_run(rest);
        const auto piece = rest.substr(0, n);
        auto& hole = holes.back();
        const auto lines_before = hole.lines;
        hole.pass(piece, !has_white);
        place.pass(n, hole.lines - lines_before, hole.last_line_bytes);
        hole_filled = hole_filled || white_run(piece) < n;
        rest.remove_prefix(n);
        auto passed = told(n > 0 ? sink.text(piece) : Result<>{});
        if (!passed || rest.empty()) return passed;
        if (rest.front() == '\0') return fail(errc::xml_nul, "NUL byte");
        if (rest.front() != '<') return fail(errc::attachment_base64, "not a base64 character");
        if (!hole_filled) return fail(errc::attachment_base64, "empty");
        auto ended = told(sink.end());
        if (!ended) return ended;
        hole_closing = true;
        return begin_token(rest);
    }

    Result<> finish() {
        if (failed) return *failed;
        skeleton.shrink_to_fit();
        if (!root_seen) return fail(errc::xml_malformed, "no root element");
        if (state != State::text || !path.empty()) return fail(errc::xml_malformed, "ends early");
        return {};
    }
};

void Hole::pass(std::string_view piece, bool one_line) {
    bytes += piece.size();
    if (one_line) {
        last_line_bytes += piece.size();
        return;
    }
    has_cr = has_cr || piece.find('\r') != std::string_view::npos;
    for (auto feed = piece.find('\n'); feed != std::string_view::npos; feed = piece.find('\n')) {
        ++lines;
        last_line_bytes = 0;
        piece.remove_prefix(feed + 1);
    }
    last_line_bytes += piece.size();
}

Scanner::Scanner(ScanLimits limits, HoleSink& sink, Framing framing)
    : impl_{std::make_unique<Impl>(limits, sink)} {
    impl_->framing_known = framing == Framing::xml;
}
Scanner::~Scanner() = default;
Scanner::Scanner(Scanner&&) noexcept = default;

// Whether it is MIME shows in the first bytes.
Result<> Scanner::feed(std::string_view bytes) {
    if (impl_->failed) return *impl_->failed;
    if (impl_->mime) return impl_->mime->feed(bytes);
    if (impl_->framing_known) return feed_xml(bytes);
    const auto first = bytes.substr(0, framing_bytes);
    impl_->head += first;
    const auto mime = looks_like_mime(impl_->head);
    if (!mime) return {};
    impl_->framing_known = true;
    if (*mime) impl_->mime = std::make_unique<MimeScanner>(impl_->limits, impl_->sink);
    auto fed = feed(std::exchange(impl_->head, {}));
    return fed ? feed(bytes.substr(first.size())) : fed;
}

Result<> Scanner::feed_xml(std::string_view bytes) {
    const auto room = impl_->limits.envelope_bytes_max - impl_->place.bytes();
    auto rest = bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), room)));
    const bool over = rest.size() < bytes.size();
    while (!rest.empty()) {
        auto stepped = impl_->step(rest);
        if (!stepped) return stepped.error();
    }
    if (over) return impl_->fail(errc::xml_too_large, "over its limit");
    return {};
}

Result<> Scanner::finish() {
    if (impl_->mime) return impl_->mime->finish();
    if (!impl_->framing_known) {
        impl_->framing_known = true;
        auto fed = feed_xml(std::exchange(impl_->head, {}));
        if (!fed) return fed;
    }
    return impl_->finish();
}

const std::string& Scanner::skeleton() const {
    return impl_->mime ? impl_->mime->skeleton() : impl_->skeleton;
}
std::string Scanner::take_skeleton() {
    return impl_->mime ? impl_->mime->take_skeleton() : std::move(impl_->skeleton);
}
const std::vector<Hole>& Scanner::holes() const {
    return impl_->mime ? impl_->mime->holes() : impl_->holes;
}
const Hole& Scanner::dropped() const {
    return impl_->mime ? impl_->mime->dropped() : impl_->dropped;
}
const std::vector<Observation>& Scanner::observations() const {
    return impl_->mime ? impl_->mime->observations() : impl_->observations;
}
Position Scanner::position() const {
    return impl_->mime ? impl_->mime->position() : impl_->place.position();
}

}  // namespace axis::envelope
