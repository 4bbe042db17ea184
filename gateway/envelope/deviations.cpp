#include "gateway/envelope/deviations.hpp"

#include "gateway/base/text.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string>

namespace axis::envelope {

namespace {

using model::Document;

// One observation per code and rule: a message of 2,000 recipients without address is one deviation.
class Report {
public:
    void note(bool broken, std::string_view code, std::string_view what) {
        if (!broken || !seen_.insert(std::string{code}.append(what)).second) return;
        found_.push_back({std::string{code}, std::string{what}});
    }
    void length(std::string_view text, std::size_t characters_max, std::string_view element) {
        if (text.size() <= characters_max || code_point_count(text) <= characters_max) return;
        note(
            true,
            "envelope.length",
            std::string{element} + " has " + std::to_string(code_point_count(text)) +
                " characters, the standard " + std::to_string(characters_max)
        );
    }
    void range(std::optional<int> number, int min, int max, std::string_view element) {
        const bool outside = number && (*number < min || *number > max);
        note(
            outside,
            "envelope.value",
            std::string{element} + " " + std::to_string(number.value_or(0)) + " is in no list, kept"
        );
    }
    void date(const model::Date& date, std::string_view element) {
        note(
            !date.empty() && !date.day,
            "envelope.date",
            std::string{element} + " is not a date, kept as written"
        );
    }
    std::vector<Observation> take() { return std::move(found_); }

private:
    std::set<std::string> seen_;
    std::vector<Observation> found_;
};

void organization(Report& report, const model::Organization& o) {
    report.length(o.code.text(), 35, "OrganId");
    report.length(o.in_charge, 500, "OrganizationInCharge");
    report.length(o.name, 200, "OrganName");
    report.length(o.address, 500, "OrganAdd");
    report.length(o.email, 100, "Email");
    report.length(o.telephone, 50, "Telephone");
    report.length(o.fax, 50, "Fax");
    report.length(o.website, 100, "Website");
    report.note(o.code.empty(), "envelope.party", "a recipient without OrganId");
}

void lengths(Report& report, const Document& d) {
    report.length(d.number, 11, "CodeNumber");
    report.length(d.notation, 30, "CodeNotation");
    report.length(d.place, 50, "Place");
    report.length(d.type.name, 100, "TypeName");
    report.length(d.subject, 500, "Subject");
    report.length(d.content, 500, "Content");
    report.length(d.signer.competence, 100, "Competence");
    report.length(d.signer.position, 100, "Position");
    report.length(d.signer.full_name, 50, "FullName");
    report.length(d.other.sphere, 100, "SphereOfPromulgation");
    report.length(d.other.typist, 10, "TyperNotation");
    report.length(d.document_id, 200, "DocumentId");
    report.length(d.business.reason, 500, "BussinessDocReason");
    for (const auto& place : d.to_places) report.length(place, 150, "ToPlaces/Place");
    for (const auto& attachment : d.attachments) report.length(attachment.name, 500, "AttachmentName");
}

void values(Report& report, const Document& d) {
    report.range(d.type.type, 1, 2, "DocumentType/Type");
    report.range(d.steering, 0, 3, "SteeringType");
    report.range(d.other.priority, 0, 4, "Priority");
    report.range(d.business.paper, 0, 1, "Paper");
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    const bool numeric = std::all_of(d.number.begin(), d.number.end(), digit);
    report.note(!numeric, "envelope.value", "CodeNumber is not a number, kept");
}

// {OrganId},{yyyy/MM/dd},{number}/{notation}; other forms occur and say nothing.
void document_id(Report& report, const Document& d) {
    const auto first = d.document_id.find(',');
    const auto second = d.document_id.find(',', first + 1);
    if (first == std::string::npos || second == std::string::npos) return;
    const auto issuer = model::AgencyCode::parse(d.document_id.substr(0, first));
    const auto date = model::Date::read(d.document_id.substr(first + 1, second - first - 1));
    report.note(
        issuer && *issuer != d.from.code, "envelope.party", "From is not the issuer inside the DocumentId"
    );
    report.note(!date.day, "envelope.date", "the date inside the DocumentId does not exist");
    report.note(
        date.day && d.issued.day && *date.day != *d.issued.day,
        "envelope.date",
        "PromulgationDate is not the date inside the DocumentId"
    );
}

void dates(Report& report, const Document& d) {
    report.date(d.issued, "PromulgationDate");
    report.date(d.due, "DueDate");
    for (const auto& reference : d.response_for) report.date(reference.date, "ResponseFor/PromulgationDate");
    if (d.trace.empty() || !d.issued.day) return;
    const auto sent = model::Date::read(d.trace.front().timestamp);
    report.note(
        sent.day && *d.issued.day > *sent.day,
        "envelope.date",
        "PromulgationDate is after the first TraceHeader"
    );
}

// Old and new code of one agency: 000.00.00.G12 and G12 (edxml-standard.md §3.4).
std::string_view new_form(const model::AgencyCode& code) {
    constexpr std::string_view level_1 = "000.00.00.";
    const std::string_view key = code.key();
    return key.starts_with(level_1) ? key.substr(level_1.size()) : key;
}

void parties(Report& report, const Document& d) {
    organization(report, d.from);
    std::set<std::string_view> written;
    std::set<std::string_view> meant;
    for (const auto& to : d.to) {
        organization(report, to);
        if (to.code.empty()) continue;
        const bool again = !written.insert(to.code.key()).second;
        report.note(again, "envelope.party", "a recipient occurs twice");
        const bool both = !meant.insert(new_form(to.code)).second && !again;
        report.note(both, "envelope.party", "a recipient occurs under its old and its new code");
        report.note(to.code == d.from.code, "envelope.party", "the sender is among the recipients");
    }
}

void business(Report& report, const Document& d) {
    const auto& b = d.business;
    using enum model::BusinessType;
    report.note(
        b.type != new_document && b.reason.empty(), "envelope.business", "BussinessDocReason is missing"
    );
    report.note(
        b.type == update && b.document_id.empty(),
        "envelope.business",
        "Bussiness/DocumentId is missing: MessageHeader/DocumentId is meant"
    );
    report.note(
        b.type == new_document && !b.document_id.empty(),
        "envelope.business",
        "Bussiness/DocumentId without meaning for a new document"
    );
    report.note(
        b.type == replace && b.replacements.empty(), "envelope.business", "ReplacementInfoList is missing"
    );
    for (std::size_t i = 0; i < b.replacements.size(); ++i)
        report.note(
            i > 0 && b.replacements[i] == b.replacements[i - 1],
            "envelope.business",
            "ReplacementInfo occurs twice"
        );
}

void trace(Report& report, const Document& d) {
    report.note(d.trace.empty(), "envelope.trace", "no TraceHeader");
    for (const auto& header : d.trace)
        report.note(header.organ.empty(), "envelope.trace", "a TraceHeader without OrganId");
}

}  // namespace

std::vector<Observation> deviations(const Document& document) {
    Report report;
    parties(report, document);
    lengths(report, document);
    values(report, document);
    document_id(report, document);
    dates(report, document);
    business(report, document);
    trace(report, document);
    return report.take();
}

std::vector<Observation> deviations(const model::Status& status) {
    Report report;
    organization(report, status.from);
    const auto& reference = status.response_for;
    report.note(!model::status_code::known(status.code), "envelope.value", "StatusCode is in no list, kept");
    report.note(
        model::status_code::needs_reason(status.code) && status.description.empty(),
        "envelope.value",
        "Description is missing: this status needs a reason"
    );
    report.note(reference.organ.empty(), "envelope.party", "ResponseFor without OrganId");
    report.date(reference.date, "ResponseFor/PromulgationDate");
    report.note(
        !status.timestamp.empty() && !status.at, "envelope.date", "Timestamp is not a time, kept as written"
    );
    const auto comma = reference.document_id.find(',');
    const auto inside = comma == std::string::npos
                            ? model::Date{}
                            : model::Date::read(reference.document_id.substr(comma + 1, 10));
    report.note(
        inside.day && reference.date.day && *inside.day != *reference.date.day,
        "envelope.date",
        "ResponseFor/PromulgationDate is not the date inside the DocumentId"
    );
    return report.take();
}

}  // namespace axis::envelope
