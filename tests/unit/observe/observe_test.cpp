// Goal: alarms are raised and cleared once, metrics are Prometheus text. Method: a manual clock, the log
// watched.
#include "gateway/base/log.hpp"
#include "gateway/observe/alarms.hpp"
#include "gateway/observe/metrics.hpp"

#include <doctest/doctest.h>

using namespace axis;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("observe");

TEST_CASE("an alarm is logged when it begins, when its text changes and when it ends") {
    asio::io_context io;
    ManualClock clock{io, Time{1h}};
    observe::Alarms alarms{clock};
    std::vector<std::string> events;
    auto before = log::watch([&events](log::Level, std::string_view event, const std::vector<log::Field>&) {
        events.emplace_back(event);
    });

    alarms.raise("disk.low", "/var", "1 GB left");
    clock.advance(5min);
    alarms.raise("disk.low", "/var", "1 GB left");
    REQUIRE(alarms.active().size() == 1);
    CHECK(alarms.active()[0].since == Time{1h});
    alarms.clear("disk.low", "/var");
    alarms.clear("disk.low", "/var");

    CHECK(alarms.active().empty());
    CHECK(events == std::vector<std::string>{"alarm.raised", "alarm.cleared"});
    log::watch(std::move(before));
}

TEST_CASE("every alarm says what it means and what to do") {
    for (const auto& row : observe::alarm_catalogue()) {
        CAPTURE(row.name);
        CHECK_FALSE(row.meaning.empty());
        CHECK_FALSE(row.action_vi.empty());
    }
}

TEST_CASE("metrics are text a Prometheus server reads") {
    observe::Metrics metrics;
    metrics.message_accepted("document");
    metrics.message_accepted("document");
    metrics.alarm("disk.low", true);
    const auto text = metrics.text();
    CHECK(text.find("axisd_messages_accepted_total{kind=\"document\"} 2") != std::string::npos);
    CHECK(text.find("axisd_alarm{name=\"disk.low\"} 1") != std::string::npos);
}

TEST_SUITE_END();
