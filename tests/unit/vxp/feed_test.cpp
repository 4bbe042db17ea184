// Goal: nothing is acknowledged before it is stored, nothing stops the rest, and an outage is not "no
// documents". Method: the feed against a scripted axis and an Arrivals that notes every call in one journal
// with the axis' calls.
#include "adapters/vxp/feed.hpp"

#include "gateway/base/base64.hpp"
#include "gateway/base/task_group.hpp"
#include "tests/unit/vxp/scripted_axis.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using namespace axis;
using namespace axis::vxp;
using ports::Known;
using test::Say;

TEST_SUITE_BEGIN("vxp/feed");

namespace {

using Journal = std::vector<std::string>;

class NotingArrivals final : public ports::Arrivals {
public:
    explicit NotingArrivals(Journal& journal) : journal_{journal} {}

    Task<Result<std::vector<Known>>> known(model::EndpointName, std::vector<std::string> ids) override {
        asked.push_back(ids.size());
        std::vector<Known> out;
        for (const auto& id : ids) out.push_back(states.contains(id) ? states.at(id) : Known::fresh);
        co_return out;
    }
    Result<std::unique_ptr<ports::Arrival>> open(model::EndpointName, std::string id, model::MessageKind kind)
        override {
        if (refuse_open.code != errc::none) return refuse_open;
        journal_.push_back("open " + id + (kind == model::MessageKind::status ? " status" : ""));
        return std::unique_ptr<ports::Arrival>{new Noting{*this, std::move(id)}};
    }
    Task<Result<>> acknowledged(model::EndpointName, std::vector<std::string> ids) override {
        for (const auto& id : ids) {
            journal_.push_back("acknowledged " + id);
            states[id] = Known::acknowledged;
        }
        co_return Result<>{};
    }
    Task<Result<>> polled(model::EndpointName) override {
        ++polled_count;
        co_return Result<>{};
    }

    std::map<std::string, Known> states;
    std::map<std::string, std::string> stored;
    std::set<std::string> poison;
    std::set<std::string> duplicates;
    std::string disk_full_at;
    Error refuse_open;
    std::vector<std::size_t> asked;
    int polled_count = 0;

private:
    struct Noting final : ports::Arrival {
        Noting(NotingArrivals& o, std::string i) : owner{o}, id{std::move(i)} {}
        Task<Result<>> feed(std::string_view bytes) override {
            if (owner.disk_full_at == id) co_return Error{errc::disk_full};
            text += bytes;
            co_return Result<>{};
        }
        Task<Result<ports::Arrived>> finish() override {
            ports::Arrived arrived;
            const bool bad = owner.poison.contains(id);
            owner.journal_.push_back((bad ? "quarantined " : "stored ") + id);
            owner.stored[id] = text;
            owner.states[id] = bad ? Known::quarantined : Known::stored;
            if (owner.duplicates.contains(id)) arrived.how = ports::Arrived::How::duplicate;
            if (bad) {
                arrived.how = ports::Arrived::How::quarantined;
                arrived.why = Error{errc::internal, "poison"};
            }
            co_return arrived;
        }
        NotingArrivals& owner;
        std::string id;
        std::string text;
    };
    Journal& journal_;
};

// The rules of what ends a poll, without what else was under way.
FeedLimits one_by_one() {
    FeedLimits limits;
    limits.at_once = 1;
    return limits;
}

struct Bench {
    explicit Bench(FeedLimits limits = {}, Fetch how = Fetch::download) : clock{axis.io, Time{Duration{0}}} {
        auto settings = axis.settings();
        settings.fetch = how;
        client = Client::open(axis.io, clock, settings).value();
        auto note = [this](std::string_view name, bool raised, std::string) {
            conditions.push_back(std::string{name} + (raised ? "+" : "-"));
        };
        feed.emplace(axis.io, clock, *client, arrivals, settings, std::move(note), limits);
        axis.on_call = [this](const test::Heard& call) { hear(call); };
        lists({}, {});
        axis.say("downloadEdoc", {{"<edXML>x</edXML>"}});
    }
    ~Bench() {
        if (!started) return;
        feed->stop();
        axis.until([this] { return ended; });
    }

