// Admin: health for machines, the console for axisctl.
//
//   /livez /readyz[?verbose] /metrics                     on [admin] listen and on the socket
//   GET  /status                                          everything on one screen
//   GET  /messages?number=&external_id=&state=&from=&to=&id=     find
//   GET  /messages/{id} · …/story · …/envelope            show, why
//   GET  /messages/{id}/evidence · …/skeleton · /materials/{sha256}     evidence export
//   GET  /queue                                           lanes, what is held, failed, set aside
//   POST /deliveries/{n}/retry|hold|release|cancel        the caller's uid goes into the journal
//   POST /endpoints/{name}/poke                           look for work now, end a pause
//   GET  /endpoints/{name}/reconcile?day=                 the ledger against the axis' lists
//   POST /endpoints/{name}/hold|release                   the whole lane
//   POST /endpoints/{name}/retry|cancel?state=            up to 500 deliveries in that state
//   POST /drain?on=0|1                                    take nothing new, finish what is here

//
// The socket's mode (0660) is its authorisation. Thread: io.
#pragma once

#include "gateway/app/admin_json.hpp"
#include "gateway/app/axis_link.hpp"
#include "gateway/app/daily_reconcile.hpp"
#include "gateway/app/health.hpp"
#include "gateway/delivery/brokered.hpp"
#include "gateway/delivery/lanes.hpp"
#include "gateway/directory/directory.hpp"
#include "gateway/http/server.hpp"
#include "gateway/intake/intake.hpp"
#include "gateway/intake/lookup.hpp"
#include "gateway/ledger/ledger.hpp"
#include "gateway/observe/alarms.hpp"
#include "gateway/observe/metrics.hpp"
#include "gateway/settings/settings.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace axis::app {

struct AdminParts {
    const settings::Settings& settings;
    const directory::Directory& directory;
    ledger::Ledger& ledger;
    intake::Intake& intake;
    intake::Lookup& lookup;
    intake::Content& content;
    delivery::Lanes& lanes;
    delivery::Brokered* brokered;  // none with the embedded queue
    software::Adapter* software;   // none unless a unit has queues
    Health& health;
    DailyReconcile& reconcile;
    observe::Alarms& alarms;
    observe::Metrics& metrics;
    Clock& clock;
    std::vector<std::unique_ptr<AxisLink>>& links;
    Time started{};
};

class Admin {
public:
    explicit Admin(AdminParts parts) : parts_{parts} {}
    Task<> handle_socket(http::Exchange& exchange);  // everything
    Task<> handle_health(http::Exchange& exchange);  // health and metrics only

private:
    Task<bool> health(http::Exchange& exchange);
    Task<Result<std::string>> answer(http::Exchange& exchange);
    Task<Result<std::string>> act(http::Exchange& exchange);  // what changes something
    Task<Result<std::string>> reconcile(const http::Target& target);
    Task<Result<std::string>> status();
    Task<Result<std::string>> queue();
    Task<Result<std::string>> find(const http::Target& target);
    Task<Result<std::string>> story(model::MessageId id);
    Task<Result<std::string>> evidence(model::MessageId id);
    Task<Result<>> bytes(http::Exchange& exchange);
    Halted halted(const model::EndpointName& name) const;
    Task<Result<std::string>> steer(
        const std::string& delivery, const std::string& verb, const http::Peer& peer
    );
    Task<Result<std::string>> steer_lane(http::Exchange& exchange);
    Task<Result<std::string>> drain(bool wanted, const http::Peer& peer);
    Task<Result<>> envelope(http::Exchange& exchange, model::MessageId id);
    Task<std::string> metrics_text();
    void broker_metrics();

    AdminParts parts_;
};

}  // namespace axis::app
