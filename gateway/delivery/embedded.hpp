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
    Embedded(ledger::Ledger& ledger, StreamOf stream, ports::Outlet& outlet, std::size_t at_once)
        : ledger_{ledger}, stream_{std::move(stream)}, outlet_{outlet}, at_once_{at_once} {}

    Task<Result<Attempted>> attempt(ledger::Due due) override;
    std::size_t places() const override { return at_once_; }

private:
    ledger::Ledger& ledger_;
    StreamOf stream_;
    ports::Outlet& outlet_;
    std::size_t at_once_;
};

ports::Dispatch dispatch_of(const ledger::Attempt& attempt);

// What an outlet does, with its exceptions: a bug of ours, and what it did is unknown. Throws only when
// cancelled.
Task<model::Outcome> ask(Task<model::Outcome> outlet);

}  // namespace axis::delivery
