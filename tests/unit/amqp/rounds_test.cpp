// Goal: every host gets its turn, a lost one costs no wait while others are left, and a broker that is away
// is asked ever more rarely. Method: the choice alone.
#include "gateway/amqp/rounds.hpp"

#include <doctest/doctest.h>

#include <vector>

using axis::amqp::Rounds;
using Wait = Rounds::Wait;

namespace {

constexpr Wait at_once{0};
constexpr Wait shortest{200};
constexpr Wait longest{1000};

// Of so many lives that fail at once, the waits after them.
std::vector<Wait> waits_after(Rounds& rounds, int lives) {
    std::vector<Wait> waits;
    for (int n = 0; n < lives; ++n) waits.push_back(rounds.ended(false));
    return waits;
}

}  // namespace

TEST_CASE("the hosts are tried in their order, from the first, and around") {
    Rounds rounds{3, shortest, longest};
    std::vector<std::size_t> tried;
    for (int n = 0; n < 7; ++n) {
        tried.push_back(rounds.host());
        rounds.ended(n == 4);
    }
    CHECK(tried == std::vector<std::size_t>{0, 1, 2, 0, 1, 2, 0});
}

TEST_CASE(
    "within a round nothing is waited for; after each whole round that failed twice as long, up to the most"
) {
    Rounds rounds{3, shortest, longest};
    const std::vector<Wait> expected{
        at_once,
        at_once,
        Wait{200},
        at_once,
        at_once,
        Wait{400},
        at_once,
        at_once,
        Wait{800},
        at_once,
        at_once,
        longest,
        at_once,
        at_once,
        longest};
    CHECK(waits_after(rounds, 15) == expected);
}

TEST_CASE("a single host is waited for after each failure") {
    Rounds rounds{1, shortest, longest};
    CHECK(waits_after(rounds, 4) == std::vector<Wait>{Wait{200}, Wait{400}, Wait{800}, longest});
    CHECK(rounds.host() == 0);
}

TEST_CASE("a life that lasted makes good what failed before it: its end is the first failure of a new round"
) {
    Rounds rounds{2, shortest, longest};
    waits_after(rounds, 5);
    CHECK(rounds.host() == 1);

    CHECK(rounds.ended(true) == at_once);
    CHECK(rounds.host() == 0);
    CHECK(waits_after(rounds, 3) == std::vector<Wait>{shortest, at_once, Wait{400}});
}

TEST_CASE("a host that takes us and loses us again at once does not make us hurry for ever") {
    Rounds rounds{2, shortest, longest};
    Wait sum{0};
    for (const auto wait : waits_after(rounds, 20)) sum += wait;
    CHECK(sum == Wait{200 + 400 + 800 + 7 * 1000});
}
