// The lever beside the axis, for tests and the demo: plain JSON under /sim/, answered to loopback callers
// only.
//
//   GET  /sim/state                    GET  /sim/documents/{docId}/edxml
//   GET  /sim/open                     [{"call","begun_ms"}] of those not answered yet
//   GET  /sim/faults                   POST /sim/faults  {"kind","count","value","operation"}
//   POST /sim/clear                    POST /sim/send
//                                      {"from","to":[],"number","notation","subject","file","file_name"}
// Thread: io.
#pragma once

#include "gateway/http/server.hpp"
#include "tests/axissim/faults.hpp"
#include "tests/axissim/partners.hpp"
#include "tests/axissim/vxp_server.hpp"

#include <string>

namespace axis::sim {

class Control {
public:
    struct Parts {
        Store& store;
        Directory& directory;
        Faults& faults;
        Partners& partners;
        const VxpServer& vxp;
    };
    explicit Control(Parts parts) : p_{parts} {}
    Task<> serve(http::Exchange& exchange);

private:
    Task<> get(http::Exchange& exchange);
    Task<> post(http::Exchange& exchange);
    Task<> send(http::Exchange& exchange, std::string body);
    Task<> send_blob(http::Exchange& exchange, std::string doc_id);
    Result<> add_fault(const std::string& body);

    Parts p_;
};

}  // namespace axis::sim
