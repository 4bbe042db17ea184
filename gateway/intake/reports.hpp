// Reports: a status one of our agencies gives about a message, made into an acceptance: envelope, addressee,
// way, event for the addressee's software. Pure but for the id; any thread.
#pragma once

#include "gateway/directory/directory.hpp"
#include "gateway/envelope/xsd.hpp"
#include "gateway/ledger/records.hpp"
#include "gateway/ledger/views.hpp"
#include "gateway/model/status.hpp"

namespace axis::intake {

// `status` has from, code, description, staff and time; who it answers is filled from the message.
// addressee: the issuer, or for 13 the recipient named.
struct Report {
    model::Status status;
    model::Organization addressee;
};

// The parts of an acceptance that make it this report; id, time, origin and actor are the caller's.
Result<> fill_report(
    ledger::Acceptance& acceptance,
    Report report,
    const ledger::MessageView& about,
    const directory::Directory& directory,
    const envelope::Xsd* xsd  // what is composed must fit it; may be nothing
);

// The way to the addressee of a status about a message: its own endpoint, else back where the message came
// from.
std::optional<directory::Endpoint> way_back(
    const directory::Directory& directory, const model::AgencyCode& addressee, const std::string& origin
);

// The JSON the addressee's software reads (schemas/events/status.received.schema.json, without the ledger's
// members).
std::string status_event(const model::MessageId& id, const model::Status& status, bool with_reference);

model::StatusKeys keys_of(const model::Status& status, const directory::Directory& directory);

}  // namespace axis::intake
