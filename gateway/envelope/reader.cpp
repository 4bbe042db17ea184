#include "gateway/envelope/reader.hpp"

#include "gateway/base/digest.hpp"
#include "gateway/base/text.hpp"
#include "gateway/envelope/attachment.hpp"
#include "gateway/envelope/fields.hpp"
#include "gateway/envelope/xml.hpp"

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

    std::string splice(std::string_view skeleton, const std::vector<Hole>& holes) const {
        std::string text;
        std::size_t done = 0;
        for (std::size_t i = 0; i < holes.size(); ++i) {
            text += skeleton.substr(done, holes[i].offset - done);
            text += prefix_ + std::to_string(i);
            done = holes[i].offset;
        }
        return text.append(skeleton.substr(done));
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
};

std::string without_cid(std::string id) {
    return id.starts_with("cid:") ? id.substr(4) : id;
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

// The envelope as elements, before any field is read.
struct Parts {
    Node header;
    Node message;  // MessageHeader or Status
    Node trace;
    std::vector<Node> references;
    std::vector<Node> attachments;
};

Node required(const Node& parent, std::string_view name) {
    const auto child = parent.child(name);
    if (parent && !child) parent.refuse(errc::envelope_structure, std::string{name} + " is missing");
    return child;
}

Parts parts_of(const Node& root) {
    Parts parts;
    if (!root.is("edXML")) {
        root.refuse(errc::envelope_unknown, "not edXML in the namespace of QCVN 102:2016");
        return parts;
    }
    const auto envelope = required(root, "edXMLEnvelope");
    parts.header = required(envelope, "edXMLHeader");
    parts.message = parts.header.child("MessageHeader");
    const auto status = parts.header.child("Status");
    if (parts.message && status) status.refuse(errc::envelope_structure, "beside MessageHeader");
    if (!parts.message) parts.message = status;
    if (parts.header && !parts.message)
        parts.header.refuse(errc::envelope_structure, "MessageHeader is missing");
    parts.trace = parts.header.child("TraceHeaderList");
    parts.references = envelope.child("edXMLBody").child("edXMLManifest").all("Reference");
    auto encoded = root.child("AttachmentEncoded");
    if (!encoded) encoded = root.child("AttachmentEncode");
    parts.attachments = encoded.all("Attachment");
    return parts;
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
    const auto ordinal = tokens.ordinal(element.value("ContentTransferEncoded"));
    if (!ordinal) element.refuse(errc::attachment_base64, "ContentTransferEncoded is missing");
    found.hole = ordinal.value_or(0);
    return found;
}

Reference reference_of(const Node& element) {
    return {
        element,
        without_cid(element.word("ContentId")),
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
        auto& attachment = hit->attachment;
        if (attachment.content_id.empty()) attachment.content_id = reference.content_id;
        if (attachment.name.empty()) attachment.name = reference.name;
        if (attachment.content_type.empty()) attachment.content_type = reference.content_type;
        if (attachment.description.empty()) attachment.description = reference.description;
    }
    if (std::any_of(found.begin(), found.end(), [](const Found& f) { return !f.claimed; }))
        findings.observe("envelope.manifest", "an attachment is not in the manifest");
}

std::vector<Found> attachments_of(const Parts& parts, const Tokens& tokens, Findings& findings) {
    std::vector<Found> found;
    for (const auto& element : parts.attachments) found.push_back(attachment_of(element, tokens));
    if (findings.fault()) return found;  // joining is for attachments that have their texts, so at most 200
    apply_manifest(parts, found, findings);
    for (std::size_t i = 0; i < found.size(); ++i) {
        auto& attachment = found[i].attachment;
        if (!safe_file_name(attachment.name))
            found[i].element.refuse(errc::file_name_invalid, "AttachmentName is empty or unsafe");
        if (attachment.content_id.empty()) attachment.content_id = std::to_string(i + 1);
    }
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

bool has_signature(const Node& header) {
    const auto children = header.children();
    return std::any_of(children.begin(), children.end(), [](const Node& child) {
        const std::string_view name{reinterpret_cast<const char*>(child.raw()->name)};
        return name == "Signature";  // in whatever namespace
    });
}

}  // namespace

Result<Read> read(std::string_view skeleton, const std::vector<Hole>& holes, Random& random) {
    Findings findings;
    const Tokens tokens{random};
    auto tree = Tree::parse(tokens.splice(skeleton, holes), findings);
    if (!tree) return tree.error();
    const auto root = tree->root(findings);
    const auto parts = parts_of(root);
    if (findings.fault()) return *findings.fault();

    Read read;
    read.has_signature = has_signature(parts.header);
    if (parts.message.is("Status") || parts.message.child("StatusCode")) {
        read.content = status_fields(parts.message);
    } else {
        auto document = document_fields(parts.message, parts.trace);
        for (auto& found : attachments_of(parts, tokens, findings)) {
            document.attachments.push_back(std::move(found.attachment));
            read.hole_of.push_back(found.hole);
        }
        read.content = std::move(document);
    }
    if (findings.fault()) return *findings.fault();
    if (!holes_are_used_once(read.hole_of, holes.size()))
        return Error{errc::envelope_structure, "ContentTransferEncoded outside an Attachment"};
    read.observations = std::move(findings.observations());
    return read;
}

}  // namespace axis::envelope
