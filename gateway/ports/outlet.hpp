// Outlet: what the core asks of an adapter that sends. Thread: io.
#pragma once

#include "gateway/base/digest.hpp"
#include "gateway/base/error.hpp"
#include "gateway/base/task.hpp"
#include "gateway/model/delivery.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace axis::ports {

// Bytes of known length, in pieces.
class ByteStream {
public:
    virtual ~ByteStream() = default;
    virtual std::uint64_t length() const = 0;
    // The view holds until the next call; empty = end. blob_missing, io_failed.
    virtual Task<Result<std::string_view>> next() = 0;
};

// One message on its way: what an adapter must know beside the bytes. The bytes are the same at every
// attempt.
struct Dispatch {
    model::MessageId message;
    model::MessageKind kind = model::MessageKind::document;
    int attempt = 1;
    Time begun{};      // of this attempt (reconcile: of the attempt in question)
    std::string from;  // codes as written
    std::vector<std::string> to;
    std::string document_id;
    std::string number;  // "251/TMĐT-TTTH"
    std::string subject;
    Sha256 sha256;  // of the whole envelope
    std::uint64_t bytes = 0;
};

class Outlet {
public:
    virtual ~Outlet() = default;

    // One call to the other side, which serves every recipient of the dispatch. Never throws for what the
    // wire does. Verdicts (architecture D6): before the first body byte a failure is `deferred`; after it
    // only a well-formed reply classifies, everything else is `unknown`.
    virtual Task<model::Outcome> deliver(Dispatch dispatch, ByteStream& envelope) = 0;

    // Did that attempt arrive? `accepted` with remote_id: yes. `deferred`: certainly not, send again.
    // `unknown`: the other side cannot tell (detail says why); the core then holds or resends by the
    // endpoint's policy.
    virtual Task<model::Outcome> reconcile(Dispatch dispatch) = 0;

    // Does the other side do nothing twice? Then an unknown outcome is simply sent again (statuses).
    virtual bool may_repeat(model::MessageKind kind) const { return kind == model::MessageKind::status; }
};

}  // namespace axis::ports
