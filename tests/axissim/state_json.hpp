// GET /sim/state: everything the axis holds, for tests to compare and for people to read. Any thread.
#pragma once

#include "tests/axissim/store.hpp"

#include <boost/json/object.hpp>

namespace axis::sim {

// {"documents":[…],"statuses":[…]}. A recipient's status is the latest one it sent about that document.
boost::json::object state_json(const Store& store);

}  // namespace axis::sim
