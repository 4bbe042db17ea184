// EnvelopeUpload: one ready edXML envelope from document software while it comes in.
//
//   declared class --policy--> bytes --EnvelopeReceiver--> Document --what a package must have, sender,
//   recipients--> Prepared;  Status --> the caller's report
//
// The bytes are kept as they came; the rendition for an axis has our TraceHeader more, unless the endpoint or
// an XML signature forbids it (architecture D12). Blocking: files pool.
#pragma once

#include "gateway/intake/envelope_receiver.hpp"
#include "gateway/intake/package_upload.hpp"

namespace axis::intake {

using Profiles = std::function<RenditionProfile(const model::EndpointName&)>;

class EnvelopeUpload final : public ports::EnvelopeUpload {
public:
    EnvelopeUpload(
        const directory::Directory& directory,
        spool::Spool& spool,
        Random& random,
        ReceiverLimits limits,
        model::EndpointName endpoint,
        std::shared_ptr<void> slot
    );

    Result<> feed(std::string_view bytes) override { return receiver_.feed(bytes); }

    // Either a document, ready for the commit, or a status with its envelope. envelope.* and attachment.*,
    // agency_not_yours, recipient.* at /to/N. Once.
    struct Ready {
        std::optional<Prepared> document;
        bool has_signature = false;
        std::optional<model::Status> status;
        ledger::StoredEnvelope status_envelope;
        Sha256 content;
    };
    Result<Ready> prepare(Time now, const Profiles& profile);

    const model::EndpointName& endpoint() const { return endpoint_; }
    std::optional<std::string> idempotency_key;

private:
    Result<Prepared> prepare_document(Received received, Time now, const Profiles& profile);

    const directory::Directory& directory_;
    model::EndpointName endpoint_;
    std::shared_ptr<void> slot_;
    EnvelopeReceiver receiver_;
};

}  // namespace axis::intake
