// Confirms: what was published on a channel and not answered for yet, by the number the broker counts it
// under (1, 2, 3 … since confirm.select). Private to gateway/amqp; pure, one thread at a time.
#pragma once

#include "gateway/base/error.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace axis::amqp {

class Confirms {
public:
    using Moment = std::chrono::steady_clock::time_point;
    using Done = std::function<void(Result<>)>;

    // Before it is written; its answer is due until then.
    void add(std::string queue, std::string id, Moment due, Done done);
    // basic.return: no queue takes it. The confirmation that follows would say nothing of that.
    void returned(std::string_view queue, std::string_view id, const std::string& why);
    // The queues that refused one (basic.nack).
    std::vector<std::string> answered(std::uint64_t number, bool multiple, bool taken);
    // Those whose time is over; the broker may still take them, its word for them then says nothing.
    void expire(Moment now, const Error& why);
    // The connection ends: nobody knows whether they were taken.
    void lost(const Error& why);
    std::optional<Moment> next_due() const;
    std::uint64_t last() const { return count_; }
    std::size_t size() const { return waiting_.size(); }

private:
    struct Waiting {
        std::string queue;
        std::string id;
        Moment due;
        Done done;
        std::optional<Error> refused;
    };
    std::uint64_t count_ = 0;
    std::map<std::uint64_t, Waiting> waiting_;
};

}  // namespace axis::amqp
