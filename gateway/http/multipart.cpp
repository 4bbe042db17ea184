#include "gateway/http/multipart.hpp"

#include "gateway/base/text.hpp"
#include "gateway/http/field_value.hpp"

#include <algorithm>

namespace axis::http {

namespace {

constexpr std::size_t padding_bytes_max = 64;  // blanks a sender may put after a boundary

bool is_boundary(std::string_view text) {
    const auto allowed = [](char c) {
        const bool word = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        return word || std::string_view{"'()+_,-./:=? "}.find(c) != std::string_view::npos;
    };
    return !text.empty() && text.size() <= 70 && text.back() != ' ' &&
           std::all_of(text.begin(), text.end(), allowed);
}

Error malformed(std::string detail) {
    return {errc::multipart_malformed, std::move(detail)};
}

// The longest end of `text` that a delimiter could begin with.
std::size_t overlap(std::string_view text, std::string_view delimiter) {
    for (auto n = std::min(text.size(), delimiter.size() - 1); n > 0; --n) {
        if (text.substr(text.size() - n) == delimiter.substr(0, n)) return n;
    }
    return 0;
}

Result<> read_disposition(std::string_view text, Part& part) {
    const auto field = FieldValue::parse(text);
    if (!field || field->value != "form-data") return malformed("Content-Disposition is not form-data");
    if (field->count("name") != 1 || field->count("filename") > 1 || field->count("filename*") > 1)
        return malformed("a part needs one name and at most one file name");
    part.name = *field->parameter("name");
    if (const auto extended = field->parameter("filename*")) {
        part.file_name = extended_value(*extended);
        if (!part.file_name) return malformed("filename* is not UTF-8''percent-encoded");
    } else if (const auto plain = field->parameter("filename")) {
        part.file_name = std::string{*plain};
    }
    if (!is_utf8(part.name) || (part.file_name && !is_utf8(*part.file_name)))
        return malformed("a part's name or file name is not UTF-8");
    return {};
}

Result<> read_field(std::string_view line, Part& part, bool& disposed) {
    const auto colon = line.find(':');
    const bool bad =
        colon == 0 || colon == std::string_view::npos || line.find_first_of({"\r\n\0", 3}) != line.npos;
    if (bad || line.substr(0, colon).find_first_of(" \t") != line.npos) return malformed("bad part header");
    const auto name = lower_ascii(line.substr(0, colon));
    const auto value = trimmed(line.substr(colon + 1));
    if (name == "content-disposition") {
        if (std::exchange(disposed, true)) return malformed("two Content-Disposition in one part");
        return read_disposition(value, part);
    }
    if (name == "content-type") part.content_type = lower_ascii(trimmed(value.substr(0, value.find(';'))));
    if (name == "content-transfer-encoding") {
        const auto encoding = lower_ascii(value);
        if (encoding != "binary" && encoding != "8bit" && encoding != "7bit")
            return malformed("a part must be sent as it is, without Content-Transfer-Encoding");
    }
    return {};
}

// `block`: the lines of a part's header, each with its CRLF before it.
Result<Part> read_part(std::string_view block) {
    Part part;
    part.content_type = "text/plain";
    bool disposed = false;
    while (!block.empty()) {
        block.remove_prefix(2);
        const auto end = std::min(block.find("\r\n"), block.size());
        auto read = read_field(block.substr(0, end), part, disposed);
        if (!read) return read.error();
        block.remove_prefix(end);
    }
    if (!disposed) return malformed("a part without Content-Disposition");
    return part;
}

}  // namespace

struct MultipartParser::Impl {
    // preamble and body differ only in who hears of the bytes.
    enum class State { preamble, after_boundary, part_header, body, epilogue };

    Impl(std::string_view boundary, MultipartLimits l, MultipartEvents& e)
        : delimiter{"\r\n--" + std::string{boundary}}, limits{l}, events{e} {}

    Result<> step(std::string_view& in);
    Result<> search(std::string_view& in);
    Result<> found();
    Result<> pass(std::string_view bytes);
    Result<> after_boundary(std::string_view& in);
    Result<> part_header(std::string_view& in);

