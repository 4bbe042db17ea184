#include "tests/axissim/skeleton.hpp"

#include <algorithm>

namespace axis::sim {

namespace {

constexpr std::size_t markup_bytes_max = 256 * 1024;
constexpr std::size_t skeleton_bytes_max = 4 * 1024 * 1024;

// "<edXML:ContentTransferEncoded …>": an opening tag, whatever its prefix.
bool opens_attachment_text(std::string_view tag) {
    if (tag.ends_with("/>") || tag.starts_with("</")) return false;
    tag.remove_prefix(1);
    auto name = tag.substr(0, tag.find_first_of(" \t\r\n>"));
    const auto colon = name.find(':');
    if (colon != std::string_view::npos) name.remove_prefix(colon + 1);
    return name == "ContentTransferEncoded";
}

}  // namespace

std::string hole_mark(std::size_t index) {
    return "hole:" + std::to_string(index);
}

Result<> SkeletonScanner::feed(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto before = bytes.size();
        if (state_ == State::hole) {
            feed_hole(bytes);
        } else if (state_ == State::text) {
            feed_text(bytes);
        } else {
            auto fed = feed_markup(bytes);
            if (!fed) return fed.error();
        }
        position_ += before - bytes.size();
        if (skeleton_.xml.size() > skeleton_bytes_max) return Error{errc::xml_too_large, "markup"};
    }
    return {};
}

void SkeletonScanner::feed_text(std::string_view& bytes) {
    const auto end = std::min(bytes.find('<'), bytes.size());
    skeleton_.xml.append(bytes.substr(0, end));
    bytes.remove_prefix(end);
    if (!bytes.empty()) state_ = State::markup;
}

void SkeletonScanner::feed_hole(std::string_view& bytes) {
    auto& hole = skeleton_.holes.back();
    const auto end = std::min(bytes.find('<'), bytes.size());
    hole.length += end;
    bytes.remove_prefix(end);
    if (!bytes.empty()) state_ = State::markup;
}

Result<> SkeletonScanner::feed_markup(std::string_view& bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        markup_ += bytes[i];
        if (markup_.size() == 3 && markup_.starts_with("<!") && markup_[2] != '-' && markup_[2] != '[')
            return Error{errc::xml_doctype, {}};
        if (markup_.size() > markup_bytes_max) return Error{errc::xml_tag_too_long, {}};
        if (!markup_complete(bytes[i])) continue;
        bytes.remove_prefix(i + 1);
        end_markup();
        if (state_ == State::hole) skeleton_.holes.back().offset += i + 1;
        return {};
    }
    bytes = {};
    return {};
}

bool SkeletonScanner::markup_complete(char c) {
    const std::string_view markup{markup_};
    if (markup.starts_with("<!--")) return markup.size() >= 7 && markup.ends_with("-->");
    if (markup.starts_with("<![")) return markup.ends_with("]]>");
    if (markup.starts_with("<?")) return markup.ends_with("?>");
    if (markup.starts_with("<!")) return false;
    if (quote_ != 0) {
        if (c == quote_) quote_ = 0;
        return false;
    }
    if (c == '"' || c == '\'') quote_ = c;
    return c == '>';
}

void SkeletonScanner::end_markup() {
    skeleton_.xml += markup_;
    state_ = State::text;
    if (opens_attachment_text(markup_)) {
        state_ = State::hole;
        skeleton_.xml += hole_mark(skeleton_.holes.size());
        skeleton_.holes.push_back({position_, 0});
    }
    markup_.clear();
}

Result<Skeleton> SkeletonScanner::finish() {
    if (state_ != State::text) return Error{errc::xml_malformed, "the file ends inside markup"};
    return std::move(skeleton_);
}

}  // namespace axis::sim
