// `axisctl endpoint test`: which layer towards the axis works, with a negative control (M-02): the same call
// with a deliberately wrong key must be refused, and otherwise than with ours. Changes nothing at the axis.
// Thread: io.
#pragma once

#include "adapters/vxp/client.hpp"

#include <string>
#include <vector>

namespace axis::vxp {

// One layer; later ones are missing when an earlier one failed. `detail` is for the operator, in Vietnamese.
struct Step {
    std::string step;  // "name", "tcp", "tls", "http", "credentials", "control"
    bool ok = false;
    std::string detail;
};

// What http::Client::open refuses is an Error.
Task<Result<std::vector<Step>>> probe(
    asio::io_context& io, const Clock& clock, Settings settings, ClientLimits limits = {}
);

}  // namespace axis::vxp
