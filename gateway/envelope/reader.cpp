#include "gateway/envelope/reader.hpp"

#include "gateway/base/digest.hpp"
#include "gateway/base/text.hpp"
#include "gateway/envelope/attachment.hpp"
#include "gateway/envelope/bytes.hpp"
#include "gateway/envelope/deviations.hpp"
#include "gateway/envelope/fields.hpp"
#include "gateway/envelope/mime.hpp"
#include "gateway/envelope/parts.hpp"
#include "gateway/envelope/tags.hpp"
#include "gateway/envelope/xml.hpp"
#include "gateway/model/file_name.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace axis::envelope {

namespace {

// What stands for the diverted texts while libxml2 looks: 128 random bits and the hole's ordinal.
class Tokens {
public:
    explicit Tokens(Random& random) {
        std::array<std::uint8_t, 16> bytes{};
        random.fill(bytes);
        prefix_ = to_hex(bytes) + "-";
    }

    // The document in pieces, to be used before this and the skeleton go.
    std::vector<std::string_view> between(std::string_view skeleton, const std::vector<Hole>& holes) {
        std::vector<std::string_view> pieces;
        std::size_t done = 0;
        written_.reserve(holes.size());  // the pieces point at them
        for (const auto& hole : holes) {
            pieces.push_back(skeleton.substr(done, hole.offset - done));
            pieces.push_back(written_.emplace_back(prefix_ + std::to_string(written_.size())));
            done = hole.offset;
        }
        pieces.push_back(skeleton.substr(done));
        return pieces;
    }

