// Goal: each axis is compared once a day at its hour, in Vietnam's time, and again when something was
// missing.
#include "gateway/app/daily_reconcile.hpp"

#include <doctest/doctest.h>

using namespace axis;
using app::first_run;
using app::next_run;

TEST_SUITE_BEGIN("app/daily_reconcile");

namespace {

// Of 2026-11-21 and the day after, on Vietnam's wall clock.
Time at(int hour, int minute = 0) {
    const Time midnight{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21}};
    return midnight - std::chrono::hours{7} + std::chrono::hours{hour} + std::chrono::minutes{minute};
}

}  // namespace

TEST_CASE("the first comparison is at today's hour, or an hour after a start that came later") {
    CHECK(first_run(at(0), 3) == at(3));
    CHECK(first_run(at(2, 59), 3) == at(3));
    CHECK(first_run(at(3), 3) == at(4));
    CHECK(first_run(at(15, 30), 3) == at(16, 30));
    CHECK(first_run(at(23, 30), 0) == at(24));
}

TEST_CASE("then once a day; what could not be compared is tried again in an hour") {
    CHECK(next_run(at(3, 1), 3, true) == at(24 + 3));
    CHECK(next_run(at(16, 31), 3, true) == at(24 + 3));
    CHECK(next_run(at(3, 1), 3, false) == at(4, 1));
    CHECK(next_run(at(24 + 2, 30), 3, true) == at(48 + 3));
    CHECK(next_run(at(23, 30), 0, false) == at(24));
}

TEST_SUITE_END();
