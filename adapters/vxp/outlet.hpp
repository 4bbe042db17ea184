// ports::Outlet towards the axis: one sendEdoc per attempt; reconcile asks getSentEdocList without docId for
// the day before and after. A status is sent again without asking: the axis' readers take it twice without
// harm. Thread: io.
#pragma once

#include "adapters/vxp/calls.hpp"
#include "gateway/ports/outlet.hpp"

namespace axis::vxp {

class Outlet final : public ports::Outlet {
public:
    // `agency` is the sender named when a dispatch has none. The calls outlive this.
    Outlet(Calls& axis, std::string agency) : axis_{axis}, agency_{std::move(agency)} {}

    Task<model::Outcome> deliver(ports::Dispatch dispatch, ports::ByteStream& envelope) override;
    Task<model::Outcome> reconcile(ports::Dispatch dispatch) override;

private:
    Calls& axis_;
    std::string agency_;
};

}  // namespace axis::vxp
