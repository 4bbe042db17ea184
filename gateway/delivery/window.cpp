#include "gateway/delivery/window.hpp"

#include <algorithm>

namespace axis::delivery {

void Window::poke(int priority) {
    for (auto& half : halves_) {
        half.poked = true;
        // An open question is older than any new work.
        const auto less = [priority](const ledger::Due& due) {
            return due.state == model::DeliveryState::queued && due.priority < priority;
        };
        std::erase_if(half.due, less);
    }
}

Time Window::look_at(Room room) const {
    auto first = Time::max();
    for (const auto size : sizes)
        if (has_place(size, room)) first = std::min(first, half(size).look_at);
    return first;
}

bool Window::has_place(Size size, Room room) const {
    const auto asks = [](const Half& half) { return !half.due.empty() && is_question(half.due.front()); };
    if (questions_ > 0 || std::any_of(halves_.begin(), halves_.end(), asks)) room.ahead = 0;
    return half(size).open < places(size, room) && open() < room.all();
}

std::optional<Size> Window::next(Room room) const {
    const auto may = [&](Size size) { return !half(size).due.empty() && has_place(size, room); };
    const bool small = may(Size::small);
    const bool large = may(Size::large);
    if (!small && !large) return std::nullopt;
    if (small != large) return small ? Size::small : Size::large;
    const auto urgency = [&](Size size) { return half(size).due.front().priority; };
    if (urgency(Size::small) != urgency(Size::large))
        return urgency(Size::small) > urgency(Size::large) ? Size::small : Size::large;
    return half(Size::large).open == 0 && last_ == Size::small ? Size::large : Size::small;
}

}  // namespace axis::delivery
