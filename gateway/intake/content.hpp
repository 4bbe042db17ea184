// Content: the way back out of ledger and spool: envelopes spliced together, files decoded, as streams.
// A text is read from the ledger's row when it is small, else from the spool, in chunks on the files pool.
// blob_missing and blob_damaged (wrong length) end a stream with an error, never with a short body.
// Thread: io. A stream must not outlive its Content.
#pragma once

#include "gateway/base/pool.hpp"
#include "gateway/ledger/ledger.hpp"
#include "gateway/ports/intake.hpp"
#include "gateway/spool/spool.hpp"

#include <memory>

namespace axis::intake {

struct ContentLimits {
    std::size_t chunk_bytes = 256 * 1024;
};

class Content {
public:
    Content(ledger::Ledger& ledger, spool::Spool& spool, Pool& files, ContentLimits limits = {})
        : ledger_{ledger}, spool_{spool}, files_{files}, limits_{limits} {}

    // The exact bytes, texts in their holes.
    std::unique_ptr<ports::ByteStream> envelope(ledger::StoredEnvelope stored);
    // The file inside an attachment, decoded and unwrapped.
    std::unique_ptr<ports::ByteStream> file(ledger::AttachmentView attachment);

    // One text, wherever it is kept. Thread: io.
    Task<Result<std::unique_ptr<spool::Text>>> text(Sha256 blob);
    Pool& files() { return files_; }
    std::size_t chunk_bytes() const { return limits_.chunk_bytes; }

private:
    ledger::Ledger& ledger_;
    spool::Spool& spool_;
    Pool& files_;
    ContentLimits limits_;
};

}  // namespace axis::intake
