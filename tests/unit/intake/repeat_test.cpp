// Goal: no second effect of a repeated request, and bounds on what runs at once. Method: the same package
// again.
#include "tests/unit/intake/intake_bench.hpp"

#include <doctest/doctest.h>

using namespace axis;
using namespace axis::test;
using Texts = std::vector<std::string>;

TEST_SUITE_BEGIN("intake");

TEST_CASE("the same key and content again gets the first answer and has no second effect") {
    IntakeBench bench;
    const auto first = bench.submit(Parcel{}, "khoá-1").value();

    const auto again = bench.submit(Parcel{}, "khoá-1").value();

    CHECK(again.id == first.id);
    CHECK(again.replayed);
    CHECK(again.document_id == first.document_id);
    CHECK(again.recipients.size() == 3);
    CHECK(bench.cell("SELECT count(*) FROM message") == "1");
    CHECK(bench.told("cuc1").size() == 1);
    CHECK(bench.woken == Texts{"national"});
}

TEST_CASE("without a key the software's own id is the key") {
    IntakeBench bench;
    const auto first = bench.submit(Parcel{.external_id = "qlvb-1"}).value();

    CHECK(bench.submit(Parcel{.external_id = "qlvb-1"}).value().id == first.id);
    CHECK(
        bench.submit(Parcel{.number = "2", .external_id = "qlvb-1"}).error().code ==
        errc::idempotency_conflict
    );
}

TEST_CASE("the same key with other content is refused and leaves nothing") {
    IntakeBench bench;
    REQUIRE(bench.submit(Parcel{}, "khoá-1").has_value());
    const auto before = bench.spool_files();

    const auto other = bench.submit(Parcel{.files = {pdf(400'000), xlsx()}}, "khoá-1");

    CHECK(other.error().code == errc::idempotency_conflict);
    CHECK(bench.spool_files() == before);
    CHECK(bench.cell("SELECT count(*) FROM message") == "1");
}

TEST_CASE("the same act under another key is answered with the first message and a warning") {
    IntakeBench bench;
    const auto first = bench.submit(Parcel{}, "khoá-1").value();

    const auto again = bench.submit(Parcel{}, "khoá-2").value();

    CHECK(again.id == first.id);
    CHECK(again.warnings == Texts{"message.duplicate"});
    CHECK(bench.cell("SELECT count(*) FROM message") == "1");
    CHECK(bench.cell("SELECT count(*) FROM delivery") == "2");
}

TEST_CASE("another document under the same number is accepted with warnings") {
    IntakeBench bench;
    const auto first = bench.submit(Parcel{}).value();

    const auto other = bench.submit(Parcel{.files = {xlsx()}}).value();

    CHECK(other.id != first.id);
    CHECK(other.warnings == Texts{"document.same_id", "document.same_number"});
}

TEST_CASE("an endpoint with too many uploads is told so, until one of them ends") {
    IntakeBench bench;
    auto one = bench.intake->open_upload(bench.caller("cuc2"), {});
    auto two = bench.intake->open_upload(bench.caller("cuc2"), {});
    REQUIRE(two.has_value());

    CHECK(bench.intake->open_upload(bench.caller("cuc2"), {}).error().code == errc::overloaded);
    CHECK(bench.intake->open_upload(bench.caller("cuc1"), {}).has_value());
    one->reset();
    CHECK(bench.intake->open_upload(bench.caller("cuc2"), {}).has_value());
    two->reset();
    for (int n = 0; n < 5; ++n) CHECK(bench.submit(Parcel{.number = std::to_string(n)}).has_value());
}

TEST_CASE("a place outlives the intake: an upload that ends late does no harm") {
    IntakeBench bench;
    auto upload = bench.intake->open_upload(bench.caller("cuc2"), {}).value();

    bench.intake.reset();
    upload.reset();

    CHECK(bench.untouched());
}

TEST_CASE("too many open arrivals are overloaded, until one of them ends") {
    IntakeBench bench;
    const auto kind = model::MessageKind::document;
    auto one = bench.intake->open({"national"}, "1", kind);
    auto two = bench.intake->open({"national"}, "2", kind);
    REQUIRE(two.has_value());

    CHECK(bench.intake->open({"national"}, "3", kind).error().code == errc::overloaded);
    one->reset();
    CHECK(bench.intake->open({"national"}, "3", kind).has_value());
}

TEST_CASE("a closed intake says why; statuses and what is already here still pass") {
    IntakeBench bench;
    const auto id = bench.submitted(Parcel{});
    bench.intake->close_admission(errc::disk_full);

    CHECK(bench.intake->open_upload(bench.caller("cuc2"), {}).error().code == errc::disk_full);
    CHECK(
        bench.intake->open({"national"}, "1", model::MessageKind::document).error().code == errc::disk_full
    );
    CHECK(bench.intake->open({"national"}, "2", model::MessageKind::status).has_value());
    CHECK(bench.now(bench.intake->report(bench.caller("cuc1"), id, R"({"from":"G98.11","code":"03"})"))
              .has_value());
    CHECK(bench.now(bench.intake->acknowledge_events(bench.caller("cuc1"), 1)).has_value());

    bench.intake->close_admission(errc::none);
    CHECK(bench.submit(Parcel{.number = "2"}).has_value());
}

TEST_CASE("on real pools packages and arrivals are taken as on inline ones") {
    IntakeBench bench{2};

    const auto id = bench.submitted(Parcel{});
    const auto text = bench.foreign({"G98.12"}, {pdf()});
    const auto arrived = bench.arrive(text, "doc-1").value();

    CHECK(arrived.how == ports::Arrived::How::stored);
    CHECK((bench.envelope_text(arrived.message) == text));
    CHECK(bench.named_in(bench.envelope_text(id)).size() == 3);
}

TEST_SUITE_END();
