#include "gateway/intake/routing.hpp"

#include <algorithm>
#include <set>

namespace axis::intake {

namespace {

void add(std::vector<Way>& ways, const directory::Endpoint& endpoint, std::size_t ordinal) {
    auto at = std::find_if(ways.begin(), ways.end(), [&](const Way& w) {
        return w.endpoint.name == endpoint.name;
    });
    if (at == ways.end()) at = ways.insert(ways.end(), Way{endpoint, {}});
    at->recipients.push_back(ordinal);
}

}  // namespace

Result<std::vector<Way>> route_all(
    const directory::Directory& directory, const std::vector<model::Organization>& to
) {
    std::vector<Way> ways;
    std::vector<Fault> faults;
    std::set<std::string> seen;
    for (std::size_t i = 0; i < to.size(); ++i) {
        const auto pointer = "/to/" + std::to_string(i);
        if (!seen.insert(directory.key(to[i].code)).second) {
            faults.push_back({pointer, errc::recipient_duplicate, to[i].code.text()});
            continue;
        }
        auto endpoint = directory.route(to[i].code);
        if (endpoint)
            add(ways, *endpoint, i);
        else
            faults.push_back({pointer, endpoint.error().code, to[i].code.text()});
    }
    if (!faults.empty()) return Error{errc::package_invalid, "recipients", std::move(faults)};
    return ways;
}

LocalWays route_local(const directory::Directory& directory, const std::vector<model::Organization>& to) {
    LocalWays out;
    std::set<std::string> seen;
    for (const auto& organization : to) {
        const auto endpoint = directory.local_route(organization.code);
        if (!endpoint || !seen.insert(directory.key(organization.code)).second) continue;
        add(out.ways, *endpoint, out.recipients.size());
        out.recipients.push_back(organization);
    }
    return out;
}

}  // namespace axis::intake
