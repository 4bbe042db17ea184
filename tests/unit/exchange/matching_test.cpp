// Goal: a status finds its document by the keys of D7, in their order. Method: candidates in, match out.
#include "gateway/exchange/matching.hpp"

#include <doctest/doctest.h>

using namespace axis;
using exchange::match_status;
using model::Candidate;
using model::StatusKeys;

TEST_SUITE_BEGIN("exchange/matching");

namespace {

Candidate document(std::string id, std::string number, std::string issued, std::string from = "G98") {
    Candidate c;
    c.from_key = std::move(from);
    c.document_key = std::move(id);
    c.number_key = std::move(number);
    c.issued = std::move(issued);
    c.recipient_keys = {"G97", "G99"};
    return c;
}

StatusKeys from_g99(std::string id, std::string number, std::string issued) {
    return {"03", "G99", "G98", std::move(id), std::move(number), std::move(issued)};
}

}  // namespace

TEST_CASE("the DocumentId wins over number and date") {
    const std::vector candidates{
        document("other", "1/A", "2026-11-21"), document("id-1", "9/Z", "2020-01-01")};
    const auto match = match_status(from_g99("id-1", "1/A", "2026-11-21"), candidates);
    REQUIRE(match);
    CHECK(match->candidate == 1);
    CHECK(match->recipient == 1);
}

TEST_CASE("without a known DocumentId issuer, number and date decide, then the newest of that number") {
    const std::vector candidates{document("b", "1/A", "2026-11-21"), document("a", "1/A", "2025-11-21")};
    CHECK(match_status(from_g99("?", "1/A", "2025-11-21"), candidates)->candidate == 1);
    CHECK(match_status(from_g99("?", "1/A", "2024-01-01"), candidates)->candidate == 0);
}

TEST_CASE("a status from an agency the document was not sent to does not match") {
    auto keys = from_g99("id-1", "1/A", "2026-11-21");
    keys.from_key = "G11";
    CHECK_FALSE(match_status(keys, {document("id-1", "1/A", "2026-11-21")}));
}

TEST_CASE("another issuer's document of the same number does not match") {
    CHECK_FALSE(match_status(from_g99("", "1/A", "2026-11-21"), {document("x", "1/A", "2026-11-21", "G11")}));
}

TEST_CASE("take back runs the other way: From is the issuer, ResponseFor the recipient") {
    const StatusKeys keys{"13", "G98", "G97", "id-1", "", ""};
    const auto match = match_status(keys, {document("id-1", "1/A", "2026-11-21")});
    REQUIRE(match);
    CHECK(match->recipient == 0);
}

TEST_CASE("empty keys match nothing") {
    CHECK_FALSE(match_status(from_g99("", "", ""), {document("", "", "")}));
}

TEST_SUITE_END();
