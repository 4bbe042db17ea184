// Adapter: document software over RabbitMQ: one connection for all its units (README.md: queues and
// promises).
//
// Promises: a broker that is away loses nothing, units wait for it · queues that were wiped are declared
// again. Condition: broker.down, broker.blocked. Thread: io, and one for the connection.
#pragma once

#include "adapters/amqp/unit.hpp"
#include "gateway/amqp/connection.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace axis::software {

struct AdapterSettings {
    amqp::Broker broker;
    amqp::Limits limits;
    std::string prefix;
    std::vector<model::EndpointName> endpoints;
    UnitLimits unit;
    std::size_t commands_at_once = 64;  // handed to us and not answered, of all units; at least one of each
    int delivery_limit = 1000;          // times a command may come back before it goes to the refused ones
    int out_length_max = 10'000;        // then commands wait for their answers
    int refused_length_max = 1000;      // then the oldest is dropped
};

struct AdapterParts {
    asio::io_context& io;
    Clock& clock;
    Pool& files;
    ports::Intake& intake;
    ports::Lookup& lookup;
    ports::Claims& claims;
    amqp::OnCondition on_condition;
};

std::vector<amqp::Queue> queues_of(const AdapterSettings& settings);

class Adapter final : public Post {
public:
    Adapter(AdapterParts parts, AdapterSettings settings);
    ~Adapter() override;

    void start();
    Task<> stop(Duration grace);  // after Lookup::stop()
    amqp::Standing standing() const;
    std::vector<amqp::QueueLook> queues() const { return looks_; }  // as the broker said last

    Task<Result<>> publish(std::string queue, amqp::Message message) override;
    void acknowledge(amqp::Receipt receipt) override;

private:
    void stands(amqp::Standing now, const std::string& why);
    void received(amqp::Received received);
    void looked(std::vector<amqp::QueueLook> looks);

    AdapterParts parts_;
    AdapterSettings settings_;
    std::map<std::string, Unit*> by_in_queue_;
    std::map<std::string, Unit*> by_out_queue_;
    std::vector<std::unique_ptr<Unit>> units_;
    std::vector<amqp::QueueLook> looks_;
    bool away_ = true;
    std::unique_ptr<amqp::Connection> connection_;
    TaskGroup group_;
};

}  // namespace axis::software
