// What the settings say to those who stand at the broker. Any thread.
#pragma once

#include "adapters/amqp/adapter.hpp"
#include "gateway/delivery/brokered.hpp"
#include "gateway/settings/settings.hpp"

#include <cstddef>
#include <string>

namespace axis::app {

// Of one worker to its owner: an attempt takes two, one of them for the envelope.
constexpr std::size_t worker_connections_max = 80;

bool has_desk(const settings::Settings& all);  // may workers come?
// The same for the owner and each worker: queues are declared alike.
delivery::BrokeredSettings brokered_settings(const settings::Settings& all);
// Its endpoints are those that say `queues = true` and are not off; none: there is nothing to do.
software::AdapterSettings software_settings(const settings::Settings& all);
std::string host_names(const settings::Queue& queue);  // as the subject of an alarm

}  // namespace axis::app
