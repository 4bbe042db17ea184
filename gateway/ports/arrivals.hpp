// Arrivals: what an adapter that fetches asks of the core. Thread: io.
//
//   list --known()--> new ids --open()--> feed()… --finish()--> committed --> acknowledge to the axis
//   --acknowledged()-->
//                     stored but unacknowledged ----------------------------^
#pragma once

#include "gateway/base/error.hpp"
#include "gateway/base/task.hpp"
#include "gateway/model/delivery.hpp"
#include "gateway/model/ids.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace axis::ports {

enum class Known {
    fresh,
    stored,
    acknowledged,
    quarantined
};  // fresh: fetch it; stored: only acknowledge again

// What became of a fetched envelope, after commit.
struct Arrived {
    enum class How { stored, duplicate, quarantined } how = How::stored;
    model::MessageId message;  // stored, duplicate
    Error why;                 // quarantined
};

// One envelope while its bytes come in. Dropping it unfinished leaves nothing.
class Arrival {
public:
    virtual ~Arrival() = default;
    // Errors here are ours (disk, shutdown): leave the item unacknowledged and try at the next poll. What is
    // wrong with the envelope itself is remembered and comes out of finish().
    virtual Task<Result<>> feed(std::string_view bytes) = 0;
    // Stored, a duplicate, or set aside as poison: in each case durable, so that stored and duplicate may be
    // acknowledged. Quarantined items are never fetched again; they stay unacknowledged at the axis for an
    // operator.
    virtual Task<Result<Arrived>> finish() = 0;
};

class Arrivals {
public:
    virtual ~Arrivals() = default;
    virtual Task<Result<std::vector<Known>>> known(
        model::EndpointName endpoint, std::vector<std::string> doc_ids
    ) = 0;
    // overloaded when too many uploads run or the disk is at its reserve. Those of one endpoint may be open
    // beside each other; they are stored in the order in which they were opened, so that the statuses of a
    // document are told in the order in which the axis lists them.
    virtual Result<std::unique_ptr<Arrival>> open(
        model::EndpointName endpoint, std::string doc_id, model::MessageKind kind
    ) = 0;
    // In one commit: they are many, and none is urgent; asked for again, one is acknowledged again.
    virtual Task<Result<>> acknowledged(model::EndpointName endpoint, std::vector<std::string> doc_ids) = 0;
    virtual Task<Result<>> polled(model::EndpointName endpoint) = 0;  // a poll went well, for health
};

}  // namespace axis::ports
