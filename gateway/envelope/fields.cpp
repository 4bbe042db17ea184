#include "gateway/envelope/fields.hpp"

#include "gateway/base/clock.hpp"

namespace axis::envelope {

namespace {

using model::AgencyCode;

// A code somebody else is named by: what cannot be one is dropped and observed, not refused.
AgencyCode code_of(const Node& element) {
    const auto text = element.value();
    if (text.empty()) return {};
    auto code = AgencyCode::parse(text);
    if (!code) element.observe("envelope.code", "not an agency code, ignored");
    return code.value_or(AgencyCode{});
}

model::Date date(const Node& element, std::string_view name) {
    return model::Date::read(element.value(name));
}

// Year first, or day first as in the messages of 2014.
std::optional<Time> time_of(std::string text) {
    const bool day_first = text.size() >= 10 && text[2] == text[5] && (text[2] == '/' || text[2] == '-');
    if (day_first)
        text = text.substr(6, 4) + "/" + text.substr(3, 2) + "/" + text.substr(0, 2) + text.substr(10);
    Time at;
    return parse_time(text, at) ? std::optional{at} : std::nullopt;
}

model::Organization organization(const Node& element) {
    model::Organization organization;
    const auto id = element.child("OrganId");
    const auto text = id.value();
    if (!text.empty()) {
        const auto code = AgencyCode::parse(text);
        if (!code) id.refuse(errc::envelope_field, "not an agency code");
        organization.code = code.value_or(AgencyCode{});
    }
    organization.in_charge = element.value("OrganizationInCharge");
    organization.name = element.value("OrganName");
    organization.address = element.value("OrganAdd");
    organization.email = element.value("Email");
    organization.telephone = element.value("Telephone");
    organization.fax = element.value("Fax");
    organization.website = element.value("Website");
    return organization;
}

model::Organization from(const Node& header) {
    const auto element = header.child("From");
    if (!element) {
        header.refuse(errc::envelope_field, "From is missing");
        return {};
    }
    auto sender = organization(element);
    if (sender.code.empty()) element.refuse(errc::envelope_field, "OrganId is missing");
    return sender;
}

model::DocumentReference reference(const Node& element) {
    return {
        code_of(element.child("OrganId")),
        element.word("Code"),
        element.word("DocumentId"),
        date(element, "PromulgationDate")};
}

model::Staff staff(const Node& element) {
    return {
        element.value("Department"),
        element.value("Staff"),
        element.value("Email"),
        element.value("Mobile"),
        element.value("DepartmentId"),
        element.value("StaffId")};
}

// Adds what `read` makes of each element; an empty one is nothing, unless it holds what we do not know.
template <class T, class Read>
void add_each(const std::vector<Node>& elements, std::vector<T>& out, Read read) {
    out.reserve(out.size() + elements.size());
    for (const auto& element : elements) {
        T value = read(element);
        if (value == T{} && !element.holds_unknown()) continue;
        element.kept(out.size());
        out.push_back(std::move(value));
    }
}

std::vector<std::string> list(const Node& wrapper, std::string_view name) {
    std::vector<std::string> values;
    for (const auto& item : wrapper.all(name)) {
        auto value = item.value();
        if (!value.empty()) values.push_back(std::move(value));
    }
    return values;
}

model::OtherInfo other_info(const Node& element) {
    model::OtherInfo other;
    other.priority = element.number("Priority");
    other.sphere = element.value("SphereOfPromulgation");
    other.typist = element.value("TyperNotation");
    other.copies = element.count("PromulgationAmount");
    other.pages = element.count("PageAmount");
    other.appendixes = list(element.child("Appendixes"), "Appendix");
    other.direction = element.flag("Direction");
    other.reply_fors = element.value("ReplyFors");
    other.reference_codes = element.value("ReferenceCodes");
    return other;
}

model::Receiver receiver(const Node& element) {
    return {code_of(element.child("OrganId")), element.number("ReceiverType")};
}

model::UpdateInfo update_info(const Node& element) {
    model::UpdateInfo info{element.number("DocumentInfo"), element.number("DocumentReceiver"), {}};
    add_each(element.child("ReceiverList").all("Receiver"), info.receivers, receiver);
    return info;
}

model::Replacement replacement(const Node& element) {
    model::Replacement replacement{element.word("DocumentId"), {}};
    for (const auto& id : element.child("OrganIdList").all("OrganId")) {
        const auto organ = code_of(id);
        if (!organ.empty()) replacement.organs.push_back(organ);
    }
    return replacement;
}

// A type we do not know must not pass for a new document.
model::BusinessType business_type(const Node& element) {
    const auto type = element.child("BussinessDocType");
    const auto text = element.word("BussinessDocType");
    if (text.empty()) return model::BusinessType::new_document;
    const auto number = element.number("BussinessDocType");
    if (!number || *number < 0 || *number > 3) type.refuse(errc::envelope_field, "unknown type of business");
    return static_cast<model::BusinessType>(number.value_or(0));
}

model::Business business(const Node& element) {
    model::Business business;
    business.type = business_type(element);
    business.reason = element.value("BussinessDocReason");
    business.document_id = element.word("DocumentId");
    business.paper = element.number("Paper");
    add_each(element.all("BussinessDocumentInfo"), business.updates, update_info);
    for (const auto& replacement_list : element.all("ReplacementInfoList"))
        add_each(replacement_list.all("ReplacementInfo"), business.replacements, replacement);
    add_each(element.all("StaffInfo"), business.staff, staff);
    return business;
}

void identity(const Node& header, model::Document& document) {
    const auto code = header.child("Code");
    const auto promulgation = header.child("PromulgationInfo");
    const auto type = header.child("DocumentType");
    document.document_id = header.word("DocumentId");
    document.number = code.word("CodeNumber");
    document.notation = code.word("CodeNotation");
    document.place = promulgation.value("Place");
    document.issued = date(promulgation, "PromulgationDate");
    document.type = {type.number("Type"), type.number("TypeDetail"), type.value("TypeName")};
}

void references(const Node& header, model::Document& document) {
    add_each(header.all("ResponseFor"), document.response_for, reference);
    for (const auto& tasks : header.all("ResponseForTask"))
        for (auto& task : list(tasks, "TaskCode")) document.tasks.push_back(std::move(task));
}

model::TraceHeader trace_header(const Node& element) {
    return {code_of(element.child("OrganId")), element.word("Timestamp")};
}

}  // namespace

model::Document document_fields(const Node& header, const Node& trace) {
    model::Document document;
    document.from = from(header);
    add_each(header.all("To"), document.to, organization);
    identity(header, document);
    document.subject = header.value("Subject");
    document.content = header.value("Content");
    const auto signer = header.child("SignerInfo");
    document.signer = {signer.value("Competence"), signer.value("Position"), signer.value("FullName")};
    document.due = date(header, "DueDate");
    document.other = other_info(header.child("OtherInfo"));
    references(header, document);
    document.steering = header.number("SteeringType");
    document.application_type = header.value("ApplicationType");
    document.to_places = list(header.child("ToPlaces"), "Place");
    add_each(trace.all("TraceHeader"), document.trace, trace_header);
    document.business = business(trace.child("Bussiness"));
    return document;
}

model::Status status_fields(const Node& header) {
    model::Status status;
    status.from = from(header);
    status.response_for = reference(header.child("ResponseFor"));
    status.staff = staff(header.child("StaffInfo"));
    status.code = model::status_code::normal(header.value("StatusCode"));
    if (status.code == "14") {  // what one SDK of the provinces sends for agreement (edxml-standard.md §2.1)
        header.observe("envelope.value", "StatusCode 14 read as 15");
        status.code = model::status_code::agreed;
    }
    status.description = header.value("Description");
    status.timestamp = header.word("Timestamp");
    status.at = time_of(status.timestamp);
    if (status.code.empty()) header.refuse(errc::envelope_field, "StatusCode is missing");
    if (status.response_for == model::DocumentReference{})
        header.refuse(errc::envelope_field, "ResponseFor is missing");
    return status;
}

}  // namespace axis::envelope
