// Axis: an exchange as it behaves on bad days. It takes what is sent, and loses the answer; answers what it
// did not take; takes late; lists what was sent in any order, or cannot tell; hands over twice; forgets an
// acknowledgement; is away for days.
//
//   list form   (national): its list of sendings answers "did it arrive?"
//   cannot tell (tinh):     it refuses the list, so that the gateway must hold (on_unknown = hold)
//
// What it never does, since nobody could stand it: say "refused" about what it took, take a document later
// than `late_max` after it came in whole, or leave a sending out of a list it calls complete. Thread: one.
#pragma once

#include "adapters/vxp/calls.hpp"
#include "tests/simulation/papers.hpp"
#include "tests/simulation/timeline.hpp"

#include <functional>
#include <string>
#include <vector>

namespace axis::simulation {

inline constexpr Duration late_max{seconds{10}};

class Axis {
public:
    Axis(std::string name, bool lists, Timeline& world, Papers& papers)
        : name_{std::move(name)}, lists_{lists}, world_{world}, papers_{papers} {}

    // The calls of one life of the gateway; `clock` is that life's.
    std::unique_ptr<vxp::Calls> line(Clock& clock);

    // Something for the gateway: an envelope in the box, under an id of its own.
    void put(model::MessageKind kind, std::string envelope, bool poison = false);
    void away(Time until) { away_until_ = until; }
    bool is_away() const { return world_.now() < away_until_; }
    void calm() { calm_ = true; }  // no faults any more
    bool has(const Letter& letter) const;
    std::size_t open_most() const { return open_most_; }
    bool empty_box() const;
    const std::string& name() const { return name_; }
    std::size_t pending() const { return pending_; }  // takings under way

    // Called when it has taken a letter for the first time.
    std::function<void(Letter&)> on_letter;

private:
    friend class Line;
    struct Item {
        std::string id;
        model::MessageKind kind;
        std::string envelope;
        bool poison = false;
        bool acknowledged = false;
    };

    bool trouble(unsigned per_mille) { return !calm_ && world_.chance(per_mille); }
    std::string take(std::size_t letter, std::string_view bytes, const Sha256& announced);
    void take_report(std::string_view envelope);
    void count(std::string_view fault) { world_.count(fault); }

    std::string name_;
    bool lists_;
    Timeline& world_;
    Papers& papers_;
    std::vector<Item> box_;
    std::size_t next_id_ = 1;
    Time away_until_{};
    bool calm_ = false;
    std::size_t open_ = 0;
    std::size_t open_most_ = 0;
    std::size_t pending_ = 0;
};

}  // namespace axis::simulation
