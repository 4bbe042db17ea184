#include "gateway/model/document.hpp"

#include "gateway/base/text.hpp"

#include <algorithm>

namespace axis::model {

std::string Document::full_number() const {
    return notation.empty() ? number : number + "/" + notation;
}

std::string make_document_id(const AgencyCode& from, const Date& issued, const std::string& full_number) {
    return from.text() + "," + issued.slashed() + "," + full_number;
}

Sha256 business_digest(const Document& document, const AgencyCode& issuer) {
    Sha256Hasher hasher;
    // Each part with its length before it, so that no two lists of parts read alike.
    const auto add = [&hasher](std::string_view part) {
        hasher.update(std::to_string(part.size()) + ":");
        hasher.update(part);
    };
    add(issuer.key());
    add(nfc(trimmed(document.document_id)));
    add(std::to_string(static_cast<int>(document.business.type)));
    add(nfc(trimmed(document.full_number())));
    add(document.issued.slashed());
    std::vector<Sha256> files;
    for (const auto& attachment : document.attachments) files.push_back(attachment.facts.file_sha256);
    std::sort(files.begin(), files.end());
    for (const auto& file : files) add(file.hex());
    return hasher.finish();
}

}  // namespace axis::model
