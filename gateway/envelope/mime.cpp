#include "gateway/envelope/mime.hpp"

#include "gateway/base/text.hpp"
#include "gateway/envelope/bytes.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace axis::envelope {

namespace {

constexpr std::size_t boundary_bytes_max = 70;  // RFC 2046 §5.1.1

std::string_view without_line_end(std::string_view line) {
    while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

// The value of a header field, folded lines joined; "" when it is not there.
std::string field(std::string_view header, std::string_view name) {
    std::string value;
    bool inside = false;
    while (!header.empty()) {
        const auto end = std::min(header.find('\n'), header.size() - 1) + 1;
        const auto line = without_line_end(header.substr(0, end));
        header.remove_prefix(end);
        const bool folded = line.starts_with(' ') || line.starts_with('\t');
        if (inside && folded) value.append(" ").append(trimmed(line));
        if (folded) continue;
        const auto colon = line.find(':');
        inside = colon != std::string_view::npos && equal_ignoring_case(trimmed(line.substr(0, colon)), name);
        if (inside && value.empty()) value = trimmed(line.substr(colon + 1));
    }
    return value;
}

// The value of `; name=value` or `; name="value"`.
std::string parameter(std::string_view value, std::string_view name) {
    for (auto at = value.find(';'); at != std::string_view::npos; at = value.find(';', at + 1)) {
        const auto rest = trimmed(value.substr(at + 1));
        const auto equals = rest.find('=');
        if (equals == std::string_view::npos) continue;
        if (!equal_ignoring_case(trimmed(rest.substr(0, equals)), name)) continue;
        const auto text = trimmed(rest.substr(equals + 1));
        if (text.starts_with('"')) return std::string{text.substr(1, text.find('"', 1) - 1)};
        return std::string{trimmed(text.substr(0, text.find(';')))};
    }
    return {};
}

std::string without_angles(std::string id) {
    if (id.starts_with('<') && id.ends_with('>') && id.size() > 1) return id.substr(1, id.size() - 2);
    return id;
}

bool is_base64(std::string_view header) {
    return equal_ignoring_case(field(header, "Content-Transfer-Encoding"), "base64");
}

bool is_plain(std::string_view header) {
    const auto encoding = lower_ascii(field(header, "Content-Transfer-Encoding"));
    return encoding.empty() || encoding == "7bit" || encoding == "8bit" || encoding == "binary";
}

std::string boundary_of(std::string_view header) {
    const auto type = field(header, "Content-Type");
    if (!lower_ascii(type).starts_with("multipart/related")) return {};
    return parameter(type, "boundary");
}

// In the XML part nothing may be diverted: its files are the other parts.
class NoHoles final : public HoleSink {
public:
    Result<> begin(std::size_t) override {
        return Error{errc::envelope_structure, "a file inside the XML part"};
    }
    Result<> text(std::string_view) override { return {}; }
    Result<> end() override { return {}; }
};

}  // namespace

std::optional<bool> looks_like_mime(std::string_view head) {
    constexpr std::array<std::string_view, 2> beginnings{"content-type:", "mime-version:"};
    const auto text = lower_ascii(head.substr(0, beginnings[0].size()));
    bool open = false;
    for (const auto beginning : beginnings) {
        if (text.starts_with(beginning)) return true;
        open = open || beginning.starts_with(text);
    }
    return open ? std::nullopt : std::optional{false};
}

struct MimeScanner::Impl {
    enum class State { header, preamble, part_header, xml, base64, done };

    ScanLimits limits;
    HoleSink& sink;
    NoHoles no_holes;
    std::unique_ptr<Scanner> xml;  // while it passes
    bool xml_seen = false;
    std::vector<Observation> observations;  // of the XML
    State state = State::header;
    std::optional<Error> failed;
    std::string skeleton;
    std::vector<Hole> holes;
    Hole dropped;
    Place place;
    MarkupCheck check;
    std::string delimiter;        // "--boundary"
    std::string line;             // the beginning of a body's line, while it may be a delimiter
    std::size_t section = 0;      // where the current header begins in the skeleton
    std::size_t header_line = 0;  // where its current line does
    std::uint64_t xml_line = 0;   // of the message, where the XML begins
    std::uint64_t fed = 0;
    Position hole_begin;  // of the message
    bool line_start = true;
    bool filled = false;

    Impl(ScanLimits l, HoleSink& s) : limits{l}, sink{s} {}

    Error fail(errc code, std::string_view why) { return fail(code, why, place.position()); }
    Error fail(errc code, std::string_view why, Position at) {
        failed = Error{
            code, std::to_string(at.line) + ":" + std::to_string(at.column) + " MIME: " + std::string{why}};
        return *failed;
    }

