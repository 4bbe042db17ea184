// The JSON of what Intake and Lookup answer: the same on every surface (schemas/openapi.yaml). Any thread.
#pragma once

#include "gateway/ports/intake.hpp"

#include <string>
#include <vector>

namespace axis::ports {

std::string to_json(const Receipt& receipt);                      // of a package or a ready envelope
std::string to_json(const std::vector<StatusReceipt>& receipts);  // {"statuses":[…]}
std::string to_json(const Events& events);                        // {"events":[…],"last":N}

}  // namespace axis::ports
