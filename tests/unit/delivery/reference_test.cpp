// Goal: what the broker carries is read back as it was written, and nothing else is taken for it.
#include "gateway/delivery/reference.hpp"

#include <doctest/doctest.h>

using namespace axis;
using delivery::Reference;

TEST_SUITE_BEGIN("delivery");

TEST_CASE("a reference is two numbers in JSON") {
    const Reference reference{model::DeliveryId{16}, 2};

    CHECK(delivery::to_json(reference) == R"({"delivery":16,"attempt":2})");
    CHECK(delivery::reference_of(delivery::to_json(reference)) == reference);
}

TEST_CASE("what is not a reference is none") {
    for (const auto* text :
         {"",
          "16",
          "[]",
          "{}",
          R"({"delivery":16})",
          R"({"delivery":"16","attempt":1})",
          R"({"delivery":16,"attempt":0})",
          R"({"delivery":0,"attempt":1})",
          R"({"delivery":-1,"attempt":1})",
          R"({"delivery":16,"attempt":99999999999})",
          R"({"delivery":16.5,"attempt":1})",
          R"({"delivery":16,"attempt":1)"}) {
        CAPTURE(text);
        CHECK_FALSE(delivery::reference_of(text));
    }
}
