// The daily comparison: what the ledger did with an axis on one day, held against the axis' own lists.
//
//   ledger: taken by the axis ─┬─► adapters/vxp/comparison ─► differences, each with owner and action
//   axis: sent, received lists ┘
//
// Once a day per axis at its reconcile_hour (Vietnam's wall clock), for the day before; an hour after a start
// that came later than that. Differences of yesterday or today raise reconcile.differences until a comparison
// finds none. An axis that gives no list is asked again an hour later; what could not be compared is said.
// Nothing is changed, here or there. Thread: io.
#pragma once

#include "adapters/vxp/comparison.hpp"
#include "gateway/app/axis_link.hpp"
#include "gateway/intake/intake.hpp"
#include "gateway/ledger/ledger.hpp"
#include "gateway/observe/alarms.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace axis::app {

struct Reconciled {
    std::string day;             // yyyy-MM-dd
    std::size_t sent_here = 0;   // of the day
    std::size_t sent_there = 0;  // rows listed
    std::size_t received_there = 0;
    std::vector<vxp::Difference> differences;
    std::vector<std::string> not_compared;  // which list, and why
};
std::string to_json(const Reconciled& reconciled, const std::string& endpoint);

// The hour of today on Vietnam's wall clock; when it has passed, an hour from now, but not after tomorrow's.
Time first_run(Time now, int hour);
// `whole`: everything could be compared. Else it is tried again in an hour.
Time next_run(Time now, int hour, bool whole);

struct ReconcileParts {
    ledger::Ledger& ledger;
    intake::Intake& intake;
    Clock& clock;
    observe::Alarms& alarms;
    std::vector<std::unique_ptr<AxisLink>>& links;
    std::map<model::EndpointName, int> hours;  // 24: never
};

class DailyReconcile {
public:
    explicit DailyReconcile(ReconcileParts parts) : parts_{std::move(parts)} {}

    Task<> run();
    // `day`: yyyy-MM-dd; empty: yesterday. http.parameter: no such day; not_found: no live axis of that name;
    // io_failed.
    Task<Result<Reconciled>> compare(model::EndpointName endpoint, std::string day);

private:
    Task<Result<>> compare_sent(AxisLink& link, vxp::Span day, Reconciled& out);
    Task<Result<>> compare_received(AxisLink& link, Time until, Reconciled& out);
    void tell(const model::EndpointName& endpoint, const Reconciled& found);

    ReconcileParts parts_;
};

}  // namespace axis::app
