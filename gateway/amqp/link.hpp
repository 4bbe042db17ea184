// Link: one life of a connection, from the TCP connect to whatever ended it. Private to gateway/amqp.
// Blocking: every member, on the connection's thread; Fuse may be used by any.
#pragma once

#include "gateway/amqp/acks.hpp"
#include "gateway/amqp/assembly.hpp"
#include "gateway/amqp/confirms.hpp"
#include "gateway/amqp/connection.hpp"

#include <amqp.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace axis::amqp {

// Cuts a call off that lasts too long: rabbitmq-c has no deadline for a write (rabbitmq-c#780).
class Fuse {
public:
    void hold(int socket);  // which is cut; -1: none
    void begin();
    void end();
    void blow_if_older(std::chrono::milliseconds age);

private:
    std::mutex mutex_;
    int socket_ = -1;
    std::optional<std::chrono::steady_clock::time_point> since_;
};

struct LinkEvents {
    std::function<void(Content)> received;
    std::function<void(bool blocked, std::string why)> blocked;
};

class Link {
public:
    Link(
        const Broker& broker,
        const Host& host,
        const Limits& limits,
        const std::vector<Queue>& queues,
        Fuse& fuse,
        LinkEvents events
    );
    ~Link();
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    // Connected, logged in, queues declared, consumers begun; the queue of that name is deleted before.
    Result<> open(const std::string& forsaken);
    const std::string& silent() const {
        return silent_;
    }  // the queue that gave open() no answer; empty: none
    int socket() const;
    Result<> publish(const std::string& queue, const Message& message);
    void acknowledge(std::uint64_t tag);  // told by tell(), at the latest when due
    std::optional<Acks::Moment> acks_due() const { return acks_.due(); }
    Result<> tell();  // what was acknowledged
    Result<> reject(std::uint64_t tag, bool requeue);
    Result<> drain();         // what has arrived: one read of the socket
    bool holds_more() const;  // read already, for drain()
    Result<std::vector<QueueLook>> look();
    void say_goodbye();  // without waiting for the answer
    Confirms& confirms() { return confirms_; }

private:
    Result<> connect();
    Result<> log_in();
    Result<> remove(const std::string& queue);
    Result<> declare(const Queue& queue);
    Result<> declare_exchange(const std::string& name);  // and what binds the queue of that name to it
    Result<> consume(const Queue& queue);
    Result<> take(const amqp_frame_t& frame);
    Result<> refused(const std::vector<std::string>& queues) const;
    bool may_be_full(const Queue& queue) const;
    Result<> answered(const char* what, amqp_rpc_reply_t reply);
    Result<> written(const char* what, int status);

    struct End {
        void operator()(amqp_connection_state_t state) const { amqp_destroy_connection(state); }
    };
    const Broker& broker_;
    const Host& host_;
    const Limits& limits_;
    const std::vector<Queue>& queues_;
    Fuse& fuse_;
    LinkEvents events_;
    std::unique_ptr<amqp_connection_state_t_, End> state_;
    std::string silent_;
    std::map<std::string, std::uint32_t> waiting_;  // in each queue, when it was looked at last
    Assembly assembly_;
    Acks acks_;
    Confirms confirms_;
};

}  // namespace axis::amqp
