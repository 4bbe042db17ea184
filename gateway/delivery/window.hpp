// Window: the due deliveries of a lane that are in memory, small ones and large ones apart. Which goes next:
// the more urgent one; among equals, a large one when none is under way and the last was small, else a small
// one. Large ones take half of the places at most. So neither kind waits for the other. Pure; thread: io.
#pragma once

#include "gateway/ledger/lane_records.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <deque>
#include <optional>

namespace axis::delivery {

enum class Size : std::size_t { small, large };
inline constexpr std::array<Size, 2> sizes{Size::small, Size::large};
inline bool is_question(const ledger::Due& due) {
    return due.state == model::DeliveryState::reconciling;
}

// What may be open: attempts, and more that were handed over and wait for a place.
struct Room {
    std::size_t attempts = 0;
    std::size_t ahead = 0;
    std::size_t all() const { return attempts + ahead; }
};

class Window {
public:
    struct Half {
        std::deque<ledger::Due> due;
        bool poked = true;  // the ledger may know more than stands here
        Time look_at{};     // ask it at the latest then
        std::string last;   // the sender that was served last
        std::size_t open = 0;
        bool wants_more(Time now) const { return due.empty() && (poked || look_at <= now); }
    };
    Half& half(Size size) { return halves_.at(static_cast<std::size_t>(size)); }
    const Half& half(Size size) const { return halves_.at(static_cast<std::size_t>(size)); }

    // New work of this priority: what is less urgent must not go before it.
    void poke(int priority);
    // When the ledger is to be asked for what may start: a half without a place waits for one, not for a
    // time.
    Time look_at(Room room) const;

    // Which kind is served next when both are filled; nothing: none is due that may start.
    std::optional<Size> next(Room room) const;
    static std::size_t places(Size size, Room room) {
        return size == Size::small ? room.all() : std::max<std::size_t>(1, room.attempts / 2);
    }
    // None ahead while a question is open or would go next: we ask it ourselves, beside what was handed over.
    bool has_place(Size size, Room room) const;
    void started(Size size, bool question = false) {
        half(size).open += 1;
        questions_ += question ? 1 : 0;
        last_ = size;
    }
    void ended(Size size, bool question = false) {
        half(size).open -= 1;
        questions_ -= question ? 1 : 0;
    }
    std::size_t open() const { return halves_[0].open + halves_[1].open; }

private:
    std::array<Half, 2> halves_;
    std::size_t questions_ = 0;  // of those that are open
    Size last_ = Size::small;
};

}  // namespace axis::delivery
