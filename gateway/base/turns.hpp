// Turns: what comes about beside each other is stored in the order in which it was begun.
//
//   take() --> waiting --come(): those before have passed--> first --pass()--> the next one is first
//                 '------------------ pass(), dropped ------------------------'
//
// A turn that is dropped has passed, so that one who fails holds nobody up. Thread: io.
#pragma once

#include "gateway/base/task.hpp"

#include <boost/asio/steady_timer.hpp>

#include <list>
#include <memory>
#include <optional>

namespace axis {

class Turns {
    // Who waits has a timer that is cut short when its turn has come.
    using Line = std::list<std::optional<asio::steady_timer>>;

public:
    class Turn {
    public:
        explicit Turn(std::shared_ptr<Line> line);
        ~Turn() { pass(); }
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;

        Task<> come();  // throws when cancelled
        // What is begun before the next suspension is still before all that come later.
        void pass();

    private:
        std::shared_ptr<Line> line_;
        Line::iterator place_;
        bool passed_ = false;
    };

    std::unique_ptr<Turn> take() const { return std::make_unique<Turn>(line_); }

private:
    std::shared_ptr<Line> line_ = std::make_shared<Line>();
};

}  // namespace axis
