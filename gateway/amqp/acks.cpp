#include "gateway/amqp/acks.hpp"

#include <utility>

namespace axis::amqp {

void Acks::acknowledge(std::uint64_t tag, Moment now) {
    if (open_.count(tag) == 0) return;  // the broker ends a channel that acknowledges twice
    if (held_.empty()) since_ = now;
    held_.insert(tag);
}

std::optional<Acks::Moment> Acks::due() const {
    if (held_.empty()) return std::nullopt;
    return held_.size() >= together_ ? since_ : since_ + wait_;
}

std::vector<Acks::Ack> Acks::take() {
    std::vector<Ack> out;
    auto held = std::exchange(held_, {});
    while (!held.empty() && *held.begin() == *open_.begin()) {
        const Ack row{*held.begin(), !out.empty()};
        out.assign(1, row);
        held.erase(held.begin());
        open_.erase(open_.begin());
    }
    for (const auto tag : held) {
        out.push_back({tag, false});
        open_.erase(tag);
    }
    return out;
}

}  // namespace axis::amqp
