// Compose: a value becomes an envelope as it is kept, texts hashed through their holes. Blocking: files pool.
#pragma once

#include "gateway/base/error.hpp"
#include "gateway/envelope/writer.hpp"
#include "gateway/envelope/xsd.hpp"
#include "gateway/ledger/records.hpp"
#include "gateway/model/document.hpp"
#include "gateway/model/status.hpp"
#include "gateway/spool/spool.hpp"

#include <functional>
#include <string_view>
#include <vector>

namespace axis::intake {

// Attachment n of the document has the text `texts[n]`. With an XSD also envelope.schema: what we wrote does
// not fit it.
Result<ledger::StoredEnvelope> compose(
    const model::Document& document, const std::vector<spool::Staged>& texts, const envelope::Xsd* xsd
);
Result<ledger::StoredEnvelope> compose(const model::Status& status, const envelope::Xsd* xsd);

// What somebody else wrote, with our TraceHeader behind theirs; the same texts (envelope/relay.hpp).
Result<ledger::StoredEnvelope> relay(
    const ledger::StoredEnvelope& envelope,
    const std::vector<spool::Staged>& texts,
    const model::TraceHeader& header
);

// A staged text, piece by piece. blob_damaged, blob_missing, io_failed, and what the sink says.
Result<> pass_text(const spool::Staged& staged, const std::function<Result<>(std::string_view)>& sink);

// SHA-256 and size of the whole, texts spliced in: one per hole.
Result<> complete(ledger::StoredEnvelope& envelope, const std::vector<spool::Staged>& texts);
Result<> complete(ledger::StoredEnvelope& envelope, const std::vector<const spool::Staged*>& texts);

// The one an attachment's facts name; it is among them.
const spool::Staged& text_of(const std::vector<spool::Staged>& texts, const model::Attachment& attachment);

std::vector<ledger::NewBlob> new_blobs(const std::vector<spool::Staged>& texts);

}  // namespace axis::intake
