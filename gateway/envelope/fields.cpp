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
    auto read = model::Date::read(element.value(name));
    if (!read.empty() && !read.day)
        element.child(name).observe("envelope.date", "not a date, kept as written");
    return read;
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
        element.value("Department"), element.value("Staff"), element.value("Email"), element.value("Mobile")};
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

void receivers(const Node& info, model::Business& business) {
    if (!business.document_info) business.document_info = info.number("DocumentInfo");
    if (!business.document_receiver) business.document_receiver = info.number("DocumentReceiver");
    for (const auto& receiver : info.child("ReceiverList").all("Receiver")) {
        const auto organ = code_of(receiver.child("OrganId"));
        if (!organ.empty()) business.receivers.push_back({organ, receiver.number("ReceiverType")});
    }
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
    business.present = static_cast<bool>(element);
    business.type = business_type(element);
    business.reason = element.value("BussinessDocReason");
    business.document_id = element.word("DocumentId");
    business.paper = element.number("Paper");
    for (const auto& info : element.all("BussinessDocumentInfo")) receivers(info, business);
    for (const auto& info_list : element.all("ReplacementInfoList"))
        for (const auto& info : info_list.all("ReplacementInfo"))
            business.replacements.push_back(replacement(info));
    for (const auto& info : element.all("StaffInfo")) {
        auto person = staff(info);
        if (!person.empty()) business.staff.push_back(std::move(person));
    }
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
    for (const auto& element : header.all("ResponseFor")) {
        auto read = reference(element);
        if (read != model::DocumentReference{}) document.response_for.push_back(std::move(read));
    }
    for (const auto& tasks : header.all("ResponseForTask"))
        for (auto& task : list(tasks, "TaskCode")) document.tasks.push_back(std::move(task));
}

void trace_headers(const Node& trace, model::Document& document) {
    for (const auto& element : trace.all("TraceHeader")) {
        model::TraceHeader read{code_of(element.child("OrganId")), element.word("Timestamp")};
        if (read != model::TraceHeader{}) document.trace.push_back(std::move(read));
    }
}

}  // namespace

model::Document document_fields(const Node& header, const Node& trace) {
    model::Document document;
    document.from = from(header);
    for (const auto& element : header.all("To")) {
        auto to = organization(element);
        if (to != model::Organization{}) document.to.push_back(std::move(to));
    }
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
    trace_headers(trace, document);
    document.business = business(trace.child("Bussiness"));
    return document;
}

model::Status status_fields(const Node& header) {
    model::Status status;
    status.from = from(header);
    status.response_for = reference(header.child("ResponseFor"));
    status.staff = staff(header.child("StaffInfo"));
    status.code = model::status_code::normal(header.value("StatusCode"));
    status.description = header.value("Description");
    status.timestamp = header.word("Timestamp");
    Time at;
    if (parse_time(status.timestamp, at)) status.at = at;
    if (status.code.empty()) header.refuse(errc::envelope_field, "StatusCode is missing");
    if (status.response_for == model::DocumentReference{})
        header.refuse(errc::envelope_field, "ResponseFor is missing");
    return status;
}

}  // namespace axis::envelope
