// The console's answers as JSON texts. Pure; any thread.
#pragma once

#include "adapters/amqp/adapter.hpp"
#include "gateway/base/json_object.hpp"
#include "gateway/delivery/brokered.hpp"
#include "gateway/ledger/views.hpp"
#include "gateway/observe/alarms.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace axis::app {

// Why an endpoint sends nothing now: "trial", "held", "paused", "unreachable", "no_worker", or ""; until
// when, where it is known.
struct Halted {
    std::string_view why;
    std::optional<Time> until{};
};
std::string to_json(const ledger::LaneView& lane, const Halted& halted);
// What the broker holds beside what the ledger has on offer there.
std::string to_json(const delivery::Brokered& brokered);
std::string to_json(const software::Adapter& software);
std::string to_json(const ledger::IncomingView& incoming);
std::string to_json(const ledger::Story& story);
std::string to_json(const observe::Alarm& alarm);
// What hashes were made over stands as text in it, not as JSON: those bytes must not change on their way.
std::string to_json(const ledger::Evidence& evidence);

}  // namespace axis::app
