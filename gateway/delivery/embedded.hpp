// Embedded: the driver without a broker. begin, deliver, in this process. Thread: io.
#pragma once

#include "gateway/delivery/driver.hpp"
#include "gateway/ledger/ledger.hpp"
#include "gateway/ports/outlet.hpp"

#include <functional>

namespace axis::delivery {

using StreamOf = std::function<std::unique_ptr<ports::ByteStream>(ledger::StoredEnvelope)>;

class Embedded final : public Driver {
public:
    Embedded(ledger::Ledger& ledger, StreamOf stream, ports::Outlet& outlet)
        : ledger_{ledger}, stream_{std::move(stream)}, outlet_{outlet} {}

    Task<Result<Attempted>> attempt(ledger::Due due) override;

private:
    ledger::Ledger& ledger_;
    StreamOf stream_;
    ports::Outlet& outlet_;
};

ports::Dispatch dispatch_of(const ledger::Attempt& attempt);

// What an outlet does, with its exceptions: a bug of ours, and what it did is unknown. Throws only when
// cancelled.
Task<model::Outcome> ask(Task<model::Outcome> outlet);

}  // namespace axis::delivery
