#include "gateway/amqp/confirms.hpp"

#include <algorithm>
#include <utility>

namespace axis::amqp {

void Confirms::add(std::string queue, std::string id, Moment due, Done done) {
    waiting_.emplace(++count_, Waiting{std::move(queue), std::move(id), due, std::move(done), std::nullopt});
}

void Confirms::returned(std::string_view queue, std::string_view id, const std::string& why) {
    const auto is_it = [&](const auto& entry) {
        const auto& one = entry.second;
        return one.queue == queue && one.id == id && !one.refused;
    };
    const auto at = std::find_if(waiting_.begin(), waiting_.end(), is_it);
    if (at != waiting_.end()) at->second.refused = Error{errc::broker_refused, why};
}

std::vector<std::string> Confirms::answered(std::uint64_t number, bool multiple, bool taken) {
    const auto first = multiple ? waiting_.begin() : waiting_.find(number);
    const auto last =
        multiple ? waiting_.upper_bound(number) : (first == waiting_.end() ? first : std::next(first));
    std::vector<Waiting> ended;
    for (auto at = first; at != last; ++at) ended.push_back(std::move(at->second));
    waiting_.erase(first, last);
    std::vector<std::string> nacked;
    for (auto& one : ended) {
        if (one.refused) {
            one.done(*one.refused);
        } else if (taken) {
            one.done({});
        } else {
            one.done(Error{errc::broker_refused, "basic.nack"});
            nacked.push_back(std::move(one.queue));
        }
    }
    return nacked;
}

void Confirms::expire(Moment now, const Error& why) {
    while (!waiting_.empty() && waiting_.begin()->second.due <= now) {
        auto one = std::move(waiting_.extract(waiting_.begin()).mapped());
        one.done(one.refused ? *one.refused : why);
    }
}

void Confirms::lost(const Error& why) {
    auto ended = std::exchange(waiting_, {});
    count_ = 0;
    for (auto& [number, one] : ended) one.done(one.refused ? *one.refused : why);
}

// They are due in the order in which they were added.
std::optional<Confirms::Moment> Confirms::next_due() const {
    if (waiting_.empty()) return std::nullopt;
    return waiting_.begin()->second.due;
}

}  // namespace axis::amqp
