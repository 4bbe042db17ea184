// Every member of a Document and of a Status, said once: what fills, spoils or changes them is a visitor.
//
//   members(visitor, document);     visitor.text(document.subject, "Subject"); visitor.list(document.to,
//   "To") …
//
// A member that is new in the model stops the compiler here. The name is that of its element.
#pragma once

#include "gateway/model/document.hpp"
#include "gateway/model/status.hpp"

namespace axis::test {

// What a member may hold decides the verb:
//   text      any text                              word      a text without blanks at its edges
//   code      an agency code                        date      a date, or what stood in its place
//   number    what is optional                      list      entries, texts or codes under their element
//   file      an attachment's name                  own(x)    x, which only one kind of visitor understands

template <class V>
void members(V& v, model::Organization& x) {
    auto& [code, in_charge, name, address, email, telephone, fax, website] = x;
    v.code(code, "OrganId");
    v.text(in_charge, "OrganizationInCharge");
    v.text(name, "OrganName");
    v.text(address, "OrganAdd");
    v.text(email, "Email");
    v.text(telephone, "Telephone");
    v.text(fax, "Fax");
    v.text(website, "Website");
}

template <class V>
void members(V& v, model::DocumentReference& x) {
    auto& [organ, code, document_id, date] = x;
    v.code(organ, "OrganId");
    v.word(code, "Code");
    v.word(document_id, "DocumentId");
    v.date(date, "PromulgationDate");
}

template <class V>
void members(V& v, model::DocumentType& x) {
    auto& [type, detail, name] = x;
    v.number(type, "Type");
    v.number(detail, "TypeDetail");
    v.text(name, "TypeName");
}

template <class V>
void members(V& v, model::Signer& x) {
    auto& [competence, position, full_name] = x;
    v.text(competence, "Competence");
    v.text(position, "Position");
    v.text(full_name, "FullName");
}

template <class V>
void members(V& v, model::OtherInfo& x) {
    auto& [priority, sphere, typist, copies, pages, appendixes, direction, reply_fors, reference_codes] = x;
    v.number(priority, "Priority");
    v.text(sphere, "SphereOfPromulgation");
    v.text(typist, "TyperNotation");
    v.number(copies, "PromulgationAmount");
    v.number(pages, "PageAmount");
    v.list(appendixes, "Appendix");
    v.number(direction, "Direction");
    v.text(reply_fors, "ReplyFors");
    v.text(reference_codes, "ReferenceCodes");
}

template <class V>
void members(V& v, model::TraceHeader& x) {
    auto& [organ, timestamp] = x;
    v.code(organ, "OrganId");
    v.word(timestamp, "Timestamp");
}

template <class V>
void members(V& v, model::Staff& x) {
    auto& [department, staff, email, mobile, department_id, staff_id] = x;
    v.text(department, "Department");
    v.text(staff, "Staff");
    v.text(email, "Email");
    v.text(mobile, "Mobile");
    v.text(department_id, "DepartmentId");
    v.text(staff_id, "StaffId");
}

template <class V>
void members(V& v, model::Receiver& x) {
    auto& [organ, type] = x;
    v.code(organ, "OrganId");
    v.number(type, "ReceiverType");
}

template <class V>
void members(V& v, model::UpdateInfo& x) {
    auto& [document, receiver, receivers] = x;
    v.number(document, "DocumentInfo");
    v.number(receiver, "DocumentReceiver");
    v.list(receivers, "Receiver");
}

template <class V>
void members(V& v, model::Replacement& x) {
    auto& [document_id, organs] = x;
    v.word(document_id, "DocumentId");
    v.list(organs, "OrganId");
}

template <class V>
void members(V& v, model::Business& x) {
    auto& [type, reason, document_id, paper, updates, replacements, staff] = x;
    v.own(type);
    v.text(reason, "BussinessDocReason");
    v.word(document_id, "DocumentId");
    v.number(paper, "Paper");
    v.list(updates, "BussinessDocumentInfo");
    v.list(replacements, "ReplacementInfo");
    v.list(staff, "StaffInfo");
}

template <class V>
void members(V& v, model::Attachment& x) {
    auto& [content_id, name, description, content_type, field_name, mime_type, facts, format] = x;
    v.word(content_id, "ContentId");
    v.file(name, "AttachmentName");
    v.text(description, "Description");
    v.word(content_type, "ContentType");
    v.text(field_name, "FieldName");
    v.text(mime_type, "MimeType");
    v.own(facts);
    v.text(format, "Format");
}

template <class V>
void members(V& v, model::Document& x) {
    auto& [from, to, document_id, number, notation, place, issued, type, subject, content, signer, due, other, response_for, steering, tasks, application_type, to_places, trace, business, attachments, extensions] =
        x;
    members(v, from);
    v.list(to, "To");
    v.word(document_id, "DocumentId");
    v.word(number, "CodeNumber");
    v.word(notation, "CodeNotation");
    v.text(place, "Place");
    v.date(issued, "PromulgationDate");
    members(v, type);
    v.text(subject, "Subject");
    v.text(content, "Content");
    members(v, signer);
    v.date(due, "DueDate");
    members(v, other);
    v.list(response_for, "ResponseFor");
    v.number(steering, "SteeringType");
    v.list(tasks, "TaskCode");
    v.text(application_type, "ApplicationType");
    v.list(to_places, "Place");
    v.list(trace, "TraceHeader");
    members(v, business);
    v.list(attachments, "Attachment");
    v.own(extensions);
}

template <class V>
void members(V& v, model::Status& x) {
    auto& [from, response_for, staff, code, description, timestamp, at, extensions] = x;
    members(v, from);
    members(v, response_for);
    members(v, staff);
    v.own_code(code);
    v.text(description, "Description");
    v.own_time(timestamp, at);
    v.own(extensions);
}

}  // namespace axis::test
