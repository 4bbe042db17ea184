// Goal: nothing but ordinary documents passes, and the refusal names its rules. Method: all 16 combinations.
#include "gateway/policy/policy.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace axis;
using model::SecurityClass;

namespace {

bool names(const Error& refusal, std::string_view pointer) {
    return std::any_of(refusal.faults.begin(), refusal.faults.end(), [&](const Fault& f) {
        return f.pointer == pointer && f.code == errc::forbidden_class;
    });
}

}  // namespace

TEST_SUITE_BEGIN("policy");

TEST_CASE("only an ordinary, unrestricted document that is no denunciation is admitted") {
    int admitted = 0;
    for (const auto security :
         {SecurityClass::ordinary,
          SecurityClass::secret,
          SecurityClass::top_secret,
          SecurityClass::utmost_secret})
        for (const bool restricted : {false, true})
            for (const bool denunciation : {false, true}) {
                model::Package package;
                package.security_class = security;
                package.restricted_publication = restricted;
                package.denunciation = denunciation;
                package.document.subject = "nội dung không được lộ";

                const auto result = policy::admit(package);

                if (result) {
                    ++admitted;
                    CHECK(security == SecurityClass::ordinary);
                    CHECK_FALSE(restricted);
                    CHECK_FALSE(denunciation);
                    continue;
                }
                CHECK(result.error().code == errc::forbidden_class);
                CHECK(names(result.error(), "/security_class") == (security != SecurityClass::ordinary));
                CHECK(names(result.error(), "/restricted_publication") == restricted);
                CHECK(names(result.error(), "/denunciation") == denunciation);
                CHECK(to_string(result.error()).find("lộ") == std::string::npos);
            }
    CHECK(admitted == 1);
}

TEST_CASE("a class outside the table is refused") {
    model::Package package;
    package.security_class = static_cast<SecurityClass>(9);
    CHECK(policy::admit(package).error().code == errc::forbidden_class);
}

TEST_SUITE_END();