    // One poll more, the first one by starting; returns when the feed waits again.
    void poll() {
        if (started) clock.advance(std::chrono::seconds{60});
        if (!started) asio::co_spawn(axis.io, feed->run(), [this](std::exception_ptr) { ended = true; });
        started = true;
        axis.until([this] { return clock.next_wake() > clock.now() && clock.next_wake() != Time::max(); });
    }
    // Documents and statuses the axis lists from now on, at every poll the same.
    void lists(const std::vector<std::string>& documents, const std::vector<std::string>& statuses) {
        axis.say("getReceivedEdocList", {list(documents), list(statuses)});
        next_lists = {list(documents), list(statuses)};
    }
    static Say list(const std::vector<std::string>& ids) {
        std::string rows;
        for (const auto& id : ids)
            rows += (rows.empty() ? "" : ",") + (R"({"docId":")" + id + R"(","status":"initial"})");
        return {R"({"status":"OK","ErrorCode":"0","data":[)" + rows + "]}"};
    }
    void hear(const test::Heard& call) {
        if (call.operation == "getReceivedEdocList") {
            // The script holds the pair of one poll; make it endless.
            if (call.parameter("messagetype") == "edoc" && !next_lists.empty())
                axis.say("getReceivedEdocList", next_lists);
            return;
        }
        journal.push_back(call.operation + " " + call.parameter("docId"));
        if (call.operation == "updateStatus") CHECK(call.parameter("status") == "done");
    }
    long count(const std::string& entry) const { return std::count(journal.begin(), journal.end(), entry); }

    test::ScriptedAxis axis;
    ManualClock clock;
    Journal journal;
    NotingArrivals arrivals{journal};
    std::unique_ptr<Client> client;
    std::optional<Feed> feed;
    std::vector<std::string> conditions;
    std::vector<Say> next_lists;
    bool started = false;
    bool ended = false;
};

}  // namespace

TEST_CASE("an item is fetched, stored, acknowledged at the axis and then in the ledger, in this order") {
    Bench bench;
    bench.lists({"a"}, {"s"});

    bench.poll();

    CHECK(
        bench.journal ==
        Journal{
            "open a",
            "downloadEdoc a",
            "stored a",
            "updateStatus a",
            "acknowledged a",
            "open s status",
            "downloadEdoc s",
            "stored s",
            "updateStatus s",
            "acknowledged s"}
    );
    CHECK(bench.arrivals.stored.at("a") == "<edXML>x</edXML>");
    CHECK(bench.arrivals.polled_count == 2);
    CHECK(bench.conditions.empty());
}

TEST_CASE("some items are under way at once, opened as they are listed; one that comes slowly stops no other"
) {
    Bench bench;
    bench.lists({"slow", "b", "c", "d", "e", "f"}, {});
    bench.axis.say("downloadEdoc slow", {{"", 200, Say::How::silence}});

    TaskGroup group{bench.axis.io};
    group.spawn("feed", bench.feed->run());
    bench.axis.until([&] { return bench.count("updateStatus f") == 1; });
    asio::post(bench.axis.io, [&] { group.cancel(); });
    bench.axis.until([&] { return group.size() == 0; });

    CHECK(
        Journal(bench.journal.begin(), bench.journal.begin() + 4) ==
        Journal{"open slow", "open b", "open c", "open d"}
    );
    CHECK(bench.count("stored slow") == 0);
    CHECK(bench.count("downloadEdoc slow") == 1);
}

TEST_CASE("an acknowledgement the axis did not take is repeated at the next poll, without fetching again") {
    Bench bench;
    bench.lists({"a"}, {});
    bench.axis.say("updateStatus", {test::fail("20"), {"<html></html>", 502}, {}});

    bench.poll();
    CHECK(bench.count("acknowledged a") == 0);
    bench.poll();
    CHECK(bench.count("acknowledged a") == 0);
    bench.poll();

    CHECK(bench.count("acknowledged a") == 1);
    CHECK(bench.count("updateStatus a") == 3);
    CHECK(bench.count("downloadEdoc a") == 1);
}

TEST_CASE("what the axis lists again after it was acknowledged is acknowledged again, not fetched") {
    Bench bench;
    bench.lists({"a"}, {});
    bench.arrivals.states["a"] = Known::acknowledged;

    bench.poll();

    CHECK(bench.journal == Journal{"updateStatus a", "acknowledged a"});
}

