// Goal: each publishing gets the broker's word once, whatever the order and form of the answers.
// Method: the window alone, fed with what a broker sends.
#include "gateway/amqp/confirms.hpp"

#include <doctest/doctest.h>

using namespace axis;
using amqp::Confirms;

namespace {

struct Bench {
    Confirms confirms;
    Confirms::Moment now = std::chrono::steady_clock::now();
    std::map<std::string, std::vector<Result<>>> answers;

    void add(const std::string& id, std::chrono::seconds due = std::chrono::seconds{10}) {
        confirms.add("lane", id, now + due, [this, id](Result<> answer) {
            answers[id].push_back(std::move(answer));
        });
    }
    bool taken(const std::string& id) const {
        const auto at = answers.find(id);
        return at != answers.end() && at->second.size() == 1 && at->second.front().has_value();
    }
    errc refusal(const std::string& id) const {
        const auto at = answers.find(id);
        if (at == answers.end() || at->second.size() != 1 || at->second.front()) return errc::none;
        return at->second.front().error().code;
    }
};

}  // namespace

TEST_CASE("an acknowledgement of several answers all before it, and none behind it") {
    Bench bench;
    for (const auto* id : {"a", "b", "c", "d"}) bench.add(id);

    bench.confirms.answered(2, false, true);
    bench.confirms.answered(3, true, true);

    CHECK(bench.taken("a"));
    CHECK(bench.taken("b"));
    CHECK(bench.taken("c"));
    CHECK(bench.answers.count("d") == 0);
    CHECK(bench.confirms.size() == 1);
}

TEST_CASE("an answer that came already, or to nothing, changes nothing") {
    Bench bench;
    bench.add("a");

    bench.confirms.answered(1, false, true);
    bench.confirms.answered(1, false, true);
    bench.confirms.answered(1, true, false);
    bench.confirms.answered(9, false, true);

    CHECK(bench.taken("a"));
}

TEST_CASE("what no queue takes is refused, though the broker confirms it afterwards") {
    Bench bench;
    bench.add("a");
    bench.add("b");

    bench.confirms.returned("lane", "b", "312 NO_ROUTE");
    bench.confirms.answered(2, true, true);

    CHECK(bench.taken("a"));
    CHECK(bench.refusal("b") == errc::broker_refused);
}

TEST_CASE("what comes back is told from its namesake in another queue") {
    Bench bench;
    bench.add("a");
    bench.confirms.add("other", "a", bench.now, [](Result<> answer) { CHECK_FALSE(answer); });

    bench.confirms.returned("other", "a", "312 NO_ROUTE");
    bench.confirms.answered(2, true, true);

    CHECK(bench.taken("a"));
}

TEST_CASE("a nack is a refusal") {
    Bench bench;
    bench.add("a");

    bench.confirms.answered(1, false, false);

    CHECK(bench.refusal("a") == errc::broker_refused);
}

TEST_CASE("the queues that refused are told, those that took or returned are not") {
    amqp::Confirms confirms;
    const auto now = Confirms::Moment{};
    for (const auto* queue : {"lane", "events", "gone", "lane"}) confirms.add(queue, queue, now, [](auto) {});
    confirms.returned("gone", "gone", "312 NO_ROUTE");

    CHECK(confirms.answered(1, false, true).empty());
    CHECK(confirms.answered(3, true, false) == std::vector<std::string>{"events"});
    CHECK(confirms.answered(4, true, false) == std::vector<std::string>{"lane"});
}

TEST_CASE("what expires is given up, and its number is still counted") {
    Bench bench;
    bench.add("a", std::chrono::seconds{1});
    bench.add("b", std::chrono::seconds{5});

    bench.confirms.expire(bench.now + std::chrono::seconds{2}, Error{errc::broker_blocked});
    bench.confirms.answered(1, false, true);
    bench.confirms.answered(2, false, true);

    CHECK(bench.refusal("a") == errc::broker_blocked);
    CHECK(bench.taken("b"));
}

TEST_CASE("a connection that ends answers all, and the next counts from one") {
    Bench bench;
    bench.add("a");
    bench.confirms.lost(Error{errc::broker_down});
    bench.add("b");

    bench.confirms.answered(1, false, true);

    CHECK(bench.refusal("a") == errc::broker_down);
    CHECK(bench.taken("b"));
    CHECK_FALSE(bench.confirms.next_due());
}