    // Moves bytes that are not of a body into the skeleton, up to the first that may not stand there.
    Result<> keep(std::string_view bytes) {
        const auto room = std::min(bytes.size(), limits.skeleton_bytes_max - skeleton.size());
        errc fault = errc::none;
        const auto good = bytes.substr(0, check.pass(bytes.substr(0, room), fault));
        skeleton += good;
        place.pass(good);
        if (fault != errc::none) return fail(fault, "byte not allowed");
        if (room < bytes.size()) return fail(errc::xml_too_large, "over its limit");
        return {};
    }

    Result<> step(std::string_view& rest) {
        switch (state) {
            case State::header:
            case State::part_header:
                return step_header(rest);
            case State::preamble:
            case State::xml:
            case State::base64:
                return step_body(rest);
            case State::done:
                return step_epilogue(rest);
        }
        return {};
    }

    // Up to the end of a line or of what there is.
    std::string_view take_line(std::string_view& rest) const {
        const auto end = rest.find('\n');
        const auto n = end == std::string_view::npos ? rest.size() : end + 1;
        const auto piece = rest.substr(0, n);
        rest.remove_prefix(n);
        return piece;
    }

    Result<> step_header(std::string_view& rest) {
        const auto piece = take_line(rest);
        const auto room = std::min(piece.size(), mime_header_bytes_max - (skeleton.size() - section));
        auto kept = keep(piece.substr(0, room));
        if (!kept) return kept;
        if (room < piece.size()) return fail(errc::xml_tag_too_long, "a header over its limit");
        if (!piece.ends_with('\n')) return {};
        const auto whole = std::string_view{skeleton}.substr(std::exchange(header_line, skeleton.size()));
        if (state == State::part_header && whole.starts_with(delimiter))
            return fail(errc::xml_malformed, "a delimiter inside a header", {place.position().line - 1, 1});
        if (!without_line_end(whole).empty()) return {};
        const auto header = std::string_view{skeleton}.substr(section);
        return state == State::header ? end_header(header) : begin_part(header);
    }

    Result<> end_header(std::string_view header) {
        const auto boundary = boundary_of(header);
        if (boundary.empty() || boundary.size() > boundary_bytes_max)
            return fail(errc::envelope_unknown, "not multipart/related with a boundary");
        delimiter = "--" + boundary;
        state = State::preamble;
        line_start = true;
        return {};
    }

    Result<> begin_part(std::string_view header) {
        line_start = true;
        if (!xml_seen) {
            if (!is_plain(header)) return fail(errc::envelope_unknown, "an encoded XML part");
            xml = std::make_unique<Scanner>(limits, no_holes, Scanner::Framing::xml);
            xml_line = place.position().line;
            xml_seen = true;
            state = State::xml;
            return {};
        }
        if (!is_base64(header)) return fail(errc::attachment_base64, "a part that is not base64");
        if (holes.size() >= limits.hole_count_max) return fail(errc::xml_too_many, "attachments");
        state = State::base64;
        filled = false;
        Hole hole;
        hole.offset = skeleton.size();
        holes.push_back(hole);
        hole_begin = place.position();
        return told(sink.begin(holes.size() - 1));
    }

    // What the sink said, with the place where its text begins.
    Result<> told(const Result<>& answer) {
        if (answer) return {};
        return fail(answer.error().code, answer.error().detail, hole_begin);
    }

    // A body, line by line; only the beginning of a line that may be the delimiter is held back.
    Result<> step_body(std::string_view& rest) {
        if (!line_start) {
            const auto piece = take_line(rest);
            line_start = piece.ends_with('\n');
            return body(piece);
        }
        const auto piece = take_line(rest);
        line += piece;
        const auto common = std::min(line.size(), delimiter.size());
        if (line.compare(0, common, delimiter, 0, common) != 0) {
            line_start = line.ends_with('\n');
            return body(std::exchange(line, {}));
        }
        if (line.size() > delimiter.size() + mime_header_bytes_max)
            return fail(errc::xml_malformed, "a delimiter line over its limit");
        if (!line.ends_with('\n')) return {};
        return end_body(std::exchange(line, {}));
    }

    Result<> body(std::string_view piece) {
        if (state == State::preamble) return keep(piece);
        if (state == State::xml) {
            place.pass(piece);
            return xml_fed(xml->feed(piece));
        }
        const auto n = base64_run(piece).bytes;
        place.pass(piece.substr(0, n));
        holes.back().pass(piece.substr(0, n));
        filled = filled || white_run(piece) < n;
        auto passed = told(n > 0 ? sink.text(piece.substr(0, n)) : Result<>{});
        if (passed && n < piece.size()) return fail(errc::attachment_base64, "not a base64 character");
        return passed;
    }

    // What the scanner of the XML said, with the place in the message.
    Result<> xml_fed(const Result<>& result) {
        if (result) return {};
        const auto& [code, detail, faults] = result.error();
        const auto at = xml->position();
        failed = Error{
            code,
            std::to_string(xml_line + at.line - 1) + ":" + std::to_string(at.column) +
                detail.substr(detail.find(' '))};
        return *failed;
    }

