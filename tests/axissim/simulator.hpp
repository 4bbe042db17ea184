// axissim put together: directory, store, post office, partners, the axis' operations and the control surface
// on one listener. Tests run it inside their own process; main.cpp runs it as a program. Thread: io, and one
// files thread.
#pragma once

#include "tests/axissim/control.hpp"
#include "tests/axissim/vxp_server.hpp"

#include <memory>
#include <string>
#include <vector>

namespace axis::sim {

struct SystemSetting {
    std::string id;
    std::vector<std::string> codes;
    Secret secret;  // empty: made once and kept in STATE/secrets/ID (0600)
};

struct Settings {
    std::string listen = "127.0.0.1:0";
    std::filesystem::path state;
    std::vector<SystemSetting> systems;  // none: vxp.g98 with G98, G98.11, G98.12
    std::vector<Partner> partners;       // none: G99 accepts, G97 refuses
    std::vector<std::string> locked;     // agencies that answer 23
    Duration partner_delay{200};
    VxpSettings vxp;
};

class Simulator {
public:
    // io_failed (state, listener), config_value (an unusable system id), config_unsafe (listening beyond
    // loopback).
    static Result<std::unique_ptr<Simulator>> open(
        asio::io_context& io, Clock& clock, Random& random, Settings settings
    );
    ~Simulator();

    Task<> run();  // until stop() and the last connection's end
    void stop();   // no new requests
    void abort();  // cuts what still runs; call it from a handler of the io_context
    std::string bound() const;
    Store& store();

private:
    struct Impl;
    explicit Simulator(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace axis::sim
