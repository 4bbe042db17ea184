// Worker: takes references out of the broker's queues, asks the owner, sends, tells the owner, acknowledges.
//
//   received → a place → owner.begin → outlet.deliver → owner.settle (on disk) → acknowledged
//                             '--stale--> acknowledged: somebody else has made this attempt, or nobody is to
//
// Promises: no endpoint has more than its `at_once` attempts from here, urgent ones first; nothing is sent
// without the owner's word; a reference is acknowledged after the outcome is on disk; what is not understood
// goes to the dead letters. Killed at any moment, its attempts become questions, its references come back.
// Thread: io.
#pragma once

#include "gateway/amqp/connection.hpp"
#include "gateway/base/task_group.hpp"
#include "gateway/delivery/owner.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace axis::delivery {

// One queue, and where what it names is sent to.
struct Station {
    std::string queue;
    bool urgent = false;
    ports::Outlet* outlet = nullptr;
    std::size_t at_once = 0;  // attempts of this outlet, whatever the queue
};

class Worker {
public:
    // `queues`: with their prefetch, those of the stations.
    struct Parts {
        asio::io_context& io;
        Clock& clock;
        Owner& owner;
        amqp::Broker broker;
        amqp::Limits limits;
        std::vector<amqp::Queue> queues;
        std::function<void(amqp::Standing, const std::string& why)> standing;
    };
    Worker(Parts parts, std::vector<Station> stations);
    ~Worker();

    Task<> run();  // until stopped
    // Takes nothing new, waits up to `grace` for what is under way, then leaves it.
    Task<> stop(std::chrono::milliseconds grace);
    bool ready() const { return connection_.standing() != amqp::Standing::away; }
    std::size_t open_attempts() const { return attempts_.size(); }

private:
    using Waiting = std::deque<amqp::Received>;  // for a place; no more than their prefetch
    struct Places {                              // of one outlet
        ports::Outlet* outlet = nullptr;
        std::size_t at_once = 0;
        std::size_t taken = 0;
        Waiting urgent, normal;
    };
    struct Queue {
        Places* places = nullptr;
        Waiting* waiting = nullptr;
    };
    void received(amqp::Received received);
    void start(Places& places);
    Task<> attempt(amqp::Received received, Places& places);
    Task<> make(Reference reference, ports::Outlet& outlet);

    Clock& clock_;
    Owner& owner_;
    std::map<ports::Outlet*, Places> places_;  // the queues of an endpoint share them
    std::map<std::string, Queue> queues_;
    bool stopping_ = false;
    TaskGroup attempts_;
    amqp::Connection connection_;
};

}  // namespace axis::delivery
