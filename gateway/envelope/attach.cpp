#include "gateway/envelope/attach.hpp"

#include "gateway/envelope/attachment.hpp"
#include "gateway/envelope/insertion.hpp"
#include "gateway/envelope/parts.hpp"

#include <algorithm>

namespace axis::envelope {

namespace {

using Side = Place::Side;
using What = std::pair<Place, Piece>;

Piece listed(const model::Attachment& a) {
    return {
        "Reference",
        {},
        {{"ContentId", "cid:" + a.content_id}, {"ContentType", a.content_type}, {"AttachmentName", a.name}}};
}

// As the SDK writes it: the text's element has a prefix, which it declares itself.
Piece encoded(const model::Attachment& a) {
    const auto declared = " xmlns:edXML=\"" + std::string{qcvn} + "\"";
    return {
        "Attachment",
        {},
        {{"ContentId", "cid:" + a.content_id},
         {"AttachmentName", a.name},
         {"ContentType", a.content_type},
         {"edXML:ContentTransferEncoded", {}, {}, declared, true}}};
}

// Behind the last one listed; else in what there is of body and manifest.
What in_manifest(const Parts& parts, const model::Attachment& attachment) {
    auto piece = listed(attachment);
    if (!parts.references.empty()) return {{Side::behind, parts.references.back()}, std::move(piece)};
    const auto body = parts.header.parent().child("edXMLBody");
    if (const auto manifest = body.child("edXMLManifest"))
        return {{Side::inside, manifest}, std::move(piece)};
    Piece manifest{"edXMLManifest", {}, {std::move(piece)}, " version=\"1.0\""};
    if (body) return {{Side::inside, body}, std::move(manifest)};
    return {{Side::behind, parts.header}, {"edXMLBody", {}, {std::move(manifest)}}};
}

What in_files(const Parts& parts, const model::Attachment& attachment) {
    auto piece = encoded(attachment);
    if (!parts.attachments.empty()) return {{Side::behind, parts.attachments.back()}, std::move(piece)};
    const auto envelope = parts.header.parent();
    for (const auto* name : {"AttachmentEncoded", "AttachmentEncode"})
        if (const auto files = envelope.parent().child(name))
            return {{Side::inside, files}, std::move(piece)};
    return {{Side::behind, envelope, true}, {"AttachmentEncoded", {}, {std::move(piece)}}};
}

void apply(Attached& out, const Insertion& insertion) {
    out.skeleton.replace(insertion.from, insertion.until - insertion.from, insertion.by);
    const auto grown = insertion.by.size() - (insertion.until - insertion.from);
    for (auto& offset : out.offsets)
        if (offset >= insertion.until) offset += grown;
    if (!insertion.hole) return;
    const auto offset = insertion.from + *insertion.hole;
    const auto place = std::ranges::lower_bound(out.offsets, offset);
    out.hole = static_cast<std::size_t>(place - out.offsets.begin());
    out.offsets.insert(place, offset);
}

}  // namespace

EncodedFile encoded_file(std::string_view name, std::string_view bytes, Random& random) {
    EncodedFile out;
    out.attachment.content_id = random.uuid();
    out.attachment.name = name;
    out.attachment.content_type = content_type_for(name);
    AttachmentEncoder encoder{name, random};
    encoder.update(bytes, out.text);
    encoder.finish(out.text);
    return out;
}

Result<Attached> append_attachment(
    std::string_view skeleton, const std::vector<std::size_t>& offsets, const model::Attachment& attachment
) {
    Position where;
    const auto tree = Tree::parse({skeleton}, where);
    if (!tree) return tree.error();
    Findings findings{*tree};
    const auto parts = parts_of(findings);
    if (findings.fault()) return *findings.fault();
    if (parts.status || parts.dialect != Dialect::qcvn_2016)
        return Error{errc::envelope_structure, "no document of QCVN 2016"};
    std::vector<Insertion> all;
    for (const auto& [place, piece] : {in_manifest(parts, attachment), in_files(parts, attachment)}) {
        auto insertion = insertion_at(skeleton, place, piece);
        if (findings.fault() || !insertion)
            return Error{errc::envelope_structure, "no place for a file more"};
        all.push_back(std::move(*insertion));
    }
    // From the end, so that places found before stay right.
    std::ranges::sort(all, std::ranges::greater{}, &Insertion::from);
    Attached out{std::string{skeleton}, offsets};
    for (const auto& insertion : all) apply(out, insertion);
    return out;
}

}  // namespace axis::envelope
