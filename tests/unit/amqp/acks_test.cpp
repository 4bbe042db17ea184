// Goal: what is acknowledged is told once, in few words, soon, and never with it what is not.
// Method: the account alone, fed with what a connection does.
#include "gateway/amqp/acks.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <set>

using namespace axis;
using amqp::Acks;
using Told = std::vector<Acks::Ack>;

namespace {

constexpr std::chrono::milliseconds wait{5};

struct Bench {
    explicit Bench(std::size_t together = 4) : acks{together, wait} {}

    void handed(std::uint64_t upto) {
        for (std::uint64_t tag = 1; tag <= upto; ++tag) acks.handed(tag);
    }
    void acknowledge(std::initializer_list<std::uint64_t> tags) {
        for (const auto tag : tags) acks.acknowledge(tag, now);
    }

    Acks acks;
    Acks::Moment now = std::chrono::steady_clock::now();
};

}  // namespace

TEST_CASE("those in a row are one word, in whatever order they were acknowledged") {
    Bench bench;
    bench.handed(6);

    bench.acknowledge({3, 1, 4, 2});

    CHECK(bench.acks.take() == Told{{4, true}});
    CHECK(bench.acks.take().empty());
}

TEST_CASE("one that is not acknowledged is not told with those behind it") {
    Bench bench;
    bench.handed(5);

    bench.acknowledge({1, 2, 4, 5});

    CHECK(bench.acks.take() == Told{{2, true}, {4, false}, {5, false}});
    bench.acknowledge({3});
    CHECK(bench.acks.take() == Told{{3, false}});
}

TEST_CASE("a gap that was rejected, or told before, is none") {
    Bench bench;
    bench.handed(4);

    bench.acknowledge({2});
    CHECK(bench.acks.take() == Told{{2, false}});
    bench.acks.rejected(3);
    bench.acknowledge({1, 4});

    CHECK(bench.acks.take() == Told{{4, true}});
}

TEST_CASE("they are due when enough are held, or when the first has waited") {
    Bench bench{2};
    bench.handed(3);
    CHECK(!bench.acks.due());

    bench.acknowledge({1});
    CHECK(bench.acks.due() == bench.now + wait);
    bench.acknowledge({2});
    CHECK(bench.acks.due() == bench.now);

    bench.acks.take();
    CHECK(!bench.acks.due());
}

TEST_CASE("what was not handed out, or is acknowledged a second time, is not told") {
    Bench bench;
    bench.handed(2);

    bench.acknowledge({1, 1, 7});
    CHECK(bench.acks.take() == Told{{1, false}});
    bench.acknowledge({1});

    CHECK(!bench.acks.due());
    CHECK(bench.acks.take().empty());

    bench.acknowledge({2});
    bench.acks.rejected(2);
    CHECK(!bench.acks.due());
}

// The broker's side of it: a word that names what is not open ends its channel.
TEST_CASE("over any course, each is told once and by a word the broker understands") {
    std::mt19937_64 dice{20261126};
    for (int course = 0; course < 300; ++course) {
        Bench bench{1 + dice() % 6};
        std::set<std::uint64_t> at_broker, with_us, acknowledged;
        std::uint64_t last = 0;
        for (int step = 0; step < 200; ++step) {
            const auto roll = dice() % 10;
            if (roll < 5) {
                bench.acks.handed(++last);
                at_broker.insert(last);
                with_us.insert(last);
            } else if (roll < 9 && !with_us.empty()) {
                const auto tag = *std::next(with_us.begin(), static_cast<long>(dice() % with_us.size()));
                with_us.erase(tag);
                if (roll == 8) {
                    bench.acks.rejected(tag);
                    REQUIRE(at_broker.erase(tag) == 1);
                } else {
                    bench.acks.acknowledge(tag, bench.now);
                    acknowledged.insert(tag);
                }
            } else if (bench.acks.due()) {
                for (const auto& word : bench.acks.take()) {
                    REQUIRE(at_broker.count(word.tag) == 1);
                    const auto from = word.multiple ? at_broker.begin() : at_broker.find(word.tag);
                    for (auto at = from; at != at_broker.upper_bound(word.tag); at = at_broker.erase(at))
                        REQUIRE(acknowledged.erase(*at) == 1);
                }
                REQUIRE(acknowledged.empty());
            }
        }
        CHECK(std::includes(at_broker.begin(), at_broker.end(), with_us.begin(), with_us.end()));
    }
}
