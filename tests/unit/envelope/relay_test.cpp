// Goal: our TraceHeader stands behind the earlier ones and nothing else changed. Method: envelopes in the
// forms of the wild; the bytes before and behind what was added are compared, the result is read.
#include "gateway/envelope/relay.hpp"

#include "tests/unit/envelope/support.hpp"

#include <doctest/doctest.h>

using namespace axis;
using namespace axis::envelope;

TEST_SUITE_BEGIN("envelope relay");

namespace {

const std::string q = "http://www.mic.gov.vn/TBT/QCVN_102_2016";

model::TraceHeader ours() {
    return {model::AgencyCode::parse("G98").value(), "2026/11/24 09:00:00"};
}

// The new skeleton without `added` is the old one; the traces are `organs` and ours.
void adds(const std::string& bytes, const std::vector<std::string>& organs, const std::string& added) {
    const auto scanned = test::scan({bytes});
    REQUIRE(scanned.result.has_value());
    const auto relayed = append_trace(scanned.skeleton, scanned.holes, ours());
    REQUIRE(relayed.has_value());
    const auto& after = relayed->skeleton;
    const auto at = after.find(added);
    REQUIRE_MESSAGE(at != std::string::npos, after);
    CHECK(std::string{after}.erase(at, added.size()) == scanned.skeleton);

    std::vector<std::size_t> offsets;
    for (const auto& hole : relayed->holes) offsets.push_back(hole.offset);
    const auto whole = test::joined(after, offsets, scanned.texts);
    const auto read = test::check(whole);
    REQUIRE_MESSAGE(read.has_value(), (read ? "" : to_string(read.error())));
    const auto& trace = std::get<model::Document>(read->read.content).trace;
    REQUIRE(trace.size() == organs.size() + 1);
    for (std::size_t i = 0; i < organs.size(); ++i) CHECK(trace[i].organ.text() == organs[i]);
    CHECK(trace.back() == ours());
}

std::string with(const std::string& after_message, const std::string& p = "e:") {
    const std::string envelope = "<" + p + "edXMLEnvelope" + (p.empty() ? "" : " xmlns:e='" + q + "'") + ">";
    return "<edXML xmlns='" + q + "'>" + envelope + "<" + p + "edXMLHeader><" + p +
           "MessageHeader><From><OrganId>G99" + "</OrganId></From></" + p + "MessageHeader>" + after_message +
           "</" + p + "edXMLHeader></" + p +
           "edXMLEnvelope><AttachmentEncoded><Attachment><AttachmentName>a.pdf</AttachmentName>"
           "<ContentTransferEncoded>QQ==</ContentTransferEncoded></Attachment></AttachmentEncoded></edXML>";
}

const std::string header =
    "<e:TraceHeader><e:OrganId>G98</e:OrganId><e:Timestamp>2026/11/24 09:00:00</e:Timestamp></e:TraceHeader>";

}  // namespace

TEST_CASE("a TraceHeader is added behind the last one, in its prefix and its margin") {
    const std::string first = "<e:TraceHeader a='>'><e:OrganId>G99</e:OrganId></e:TraceHeader>";
    const std::string business = "<e:Bussiness><e:BussinessDocType>0</e:BussinessDocType></e:Bussiness>";
    const std::string list = "<e:TraceHeaderList>", list_end = "</e:TraceHeaderList>";
    adds(with(list + first + business + list_end), {"G99"}, header);
    adds(with(list + business + first + list_end), {"G99"}, header);
    adds(with(list + first + "<!-- </e:TraceHeaderList> -->" + first + list_end), {"G99", "G99"}, header);
    adds(
        with("\n  " + list + "\n    " + first + "\n  " + list_end),
        {"G99"},
        "\n    <e:TraceHeader>\n      <e:OrganId>G98</e:OrganId>\n      <e:Timestamp>2026/11/24 "
        "09:00:00</e:Timestamp>"
        "\n    </e:TraceHeader>"
    );
}

TEST_CASE("a prefix that ends with the element beside it is not taken over") {
    const std::string list = "<e:TraceHeaderList>", list_end = "</e:TraceHeaderList>";
    const std::string mine = "<f:TraceHeader xmlns:f='" + q + "'><f:OrganId>G99</f:OrganId></f:TraceHeader>";
    const std::string added =
        "<TraceHeader xmlns=\"" + q +
        "\"><OrganId>G98</OrganId><Timestamp>2026/11/24 09:00:00</Timestamp></TraceHeader>";
    adds(with(list + mine + list_end), {"G99"}, added);
}

TEST_CASE("a list that is empty or not there gets its first TraceHeader") {
    adds(with("<e:TraceHeaderList></e:TraceHeaderList>"), {}, header);
    adds(with(""), {}, "<e:TraceHeaderList>" + header + "</e:TraceHeaderList>");
    adds(
        with("<TraceHeaderList><Bussiness/></TraceHeaderList>", ""),
        {},
        "<TraceHeader><OrganId>G98</OrganId><Timestamp>2026/11/24 09:00:00</Timestamp></TraceHeader>"
    );
    adds(
        with("<other><TraceHeaderList/></other>"), {}, "<e:TraceHeaderList>" + header + "</e:TraceHeaderList>"
    );

    // The names of the standard in another namespace are other names.
    const std::string other = "<x:TraceHeaderList xmlns:x = 'urn:x'><x:TraceHeader/></x:TraceHeaderList>";
    adds(with(other), {}, "<e:TraceHeaderList>" + header + "</e:TraceHeaderList>");
    adds(with("<e:TraceHeaderList></e:TraceHeaderList>" + other), {}, header);
    adds(
        with("<TraceHeaderList a='>' xmlns='" + q + "/'><TraceHeader xmlns='urn:y'/></TraceHeaderList>"),
        {},
        "<TraceHeader><OrganId>G98</OrganId><Timestamp>2026/11/24 09:00:00</Timestamp></TraceHeader>"
    );
    adds(
        with("<e:TraceHeaderList xmlns:e='urn:other'><e:TraceHeader/></e:TraceHeaderList>"),
        {},
        "<e:TraceHeaderList>" + header + "</e:TraceHeaderList>"
    );

    const auto scanned = test::scan({with("<e:TraceHeaderList id='1'/>")});
    const auto closed = append_trace(scanned.skeleton, scanned.holes, ours()).value();
    CHECK(
        closed.skeleton ==
        test::scan({with("<e:TraceHeaderList id='1'>" + header + "</e:TraceHeaderList>")}).skeleton
    );
}

TEST_SUITE_END();
