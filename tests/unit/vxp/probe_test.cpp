// Goal: endpoint test names the layer that fails, and is not fooled when keys are not checked. Method: a
// scripted axis.
#include "adapters/vxp/probe.hpp"

#include "tests/unit/vxp/scripted_axis.hpp"

#include <doctest/doctest.h>

using namespace axis;
using namespace axis::vxp;

TEST_SUITE_BEGIN("vxp/probe");

namespace {

std::vector<Step> steps_of(test::ScriptedAxis& axis) {
    SystemClock clock{axis.io};
    return axis.run(probe(axis.io, clock, axis.settings())).value();
}

std::string shown(const std::vector<Step>& steps) {
    std::string out;
    for (const auto& step : steps) out += step.step + (step.ok ? "+ " : "- ");
    return out;
}

const test::Say good{R"({"status":"OK","ErrorCode":"0","data":[]})"};

}  // namespace

TEST_CASE("an axis that accepts our key and refuses a wrong one passes every step") {
    test::ScriptedAxis axis;
    axis.say("getReceivedEdocList", {good, test::fail("15")});

    CHECK(shown(steps_of(axis)) == "name+ tcp+ tls+ http+ credentials+ control+ ");
    REQUIRE(axis.heard.size() == 2);
    CHECK(axis.heard[0].parameter("systemid") == axis.heard[1].parameter("systemid"));
    for (const auto& call : axis.heard) {
        const auto text = call.parameter("sign-header");
        const bool ours = hmac_sha256_hex("an-invented-key", text) == call.parameter("hash-header");
        CHECK(ours == (&call == &axis.heard[0]));
    }
}

TEST_CASE("an axis that accepts any key is told so") {
    test::ScriptedAxis axis;
    axis.say("getReceivedEdocList", {good});

    const auto steps = steps_of(axis);

    CHECK(shown(steps) == "name+ tcp+ tls+ http+ credentials+ control- ");
    CHECK(steps.back().detail.find("không kiểm tra") != std::string::npos);
}

TEST_CASE("when both keys are refused alike the layer cannot be told, and that is said") {
    test::ScriptedAxis axis;
    axis.say("getReceivedEdocList", {test::fail("15", 401)});

    const auto steps = steps_of(axis);

    CHECK(shown(steps) == "name+ tcp+ tls+ http+ credentials- control- ");
    CHECK(steps.back().detail.find("không phân biệt được") != std::string::npos);
}

TEST_CASE("a page instead of JSON fails the HTTP step") {
    test::ScriptedAxis axis;
    axis.say("getReceivedEdocList", {{"<html>login</html>", 200}});

    CHECK(shown(steps_of(axis)) == "name+ tcp+ tls+ http- ");
}

TEST_CASE("a closed port fails the TCP step, a name that does not exist the name step") {
    test::ScriptedAxis axis;
    axis.close();
    CHECK(shown(steps_of(axis)) == "name+ tcp- ");

    SystemClock clock{axis.io};
    auto settings = axis.settings();
    settings.base_url = "https://no-such-host.invalid/adapter";
    CHECK(shown(axis.run(probe(axis.io, clock, settings)).value()) == "name- ");
}

TEST_SUITE_END();
