// scanner: the same verdict with the same place, skeleton and texts however the bytes are cut. What is
// accepted keeps the limits, is the input again when spliced, and holds nothing for libxml2 but elements,
// texts and comments, whose tags are counted as libxml2 counts them.
#include "gateway/envelope/scanner.hpp"

#include "gateway/base/text.hpp"
#include "gateway/envelope/mime.hpp"
#include "gateway/envelope/tags.hpp"
#include "tests/fuzz/envelopes.hpp"

#include <libxml/parser.h>

using namespace axis;
using namespace axis::envelope;
using namespace axis::fuzz;

namespace {

constexpr ScanLimits small{
    .envelope_bytes_max = 3000,
    .skeleton_bytes_max = 2000,
    .tag_bytes_max = 200,
    .comment_bytes_max = 60,
    .text_bytes_max = 100,
    .depth_max = 8,
    .element_count_max = 40,
    .hole_count_max = 3,
    .attribute_count_max = 5,
    .junk_bytes_max = 8};

// Everything the scanner tells, as far as it promises to.
std::string told(const Scanned& scanned) {
    if (!scanned.result) return said(scanned.result);
    auto text = scanned.skeleton;
    for (const auto& hole : scanned.holes)
        text += "\nhole " + std::to_string(hole.offset) + " " + std::to_string(hole.bytes) + " " +
                std::to_string(hole.has_cr) + " " + std::to_string(hole.lines) + " " +
                std::to_string(hole.last_line_bytes);
    for (const auto& one : scanned.texts) text += "\ntext " + one;
    for (const auto& seen : scanned.observations) text += "\nseen " + seen.code + " " + seen.text;
    return text + "\nat " + std::to_string(scanned.position.line) + ":" +
           std::to_string(scanned.position.column);
}

void check_limits(const Scanned& scanned, std::string_view input, const ScanLimits& limits) {
    require(input.size() <= limits.envelope_bytes_max, "the envelope is within its limit");
    require(scanned.skeleton.size() <= limits.skeleton_bytes_max, "the skeleton is within its limit");
    require(scanned.holes.size() <= limits.hole_count_max, "the holes are within their limit");
    require(is_utf8(scanned.skeleton), "the skeleton is UTF-8");
    require(scanned.skeleton.find('\0') == std::string::npos, "the skeleton has no NUL");
}

void check_texts(const Scanned& scanned) {
    require(scanned.order_kept && scanned.texts.size() == scanned.holes.size(), "a text for each hole");
    constexpr std::string_view allowed =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/= \t\r\n";
    for (std::size_t i = 0; i < scanned.texts.size(); ++i) {
        const auto& text = scanned.texts[i];
        const auto& hole = scanned.holes[i];
        Hole whole;
        whole.pass(text);
        require(text.find_first_not_of(allowed) == std::string::npos, "a text is base64 and white space");
        require(!trimmed(text).empty(), "a text is not empty");
        require(
            hole.bytes == text.size() && hole.has_cr == whole.has_cr && hole.lines == whole.lines &&
                hole.last_line_bytes == whole.last_line_bytes,
            "a hole tells of its text"
        );
        require(
            hole.offset <= scanned.skeleton.size() && (i == 0 || hole.offset >= scanned.holes[i - 1].offset),
            "holes stand in order"
        );
    }
}

// Junk is dropped before the XML: where the input is a MIME message, inside it.
void check_splice(const Scanned& scanned, std::string_view input, const ScanLimits& limits, bool mime) {
    const auto spliced = splice(scanned);
    const auto xml =
        mime ? read_mime(scanned.skeleton, scanned.holes)->xml.data() - scanned.skeleton.data() : 0;
    const auto before = static_cast<std::size_t>(xml);
    require(input.size() >= spliced.size(), "nothing is added");
    require(input.starts_with(std::string_view{spliced}.substr(0, before)), "the frame is the input's");
    require(input.ends_with(std::string_view{spliced}.substr(before)), "skeleton and texts are the input");
    auto dropped = input.substr(before, input.size() - spliced.size());
    require(dropped.size() <= limits.junk_bytes_max + 3, "junk is within its limit");
    require(dropped.find('<') == std::string_view::npos, "markup is not junk");
    std::size_t observations = 0;
    if (dropped.starts_with("\xEF\xBB\xBF")) {
        dropped.remove_prefix(3);
        ++observations;
    }
    if (!trimmed(dropped).empty()) ++observations;
    require(scanned.observations.size() == observations, "what is dropped is observed");
}

struct FreeXml {
    void operator()(xmlDoc* doc) const { xmlFreeDoc(doc); }
    void operator()(xmlParserCtxt* context) const { xmlFreeParserCtxt(context); }
};

std::string view(const xmlChar* text) {
    return text == nullptr ? std::string{} : reinterpret_cast<const char*>(text);
}

// The elements below `node` in document order, `depth` that of `node`.
void elements(
    const xmlNode* node, std::size_t depth, std::size_t depth_max, std::vector<std::string>& names
) {
    require(depth <= depth_max, "libxml2 sees no deeper than the limit");
    for (; node != nullptr; node = node->next) {
        require(
            node->type == XML_ELEMENT_NODE || node->type == XML_TEXT_NODE || node->type == XML_COMMENT_NODE,
            "libxml2 sees elements, texts and comments only"
        );
        if (node->type != XML_ELEMENT_NODE) continue;
        const bool prefixed = node->ns != nullptr && node->ns->prefix != nullptr;
        names.push_back((prefixed ? view(node->ns->prefix) + ":" : "") + view(node->name));
        elements(node->children, depth + 1, depth_max, names);
    }
}

void check_markup(std::string_view xml, const ScanLimits& limits) {
    const std::unique_ptr<xmlParserCtxt, FreeXml> context{xmlNewParserCtxt()};
    const std::unique_ptr<xmlDoc, FreeXml> doc{xmlCtxtReadMemory(
        context.get(),
        xml.data(),
        static_cast<int>(xml.size()),
        nullptr,
        "UTF-8",
        XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING
    )};
    if (!doc || context->wellFormed == 0) return;  // the reader refuses it
    require(doc->intSubset == nullptr && doc->extSubset == nullptr, "libxml2 sees no DTD");
    std::vector<std::string> seen;
    elements(doc->children, 0, limits.depth_max, seen);
    require(seen.size() <= limits.element_count_max, "libxml2 sees no more elements than the limit");
    std::vector<std::string> tags;
    for (auto tag = next_tag(xml, 0); tag; tag = next_tag(xml, tag->end))
        if (!tag->closing) tags.emplace_back(tag->name);
    require(tags == seen, "tags are counted as libxml2 counts elements");
}

void check(std::string_view input, const ScanLimits& limits) {
    const auto cut_alike =
        same_however_cut(input, "a scan says the same however the input is cut", [&](const Cut& cut) {
            return told(scan(cut, limits));
        });
    const auto scanned = scan(Cut{input, input.size()}, limits);
    require(told(scanned) == cut_alike, "a scan repeats itself");
    if (!scanned.result) return;
    const bool mime = looks_like_mime(scanned.skeleton).value_or(false);
    check_limits(scanned, input, limits);
    check_texts(scanned);
    if (mime) {
        const auto message = read_mime(scanned.skeleton, scanned.holes);
        require(message.has_value(), "a scanned MIME message can be taken apart", said(message));
        require(message->files.size() == scanned.holes.size(), "every part but the first is a file");
        check_markup(message->xml, limits);
    } else {
        check_markup(scanned.skeleton, limits);
    }
    check_splice(scanned, input, limits, mime);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    check(text_of(data, size), {});
    check(text_of(data, size), small);
    return 0;
}
