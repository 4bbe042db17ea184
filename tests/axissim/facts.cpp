#include "tests/axissim/facts.hpp"

#include "gateway/base/base64.hpp"
#include "gateway/base/file.hpp"
#include "gateway/base/text.hpp"
#include "tests/axissim/xml.hpp"
#include "tests/axissim/zip.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>

namespace axis::sim {

namespace {

constexpr std::size_t piece_bytes = 64 * 1024;

// Rule of the SDK's reader: "application/zip" around anything that is not itself named .zip.
bool wrapped_for_the_road(const FileFacts& file) {
    return file.content_type == "application/zip" && !lower_ascii(file.name).ends_with(".zip");
}

struct Content {
    std::uint64_t bytes = 0;
    Sha256Hasher hasher;
    void update(std::string_view piece) {
        bytes += piece.size();
        hasher.update(piece);
    }
};

void settle(FileFacts& file, Content& content, bool wrapped) {
    file.wrapped = wrapped;
    file.bytes = content.bytes;
    file.sha256 = content.hasher.finish();
}

// Decodes the text of one hole and fills size and digest of the content.
Result<> measure(std::ifstream& in, const Hole& hole, FileFacts& file) {
    in.clear();
    in.seekg(static_cast<std::streamoff>(hole.offset));
    Base64Decoder decoder;
    ZipFirstEntry unzip;
    Content sent;
    Content unwrapped;
    bool unwrapping = wrapped_for_the_road(file);
    std::string text(piece_bytes, '\0');
    std::string decoded;
    std::string plain;
    const auto use = [&] {
        sent.update(decoded);
        plain.clear();
        unwrapping = unwrapping && unzip.update(decoded, plain);
        unwrapped.update(plain);
        decoded.clear();
    };
    for (auto left = hole.length; left > 0;) {
        const auto want = static_cast<std::streamsize>(std::min<std::uint64_t>(left, text.size()));
        if (!in.read(text.data(), want)) return Error{errc::io_failed, "stored document"};
        left -= static_cast<std::uint64_t>(want);
        if (!decoder.update(std::string_view{text}.substr(0, static_cast<std::size_t>(want)), decoded))
            return Error{errc::attachment_base64, {}};
        use();
    }
    if (!decoder.finish(decoded)) return Error{errc::attachment_base64, {}};
    use();
    const bool wrapped = unwrapping && unzip.finished();
    settle(file, wrapped ? unwrapped : sent, wrapped);
    return {};
}

const Hole* hole_of(const Skeleton& skeleton, const std::string& mark) {
    for (std::size_t i = 0; i < skeleton.holes.size(); ++i)
        if (mark == hole_mark(i)) return &skeleton.holes[i];
    return nullptr;
}

Result<std::vector<FileFacts>> read_files(
    const xmlNode* root, const Skeleton& skeleton, const std::filesystem::path& path
) {
    std::vector<FileFacts> files;
    std::ifstream in{path, std::ios::binary};
    for (const auto* attachment : children(child(root, "AttachmentEncoded"), "Attachment")) {
        FileFacts file;
        file.name = text_of(child(attachment, "AttachmentName"));
        file.content_type = text_of(child(attachment, "ContentType"));
        const auto* hole = hole_of(skeleton, text_of(child(attachment, "ContentTransferEncoded")));
        if (hole == nullptr) return Error{errc::attachment_base64, "an attachment without text"};
        auto measured = measure(in, *hole, file);
        if (!measured) return measured.error();
        files.push_back(std::move(file));
    }
    return files;
}

void read_document(const xmlNode* header, const xmlNode* message, Facts& facts) {
    for (const auto* to : children(message, "To")) facts.to.push_back(text_of(child(to, "OrganId")));
    facts.document_id = text_of(child(message, "DocumentId"));
    facts.number = text_of(child(child(message, "Code"), "CodeNumber"));
    facts.notation = text_of(child(child(message, "Code"), "CodeNotation"));
    facts.date = text_of(child(child(message, "PromulgationInfo"), "PromulgationDate"));
    facts.subject = text_of(child(message, "Subject"));
    const auto* business = child(child(header, "TraceHeaderList"), "Bussiness");
    const auto type = text_of(child(business, "BussinessDocType"));
    if (!type.empty()) facts.business_type = type;
}

void read_status(const xmlNode* message, Facts& facts) {
    const auto* about = child(message, "ResponseFor");
    facts.response_for = text_of(child(about, "OrganId"));
    facts.response_document_id = text_of(child(about, "DocumentId"));
    facts.response_code = text_of(child(about, "Code"));
    facts.response_date = text_of(child(about, "PromulgationDate"));
    facts.description = text_of(child(message, "Description"));
    facts.status_code = text_of(child(message, "StatusCode"));
    if (facts.status_code.size() == 1) facts.status_code.insert(0, 1, '0');
    facts.date = text_of(child(message, "Timestamp"));
}

bool complete(const Facts& facts) {
    if (facts.from.empty()) return false;
    if (facts.is_status) return !facts.status_code.empty() && !facts.response_for.empty();
    return !facts.to.empty() && std::ranges::none_of(facts.to, &std::string::empty);
}

}  // namespace

Result<Skeleton> read_skeleton(const std::filesystem::path& path) {
    std::ifstream in{path, std::ios::binary};
    if (!in) return Error{errc::io_failed, path.string()};
    SkeletonScanner scanner;
    std::string piece(piece_bytes, '\0');
    while (in.read(piece.data(), static_cast<std::streamsize>(piece.size())), in.gcount() > 0) {
        auto fed = scanner.feed(std::string_view{piece}.substr(0, static_cast<std::size_t>(in.gcount())));
        if (!fed) return fed.error();
    }
    return scanner.finish();
}

Result<Facts> read_facts(const std::filesystem::path& path) {
    auto skeleton = read_skeleton(path);
    if (!skeleton) return skeleton.error();
    auto doc = parse_xml(skeleton->xml);
    if (!doc) return Error{errc::envelope_unknown, "not well-formed"};

    const auto* root = xmlDocGetRootElement(doc->get());
    const auto* header = child(child(root, "edXMLEnvelope"), "edXMLHeader");
    const auto* message = child(header, "MessageHeader");
    if (message == nullptr) message = child(header, "Status");
    if (!is_element(root, "edXML") || message == nullptr)
        return Error{errc::envelope_unknown, "no edXML header"};

    Facts facts;
    facts.from = text_of(child(child(message, "From"), "OrganId"));
    facts.from_name = text_of(child(child(message, "From"), "OrganName"));
    facts.is_status = child(message, "StatusCode") != nullptr;
    if (facts.is_status)
        read_status(message, facts);
    else
        read_document(header, message, facts);
    if (!complete(facts))
        return Error{errc::envelope_unknown, "From, To, ResponseFor or StatusCode is missing"};

    auto files = read_files(root, *skeleton, path);
    if (!files) return files.error();
    facts.files = std::move(*files);
    return facts;
}

}  // namespace axis::sim
