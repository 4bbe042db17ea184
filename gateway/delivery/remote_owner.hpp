// RemoteOwner: the owner as a worker process reaches it (desk.hpp), and the lease under which it may send.
//
//   away --hello--> known --beat, beat …--> known        past the lease without a beat: away
//
// Promises: past its lease an envelope's stream ends with an error, so that what is under way stays
// incomplete; begin and settle answer errors then. Thread: io.
#pragma once

#include "gateway/base/task_group.hpp"
#include "gateway/delivery/owner.hpp"
#include "gateway/http/client.hpp"

#include <functional>
#include <memory>
#include <string>

namespace axis::delivery {

class RemoteOwner final : public Owner {
public:
    // `changed`: ready() has changed.
    RemoteOwner(
        asio::io_context& io,
        Clock& clock,
        std::unique_ptr<http::Client> client,
        std::string name,
        std::function<void()> changed
    );
    ~RemoteOwner() override;

    Task<> run();  // until stop()
    void stop();
    Task<> go();  // tells the owner, with nothing under way
    bool ready() const;

    Task<Result<Begun>> begin(Reference reference) override;
    Task<Result<>> settle(Reference reference, model::Outcome outcome) override;

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace axis::delivery
