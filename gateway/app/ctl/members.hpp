// Members of JSON that may not be there. Any thread.
#pragma once

#include <boost/json/value.hpp>

#include <string>
#include <string_view>

namespace axis::ctl {

// Null when `value` is no object or has no such member.
const boost::json::value* member_of(const boost::json::value& value, std::string_view name);
// A member as text, other things than text as JSON; "" when absent or null.
std::string member(const boost::json::value& object, std::string_view name);
// The items of a member that is a list; none when it is not there.
const boost::json::array& list(const boost::json::value& object, std::string_view name);

}  // namespace axis::ctl
