// Acks: what the broker handed out on a channel and has no answer for yet, and what of that is acknowledged
// but not told so far. Those in a row are told in one basic.ack (multiple), for which a quorum queue writes
// one entry to its log. Private to gateway/amqp; pure, one thread at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

namespace axis::amqp {

class Acks {
public:
    using Moment = std::chrono::steady_clock::time_point;
    struct Ack {
        std::uint64_t tag = 0;
        bool multiple = false;  // all before it as well

        bool operator==(const Ack&) const = default;
    };

    // Told as soon as `together` are held, or one for `wait`. 1: at once.
    Acks(std::size_t together, std::chrono::milliseconds wait) : together_{together}, wait_{wait} {}

    void handed(std::uint64_t tag) { open_.insert(tag); }  // basic.deliver
    void acknowledge(std::uint64_t tag, Moment now);       // only what was handed; once
    void rejected(std::uint64_t tag) {
        open_.erase(tag);
        held_.erase(tag);
    }
    std::optional<Moment> due() const;  // when to take them; none: nothing is held
    std::vector<Ack> take();            // what is held, in the fewest words

private:
    std::size_t together_;
    std::chrono::milliseconds wait_;
    std::set<std::uint64_t> open_;
    std::set<std::uint64_t> held_;  // of those
    Moment since_{};                // the first of held_
};

}  // namespace axis::amqp