    std::optional<std::size_t> ordinal(std::string_view text) const {
        if (!text.starts_with(prefix_)) return std::nullopt;
        text.remove_prefix(prefix_.size());
        std::size_t n = 0;
        const auto end = text.data() + text.size();
        const auto [at, error] = std::from_chars(text.data(), end, n);
        return error == std::errc{} && at == end ? std::optional{n} : std::nullopt;
    }

private:
    std::string prefix_;
    std::vector<std::string> written_;
};

// A value that is no element's, read like one.
std::string said(std::string_view text) {
    text = trimmed(text);
    return std::string{text == "null" ? std::string_view{} : text};
}

std::string without_cid(std::string_view id) {
    constexpr std::string_view scheme = "cid:";
    return std::string{trimmed(id.starts_with(scheme) ? id.substr(scheme.size()) : id)};
}

// One entry of the manifest.
struct Reference {
    Node element;
    std::string content_id;
    std::string name;
    std::string content_type;
    std::string description;
};

struct Found {
    model::Attachment attachment;
    Node element;
    std::size_t hole = 0;
    bool claimed = false;  // by an entry of the manifest
};

// What stands in real mail and says nothing (edxml-standard.md §1.1, §1.8): asked for, so that it is not
// unknown.
void pass_over(const Node& root, const Parts& parts, Findings& findings) {
    for (const auto& child : root.children())
        for (const auto name : {"Boundary", "ContentId", "ContentType"}) {
            if (!child.is(name)) continue;
            child.pass_over();
            findings.observe_once("envelope.leftover", std::string{name} + " below the root, ignored");
        }
    for (const auto& child : parts.header.children()) {
        const auto name = child.local_name();
        if (name == "Signature" || name == "DigitalSignature") child.pass_over();
        if (!child.is("ErrorList")) continue;
        child.pass_over();
        for (const auto& error : child.all("Error"))
            child.observe(
                "envelope.error_list",
                error.value("ErrCode") + " " + std::string{shown(error.value("ErrDescription"))}
            );
    }
}

Found attachment_of(const Node& element, const Tokens& tokens) {
    Found found;
    found.element = element;
    auto& attachment = found.attachment;
    attachment.content_id = without_cid(element.word("ContentId"));
    attachment.name = element.word("AttachmentName");
    if (attachment.name.empty() && element.child("AttachmentName"))
        element.refuse(errc::file_name_invalid, "AttachmentName is empty");
    attachment.description = element.value("Description");
    attachment.content_type = element.word("ContentType");
    attachment.field_name = element.value("FieldName");
    attachment.mime_type = element.value("MimeType");
    attachment.format = element.value("Format");
    const auto ordinal = tokens.ordinal(element.value("ContentTransferEncoded"));
    if (!ordinal) element.refuse(errc::attachment_base64, "ContentTransferEncoded is missing");
    found.hole = ordinal.value_or(0);
    return found;
}

Reference reference_of(const Node& element) {
    auto id = without_cid(element.word("ContentId"));
    if (id.empty()) id = without_cid(element.attribute("href"));
    return {
        element,
        std::move(id),
        element.word("AttachmentName"),
        element.word("ContentType"),
        element.value("Description")};
}

// By id, else by name, else by position: ids are neither always there nor always equal on both sides.
Found* match(const Reference& reference, std::size_t position, std::vector<Found>& found) {
    const auto unclaimed = [&](const auto& fits) -> Found* {
        const auto at =
            std::find_if(found.begin(), found.end(), [&](const Found& f) { return !f.claimed && fits(f); });
        return at == found.end() ? nullptr : &*at;
    };
    if (!reference.content_id.empty()) {
        auto* hit =
            unclaimed([&](const Found& f) { return f.attachment.content_id == reference.content_id; });
        if (hit != nullptr) return hit;
    }
    if (!reference.name.empty()) {
        auto* hit = unclaimed([&](const Found& f) { return f.attachment.name == reference.name; });
        if (hit != nullptr) return hit;
    }
    const bool free = position < found.size() && !found[position].claimed;
    return free ? &found[position] : nullptr;
}

void apply_manifest(const Parts& parts, std::vector<Found>& found, Findings& findings) {
    for (std::size_t i = 0; i < parts.references.size(); ++i) {
        const auto reference = reference_of(parts.references[i]);
        auto* hit = match(reference, i, found);
        if (hit == nullptr)
            return reference.element.refuse(errc::attachment_missing, "no attachment for this entry");
        hit->claimed = true;
        reference.element.kept(static_cast<std::size_t>(hit - found.data()));
        auto& attachment = hit->attachment;
        if (attachment.content_id.empty()) attachment.content_id = reference.content_id;
        if (attachment.name.empty()) attachment.name = reference.name;
        if (attachment.content_type.empty()) attachment.content_type = reference.content_type;
        if (attachment.description.empty()) attachment.description = reference.description;
    }
    if (std::any_of(found.begin(), found.end(), [](const Found& f) { return !f.claimed; }))
        findings.observe("envelope.manifest", "an attachment is not in the manifest");
}

// Gives every file what the manifest says of it, and checks what a file must have.
void join(const Parts& parts, std::vector<Found>& found, Findings& findings) {
    apply_manifest(parts, found, findings);
    for (std::size_t i = 0; i < found.size(); ++i) {
        auto& attachment = found[i].attachment;
        if (!model::safe_file_name(attachment.name))
            found[i].element.refuse(errc::file_name_invalid, "AttachmentName is empty or unsafe");
        if (attachment.content_id.empty()) attachment.content_id = std::to_string(i + 1);
    }
}

std::vector<Found> attachments_of(const Parts& parts, const Tokens& tokens, Findings& findings) {
    std::vector<Found> found;
    for (const auto& element : parts.attachments) {
        if (findings.fault()) return found;  // so that there are no more of them than texts
        element.kept(found.size());
        found.push_back(attachment_of(element, tokens));
    }
    if (findings.fault()) return found;
    join(parts, found, findings);
    return found;
}

// Every diverted text must belong to exactly one attachment.
bool holes_are_used_once(const std::vector<std::size_t>& used, std::size_t hole_count) {
    std::vector<bool> seen(hole_count);
    for (const auto hole : used) {
        if (hole >= hole_count || seen[hole]) return false;
        seen[hole] = true;
    }
    return used.size() == hole_count;
}

// An empty DigitalSignature (.NET) signs nothing.
void find_signature(const Node& header, Read& read) {
    for (const auto& child : header.children()) {
        if (child.local_name() != "Signature") continue;  // in whatever namespace
        read.has_signature = true;
        const bool xmldsig = child.is("Signature", "http://www.w3.org/2000/09/xmldsig#");
        read.xmldsig = read.xmldsig || xmldsig;
        if (!xmldsig) child.observe("envelope.signature", "not in the namespace of XML signatures");
    }
}

// MIME: every part but the first is a file; the manifest names it by href="cid:…".
std::vector<Found> mime_files(const MimeMessage& message, const Parts& parts, Findings& findings) {
    std::vector<Found> found;
    for (std::size_t i = 0; i < message.files.size(); ++i) {
        const auto& part = message.files[i];
        Found file;
        file.element = parts.header;
        file.hole = i;
        file.attachment.content_id = without_cid(said(part.content_id));
        file.attachment.name = said(part.file_name);
        file.attachment.content_type = said(part.content_type);
        found.push_back(std::move(file));
    }
    join(parts, found, findings);
    return found;
}

// What the parser saw: the XML and, in a MIME message, the parts beside it.
struct Input {
    std::string_view skeleton;
    const std::vector<Hole>& gaps;  // what the skeleton has not: junk and texts
    std::optional<MimeMessage> mime;
    std::string_view xml;  // of the skeleton

