// The console's answers as JSON texts. Pure; any thread.
#pragma once

#include "gateway/ledger/views.hpp"
#include "gateway/observe/alarms.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace axis::app {

// {"name":…,"value"…}: members in order, values already JSON.
class JsonObject {
public:
    JsonObject& text(std::string_view name, std::string_view value);
    JsonObject& maybe(std::string_view name, std::string_view value);  // null when empty
    JsonObject& number(std::string_view name, std::int64_t value);
    JsonObject& boolean(std::string_view name, bool value);
    JsonObject& time(std::string_view name, std::optional<Time> value);
    JsonObject& raw(std::string_view name, std::string_view json);
    std::string done() { return std::move(out_) + "}"; }

private:
    std::string out_{"{"};
};
std::string json_array(const std::vector<std::string>& items);

std::string to_json(const ledger::LaneView& lane, bool paused);
std::string to_json(const ledger::IncomingView& incoming);
std::string to_json(const ledger::Story& story);
std::string to_json(const observe::Alarm& alarm);

}  // namespace axis::app
