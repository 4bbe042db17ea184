// The JSON of answers about messages; the same on REST and the admin socket. Pure; any thread.
#pragma once

#include "gateway/ledger/views.hpp"

#include <string>

namespace axis::intake {

// `viewer`: the endpoint that asks; "" sees all and also why, attempts and routes. Recipients it may not see
// are left out.
std::string to_json(const ledger::MessageView& view, const std::string& viewer);
// {"seq","id","type","time","message_id","data"}
std::string to_json(const ledger::EventView& event, const std::string& endpoint);
bool visible_to(const ledger::MessageView& view, const std::string& viewer);

}  // namespace axis::intake
