// Unit: a department's document software. It posts letters and reports, and repeats with the same key (the
// same words) until it is answered; it fetches events in its own time, looks at what they bring, acknowledges
// late, twice, or less than it saw. What it knows survives the gateway's crashes. Thread: one.
#pragma once

#include "tests/simulation/core.hpp"
#include "tests/simulation/papers.hpp"

#include <functional>
#include <map>
#include <string>

namespace axis::simulation {

inline constexpr Duration upload_takes{50};

class Unit {
public:
    Unit(std::string name, std::string agency, Timeline& world, Papers& papers)
        : name_{std::move(name)}, agency_{std::move(agency)}, world_{world}, papers_{papers} {}

    void connect(Core* core) { core_ = core; }  // nothing: the gateway is down
    void post(std::size_t letter);
    void report(std::size_t report);
    void begin_fetching();
    void calm() { calm_ = true; }
    bool idle() const { return unanswered_ == 0 && acknowledged_ == seen_; }
    const std::string& name() const { return name_; }

    // Its clerk has read a letter for the first time.
    std::function<void(Letter&, Unit&)> on_letter;

private:
    void attempt_post(std::size_t letter);
    void attempt_report(std::size_t report);
    Task<> post_session(std::size_t letter);
    Task<> report_session(std::size_t report);
    Task<> fetch_session();
    Task<> look_at_files(Letter& letter, model::MessageId id);
    void event(std::int64_t seq, const std::string& json, model::MessageId id);
    void document(std::int64_t seq, const std::string& json);
    void status(std::int64_t seq, const std::string& json);
    Result<std::unique_ptr<ports::PackageUpload>> upload(const Letter& letter);
    void answered(Letter& letter, const Result<ports::Receipt>& receipt);
    bool trouble(unsigned per_mille) { return !calm_ && world_.chance(per_mille); }
    ports::Caller caller() const { return {{name_}, "simulated"}; }

    std::string name_;
    std::string agency_;
    Timeline& world_;
    Papers& papers_;
    Core* core_ = nullptr;
    bool calm_ = false;
    std::size_t unanswered_ = 0;
    std::int64_t seen_ = 0;
    std::int64_t acknowledged_ = 0;
    std::map<std::int64_t, std::uint64_t> read_;  // what event n said
};

// The package JSON of a letter: always the same text.
std::string package_of(const Letter& letter);

}  // namespace axis::simulation
