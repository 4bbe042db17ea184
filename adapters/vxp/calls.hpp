// The calls of the axis' protocol, one member each (axis-api.md §1.3): what outlet and feed ask of an axis,
// whoever answers. Client asks over HTTP; the simulation (tests/simulation) answers in the same process.
// What came back, the wire's failures included, is in Answer; replies.hpp judges it. Thread: io.
#pragma once

#include "adapters/vxp/exchanges.hpp"
#include "adapters/vxp/replies.hpp"
#include "gateway/ports/outlet.hpp"

#include <string>

namespace axis::vxp {

enum class TransportStatus { done, fail, processing };

struct SendRequest {
    model::MessageKind kind = model::MessageKind::document;
    std::string from;
    Sha256 sha256;
};

// Rows of one sending, or of all in a span of time (a form nothing attests: an axis may refuse it).
struct SentQuery {
    model::MessageKind kind = model::MessageKind::document;
    std::string doc_id;
    Time since{};
    Time until{};
};

struct Fetched {
    enum class How {
        whole,
        not_an_envelope,  // downloadEdoc answered something else: ask getEdoc
        failed            // nothing is said about the document
    } how = How::failed;
    Answer answer;
};

class Calls {
public:
    virtual ~Calls() = default;
    // Recipients stand in the envelope; the `to` header is left out (R26).
    virtual Task<Answer> send_edoc(SendRequest request, ports::ByteStream& envelope) = 0;
    virtual Task<List<ReceivedItem>> received_list(model::MessageKind kind) = 0;
    virtual Task<List<SentItem>> sent_list(SentQuery query) = 0;
    virtual Task<Fetched> download(std::string doc_id, Taker taker) = 0;
    virtual Task<Fetched> get_edoc(std::string doc_id, Taker taker) = 0;
    virtual Task<Answer> update_status(std::string doc_id, TransportStatus status) = 0;
    virtual Time now() const = 0;
};

}  // namespace axis::vxp