TEST_CASE("a duplicate is acknowledged") {
    Bench bench;
    bench.lists({"a"}, {});
    bench.arrivals.duplicates = {"a"};

    bench.poll();

    CHECK(bench.count("acknowledged a") == 1);
}

TEST_CASE("poison is set aside, never acknowledged, never fetched again, and the rest flows") {
    Bench bench;
    bench.lists({"a", "bad", "b"}, {});
    bench.arrivals.poison = {"bad"};

    bench.poll();
    bench.poll();

    CHECK(bench.count("downloadEdoc bad") == 1);
    CHECK(bench.count("quarantined bad") == 1);
    CHECK(bench.count("updateStatus bad") == 0);
    CHECK(bench.count("acknowledged a") >= 1);
    CHECK(bench.count("acknowledged b") >= 1);
}

TEST_CASE("an item that cannot be fetched stops no other, is not poison, and is tried again ever more seldom"
) {
    Bench bench;
    bench.lists({"bad", "b"}, {});
    bench.axis.say("downloadEdoc bad", {{"<html>502</html>", 502}});

    bench.poll();
    CHECK(bench.count("acknowledged b") == 1);
    CHECK(bench.count("stored bad") + bench.count("quarantined bad") == 0);
    for (int i = 0; i < 7; ++i) bench.poll();

    CHECK(bench.count("downloadEdoc bad") == 4);  // polls 1, 2, 4, 8
    CHECK(bench.conditions.empty());
}

TEST_CASE("a download that is no envelope falls back to getEdoc") {
    Bench bench;
    bench.lists({"a"}, {});
    bench.axis.say("downloadEdoc", {test::fail("20")});
    bench.axis.say(
        "getEdoc",
        {{R"({"status":"OK","ErrorCode":"0","data":")" + base64_encode("<edXML>y</edXML>") + "\"}"}}
    );

    bench.poll();

    CHECK(bench.arrivals.stored.at("a") == "<edXML>y</edXML>");
    CHECK(bench.count("acknowledged a") == 1);
}

TEST_CASE("with fetch = get downloadEdoc is never called") {
    Bench bench{{}, Fetch::get};
    bench.lists({"a"}, {});
    bench.axis.say(
        "getEdoc",
        {{R"({"status":"OK","ErrorCode":"0","data":")" + base64_encode("<edXML>y</edXML>") + "\"}"}}
    );

    bench.poll();

    CHECK(bench.arrivals.stored.at("a") == "<edXML>y</edXML>");
    CHECK(bench.count("downloadEdoc a") == 0);
}

TEST_CASE("a page instead of the list is an outage, not no documents, and clears when the list is back") {
    Bench bench;
    bench.next_lists.clear();
    bench.axis.say("getReceivedEdocList", {{"<html><body>Maintenance</body></html>", 200}});

    bench.poll();
    CHECK(bench.conditions == Journal{"axis.unreachable+"});
    CHECK(bench.arrivals.polled_count == 0);
    bench.poll();
    CHECK(bench.conditions.size() == 1);

    bench.lists({}, {});
    bench.poll();
    CHECK(bench.conditions == Journal{"axis.unreachable+", "axis.unreachable-"});
    CHECK(bench.arrivals.polled_count == 2);
}

TEST_CASE("refused credentials are their own condition") {
    Bench bench;
    bench.next_lists.clear();
    bench.axis.say("getReceivedEdocList", {test::fail("15", 401)});

    bench.poll();

    CHECK(bench.conditions == Journal{"axis.unauthorised+"});
}

TEST_CASE("documents flow although the list of statuses fails") {
    Bench bench;
    bench.next_lists.clear();
    bench.axis.say("getReceivedEdocList", {Bench::list({"a"}), test::fail("20")});

    bench.poll();

    CHECK(bench.count("acknowledged a") == 1);
    CHECK(bench.conditions == Journal{"axis.unreachable+"});
}

TEST_CASE("a full disk ends the poll with nothing acknowledged, and the next poll goes on") {
    Bench bench{one_by_one()};
    bench.lists({"a", "b"}, {"s"});
    bench.arrivals.disk_full_at = "a";

    bench.poll();
    CHECK(bench.journal == Journal{"open a", "downloadEdoc a"});
    bench.arrivals.disk_full_at.clear();
    bench.poll();

    CHECK(bench.count("acknowledged a") == 1);
    CHECK(bench.count("acknowledged s") == 1);
}

