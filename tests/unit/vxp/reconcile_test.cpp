// Goal: an attempt of ours is recognised, and "not there" is said only when nothing resembles it. Method: a
// table.
#include "adapters/vxp/reconcile.hpp"

#include <doctest/doctest.h>

using namespace axis;
using namespace axis::vxp;
using How = Match::How;

TEST_SUITE_BEGIN("vxp/reconcile");

namespace {

ports::Dispatch dispatch() {
    ports::Dispatch d;
    Time begun{};
    REQUIRE(parse_time("2026-11-21T09:21:07+07:00", begun));
    d.begun = begun;
    d.from = "G98.11";
    d.to = {"G97", "G99"};
    d.number = "251/TMĐT-TTTH";
    d.subject = "V/v báo cáo kết quả thử nghiệm";
    return d;
}

SentItem row(std::string to, std::string id = "d1") {
    return {
        std::move(id),
        "G98.11",
        std::move(to),
        "V/v báo cáo kết quả thử nghiệm",
        "251/TMĐT-TTTH",
        "21/11/2026 09:21:09"};
}

std::vector<SentItem> both(void (*change)(SentItem&)) {
    std::vector<SentItem> rows{row("G97"), row("G99")};
    for (auto& r : rows) change(r);
    return rows;
}

How how(void (*change)(SentItem&)) {
    return find_attempt(dispatch(), both(change)).how;
}

}  // namespace

TEST_CASE("rows of one sending that together cover the recipients are the attempt") {
    const auto match = find_attempt(dispatch(), {row("G99"), row("G12"), row("g97")});

    CHECK(match.how == How::found);
    CHECK(match.doc_id == "d1");
}

TEST_CASE("small differences of writing do not hide the attempt") {
    CHECK(how([](SentItem& r) { r.notation = "TMĐT-TTTH"; }) == How::found);
    CHECK(how([](SentItem& r) { r.notation = " 251 / TMĐT-TTTH "; }) == How::found);
    CHECK(how([](SentItem& r) { r.from = " g98.11 "; }) == How::found);
    CHECK(how([](SentItem& r) { r.title = "V/v  báo cáo\nkết quả thử nghiệm "; }) == How::found);
    CHECK(how([](SentItem& r) { r.title = "V/v ba\xCC\x81o ca\xCC\x81o kết quả thử nghiệm"; }) == How::found);
    CHECK(how([](SentItem& r) { r.sent_time = "2026-11-21 09:17:00.0"; }) == How::found);
}

TEST_CASE("another document is not the attempt") {
    CHECK(how([](SentItem& r) { r.notation = "252/TMĐT-TTTH"; }) == How::none);
    CHECK(how([](SentItem& r) { r.notation = "TMĐT"; }) == How::none);
    const auto earlier_and_vague = [](SentItem& r) {
        r.sent_time = "21/11/2026 09:16:00";
        r.title.clear();
    };
    CHECK(how(earlier_and_vague) == How::none);
    const auto same_office = [](SentItem& r) {
        r.notation = "TMĐT-TTTH";
        r.title = "V/v việc khác";
    };
    CHECK(how(same_office) == How::none);
    CHECK(find_attempt(dispatch(), {}).how == How::none);
}

TEST_CASE("what may be the attempt is doubtful, never absent") {
    CHECK(how([](SentItem& r) { r.title.clear(); }) == How::doubtful);
    CHECK(how([](SentItem& r) { r.title = "V/v báo cáo kết..."; }) == How::doubtful);
    CHECK(how([](SentItem& r) { r.title = "V/v việc khác"; }) == How::doubtful);  // the same number
    CHECK(how([](SentItem& r) { r.notation.clear(); }) == How::doubtful);
    CHECK(how([](SentItem& r) { r.sent_time = "this morning"; }) == How::doubtful);
    CHECK(how([](SentItem& r) { r.from = "000.00.11.G98"; }) == How::doubtful);
    CHECK(how([](SentItem& r) { r.sender_doc_id.clear(); }) == How::doubtful);
    CHECK(find_attempt(dispatch(), {row("G97")}).how == How::doubtful);
    CHECK(find_attempt(dispatch(), {row("G97", "d1"), row("G99", "d2")}).how == How::doubtful);
}

TEST_CASE("a sending like it in all but an earlier time is doubtful: our clock may have been ahead") {
    CHECK(how([](SentItem& r) { r.sent_time = "21/11/2026 08:50:00"; }) == How::doubtful);
}

TEST_CASE("of two sendings that fit the one nearest in time is taken, whatever their order") {
    const auto later = [](std::string to) {
        auto r = row(std::move(to), "d0");
        r.sent_time = "21/11/2026 11:00:00";
        return r;
    };

    CHECK(find_attempt(dispatch(), {later("G97"), later("G99"), row("G97"), row("G99")}).doc_id == "d1");
    CHECK(find_attempt(dispatch(), {row("G97"), row("G99"), later("G97"), later("G99")}).doc_id == "d1");
}

TEST_CASE("a certain match outweighs doubtful ones") {
    auto odd = row("G97", "a0");
    odd.title.clear();

    const auto match = find_attempt(dispatch(), {odd, row("G97"), row("G99")});

    CHECK(match.how == How::found);
    CHECK(match.doc_id == "d1");
}

TEST_SUITE_END();
