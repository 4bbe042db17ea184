// status: an envelope, as `reader` has it, or the JSON of a report ({"from", "code", …}). What is reported
// can be written, and is read as it was reported.
#include "gateway/base/text.hpp"
#include "gateway/envelope/check.hpp"
#include "gateway/envelope/writer.hpp"
#include "gateway/package/package.hpp"
#include "tests/fuzz/harness.hpp"
#include "tests/fuzz/reading.hpp"

#include <initializer_list>

using namespace axis;
using namespace axis::fuzz;

namespace {

// "null" alone is absent in an envelope (edxml-standard.md §1.1), whoever wrote it.
bool says_null(const model::Status& status) {
    const auto& [department, staff, email, mobile, department_id, staff_id] = status.staff;
    const auto& from = status.from;
    for (const auto* text :
         {&department,
          &staff,
          &email,
          &mobile,
          &department_id,
          &staff_id,
          &status.description,
          &from.in_charge,
          &from.name,
          &from.address,
          &from.email,
          &from.telephone,
          &from.fax,
          &from.website})
        if (trimmed(*text) == "null") return true;
    return trimmed(from.code.text()) == "null";
}

void check_report(std::string_view json) {
    const auto parsed = package::parse_status(json);
    if (!parsed) {
        for (const auto& fault : parsed.error().faults) require(is_utf8(fault.pointer), "a pointer is UTF-8");
        return;
    }
    auto status = *parsed;
    status.response_for = {
        *model::AgencyCode::parse("G98"),
        "251/TMĐT",
        "G98,2026/11/21,251/TMĐT",
        model::Date::read("2026-11-21")};
    require(!package::to_json(status).empty(), "a status can be shown");
    const auto out = envelope::write(status);
    require(out.has_value(), "what is reported can be written", said(out));
    if (says_null(status)) return;
    SeededRandom random{7};
    envelope::Checker checker{random};
    const auto fed = checker.feed(out->skeleton);
    require(fed.has_value(), "what is written scans", said(fed));
    auto again = checker.finish();
    require(again.has_value(), "what is written reads", said(again));
    auto read = std::get<model::Status>(again->read.content);
    require(read.at.has_value() == status.at.has_value(), "a time is read as one", status.timestamp);
    read.at = status.at;  // an envelope knows whole seconds
    require(read == status, "and is what was reported", out->skeleton);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = text_of(data, size);
    check_envelope(input);
    check_report(input);
    return 0;
}
