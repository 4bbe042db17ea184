// Owner: the process with the ledger, as a worker sees it. Thread: io.
#pragma once

#include "gateway/base/error.hpp"
#include "gateway/base/task.hpp"
#include "gateway/delivery/reference.hpp"
#include "gateway/model/delivery.hpp"
#include "gateway/ports/outlet.hpp"

#include <memory>

namespace axis::delivery {

struct Begun {
    ports::Dispatch dispatch;
    std::unique_ptr<ports::ByteStream> envelope;  // its exact bytes
};

class Owner {
public:
    virtual ~Owner() = default;

    // May this attempt be made? Its row is on disk when the answer is yes. stale: no longer, or by somebody
    // else.
    virtual Task<Result<Begun>> begin(Reference reference) = 0;
    // What came of it; answered when it is on disk. stale: nobody waits for it any more (the owner was
    // started anew, or took this worker for lost): it is asked for at the other side instead. Settling twice
    // changes nothing.
    virtual Task<Result<>> settle(Reference reference, model::Outcome outcome) = 0;
};

}  // namespace axis::delivery
