// Goal: codes resolve to one agency and one way. Method: a small ministry with two units and one axis.
#include "gateway/directory/directory.hpp"

#include <doctest/doctest.h>

using namespace axis;
using directory::Directory;

TEST_SUITE_BEGIN("directory");

namespace {

model::AgencyCode code(std::string_view text) {
    return *model::AgencyCode::parse(text);
}

Directory ministry(directory::Mode unit_mode = directory::Mode::live, bool with_axis = true) {
    std::vector<directory::Agency> agencies{
        {code("G98"), "Bộ Thử nghiệm", "", {code("000.00.00.G98")}},
        {code("G98.11"), "Cục Một", "", {code("000.00.11.G98")}},
        {code("G98.12"), "Cục Hai", "", {}}};
    std::vector<directory::Endpoint> endpoints{
        {{"bo"}, directory::Mode::live, true, {code("G98")}, false},
        {{"cuc1"}, unit_mode, true, {code("G98.11")}, false}};
    if (with_axis) endpoints.push_back({{"national"}, directory::Mode::live, false, {}, true});
    return {code("G98"), agencies, endpoints};
}

}  // namespace

TEST_CASE("an alias and the code itself are one agency on one way") {
    const auto d = ministry();
    CHECK(d.key(code("000.00.11.g98")) == "G98.11");
    CHECK(d.name_of(code("000.00.11.G98")) == "Cục Một");
    CHECK(d.route(code("000.00.11.G98")).value().name.text == "cuc1");
    CHECK(d.belongs_to(code("000.00.11.G98"), {"cuc1"}));
    CHECK_FALSE(d.belongs_to(code("G98"), {"cuc1"}));
}

TEST_CASE("a foreign code goes to the axis, a code below ours that nobody registered goes nowhere") {
    const auto d = ministry();
    CHECK(d.route(code("G99")).value().name.text == "national");
    CHECK(d.route(code("G98.77")).error().code == errc::recipient_unknown);
    CHECK(d.route(code("G98.12")).error().code == errc::recipient_unroutable);
    CHECK(ministry(directory::Mode::live, false).route(code("G99")).error().code == errc::recipient_unknown);
}

TEST_CASE("an endpoint that is off refuses its recipients by name") {
    CHECK(ministry(directory::Mode::off).route(code("G98.11")).error().code == errc::recipient_closed);
}

TEST_CASE("what arrives below a known agency reaches the nearest one above") {
    const auto d = ministry();
    CHECK(d.local_route(code("G98.11.02"))->name.text == "cuc1");
    CHECK(d.local_route(code("G98.12"))->name.text == "bo");
    CHECK_FALSE(d.local_route(code("G99")));
}

TEST_SUITE_END();
