#include "gateway/app/axis_link.hpp"

namespace axis::app {

vxp::Settings vxp_settings(const settings::Settings& all, const settings::Endpoint& endpoint) {
    const auto& from = *endpoint.vxp;
    vxp::Settings out;
    out.endpoint = endpoint.name;
    out.base_url = from.base_url;
    out.system_id = from.system_id;
    out.secret = from.secret;
    out.ca_file = from.ca_file.string();
    out.allow_plain_http = from.allow_plain_http;
    out.agency = (from.agency.empty() ? all.gateway.agency : from.agency).text();
    out.poll = from.poll;
    out.hash_padding =
        from.hash_padding == settings::HashPadding::sdk ? vxp::HashPadding::sdk : vxp::HashPadding::padded;
    out.send_crlf = from.send_crlf;
    out.fetch = from.fetch == settings::Fetch::download ? vxp::Fetch::download : vxp::Fetch::get;
    return out;
}

Result<std::unique_ptr<AxisLink>> AxisLink::open(
    asio::io_context& io,
    Clock& clock,
    vxp::Settings settings,
    std::size_t connections_max,
    ports::Arrivals& arrivals,
    observe::Alarms& alarms
) {
    auto link = std::make_unique<AxisLink>();
    link->settings = std::move(settings);
    vxp::ClientLimits limits;
    limits.http.connections_max = connections_max;
    auto client = vxp::Client::open(io, clock, link->settings, limits);
    if (!client) return client.error();
    link->client = std::move(*client);
    link->outlet = std::make_unique<vxp::Outlet>(*link->client, link->settings.agency);
    auto on_condition = [&alarms, name = link->settings.endpoint.text](
                            std::string_view condition, bool raised, std::string text
                        ) { alarms.set(raised, condition, name, text); };
    link->feed = std::make_unique<vxp::Feed>(
        io, clock, *link->client, arrivals, link->settings, std::move(on_condition)
    );
    return link;
}

}  // namespace axis::app
