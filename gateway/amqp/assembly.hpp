// Assembly: method, header and body frames of one channel, put together to what was delivered or returned.
// Private to gateway/amqp; pure, one thread at a time.
#pragma once

#include "gateway/amqp/message.hpp"

#include <amqp.h>

#include <cstddef>
#include <optional>
#include <string>

namespace axis::amqp {

std::string text_of(amqp_bytes_t bytes);

struct Content {
    bool returned = false;  // basic.return: one of ours that no queue took
    std::string why;        // then
    std::string queue;      // it was read from, or meant for
    std::uint64_t tag = 0;
    bool again = false;
    bool oversized = false;
    Message message;
};

class Assembly {
public:
    explicit Assembly(std::size_t bytes_max) : bytes_max_{bytes_max} {}

    // A frame that is part of a content; the content when this was its last.
    std::optional<Content> take(const amqp_frame_t& frame);

private:
    void begin(const amqp_method_t& method);
    void properties(const amqp_frame_t& frame);
    std::optional<Content> ended();

    std::size_t bytes_max_;
    std::optional<Content> open_;
    std::uint64_t missing_ = 0;
};

}  // namespace axis::amqp
