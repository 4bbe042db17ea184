// PackageUpload: one package from document software while it comes in.
//
//   package JSON --parse, policy, sender, recipients--> files: encode, hash, stage --> Prepared
//
// Refusals come as early as they are certain; nothing is published before prepare() succeeded, so a refused
// or broken upload leaves nothing. Blocking: files pool.
#pragma once

#include "gateway/envelope/attachment.hpp"
#include "gateway/envelope/xsd.hpp"
#include "gateway/intake/routing.hpp"
#include "gateway/ledger/records.hpp"
#include "gateway/model/package.hpp"
#include "gateway/package/package.hpp"
#include "gateway/ports/intake.hpp"
#include "gateway/spool/spool.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace axis::intake {

struct UploadContext {
    const directory::Directory& directory;
    spool::Spool& spool;
    Random& random;
    package::Limits package_limits;
    envelope::AttachmentLimits attachment_limits;
    const envelope::Xsd* xsd = nullptr;  // what is composed must fit it
};

// A way with the exact bytes for it; nothing: the canonical envelope.
struct PreparedWay {
    Way way;
    std::optional<ledger::StoredEnvelope> rendition;
};

struct Prepared {
    std::string external_id;
    model::Document document;
    ledger::StoredEnvelope envelope;
    std::vector<spool::Staged> texts;
    std::vector<model::Attachment> statements{};  // taken out of the document (profile `attached`)
    std::vector<PreparedWay> ways;
    Sha256 content;  // of the request, for the idempotency key
};

// How a rendition for one endpoint is made.
struct RenditionProfile {
    bool to_all = false;       // to_scope = all
    bool append_trace = true;  // to what others wrote; never: relayed byte for byte
    bool sign = false;         // profile `enveloped`
    bool attach = false;       // profile `attached`
};

class PackageUpload final : public ports::PackageUpload {
public:
    PackageUpload(UploadContext context, model::EndpointName endpoint, std::shared_ptr<void> slot);
    ~PackageUpload() override;

    Result<> package(std::string_view json) override;
    Result<> begin_file(std::string_view name) override;
    Result<> file(std::string_view bytes) override;
    Result<> end_file() override;

    // file_missing for what was announced and did not come; then everything the commit needs. Once.
    Result<Prepared> prepare(
        Time now, const std::function<RenditionProfile(const model::EndpointName&)>& profile
    );

    const model::EndpointName& endpoint() const { return endpoint_; }
    const std::string& external_id() const { return package_.external_id; }
    std::optional<std::string> idempotency_key;

private:
    struct OpenFile;
    Result<> admit();
    void complete_parties();
    Result<std::vector<PreparedWay>> render_ways(
        const model::Document& document,
        const std::function<RenditionProfile(const model::EndpointName&)>& profile
    );

    UploadContext context_;
    model::EndpointName endpoint_;
    std::shared_ptr<void> slot_;  // counts uploads of the endpoint
    model::Package package_;
    std::vector<Way> ways_;
    Sha256Hasher content_;
    std::vector<std::optional<spool::Staged>> texts_;  // per declared file
    std::vector<model::Attachment> attachments_;
    std::unique_ptr<OpenFile> open_;
};

}  // namespace axis::intake
