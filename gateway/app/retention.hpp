// Retention: every hour, what is over and older than its class is kept loses its payload (settings
// [retention]); in small commits, so that nobody waits behind it. Texts of the spool go after the commit that
// needs them no more, unless somebody has published them again within the hour. Alarm retention.failed.
// Thread: io.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/base/pool.hpp"
#include "gateway/ledger/ledger.hpp"
#include "gateway/observe/alarms.hpp"
#include "gateway/settings/settings.hpp"
#include "gateway/spool/spool.hpp"

namespace axis::app {

struct RetentionParts {
    ledger::Ledger& ledger;
    spool::Spool& spool;
    Clock& clock;
    Pool& files;
    observe::Alarms& alarms;
    settings::Retention kept;
};

class Retention {
public:
    explicit Retention(RetentionParts parts) : parts_{std::move(parts)} {}
    Task<> run();

private:
    Task<Result<>> purge(ledger::Retained what, std::chrono::days kept);
    Task<> remove(std::vector<Sha256> texts);

    RetentionParts parts_;
};

}  // namespace axis::app
