// Connection: one connection to an AMQP 0-9-1 broker (RabbitMQ), on a thread of its own, kept open.
//
//   connecting --login, queues declared, consumers begun--> open --broken, silent, cancelled--> away
//       ^                                                                                         |
//       '------------------------------- back-off ------------------------------------------------'
//
// Promises. publish() answers with what the broker said: confirmed (on disk with a quorum of its nodes), or
// why not. What was not confirmed may have been taken nonetheless: repeat it, its reader must bear that. No
// call lasts longer than its limit: a write that does not move is cut off by closing the socket. A queue that
// was deleted or wiped is declared again. A node that is lost, or cannot be used, is followed by the next of
// its hosts. Messages are persistent and mandatory. Nothing is acknowledged by itself. Errors: broker_down
// (not open, or lost meanwhile), broker_blocked (its memory or disk alarm), broker_refused (nack, no such
// queue, no right), broker_busy (more than publishing_max wait). Thread: io.
#pragma once

#include "gateway/amqp/message.hpp"
#include "gateway/base/clock.hpp"
#include "gateway/base/error.hpp"
#include "gateway/base/secret.hpp"
#include "gateway/base/task.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace axis::amqp {

struct Host {
    std::string name;  // a DNS name: with TLS the certificate must have it
    std::uint16_t port = 0;
};
std::string to_string(const Host& host);  // "mq1.example:5671"

struct Broker {
    std::vector<Host> hosts;  // its nodes, at least one; tried in turn (rounds.hpp)
    std::string vhost = "/";
    std::string user;
    Secret password;
    bool tls = false;  // 1.2 or newer, chain and name verified
    std::string ca_file;
    std::string cert;  // ours, when the broker asks for one
    std::string key;
    std::string name = "axisd";  // shown in the broker's list of connections
};

struct Limits {
    std::chrono::milliseconds connect_wait{10'000};  // TCP and TLS, then the login
    std::chrono::milliseconds call_wait{10'000};  // a call the broker answers, or a write that does not move
    std::chrono::milliseconds confirm_wait{15'000};  // from publishing to the broker's word
    std::chrono::milliseconds look_every{10'000};    // a question to a broker that may have died silently
    std::chrono::milliseconds back_off_min{200};
    std::chrono::milliseconds back_off_max{30'000};
    // What is acknowledged is told to the broker as soon as so many are, or the first has waited: each word
    // to a quorum queue costs it an entry in its log. A prefetch must bear what is not told yet.
    std::size_t acknowledge_together = 1;  // 1: at once
    std::chrono::milliseconds acknowledge_wait{5};
    std::size_t publishing_max = 1024;                // handed over and not confirmed yet
    std::size_t message_bytes_max = 2 * 1024 * 1024;  // received; what is larger is rejected unread
};

enum class WhenFull { refuse, drop_oldest };

// A quorum queue. Declared when the connection opens; declaring it again changes nothing.
struct Queue {
    std::string name;
    int delivery_limit = 0;      // redeliveries before it goes to dead_letters; 0: none
    std::string dead_letters{};  // a queue; empty: nowhere
    std::uint16_t prefetch = 0;  // handed to us and not acknowledged yet; 0: we only publish to it
    int length_max = 0;          // 0: none
    WhenFull when_full = WhenFull::refuse;
    // A fanout exchange of its name before it: who may write to that can write to this queue alone.
    bool exchange = false;
    // What it holds can be published again: when nobody leads it, it is deleted and declared anew.
    bool expendable = false;
};

struct QueueLook {
    std::string name;
    std::uint32_t waiting = 0;  // ready in the broker, with no consumer
    std::uint32_t consumers = 0;
};

enum class Standing { away, open, blocked };
std::string_view name(Standing standing);

using OnCondition = std::function<void(std::string_view condition, bool raised, std::string text)>;
// In the log, and as the conditions broker.down and broker.blocked if somebody hears them; `serves`: what
// waits meanwhile.
void report(
    Standing now, const std::string& why, std::string_view serves, const OnCondition& on_condition = {}
);

struct Listener {
    // `why` names the host; open: nothing else.
    std::function<void(Standing, const std::string& why)> standing;
    std::function<void(Received)> received;
    std::function<void(std::vector<QueueLook>)> looked;  // every look_every
};

class Connection {
public:
    // Connects at once, on its thread.
    Connection(
        asio::io_context& io,
        Clock& clock,
        Broker broker,
        Limits limits,
        std::vector<Queue> queues,
        Listener listener
    );
    ~Connection();  // = stop()
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    Task<> run();  // keeps the deadlines of the thread, until stop()
    // What waits answers broker_down, what was not acknowledged goes to somebody else, the listener hears
    // nothing more.
    void stop();
    Standing standing() const;

    // To the queue of that name. See above for its errors.
    Task<Result<>> publish(std::string queue, Message message);
    // Of a connection that was lost meanwhile, or before the broker was told: no effect, it hands the message
    // out again.
    void acknowledge(Receipt receipt);
    void reject(Receipt receipt);     // to the dead letters of its queue
    void give_back(Receipt receipt);  // to the head of its queue: somebody else may take it

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace axis::amqp
