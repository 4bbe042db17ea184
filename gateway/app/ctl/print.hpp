// The console's answers as lines for a person, in Vietnamese or English.
#pragma once

#include "gateway/app/ctl/command.hpp"
#include "gateway/app/ctl/members.hpp"

#include <boost/json/value.hpp>

#include <ostream>

namespace axis::ctl {

void print_status(std::ostream& out, const Options& options, const boost::json::value& status);
void print_list(std::ostream& out, const Options& options, const boost::json::value& found);
void print_message(std::ostream& out, const Options& options, const boost::json::value& message);
void print_story(std::ostream& out, const Options& options, const boost::json::value& told);
// What hold, release, retry, cancel and poke did.
void print_steered(std::ostream& out, const Options& options, const boost::json::value& answer);
void print_queue(std::ostream& out, const Options& options, const boost::json::value& queue);

}  // namespace axis::ctl