    std::string delimiter;
    MultipartLimits limits;
    MultipartEvents& events;
    State state = State::preamble;
    std::string carry =
        "\r\n";        // a beginning of the delimiter that may go on; the first needs no CRLF before it
    std::string line;  // what is collected of a boundary's tail or a part's header
    std::size_t part_count = 0;
    Error failed;
};

Result<> MultipartParser::Impl::step(std::string_view& in) {
    switch (state) {
        case State::preamble:
        case State::body:
            return search(in);
        case State::after_boundary:
            return after_boundary(in);
        case State::part_header:
            return part_header(in);
        case State::epilogue:
            in = {};
            return {};
    }
    return {};
}

Result<> MultipartParser::Impl::pass(std::string_view bytes) {
    if (state == State::preamble || bytes.empty()) return {};
    return events.data(bytes);
}

Result<> MultipartParser::Impl::found() {
    const bool was_body = state == State::body;
    state = State::after_boundary;
    line.clear();
    carry.clear();
    if (!was_body) return {};
    return events.end();
}

Result<> MultipartParser::Impl::search(std::string_view& in) {
    // A match that begins in the carry ends within one delimiter's length of the new bytes.
    const auto near = in.substr(0, carry.empty() ? in.size() : std::min(in.size(), delimiter.size()));
    std::string joined;
    if (!carry.empty()) joined = carry + std::string{near};
    const std::string_view text = carry.empty() ? near : std::string_view{joined};

    const auto at = text.find(delimiter);
    if (at != std::string_view::npos) {
        auto passed = pass(text.substr(0, at));
        in.remove_prefix(at + delimiter.size() - carry.size());
        if (!passed) return passed;
        return found();
    }
    if (near.size() < in.size()) {
        const auto held = std::exchange(carry, {});
        return pass(held);
    }
    const auto keep = overlap(text, delimiter);
    auto passed = pass(text.substr(0, text.size() - keep));
    std::string kept{text.substr(text.size() - keep)};
    carry = std::move(kept);
    in = {};
    return passed;
}

// After a boundary: "--" ends everything, blanks and CRLF begin a part.
Result<> MultipartParser::Impl::after_boundary(std::string_view& in) {
    line += in.front();
    in.remove_prefix(1);
    if (line == "--") {
        state = State::epilogue;
        return {};
    }
    if (line.size() > padding_bytes_max) return malformed("no line end after a boundary");
    if (line.size() >= 2 && line.substr(line.size() - 2) == "\r\n") {
        if (++part_count > limits.part_count_max) return Error{errc::multipart_too_many};
        state = State::part_header;
        line = "\r\n";
        return {};
    }
    const bool blank = line.find_first_not_of(" \t") >= line.size() - 1;
    const bool allowed =
        line == "-" || (blank && std::string_view{" \t\r"}.find(line.back()) != std::string_view::npos);
    if (!allowed) return malformed("something follows a boundary");
    return {};
}

Result<> MultipartParser::Impl::part_header(std::string_view& in) {
    const auto room = limits.part_header_bytes_max + 4 - line.size();
    const auto before = line.size();
    line += in.substr(0, room);
    const auto end = line.find("\r\n\r\n", before < 3 ? 0 : before - 3);
    if (end == std::string::npos) {
        in.remove_prefix(line.size() - before);
        if (line.size() >= limits.part_header_bytes_max + 4) return malformed("a part's header is too large");
        return {};
    }
    in.remove_prefix(end + 4 - before);
    auto part = read_part(std::string_view{line}.substr(0, end));
    if (!part) return part.error();
    state = State::body;
    return events.begin(*part);
}

Result<MultipartParser> MultipartParser::open(
    std::string_view content_type, MultipartLimits limits, MultipartEvents& events
) {
    const auto field = FieldValue::parse(content_type);
    if (!field || field->value != "multipart/form-data")
        return Error{errc::http_media_type, "Content-Type is not multipart/form-data"};
    const auto boundary = field->parameter("boundary");
    if (!boundary || field->count("boundary") != 1 || !is_boundary(*boundary))
        return Error{errc::http_media_type, "multipart/form-data without a usable boundary"};
    return MultipartParser{std::make_unique<Impl>(*boundary, limits, events)};
}

MultipartParser::MultipartParser(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
MultipartParser::MultipartParser(MultipartParser&&) noexcept = default;
MultipartParser& MultipartParser::operator=(MultipartParser&&) noexcept = default;
MultipartParser::~MultipartParser() = default;

Result<> MultipartParser::feed(std::string_view bytes) {
    if (impl_->failed.code != errc::none) return impl_->failed;
    while (!bytes.empty()) {
        auto stepped = impl_->step(bytes);
        if (stepped) continue;
        impl_->failed = stepped.error();
        return impl_->failed;
    }
    return {};
}

Result<> MultipartParser::finish() {
    if (impl_->failed.code != errc::none) return impl_->failed;
    if (impl_->state != Impl::State::epilogue) return malformed("the body ends before the final boundary");
    return {};
}

}  // namespace axis::http
