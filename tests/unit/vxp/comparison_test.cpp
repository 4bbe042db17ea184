// Goal: every way in which ledger and axis can differ is found once, with its owner; what agrees is not.
// Method: facts and list rows by hand.
#include "adapters/vxp/comparison.hpp"

#include "gateway/base/random.hpp"

#include <doctest/doctest.h>

using namespace axis;
using namespace axis::vxp;
using ports::Known;

TEST_SUITE_BEGIN("vxp/comparison");

namespace {

Time midnight(int day_of_november) {
    return Time{std::chrono::sys_days{std::chrono::year{2026} / 11 / day_of_november}} -
           std::chrono::hours{7};
}
const Span day{midnight(21), midnight(22)};

OwnSending own(const std::string& id, bool of_the_day = true) {
    SeededRandom random{1};
    return {id, model::MessageId::make(day.from, random), "1/TN-VP", {"G99"}, of_the_day};
}

SentItem row(const std::string& id, const std::string& to = "G99") {
    SentItem out;
    out.sender_doc_id = id;
    out.from = "G98";
    out.to = to;
    out.title = "V/v thử";
    out.notation = "1/TN-VP";
    out.sent_time = "2026/11/21 10:00:00";
    out.send_status = "done";
    out.receive_status = "initial";
    return out;
}

std::vector<std::string> kinds(const std::vector<Difference>& differences) {
    std::vector<std::string> out;
    for (const auto& d : differences) out.emplace_back(d.kind->name);
    return out;
}

using Kinds = std::vector<std::string>;

}  // namespace

TEST_CASE("what both have is no difference") {
    CHECK(compare_sent({own("a"), own("b")}, {row("a"), row("b")}, day).empty());
    CHECK(compare_sent({}, {}, day).empty());
}

TEST_CASE("done here and not in the list: the axis' operator is asked") {
    const auto found = compare_sent({own("a"), own("b")}, {row("a")}, day);

    REQUIRE(kinds(found) == Kinds{"sent.not_listed"});
    CHECK(found[0].doc_id == "b");
    CHECK(found[0].number == "1/TN-VP");
    CHECK(found[0].message.has_value());
    CHECK(found[0].kind->owner == Owner::axis);
    CHECK(!found[0].kind->do_en.empty());
    CHECK(!found[0].kind->do_vi.empty());
}

TEST_CASE("what was sent on another day is no stranger in the list, and is not missed in it") {
    CHECK(compare_sent({own("a", false)}, {row("a")}, day).empty());
    CHECK(compare_sent({own("a", false)}, {}, day).empty());
}

TEST_CASE("listed and not done here: whoever else uses our name") {
    auto early = row("early");
    early.sent_time = "2026/11/20 23:59:59";
    auto late = row("late");
    late.sent_time = "2026/11/22 00:00:00";
    auto timeless = row("timeless");
    timeless.sent_time = "hôm qua";

    const auto found = compare_sent({own("a")}, {row("a"), row("b"), early, late, timeless}, day);

    REQUIRE(kinds(found) == Kinds{"sent.unknown", "sent.unknown"});
    CHECK(found[0].doc_id == "b");
    CHECK(found[1].doc_id == "timeless");
    CHECK(found[0].kind->owner == Owner::gateway);
}

TEST_CASE("a recipient that is not in the list, whatever the form of its code") {
    auto both = own("a");
    both.to = {"G99", "g97.1"};
    CHECK(compare_sent({both}, {row("a"), row("a", " G97.1")}, day).empty());

    const auto found = compare_sent({both}, {row("a")}, day);

    REQUIRE(kinds(found) == Kinds{"sent.recipient_missing"});
    CHECK(found[0].detail == "g97.1");
}

TEST_CASE("failed at the axis, or at the recipient, and done here") {
    auto failed = row("a");
    failed.send_status = "fail";
    auto refused = row("b");
    refused.receive_status = "fail";

    const auto found = compare_sent({own("a"), own("b")}, {failed, refused}, day);

    REQUIRE(kinds(found) == Kinds{"status.differs.send", "status.differs.receive"});
    CHECK(found[0].kind->owner == Owner::axis);
    CHECK(found[1].kind->owner == Owner::recipient);
    CHECK(found[1].detail == "G99");
}

TEST_CASE("what waits at the axis is fetched by nobody, not acknowledged, listed again, or set aside") {
    const auto item = [](const std::string& id) {
        return ReceivedItem{id, "G99", "initial", "2026/11/21 10:00:00"};
    };

    const auto found = compare_received(
        {item("a"), item("b"), item("c"), item("d")},
        {Known::fresh, Known::stored, Known::acknowledged, Known::quarantined},
        day.until
    );

    CHECK(
        kinds(found) ==
        Kinds{"received.unknown", "received.unacknowledged", "received.listed_again", "received.set_aside"}
    );
    CHECK(found[3].kind->owner == Owner::sender);
}

TEST_CASE("what came a moment ago is on its way; what has no readable time counts") {
    const std::vector<ReceivedItem> items{
        {"a", "G99", "initial", "2026/11/22 00:00:00"}, {"b", "G99", "initial", ""}};

    const auto found = compare_received(items, {Known::fresh, Known::fresh}, day.until);

    REQUIRE(found.size() == 1);
    CHECK(found[0].doc_id == "b");
}

TEST_SUITE_END();