    Error located(const Error& error, std::size_t offset_in_xml) const {
        const auto begin = static_cast<std::size_t>(xml.data() - skeleton.data());
        const auto at = position_in_input(skeleton, gaps, begin + offset_in_xml);
        return {error.code, to_string(at) + " " + error.detail, error.faults};
    }

    std::size_t offset(Position where) const {
        std::size_t at = 0;
        for (; where.line > 1 && at != std::string_view::npos; --where.line) at = xml.find('\n', at) + 1;
        return std::min<std::size_t>(at + where.column - 1, xml.size());
    }
};

void read_content(
    const Parts& parts, const Input& input, const Tokens& tokens, Findings& findings, Read& read
) {
    if (parts.status) {
        auto status = status_fields(parts.message);
        status.extensions = extensions_of(findings);
        read.content = std::move(status);
        return;
    }
    if (input.mime && !parts.attachments.empty())
        parts.attachments.front().refuse(errc::envelope_structure, "beside the files of a MIME message");
    auto document = document_fields(parts.message, parts.trace);
    auto files =
        input.mime ? mime_files(*input.mime, parts, findings) : attachments_of(parts, tokens, findings);
    for (auto& found : files) {
        document.attachments.push_back(std::move(found.attachment));
        read.hole_of.push_back(found.hole);
    }
    document.extensions = extensions_of(findings);
    read.content = std::move(document);
}

// Nothing when the findings hold a fault.
std::optional<Read> read_tree(const Input& input, const Tokens& tokens, Findings& findings) {
    const auto parts = parts_of(findings);
    if (findings.fault()) return std::nullopt;

    Read read;
    read.dialect = parts.dialect;
    if (input.mime || read.dialect != Dialect::qcvn_2016)
        findings.observe(
            "envelope.dialect", std::string{name(read.dialect)} + (input.mime ? " as MIME" : "")
        );
    find_signature(parts.header, read);
    pass_over(Node{0, findings}, parts, findings);
    read_content(parts, input, tokens, findings, read);
    if (findings.fault()) return std::nullopt;
    return read;
}

// The tree is gone before the content is looked at any further.
Result<Read> read_xml(const Input& input, const std::vector<Hole>& holes, Random& random) {
    Tokens tokens{random};
    Position where;
    auto pieces = input.mime ? std::vector{input.xml} : tokens.between(input.skeleton, holes);
    const auto tree = Tree::parse(std::move(pieces), where);
    if (!tree) return input.located(tree.error(), input.offset(where));
    Findings findings{*tree};
    if (tree->prefixes_declared())
        findings.observe("envelope.prefix", "prefix xlink or edXML used without declaration");
    auto read = read_tree(input, tokens, findings);
    if (!read) {
        const auto element = element_at(input.xml, findings.fault_element());
        return input.located(*findings.fault(), element ? element->start.begin : 0);
    }
    read->observations = std::move(findings.observations());
    return std::move(*read);
}

}  // namespace

Result<Read> read(
    std::string_view skeleton, const std::vector<Hole>& holes, Random& random, const Hole& dropped
) {
    std::vector<Hole> gaps{dropped};
    gaps.insert(gaps.end(), holes.begin(), holes.end());
    Input input{skeleton, gaps, std::nullopt, skeleton};
    if (looks_like_mime(skeleton).value_or(false)) {
        auto message = read_mime(skeleton, holes);
        if (!message) return message.error();
        input.mime = std::move(*message);
        input.xml = input.mime->xml;
    }
    auto read = read_xml(input, holes, random);
    if (!read) return read;
    if (!holes_are_used_once(read->hole_of, holes.size()))
        return Error{errc::envelope_structure, "ContentTransferEncoded outside an Attachment"};
    const auto add = [&](const auto& content) {
        for (auto& seen : deviations(content)) read->observations.push_back(std::move(seen));
    };
    std::visit(add, read->content);
    return read;
}

}  // namespace axis::envelope
