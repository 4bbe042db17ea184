// The console's answers as JSON texts. Pure; any thread.
#pragma once

#include "gateway/base/json_object.hpp"
#include "gateway/ledger/views.hpp"
#include "gateway/observe/alarms.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace axis::app {

// `halted`: why its endpoint sends nothing now: "trial", "paused", or "".
std::string to_json(const ledger::LaneView& lane, std::string_view halted);
std::string to_json(const ledger::IncomingView& incoming);
std::string to_json(const ledger::Story& story);
std::string to_json(const observe::Alarm& alarm);
// What hashes were made over stands as text in it, not as JSON: those bytes must not change on their way.
std::string to_json(const ledger::Evidence& evidence);

}  // namespace axis::app
