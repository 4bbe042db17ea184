// WorkerProcess: `axisd --worker`. Sends what the owner's lanes have chosen, out of the broker's queues
// (delivery/worker.hpp); it has no ledger, no intake and no feed, and asks the owner before each sending
// (delivery/desk.hpp).
//
//   away --owner knows us--> working --lease over, owner gone--> away …      SIGTERM: finishes what is under
//   way, says so
//
// Thread: the caller's becomes the io thread; one more for the broker.
#pragma once

#include "gateway/base/error.hpp"
#include "gateway/settings/settings.hpp"

#include <memory>

namespace axis::app {

class WorkerProcess {
public:
    // config_value, config_missing; every error of http and vxp.
    static Result<std::unique_ptr<WorkerProcess>> open(settings::Settings settings);
    ~WorkerProcess();
    int run();  // the exit status

private:
    struct Impl;
    explicit WorkerProcess(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace axis::app
