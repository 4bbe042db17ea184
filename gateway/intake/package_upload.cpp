#include "gateway/intake/package_upload.hpp"

#include "gateway/base/text.hpp"
#include "gateway/intake/compose.hpp"
#include "gateway/policy/policy.hpp"

#include <algorithm>

namespace axis::intake {

struct PackageUpload::OpenFile {
    OpenFile(std::size_t n, std::string_view name, spool::Writer w, Random& random)
        : ordinal{n}, encoder{name, random}, writer{std::move(w)} {}
    std::size_t ordinal;
    envelope::AttachmentEncoder encoder;
    spool::Writer writer;
    std::uint64_t bytes = 0;
    std::string text;
};

PackageUpload::PackageUpload(UploadContext context, model::EndpointName endpoint, std::shared_ptr<void> slot)
    : context_{context}, endpoint_{std::move(endpoint)}, slot_{std::move(slot)} {}
PackageUpload::~PackageUpload() = default;

Result<> PackageUpload::package(std::string_view json) {
    auto parsed = package::parse(json, context_.package_limits);
    if (!parsed) return parsed.error();
    package_ = std::move(*parsed);
    content_.update(json);
    auto allowed = policy::admit(package_);
    if (!allowed) return allowed;
    auto admitted = admit();
    if (!admitted) return admitted;
    complete_parties();
    texts_.resize(package_.files.size());
    attachments_.resize(package_.files.size());
    return {};
}

Result<> PackageUpload::admit() {
    const auto& from = package_.document.from.code;
    if (!context_.directory.belongs_to(from, endpoint_)) return Error{errc::agency_not_yours, from.text()};
    auto ways = route_all(context_.directory, package_.document.to);
    if (!ways) return ways.error();
    ways_ = std::move(*ways);
    return {};
}

// Names come from the package, else from the directory, else stay away: nothing is invented.
void PackageUpload::complete_parties() {
    auto& document = package_.document;
    const auto complete = [this](model::Organization& organization) {
        const auto* agency = context_.directory.find(organization.code);
        if (!agency) return;
        if (organization.name.empty()) organization.name = agency->name;
        if (organization.address.empty()) organization.address = agency->address;
    };
    complete(document.from);
    for (auto& organization : document.to) complete(organization);
    if (document.document_id.empty())
        document.document_id =
            model::make_document_id(document.from.code, document.issued, document.full_number());
}

Result<> PackageUpload::begin_file(std::string_view name) {
    AXIS_ASSERT(!open_);
    const auto wanted = nfc(trimmed(name));
    for (std::size_t i = 0; i < package_.files.size(); ++i) {
        if (texts_[i] || nfc(package_.files[i].name) != wanted) continue;
        open_ =
            std::make_unique<OpenFile>(i, package_.files[i].name, context_.spool.writer(), context_.random);
        return {};
    }
    return Error{errc::file_unlisted, std::string{name}};
}

Result<> PackageUpload::file(std::string_view bytes) {
    open_->bytes += bytes.size();
    if (open_->bytes > context_.attachment_limits.file_bytes_max)
        return Error{errc::file_too_large, package_.files[open_->ordinal].name};
    open_->text.clear();
    open_->encoder.update(bytes, open_->text);
    return open_->writer.write(open_->text);
}

Result<> PackageUpload::end_file() {
    const auto open = std::move(open_);
    const auto& declared = package_.files[open->ordinal];
    const auto pointer = "/files/" + std::to_string(open->ordinal);
    if (open->bytes == 0)
        return Error{errc::file_empty, declared.name, {{pointer, errc::file_empty, declared.name}}};
    open->text.clear();
    open->encoder.finish(open->text);
    auto written = open->writer.write(open->text);
    if (!written) return written;
    if (declared.sha256 && *declared.sha256 != open->encoder.file_sha256())
        return Error{
            errc::file_digest,
            declared.name,
            {{pointer + "/sha256", errc::file_digest, open->encoder.file_sha256().hex()}}};
    auto staged = open->writer.finish();
    if (!staged) return staged.error();

    auto& attachment = attachments_[open->ordinal];
    attachment.content_id = context_.random.uuid();
    attachment.name = declared.name;
    attachment.description = declared.description;
    attachment.content_type = envelope::content_type_for(declared.name);
    attachment.facts = {
        staged->sha256(),
        staged->bytes(),
        false,
        open->encoder.wrapped(),
        open->encoder.file_sha256(),
        open->encoder.file_bytes()};
    texts_[open->ordinal] = std::move(*staged);
    return {};
}

Result<std::vector<PreparedWay>> PackageUpload::render_ways(
    const model::Document& document,
    const std::function<RenditionProfile(const model::EndpointName&)>& profile
) {
    std::vector<PreparedWay> out;
    std::vector<spool::Staged> texts;
    for (auto& text : texts_) texts.push_back(std::move(*text));
    for (auto& way : ways_) {
        PreparedWay prepared{std::move(way), {}};
        const bool whole = prepared.way.recipients.size() == document.to.size();
        // A fetching endpoint reads the package form; only what travels as edXML needs its own list of
        // recipients.
        if (!whole && !prepared.way.endpoint.passive && !profile(prepared.way.endpoint.name).to_all) {
            auto narrowed = document;
            narrowed.to.clear();
            for (const auto ordinal : prepared.way.recipients) narrowed.to.push_back(document.to[ordinal]);
            auto rendition = compose(narrowed, texts, context_.xsd);
            if (!rendition) return rendition.error();
            prepared.rendition = std::move(*rendition);
        }
        out.push_back(std::move(prepared));
    }
    for (std::size_t i = 0; i < texts.size(); ++i) texts_[i] = std::move(texts[i]);
    return out;
}

Result<Prepared> PackageUpload::prepare(
    Time now, const std::function<RenditionProfile(const model::EndpointName&)>& profile
) {
    std::vector<Fault> missing;
    for (std::size_t i = 0; i < texts_.size(); ++i)
        if (!texts_[i])
            missing.push_back({"/files/" + std::to_string(i), errc::file_missing, package_.files[i].name});
    if (!missing.empty()) return Error{errc::package_invalid, "files", std::move(missing)};

    Prepared out;
    out.external_id = package_.external_id;
    out.document = std::move(package_.document);
    out.document.attachments = std::move(attachments_);
    envelope::add_sdk_defaults(out.document);
    out.document.trace = {{context_.directory.own(), to_envelope_text(now)}};
    auto ways = render_ways(out.document, profile);
    if (!ways) return ways.error();
    out.ways = std::move(*ways);
    for (std::size_t i = 0; i < texts_.size(); ++i) {
        content_.update(out.document.attachments[i].facts.file_sha256.hex());
        out.texts.push_back(std::move(*texts_[i]));
    }
    out.content = content_.finish();
    auto envelope = compose(out.document, out.texts, context_.xsd);
    if (!envelope) return envelope.error();
    out.envelope = std::move(*envelope);
    return out;
}

}  // namespace axis::intake