    Result<> end_body(const std::string& delimiter_line) {
        const auto tail = trimmed(std::string_view{delimiter_line}.substr(delimiter.size()));
        if (!tail.empty() && tail != "--") return fail(errc::xml_malformed, "a damaged delimiter line");
        if (state == State::xml) {
            auto ended = xml_fed(xml->finish());
            if (!ended) return ended;
            dropped = xml->dropped();
            dropped.offset = skeleton.size();
            if (xml->skeleton().size() > limits.skeleton_bytes_max - skeleton.size())
                return fail(errc::xml_too_large, "over its limit");
            skeleton += xml->skeleton();
            observations = xml->observations();
            xml.reset();
        }
        if (state == State::base64) {
            if (!filled) return fail(errc::attachment_base64, "empty");
            auto ended = told(sink.end());
            if (!ended) return ended;
        }
        auto kept = keep(delimiter_line);
        section = skeleton.size();
        header_line = section;
        state = tail == "--" ? State::done : State::part_header;
        return kept;
    }

    Result<> step_epilogue(std::string_view& rest) { return keep(std::exchange(rest, {})); }

    // The last line may lack its end.
    Result<> finish() {
        if (failed) return *failed;
        if (state != State::done && line_start && line.starts_with(delimiter)) {
            auto ended = end_body(std::exchange(line, {}));
            if (!ended) return ended;
        }
        if (state != State::done || !xml_seen) return fail(errc::xml_malformed, "ends early");
        if (!check.complete()) return fail(errc::xml_not_utf8, "ends inside a character");
        skeleton.shrink_to_fit();
        return {};
    }
};

MimeScanner::MimeScanner(ScanLimits limits, HoleSink& sink) : impl_{std::make_unique<Impl>(limits, sink)} {}
MimeScanner::~MimeScanner() = default;

Result<> MimeScanner::feed(std::string_view bytes) {
    if (impl_->failed) return *impl_->failed;
    const auto room = std::min<std::uint64_t>(bytes.size(), impl_->limits.envelope_bytes_max - impl_->fed);
    const bool over = room < bytes.size();
    bytes = bytes.substr(0, static_cast<std::size_t>(room));
    impl_->fed += room;
    while (!bytes.empty()) {
        auto stepped = impl_->step(bytes);
        if (!stepped) return stepped;
    }
    if (over) return impl_->fail(errc::xml_too_large, "over its limit");
    return {};
}

Result<> MimeScanner::finish() {
    return impl_->finish();
}
const std::string& MimeScanner::skeleton() const {
    return impl_->skeleton;
}
std::string MimeScanner::take_skeleton() {
    return std::move(impl_->skeleton);
}
const std::vector<Hole>& MimeScanner::holes() const {
    return impl_->holes;
}
const Hole& MimeScanner::dropped() const {
    return impl_->dropped;
}
const std::vector<Observation>& MimeScanner::observations() const {
    return impl_->observations;
}
Position MimeScanner::position() const {
    return impl_->place.position();
}

Result<MimeMessage> read_mime(std::string_view skeleton, const std::vector<Hole>& holes) {
    // The same walk over a text that has no bodies but the XML one.
    const auto header_end = [](std::string_view text) {
        std::size_t at = 0;
        while (at < text.size()) {
            const auto end = std::min(text.find('\n', at), text.size() - 1) + 1;
            const bool blank = without_line_end(text.substr(at, end - at)).empty();
            at = end;
            if (blank) break;
        }
        return at;
    };
    const auto delimiter = "\n--" + boundary_of(skeleton.substr(0, header_end(skeleton)));
    MimeMessage message;
    auto at = skeleton.find(delimiter, header_end(skeleton) - 1);
    if (at == std::string_view::npos) return Error{errc::xml_malformed, "MIME: no part"};
    at = skeleton.find('\n', at + 1) + 1;
    at += header_end(skeleton.substr(at));
    const auto until = holes.empty() ? skeleton.size() : holes.front().offset;
    const auto end = skeleton.substr(0, until).find(delimiter, at);
    message.xml = skeleton.substr(at, std::min(end, skeleton.size()) - at);
    for (const auto& hole : holes) {
        const auto before = skeleton.substr(0, hole.offset);
        const auto line = before.rfind(delimiter);
        const auto header = before.substr(before.find('\n', line + 1) + 1);
        const auto type = field(header, "Content-Type");
        auto name = parameter(field(header, "Content-Disposition"), "filename");
        if (name.empty()) name = parameter(type, "name");
        message.files.push_back(
            {without_angles(field(header, "Content-ID")), type.substr(0, type.find(';')), std::move(name)}
        );
    }
    return message;
}

}  // namespace axis::envelope
