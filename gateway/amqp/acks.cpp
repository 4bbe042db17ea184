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
    auto held = std::exchange(held_, {});
    Ack row;
    std::size_t length = 0;
    for (; !held.empty() && *held.begin() == *open_.begin(); ++length) {
        row = {*held.begin(), length > 0};
        held.erase(held.begin());
        open_.erase(open_.begin());
    }
    std::vector<Ack> out;
    if (length > 0) out.push_back(row);
    for (const auto tag : held) {
        out.push_back({tag, false});
        open_.erase(tag);
    }
    return out;
}

}  // namespace axis::amqp