TEST_CASE("when no upload may be opened nothing is asked of the axis") {
    Bench bench;
    bench.lists({"a", "b"}, {});
    bench.arrivals.refuse_open = Error{errc::overloaded};

    bench.poll();

    CHECK(bench.journal.empty());
}

TEST_CASE("one poll fetches a bounded number and the next follows at once until all is there") {
    FeedLimits limits;
    limits.fetch_count_max = 2;
    limits.known_count_max = 3;
    Bench bench{limits};
    bench.lists({"a", "b", "c", "d", "e", "a"}, {});

    bench.poll();

    for (const std::string id : {"a", "b", "c", "d", "e"}) CHECK(bench.count("stored " + id) == 1);
    CHECK(bench.clock.now() == Time{Duration{0}});
    CHECK(bench.arrivals.asked.front() == 3);
    CHECK(*std::max_element(bench.arrivals.asked.begin(), bench.arrivals.asked.end()) == 3);
}

TEST_CASE("an axis that breaks every connection ends the poll after a few items") {
    auto limits = one_by_one();
    limits.wire_failures_max = 3;
    Bench bench{limits};
    bench.lists({"a", "b", "c", "d", "e"}, {});
    bench.axis.say("downloadEdoc", {{"<edXML>0123456789</edXML>", 200, Say::How::part}});

    bench.poll();
    CHECK(bench.count("downloadEdoc d") == 0);
    CHECK(bench.arrivals.stored.empty());

    bench.poll();
    bench.poll();
    CHECK(bench.count("downloadEdoc d") >= 1);  // the first three pause: they do not block the rest
}

TEST_CASE("refused credentials end the poll in the middle of it") {
    Bench bench{one_by_one()};
    bench.lists({"a", "b", "c"}, {"s"});
    bench.axis.say("downloadEdoc", {test::fail("15", 401)});
    bench.axis.say("getEdoc", {test::fail("15", 401)});

    bench.poll();

    CHECK(bench.count("downloadEdoc a") == 1);
    CHECK(bench.count("downloadEdoc b") == 0);
    CHECK(bench.conditions == Journal{"axis.unauthorised+"});
}

TEST_CASE("an item that fails again and again becomes a condition, and no longer when it came after all") {
    FeedLimits limits;
    limits.stuck_failures = 2;
    Bench bench{limits};
    bench.lists({"a"}, {});
    bench.axis.say("downloadEdoc", {{"", 200}});

    bench.poll();
    CHECK(bench.conditions.empty());
    bench.poll();
    CHECK(bench.conditions == Journal{"axis.fetch_failing+"});
    bench.axis.say("downloadEdoc", {{"<edXML>x</edXML>"}});
    bench.poll();
    bench.poll();

    CHECK(bench.conditions == Journal{"axis.fetch_failing+", "axis.fetch_failing-"});
    CHECK(bench.count("acknowledged a") == 1);
}

TEST_CASE("acknowledgements the axis never heeds do not turn the poll into a storm") {
    FeedLimits limits;
    limits.acknowledge_count_max = 2;
    Bench bench{limits};
    bench.lists({"a", "b", "c"}, {});
    for (const std::string id : {"a", "b", "c"}) bench.arrivals.states[id] = Known::acknowledged;

    bench.poll();

    CHECK(bench.journal.size() == 4);
}

TEST_CASE("a cancelled feed ends, whatever it waits for") {
    for (const bool hanging : {false, true}) {
        Bench bench;
        bench.lists({"a"}, {});
        if (hanging) bench.axis.say("downloadEdoc", {{"", 200, Say::How::silence}});
        TaskGroup group{bench.axis.io};
        group.spawn("feed", bench.feed->run());
        bench.axis.until([&] {
            return hanging ? bench.count("downloadEdoc a") == 1 : bench.count("acknowledged a") == 1;
        });

        asio::post(bench.axis.io, [&] { group.cancel(); });
        bench.axis.until([&] { return group.size() == 0; });

        CHECK(group.size() == 0);
    }
}

TEST_CASE("poke polls without waiting for the interval") {
    Bench bench;
    bench.poll();
    const auto calls = bench.axis.heard.size();

    bench.feed->poke();
    bench.axis.until([&] { return bench.axis.heard.size() == calls + 2; });

    CHECK(bench.clock.now() == Time{Duration{0}});
}

TEST_SUITE_END();
