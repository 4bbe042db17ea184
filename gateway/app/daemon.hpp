// Daemon: the gateway put together, started, stopped (architecture D11).
//
//   settings → signer process, trust → pools → ledger, spool → directory → intake, lookup → lanes + axis
//   links → servers → run stop:  no new connections → lanes and feeds end within the grace → servers end →
//   ledger closes → pools join
//
// Stop by SIGTERM or SIGINT; a second one cuts what still runs. Thread: the caller's becomes the io thread.
#pragma once

#include "gateway/app/signing.hpp"
#include "gateway/base/error.hpp"
#include "gateway/settings/settings.hpp"

#include <memory>

namespace axis::app {

class Daemon {
public:
    // Opens everything and binds; nothing is accepted yet. Every error of ledger, spool, http and vxp.
    static Result<std::unique_ptr<Daemon>> open(settings::Settings settings, Signing signing);
    ~Daemon();
    int run();  // the exit status

private:
    struct Impl;
    explicit Daemon(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace axis::app
