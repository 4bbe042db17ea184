// What travels through a broker: plain values. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace axis::amqp {

struct Message {
    std::string body;
    std::string content_type = "application/json";
    std::string type;  // what it is for: names the command or the event
    std::string id;
    std::string correlation_id;
    std::vector<std::pair<std::string, std::string>> headers;  // of what we publish; what comes loses its own
};

// Which message of which life of the connection: stale after a reconnect.
struct Receipt {
    std::uint64_t life = 0;
    std::uint64_t tag = 0;
};

struct Received {
    Receipt receipt;
    std::string queue;
    bool again = false;      // handed out before
    bool oversized = false;  // larger than message_bytes_max: the body was dropped
    Message message;
};

}  // namespace axis::amqp
