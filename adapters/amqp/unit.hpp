// Unit: one endpoint whose document software speaks through queues.
//
//   command: received → carried out → committed → answered (confirmed) → acknowledged
//              ^  '-- may succeed later: waits here --'        |
//              '------ the broker hands it out again ----------'  whatever dies; the key finds the commit
//   events:  settled → told (confirmed), at most events_ahead beyond → settled …; a new life begins at
//   settled
//
// Promises: those of README.md. A life is one connection to the broker: what was received in an earlier one
// is left where it stands, it comes again. Thread: io; JSON and files on the files pool.
#pragma once

#include "adapters/amqp/command.hpp"
#include "gateway/amqp/message.hpp"
#include "gateway/base/clock.hpp"
#include "gateway/base/pool.hpp"
#include "gateway/base/task_group.hpp"
#include "gateway/base/turns.hpp"
#include "gateway/ports/claims.hpp"
#include "gateway/ports/intake.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace axis::software {

// The names of a unit's queues; the first has an exchange of the same name before it.
std::string in_queue(const std::string& prefix, const model::EndpointName& endpoint);
std::string out_queue(const std::string& prefix, const model::EndpointName& endpoint);
std::string refused_queue(const std::string& prefix, const model::EndpointName& endpoint);

// The way to the broker, as amqp::Connection offers it.
class Post {
public:
    virtual ~Post() = default;
    virtual Task<Result<>> publish(std::string queue, amqp::Message message) = 0;
    virtual void acknowledge(amqp::Receipt receipt) = 0;
};

struct UnitLimits {
    CommandLimits command;
    Duration again_after{std::chrono::seconds{5}};  // a command that may succeed later, a word not confirmed
    std::int64_t events_ahead = 1000;               // told and not acknowledged
    std::size_t events_at_once = 100;               // in one message
    Duration events_wait{std::chrono::seconds{30}};
    // Told, not acknowledged, and gone from the queue for so long: told again.
    Duration events_lost_after{std::chrono::minutes{10}};
};

struct UnitParts {
    asio::io_context& io;
    Clock& clock;
    Pool& files;
    ports::Intake& intake;
    ports::Lookup& lookup;
    ports::Claims& claims;
    Post& post;
};

class Unit {
public:
    Unit(UnitParts parts, std::string prefix, model::EndpointName endpoint, UnitLimits limits);

    void begin_life();  // the broker is there (again)
    void received(amqp::Received received);
    void out_waits(std::uint32_t messages);  // as the broker said last
    // No more is begun; what is under way has `grace` to end. After Lookup::stop().
    Task<> stop(Duration grace);

private:
    Task<> carry_out(amqp::Received received, std::uint64_t life);
    // What is said to the software; nothing: the command has no answer.
    Task<Result<std::optional<amqp::Message>>> obey(const amqp::Received& received);
    Task<Result<ports::Receipt>> submit(const SubmitPackage& command, std::string key);
    Task<Result<>> hand_over(ports::PackageUpload& upload, const SubmitPackage& command);
    Task<Result<>> hand_over(ports::PackageUpload& upload, const CommandFile& file);
    Task<Result<>> settle(std::int64_t through, std::string request);
    Task<bool> refuse(amqp::Received received, Error why, std::uint64_t life);
    Task<bool> tell(std::string queue, amqp::Message message, std::uint64_t life);
    Task<> tell_events(std::uint64_t life);
    Task<> pause();
    bool alive(std::uint64_t life) const { return life == life_ && !stopping_; }
    ports::Caller caller(std::string request = {}) const;

    UnitParts parts_;
    const model::EndpointName endpoint_;
    const std::string out_;
    const std::string refused_;
    const UnitLimits limits_;
    std::uint64_t life_ = 0;
    std::uint32_t out_waiting_ = 0;
    bool stopping_ = false;
    Turns settling_;
    Wakeup moved_;  // events were acknowledged, or all stops
    TaskGroup work_;
};

}  // namespace axis::software
