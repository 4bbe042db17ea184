// The ledger held against what the world saw: after every crash, and at the end.
#include "tests/simulation/world.hpp"

#include <boost/asio/co_spawn.hpp>
#include <sqlite3.h>

#include <algorithm>

namespace axis::simulation {

namespace {

using model::DeliveryState;

constexpr std::uint64_t pinned_seconds = 3600;  // as Health has it
constexpr Duration list_skew_max{minutes{5}};   // adapters/vxp: beyond it, a time in a list proves nothing
constexpr std::size_t messages_least = 200;

DeliveryState state_of(const std::string& text) {
    return static_cast<DeliveryState>(std::stoi(text));
}

std::string name_of(int state) {
    return std::string{model::name(static_cast<DeliveryState>(state))};
}

// One commit and the recovery at start, by the drawing of model/delivery.hpp; done and cancelled are for
// ever.
bool may_follow(int before, int after) {
    using enum DeliveryState;
    static const std::map<DeliveryState, std::set<DeliveryState>> next{
        {queued, {reconciling, held, cancelled}},
        {sending, {done, queued, quarantined, reconciling}},
        {reconciling, {done, queued}},
        {offered, {done}},
        {held, {queued, offered}},
        {quarantined, {queued, cancelled}},
    };
    if (before == after) return static_cast<DeliveryState>(before) != sending;
    const auto at = next.find(static_cast<DeliveryState>(before));
    return at != next.end() && at->second.contains(static_cast<DeliveryState>(after));
}

std::string told(const Letter& letter) {
    return "letter " + std::to_string(letter.n) + " of " + letter.origin;
}

}  // namespace

// Past the ledger's interface, with a connection of its own for each life of the gateway.
World::Rows World::ask(const char* sql) {
    if (!books_) {
        sqlite3* db = nullptr;
        const auto file = storage_.ledger_file();
        sqlite3_open_v2(file.c_str(), &db, SQLITE_OPEN_READONLY, storage_.ledger.name().c_str());
        books_ = {db, [](sqlite3* open) { sqlite3_close(open); }};
    }
    sqlite3_stmt* statement = nullptr;
    sqlite3_prepare_v2(books_.get(), sql, -1, &statement, nullptr);
    Rows rows;
    while (statement != nullptr && sqlite3_step(statement) == SQLITE_ROW) {
        auto& row = rows.emplace_back();
        for (int i = 0; i < sqlite3_column_count(statement); ++i) {
            const auto* text = sqlite3_column_text(statement, i);
            row.emplace_back(text == nullptr ? "" : reinterpret_cast<const char*>(text));
        }
    }
    sqlite3_finalize(statement);
    return rows;
}

World::Deliveries World::deliveries() {
    Deliveries out;
    for (const auto& row : ask("SELECT id, endpoint, state, attempts FROM delivery"))
        out[std::stoll(row[0])] = {row[1], std::stoi(row[2]), std::stoi(row[3])};
    return out;
}

// What a reader could see before the crash is still so, or one step further: the last commit may have reached
// the disk without anybody hearing of it.
void World::check_survived() {
    const auto now = deliveries();
    for (const auto& [id, was] : before_crash_) {
        const auto at = now.find(id);
        const auto what = "delivery " + std::to_string(id);
        if (at == now.end()) {
            time_.fail(what + " is lost by a crash");
            continue;
        }
        if (!may_follow(was.state, at->second.state))
            time_.fail(
                what + " to " + was.endpoint + " was " + name_of(was.state) + " before a crash and is " +
                name_of(at->second.state)
            );
        if (at->second.attempts < was.attempts) time_.fail(what + " has forgotten an attempt");
    }
    std::set<std::string> messages;
    for (auto& row : ask("SELECT lower(hex(id)) FROM message")) messages.insert(std::move(row[0]));
    for (const auto& letter : papers_.letters)
        if (letter.id && !messages.contains(to_hex(letter.id->bytes)))
            time_.fail(told(letter) + " was answered and is lost by a crash");
}

// Texts at least an hour old that no message needs, as the ledger has it.
std::vector<Sha256> World::unknown_texts() {
    std::set<std::string> known;
    for (auto& row : ask("SELECT lower(hex(sha256)) FROM blob WHERE text IS NULL"))
        known.insert(std::move(row[0]));
    std::vector<Sha256> out;
    const auto visit = [&](const Sha256& text) {
        if (!known.contains(text.hex())) out.push_back(text);
    };
    auto visited = core_->spool->each(pinned_seconds, visit);
    if (!visited) time_.note("spool.unreadable");
    return out;
}

// Health's collection, between any two steps of the gateway: what it finds must be nobody's.
void World::collect() {
    if (!core_ || storage_.ledger.dead()) return;
    for (const auto& text : unknown_texts()) {
        auto removed = core_->spool->remove(text, pinned_seconds);
        if (removed) time_.count("orphaned text collected");
    }
}

void World::check_end() {
    std::map<std::string, Rows> by_message;
    for (auto& row : ask("SELECT lower(hex(message)), endpoint, state, id, reason FROM delivery"))
        by_message[row[0]].push_back(row);
    for (const auto& letter : papers_.letters) {
        if (!letter.id) {
            time_.fail(told(letter) + " never got in");
            continue;
        }
        check_letter(letter, by_message[to_hex(letter.id->bytes)]);
    }
    check_reports();
    check_journal();
    check_bounds();
    messages_ = ask("SELECT id FROM message").size();
    if (messages_ < messages_least) time_.fail("only " + std::to_string(messages_) + " messages");
    if (plan_.kind == Plan::Kind::month && crashes_ < plan_.crashes_least)
        time_.fail("only " + std::to_string(crashes_) + " crashes");
}

void World::check_letter(const Letter& letter, const Rows& deliveries) {
    std::set<std::string> endpoints;
    for (const auto& code : letter.to)
        if (!letter.foreign() || axis_of(code).empty()) endpoints.insert(endpoint_of(code));
    if (deliveries.size() != endpoints.size())
        time_.fail(told(letter) + " has other deliveries than recipients");
    for (const auto& endpoint : endpoints) {
        Rows mine;
        std::copy_if(deliveries.begin(), deliveries.end(), std::back_inserter(mine), [&](const auto& row) {
            return row[1] == endpoint;
        });
        if (mine.size() != 1) {
            time_.fail(told(letter) + " has " + std::to_string(mine.size()) + " deliveries to " + endpoint);
        } else if (endpoint == "national" || endpoint == "tinh") {
            check_sent(letter, endpoint, mine);
        } else {
            check_told(letter, endpoint, mine);
        }
    }
    check_statuses(letter);
}

void World::check_sent(const Letter& letter, const std::string& through, const Rows& deliveries) {
    const auto state = state_of(deliveries[0][2]);
    const auto taken = std::count_if(letter.taken.begin(), letter.taken.end(), [&](const auto& t) {
        return t.axis == through;
    });
    const auto what = told(letter) + " to " + through + " is " + std::string{model::name(state)};
    const bool cancelled = asked_to_cancel_.contains(std::stoll(deliveries[0][3]));
    // What the axis cannot tell stands as a question with its alarm: only the axis' operator can answer it.
    // So does what its list shows at a time that our clock, set since, makes doubtful.
    const bool question =
        state == DeliveryState::reconciling && (through == "tinh" || skew_most_ > list_skew_max);
    if (state == DeliveryState::done || question) {
        if (taken != 1) time_.fail(what + ", taken " + std::to_string(taken) + " times");
    } else if (state == DeliveryState::quarantined) {
        if (!letter.refused || taken != 0) time_.fail(what + ": " + deliveries[0][4]);
    } else if (state == DeliveryState::cancelled) {
        if (!cancelled || taken != 0) time_.fail(what + ", taken " + std::to_string(taken) + " times");
    } else {
        time_.fail(what + " at the end");
    }
}

void World::check_told(const Letter& letter, const std::string& name, const Rows& deliveries) {
    const auto state = state_of(deliveries[0][2]);
    const auto seen = letter.told.find(name);
    const auto count = seen == letter.told.end() ? 0 : seen->second.size();
    if (state != DeliveryState::done || count != 1)
        time_.fail(
            told(letter) + " to " + name + " is " + std::string{model::name(state)} + ", told " +
            std::to_string(count) + " times"
        );
}

// 01 of every unit that has it: once to a unit, at least once to an axis, whose readers take it twice.
void World::check_statuses(const Letter& letter) {
    for (const auto& code : letter.to) {
        if (unit_of(code).empty()) continue;
        const auto at = letter.arrived.find(code);
        const auto count = at == letter.arrived.end() ? 0 : at->second;
        if (count == 0 || (!letter.foreign() && count > 1))
            time_.fail(told(letter) + ": 01 of " + code + " came " + std::to_string(count) + " times");
    }
}

void World::check_reports() {
    for (const auto& report : papers_.reports) {
        const auto what = "status " + std::to_string(report.n);
        if (!report.to_axis.empty() && report.taken == 0)
            time_.fail(what + " never reached " + report.to_axis);
        if (!report.to_unit.empty() && report.told.size() != 1)
            time_.fail(
                what + " was told " + std::to_string(report.told.size()) + " times to " + report.to_unit
            );
    }
}

// The chain holds, and every act has its row: acceptance, hand-over, and what an axis said.
void World::check_journal() {
    std::optional<Result<std::optional<std::int64_t>>> bad;
    const auto done = [&bad](std::exception_ptr, Result<std::optional<std::int64_t>> found) {
        bad = std::move(found);
    };
    asio::co_spawn(core_->io, core_->ledger->verify_journal(), done);
    for (int n = 0; n < 1000 && !bad; ++n) core_->io.poll_one();
    if (!bad || !*bad) return time_.fail("the journal cannot be read");
    if (**bad) time_.fail("the journal's chain breaks at row " + std::to_string(***bad));
    std::map<std::string, std::size_t> acts;
    for (const auto& row :
         ask("SELECT kind, ifnull(delivery, lower(hex(message))), count(*) FROM journal GROUP BY 1, 2"))
        acts[row[0] + " " + row[1]] = std::stoul(row[2]);
    const auto once = [&](const std::string& act) {
        if (acts[act] != 1) time_.fail("the journal has " + std::to_string(acts[act]) + " rows for " + act);
    };
    for (const auto& row : ask("SELECT id, endpoint IN ('national', 'tinh') FROM delivery WHERE state = 7"))
        once((row[1] == "1" ? "delivery.accepted " : "delivery.handed_over ") + row[0]);
    for (const auto& row : ask("SELECT lower(hex(id)) FROM message WHERE kind = 0"))
        once("message.accepted " + row[0]);
    for (const auto& row :
         ask("SELECT a.delivery FROM attempt a JOIN delivery d ON d.id = a.delivery WHERE a.settled "
             "IS NULL AND d.state = 7"))
        time_.fail("delivery " + row[0] + " is done and an attempt of it open");
}

// The named limits: attempts open at a time, the write-ahead log, nothing left behind in tmp/.
void World::check_bounds() {
    for (auto* one : {&national_, &tinh_})
        if (one->open_most() > settings_.attempts_max * (settings_.over_broker ? broker_workers : 1))
            time_.fail(one->name() + ": more attempts open than allowed");
    constexpr std::size_t page_and_header = 4096 + 24;
    const auto pages = static_cast<std::size_t>(settings_.ledger.wal_pages_max) + 1000;
    if (storage_.ledger.size_of("-wal") > pages * page_and_header)
        time_.fail("the write-ahead log has grown too long");
    collect();
    if (!unknown_texts().empty()) time_.fail("orphaned texts stay in the spool");
    if (!disk_failed_ && !std::filesystem::is_empty(storage_.spool_directory() / "tmp"))
        time_.fail("files stay in tmp/");
}

}  // namespace axis::simulation
