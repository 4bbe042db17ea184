// The table of routes: the product's surface in one place. schemas/openapi.yaml is held against it by a test.
#include "adapters/rest/rest.hpp"

#include <algorithm>

namespace axis::rest {

const std::vector<Api::Route>& Api::routes() {
    static const std::vector<Route> table{
        {"POST", "/v1/packages", {"dry_run"}, &Api::submit_package},
        {"POST",
         "/v1/envelopes",
         {"dry_run", "security_class", "restricted_publication", "denunciation"},
         &Api::submit_envelope},
        {"POST", "/v1/files", {}, &Api::keep_file},
        {"GET", "/v1/messages", {"number", "external_id", "state", "from", "to"}, &Api::find_messages},
        {"GET", "/v1/messages/{id}", {}, &Api::get_message},
        {"GET", "/v1/messages/{id}/envelope", {}, &Api::get_envelope},
        {"GET", "/v1/messages/{id}/attachments/{n}", {}, &Api::get_attachment},
        {"POST", "/v1/messages/{id}/statuses", {}, &Api::report_status},
        {"GET", "/v1/events", {"after", "wait", "limit"}, &Api::get_events},
        {"POST", "/v1/events/ack", {}, &Api::acknowledge_events},
    };
    return table;
}

namespace {

// What stands at the {places}; nothing when the path is another one.
std::optional<std::vector<std::string>> match(
    std::string_view pattern, const std::vector<std::string>& segments
) {
    std::vector<std::string> arguments;
    for (const auto& segment : segments) {
        if (pattern.empty()) return std::nullopt;
        pattern.remove_prefix(1);
        const auto wanted = pattern.substr(0, pattern.find('/'));
        pattern.remove_prefix(wanted.size());
        const bool place = wanted.front() == '{';
        if (!place && wanted != segment) return std::nullopt;
        if (place) arguments.push_back(segment);
    }
    if (!pattern.empty()) return std::nullopt;
    return arguments;
}

}  // namespace

Api::Routed Api::find_route(const http::Request& request) {
    Routed out;
    for (const auto& route : routes()) {
        auto arguments = match(route.pattern, request.target.segments);
        if (!arguments) continue;
        out.allow += (out.allow.empty() ? "" : ", ") + std::string{route.method};
        if (route.method != request.method) continue;
        out.route = &route;
        out.arguments = std::move(*arguments);
    }
    return out;
}

}  // namespace axis::rest
