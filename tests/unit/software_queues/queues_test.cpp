// Goal: the queues of the units are what README.md promises: who may write to one cannot write to another,
// what is full refuses, and all of them together hold a bounded part of our memory.
#include "adapters/amqp/adapter.hpp"

#include <doctest/doctest.h>

using namespace axis;

TEST_CASE("each unit has three queues, and an exchange for what it writes alone") {
    software::AdapterSettings settings;
    settings.prefix = "ministry";
    settings.endpoints = {{"cuc1"}, {"cuc2"}};

    const auto queues = software::queues_of(settings);

    REQUIRE(queues.size() == 6);
    CHECK(queues[0].name == "ministry.refused.cuc1");
    CHECK(queues[0].length_max == 1000);
    CHECK(queues[0].when_full == amqp::WhenFull::drop_oldest);
    CHECK_FALSE(queues[0].exchange);
    CHECK(queues[1].name == "ministry.out.cuc1");
    CHECK(queues[1].length_max == 10'000);
    CHECK(queues[1].when_full == amqp::WhenFull::refuse);
    CHECK_FALSE(queues[1].exchange);
    CHECK(queues[1].prefetch == 0);
    CHECK(queues[2].name == "ministry.in.cuc1");
    CHECK(queues[2].dead_letters == "ministry.refused.cuc1");
    CHECK(queues[2].exchange);
    CHECK(queues[2].prefetch == 8);
    CHECK(queues[5].name == "ministry.in.cuc2");
}

TEST_CASE("with many units each has fewer commands at once, but one") {
    software::AdapterSettings settings;
    const auto prefetch_of = [&](int units) {
        settings.endpoints.clear();
        for (int i = 0; i < units; ++i) settings.endpoints.push_back({"u" + std::to_string(i)});
        return software::queues_of(settings).at(2).prefetch;
    };

    CHECK(prefetch_of(1) == 8);
    CHECK(prefetch_of(16) == 4);
    CHECK(prefetch_of(500) == 1);
}
