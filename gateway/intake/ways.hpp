// Ways into the ledger: recipients and deliveries of an acceptance, with the events for software that
// fetches. Pure; any thread.
#pragma once

#include "gateway/intake/routing.hpp"
#include "gateway/ledger/records.hpp"

#include <string_view>
#include <vector>

namespace axis::intake {

std::vector<ledger::NewRecipient> recipients_of(
    const std::vector<model::Organization>& organizations, const directory::Directory& directory
);

// The sender under its main code, for the business digest.
model::AgencyCode issuer_of(const model::Document& document, const directory::Directory& directory);

ledger::NewDelivery delivery_of(
    const Way& way, const model::Document& document, const std::vector<ledger::NewRecipient>& recipients
);

// What all software is told of it; `signature`: the event's members about it (signatures.hpp).
std::string received_event(
    const model::MessageId& id, const model::Document& document, std::string_view signature
);

}  // namespace axis::intake
