// World: one seed: a ministry's gateway and everybody around it for a month.
//
//   days 0 … 25   letters and reports in both directions, crashes, an outage of an axis, a failing disk, a
//                 clock that is set, an operator who holds, cancels and retries
//   from day 26   the faults stop; everything must come to its end; from day 30 on the books are closed
//
// Thread: one.
#pragma once

#include "tests/simulation/axis.hpp"
#include "tests/simulation/unit.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace axis::simulation {

struct Plan {
    std::uint64_t seed = 1;
    std::filesystem::path directory;  // of its own, made and removed
    std::size_t own_letters = 55;
    std::size_t foreign_letters = 38;
    std::size_t crashes_least = 5;
    std::size_t crashes_more = 3;
    Duration outage_least{hours{25}};
    Duration outage_most{hours{60}};
    // outage: 300 letters for one axis, which is away from the second to the fifth day; nothing else goes
    // wrong.
    enum class Kind { month, outage } kind = Kind::month;
};

class World {
public:
    explicit World(Plan plan);
    ~World();

    void run();

    Timeline& timeline() { return time_; }
    std::size_t messages() const { return messages_; }
    std::size_t handlers() const { return handlers_; }
    std::size_t crashes() const { return crashes_; }
    double days() const;
    const Papers& papers() const { return papers_; }
    // Letters in the order an axis took them.
    const std::vector<std::size_t>& taken_in_order() const { return taken_in_order_; }
    Time outage_end() const { return outage_end_; }

private:
    struct Kept {
        std::string endpoint;
        int state = 0;
        int attempts = 0;
    };
    using Deliveries = std::map<std::int64_t, Kept>;
    using Rows = std::vector<std::vector<std::string>>;

    // plan.cpp: what will happen
    void plan();
    void plan_letters();
    void plan_trouble();
    void prepare_crash();
    void plan_long_outage();
    void write_letter(Time when, bool foreign);
    std::vector<File> write_files();
    void put_letter(std::size_t letter);
    void answer_letter(Letter& letter);            // the partner behind an axis
    void read_letter(Letter& letter, Unit& unit);  // a clerk
    void hand_over(std::size_t letter);

    // world.cpp: what happens
    void start();
    void crash(Leaves leaves);
    void turn_handlers();
    bool turn();
    void set_clock();
    bool at_rest();

    // operator.cpp
    void look();
    void treat(const std::vector<std::string>& row);
    void steer(std::int64_t delivery, const std::string& endpoint, model::DeliveryState wanted);
    Task<> steer_session(std::int64_t delivery, std::string endpoint, model::DeliveryState wanted);

    // books.cpp: the ledger against what was seen
    Rows ask(const char* sql);
    Deliveries deliveries();
    std::vector<Sha256> unknown_texts();
    void collect();
    void check_survived();
    void check_end();
    void check_letter(const Letter& letter, const Rows& deliveries);
    void check_sent(const Letter& letter, const std::string& through, const Rows& deliveries);
    void check_told(const Letter& letter, const std::string& unit, const Rows& deliveries);
    void check_statuses(const Letter& letter);
    void check_reports();
    void check_journal();
    void check_bounds();
    Letter* letter_of(const std::string& hex_id);

    Axis& axis(const std::string& name) { return name == "national" ? national_ : tinh_; }
    Unit& unit(const std::string& name);

    Plan plan_;
    Timeline time_;
    SeededRandom disk_chance_;
    Storage storage_;
    Papers papers_;
    Axis national_;
    Axis tinh_;
    std::vector<Unit> units_;
    std::unique_ptr<Core> core_;
    std::shared_ptr<sqlite3> books_;  // closed before the power is cut
    CoreSettings settings_;
    Deliveries before_crash_;
    std::set<std::int64_t> asked_to_cancel_;
    std::vector<std::size_t> taken_in_order_;
    std::vector<std::string> shared_files_;
    Duration skew_most_{minutes{4}};
    Time begin_{};
    Time quiet_{};
    Time outage_end_{};
    std::size_t steps_to_crash_ = 0;  // 0: none is near
    std::size_t steps_to_collection_ = 0;
    bool disk_failed_ = false;  // in this life: what could not be removed goes at the next start
    Leaves crash_leaves_ = Leaves::nothing;
    bool ended_ = false;
    std::size_t handlers_ = 0;
    std::size_t crashes_ = 0;
    std::size_t lives_ = 0;
    std::size_t messages_ = 0;
};

}  // namespace axis::simulation
