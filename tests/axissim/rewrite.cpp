#include "tests/axissim/rewrite.hpp"

#include "gateway/base/base64.hpp"
#include "tests/axissim/facts.hpp"
#include "tests/axissim/xml.hpp"
#include "tests/axissim/zip.hpp"

#include <algorithm>
#include <fstream>
#include <functional>
#include <map>
#include <vector>

namespace axis::sim {

namespace {

const xmlChar* x(const char* text) {
    return reinterpret_cast<const xmlChar*>(text);
}

// The order of the standard's own samples; the SDK writes another one (edxml-standard.md §1.2).
void reorder_message_header(xmlNode* message) {
    static constexpr const char* order[]{
        "From",
        "To",
        "Code",
        "PromulgationInfo",
        "DocumentType",
        "Subject",
        "Content",
        "SignerInfo",
        "DueDate",
        "ToPlaces",
        "OtherInfo",
        "ResponseFor",
        "SteeringType",
        "DocumentId"};
    for (const auto* name : order)
        for (auto* node : children(message, name)) {
            xmlUnlinkNode(node);
            xmlAddChild(message, node);
        }
}

void append_trace(xmlNode* list, const char* organ, Time now) {
    auto* trace = xmlNewChild(list, list->ns, x("TraceHeader"), nullptr);
    if (organ != nullptr) xmlNewTextChild(trace, list->ns, x("OrganId"), x(organ));
    xmlNewTextChild(trace, list->ns, x("Timestamp"), x(to_envelope_text(now).c_str()));
}

void disturb(xmlNode* root, Time now) {
    auto* header = child(child(root, "edXMLEnvelope"), "edXMLHeader");
    if (auto* message = child(header, "MessageHeader")) reorder_message_header(message);
    if (auto* list = child(header, "TraceHeaderList")) {
        append_trace(list, nullptr, now);
        append_trace(list, "00.W00", now);
    }
}

// As toolkits write it that bind every namespace to a prefix of their own.
void rename_prefix(xmlNode* element, xmlNs* to) {
    if (element->ns != nullptr && xmlStrEqual(element->ns->href, to->href) == 1) element->ns = to;
    for (auto* node = element->children; node != nullptr; node = node->next)
        if (node->type == XML_ELEMENT_NODE) rename_prefix(node, to);
}

// Where the last of them stands, they stand the other way round.
void reverse(const std::vector<xmlNode*>& siblings) {
    for (std::size_t i = siblings.size(); i-- > 1;) {
        xmlUnlinkNode(siblings[i - 1]);
        xmlAddNextSibling(siblings[i], siblings[i - 1]);
    }
}

void reshape_tree(xmlNode* root) {
    auto* envelope = child(root, "edXMLEnvelope");
    reverse(children(child(child(envelope, "edXMLHeader"), "MessageHeader"), "To"));
    reverse(children(child(child(envelope, "edXMLBody"), "edXMLManifest"), "Reference"));
    reverse(children(child(root, "AttachmentEncoded"), "Attachment"));
    if (root->ns != nullptr) rename_prefix(root, xmlNewNs(root, root->ns->href, x("ns2")));
}

// Hole mark -> name of the ZIP entry to put around it. What already is a ZIP stays as it is.
using Wraps = std::map<std::string, std::string>;

Wraps announce_zip(xmlNode* root, Random& random) {
    Wraps wraps;
    for (auto* attachment : children(child(root, "AttachmentEncoded"), "Attachment")) {
        auto* type = child(attachment, "ContentType");
        if (type == nullptr || text_of(type) == "application/zip") continue;
        xmlNodeSetContent(type, x("application/zip"));
        const auto name = text_of(child(attachment, "AttachmentName"));
        const auto dot = name.rfind('.');
        wraps[text_of(child(attachment, "ContentTransferEncoded"))] =
            random.uuid() + (dot == std::string::npos ? ".unk" : name.substr(dot));
    }
    return wraps;
}

std::string serialise(xmlDoc* doc, bool pretty) {
    xmlChar* raw = nullptr;
    int size = 0;
    xmlDocDumpFormatMemoryEnc(doc, &raw, &size, "UTF-8", pretty ? 1 : 0);
    std::string text{reinterpret_cast<const char*>(raw), static_cast<std::size_t>(size)};
    xmlFree(raw);
    if (!pretty) return text;
    std::string crlf;
    for (const char c : text) {
        if (c == '\n') crlf += '\r';
        crlf += c;
    }
    return crlf;
}

// Hands out the text of one hole piece by piece.
Result<> each_piece(
    std::ifstream& in, const Hole& hole, const std::function<Result<>(std::string_view)>& use
) {
    in.clear();
    in.seekg(static_cast<std::streamoff>(hole.offset));
    std::string text(64 * 1024, '\0');
    for (auto left = hole.length; left > 0;) {
        const auto want = static_cast<std::streamsize>(std::min<std::uint64_t>(left, text.size()));
        if (!in.read(text.data(), want)) return Error{errc::io_failed, "stored document"};
        left -= static_cast<std::uint64_t>(want);
        auto used = use(std::string_view{text}.substr(0, static_cast<std::size_t>(want)));
        if (!used) return used.error();
    }
    return {};
}

Result<> copy_hole(std::ifstream& in, const Hole& hole, std::ofstream& out) {
    return each_piece(in, hole, [&out](std::string_view text) -> Result<> {
        out << text;
        return {};
    });
}

// base64 -> ZIP -> base64
Result<> zip_hole(std::ifstream& in, const Hole& hole, const std::string& entry_name, std::ofstream& out) {
    Base64Decoder decoder;
    Base64Encoder encoder;
    ZipWriter zip{entry_name};
    std::string plain;
    std::string packed;
    std::string encoded;
    const auto pass_on = [&] {
        zip.update(plain, packed);
        encoder.update(packed, encoded);
        out << encoded;
        plain.clear();
        packed.clear();
        encoded.clear();
    };
    auto copied = each_piece(in, hole, [&](std::string_view text) -> Result<> {
        if (!decoder.update(text, plain)) return Error{errc::attachment_base64, {}};
        pass_on();
        return {};
    });
    if (!copied) return copied.error();
    if (!decoder.finish(plain)) return Error{errc::attachment_base64, {}};
    pass_on();
    zip.finish(packed);
    encoder.update(packed, encoded);
    encoder.finish(encoded);
    out << encoded;
    return {};
}

// Where each hole's mark stands now, and whose it is.
Result<std::map<std::size_t, std::size_t>> places_of_holes(const std::string& markup, std::size_t count) {
    std::map<std::size_t, std::size_t> out;
    for (std::size_t i = 0; i < count; ++i) {
        const auto at = markup.find(">" + hole_mark(i) + "<");
        if (at == std::string::npos) return Error{errc::internal, "a hole was lost"};
        out.emplace(at + 1, i);
    }
    return out;
}

}  // namespace

Result<> rewrite(
    const std::filesystem::path& from,
    const std::filesystem::path& to,
    Rewriting how,
    Random& random,
    Time now
) {
    auto skeleton = read_skeleton(from);
    if (!skeleton) return skeleton.error();
    auto doc = parse_xml(skeleton->xml, !how.reserialise);
    if (!doc) return doc.error();
    auto* root = xmlDocGetRootElement(doc->get());
    if (how.reserialise) disturb(root, now);
    if (how.reshape) reshape_tree(root);
    const auto wraps = how.zip_wrap ? announce_zip(root, random) : Wraps{};
    const auto markup = serialise(doc->get(), how.reserialise);

    const auto places = places_of_holes(markup, skeleton->holes.size());
    if (!places) return places.error();

    std::ifstream in{from, std::ios::binary};
    std::ofstream out{to, std::ios::binary};
    std::size_t done = 0;
    for (const auto& [at, i] : *places) {
        out << std::string_view{markup}.substr(done, at - done);
        const auto wrap = wraps.find(hole_mark(i));
        const auto& hole = skeleton->holes[i];
        auto copied = wrap == wraps.end() ? copy_hole(in, hole, out) : zip_hole(in, hole, wrap->second, out);
        if (!copied) return copied.error();
        done = at + hole_mark(i).size();
    }
    out << std::string_view{markup}.substr(done);
    out.flush();
    return out ? Result<>{} : Result<>{Error{errc::io_failed, to.string()}};
}

}  // namespace axis::sim
