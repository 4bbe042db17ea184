// AxisLink: one configured axis: its client, its outlet for the lanes, its feed. Thread: io.
#pragma once

#include "adapters/vxp/client.hpp"
#include "adapters/vxp/feed.hpp"
#include "adapters/vxp/outlet.hpp"
#include "gateway/observe/alarms.hpp"
#include "gateway/settings/settings.hpp"

#include <memory>

namespace axis::app {

vxp::Settings vxp_settings(const settings::Settings& all, const settings::Endpoint& endpoint);

struct AxisLink {
    vxp::Settings settings;
    std::unique_ptr<vxp::Client> client;
    std::unique_ptr<vxp::Outlet> outlet;
    std::unique_ptr<vxp::Feed> feed;

    static Result<std::unique_ptr<AxisLink>> open(
        asio::io_context& io,
        Clock& clock,
        vxp::Settings settings,
        std::size_t connections_max,
        ports::Arrivals& arrivals,
        observe::Alarms& alarms
    );
};

}  // namespace axis::app
