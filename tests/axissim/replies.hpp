// The JSON replies of the axis: keys, order and spelling of axis-api.md §1.3. ErrorCode is a string. Any
// thread.
#pragma once

#include "tests/axissim/post_office.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace axis::sim {

boost::json::object envelope(const Verdict& verdict);  // status, ErrorCode, ErrorDesc
std::string plain_reply(const Verdict& verdict);
// DocId stands there on failure too, or the SDK gives back an all-null result; nullopt leaves it out (a
// fault).
std::string send_reply(const Verdict& verdict, std::optional<std::string_view> doc_id);
std::string received_list(const std::vector<Found>& found);
std::string sent_list(const std::vector<const Message*>& messages);
std::string count_reply(std::size_t count);

enum class AgencyForm { plain, qd20, synchronise };
std::string agency_list(const std::vector<const Agency*>& agencies, AgencyForm form);

// dd/MM/yyyy HH:mm:ss, Vietnam time: how fromDate and toDate come.
std::optional<Time> parse_axis_time(std::string_view text);

}  // namespace axis::sim
