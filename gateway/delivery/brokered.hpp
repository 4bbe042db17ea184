// Brokered: the driver over a broker. One quorum queue per lane, and one more for what is urgent; in them
// references and nothing else. The ledger stays the truth: what the broker does not confirm, or has lost, is
// published again from there.
//
//   lane → Offer → publish (confirmed) → a worker: begin → send → settle → the lane settles
//
// Promises: a wiped broker loses nothing · an attempt is begun once, however often its reference comes ·
// without a broker or a worker lanes wait (Halt::no_worker) and say so · a reference that comes back too
// often ends in our quarantine. Conditions: broker.down, broker.blocked. Thread: io, and one thread per
// connection.
#pragma once

#include "gateway/amqp/connection.hpp"
#include "gateway/delivery/desk.hpp"
#include "gateway/delivery/driver.hpp"
#include "gateway/delivery/embedded.hpp"
#include "gateway/delivery/lane_driver.hpp"
#include "gateway/delivery/offers.hpp"
#include "gateway/delivery/worker.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace axis::delivery {

struct BrokeredSettings {
    amqp::Broker broker;
    amqp::Limits limits;
    std::string prefix = "axisd";  // of the queues' names; one for each gateway on a broker
    int delivery_limit = 10;       // times a reference may come back
    Duration publish_again{std::chrono::seconds{10}};  // what nobody has begun
    bool work_here = true;                             // this process sends too
    bool desk = false;                                 // worker processes may come
    // This process is the only one at the broker: it may delete a queue that nobody leads and declare it
    // anew. Two that do so at once leave RabbitMQ 3.10 with a queue that can no longer be declared.
    bool alone = false;
};

struct BrokeredParts {
    asio::io_context& io;
    Clock& clock;
    Random& random;
    ledger::Ledger& ledger;
    StreamOf stream;
    std::function<void()> changed;  // it can attempt again, or no longer: poke the lanes
    amqp::OnCondition on_condition;
    // broker.down of the worker in here: its connection may be with another node than ours, and ours with
    // one that has lost its quorum shows nothing while nothing is published.
    amqp::OnCondition on_worker_condition;
};

// One lane: what the owner and every worker process must name alike.
struct Line {
    std::string endpoint;
    std::size_t at_once = 0;  // in one process
    ports::Outlet* outlet = nullptr;
};
std::string queue_of(const std::string& prefix, const std::string& endpoint, bool urgent);
// Of all lanes, and for the dead letters; those of lanes with a prefetch when they are to be consumed.
std::vector<amqp::Queue> queues_of(
    const BrokeredSettings& settings, const std::vector<Line>& lines, bool consume
);
std::vector<Station> stations_of(const BrokeredSettings& settings, const std::vector<Line>& lines);

struct LaneQueue {
    std::string endpoint;
    amqp::QueueLook look;
};

class Brokered final : public References {
public:
    Brokered(BrokeredParts parts, BrokeredSettings settings);
    ~Brokered() override;

    // Before start(): a lane, which takes `at_once` in one process.
    std::unique_ptr<Driver> lane(
        const model::EndpointName& endpoint, std::size_t at_once, ports::Outlet& outlet
    );
    void start();
    Task<> stop(std::chrono::milliseconds grace);  // after the lanes

    bool ready() const override;
    std::size_t workers() const override;
    // The broker is there, and nobody takes anything out of it.
    bool unmanned() const { return standing() == amqp::Standing::open && workers() == 0; }
    Task<Result<>> publish(const model::EndpointName& endpoint, Reference reference, bool urgent) override;
    amqp::Standing standing() const;
    std::vector<LaneQueue> queues() const;  // as the broker said last
    const Offers& offers() const { return offers_; }
    Desk* desk() { return desk_.get(); }  // none unless asked for

private:
    class Here;  // the owner, in the same process

    void stands(amqp::Standing now, const std::string& why);
    void dead_letter(amqp::Received received);

    BrokeredParts parts_;
    BrokeredSettings settings_;
    Offers offers_;
    std::vector<Line> lines_;
    std::map<std::string, amqp::QueueLook> looks_;
    std::unique_ptr<amqp::Connection> publisher_;
    std::unique_ptr<Desk> desk_;
    std::unique_ptr<Here> here_;
    std::unique_ptr<Worker> worker_;
    TaskGroup group_;
};

}  // namespace axis::delivery
