#include "gateway/package/tables.hpp"

#include "gateway/model/file_name.hpp"
#include "gateway/package/object_fields.hpp"
#include "gateway/package/word_fields.hpp"

#include <algorithm>

namespace axis::package {

using model::AgencyCode;
using model::Document;
using model::DocumentReference;
using model::DocumentType;
using model::Extension;
using model::Organization;
using model::Package;
using model::SecurityClass;
using model::Signer;
using model::Staff;
using model::Status;
using model::TraceHeader;

namespace {

constexpr auto itself = [](auto& x) -> auto& {
    return x;
};

// ---- agencies

// "G98" or {"code":"G98", …}.
void read_organization(Context& context, const json::value& value, Organization& out) {
    if (value.is_string()) {
        if (const auto code = read_agency(context, value, Need::required)) out.code = *code;
        return;
    }
    if (value.is_object()) return read_object(context, value, organization_table(), out);
    context.fault(errc::field_type, "a code or an object is wanted");
}

json::value write_organization(const Organization& organization) {
    auto object = write_object(organization_table(), organization);
    if (object.size() == 1 && object.contains("code")) return std::move(object["code"]);
    return object;
}

template <class T>
Field<T> sender() {
    return {
        "from",
        Need::required,
        [](Context& context, const json::value& value, T& out) {
            read_organization(context, value, out.from);
        },
        [](const T& from, json::object& object) { object["from"] = write_organization(from.from); }};
}

void read_recipients(Context& context, const json::value& value, Document& out) {
    const auto* array = read_array(context, value, 1, context.limits().recipient_count_max);
    for (std::size_t i = 0; array && i < array->size(); ++i) {
        const Context::At at{context, i};
        Organization organization;
        read_organization(context, (*array)[i], organization);
        out.to.push_back(std::move(organization));
    }
    if (!context.posted()) return;
    // Sorted by key, a repetition stands beside its first.
    std::vector<std::size_t> order(out.to.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) {
        return out.to[a].code < out.to[b].code;
    });
    for (std::size_t i = 1; i < order.size(); ++i) {
        const auto& code = out.to[order[i]].code;
        if (!code.empty() && code == out.to[order[i - 1]].code)
            context.fault_below(std::to_string(order[i]), errc::recipient_duplicate);
    }
}

Field<Document> recipients() {
    return {"to", Need::required, read_recipients, [](const Document& document, json::object& object) {
                json::array array;
                for (const auto& organization : document.to)
                    array.push_back(write_organization(organization));
                object["to"] = std::move(array);
            }};
}

// ---- single fields with rules of their own

Field<Package> security_class() {
    return {
        "security_class",
        Need::always,
        [](Context& context, const json::value& value, Package& out) {
            if (const auto n = read_word(context, value, security_classes))
                out.security_class = static_cast<SecurityClass>(*n);
        },
        [](const Package& package, json::object& object) {
            object["security_class"] = word_of(security_classes, static_cast<int>(package.security_class));
        }};
}

// One person is an object, several are a list of them.
Field<Document> business_staff() {
    return {
        "staff",
        Need::optional,
        [](Context& context, const json::value& value, Document& out) {
            const auto read_one = [&](const json::value& one) {
                Staff staff;
                read_object(context, one, staff_table(), staff);
                if (!staff.empty() || !context.posted()) out.business.staff.push_back(std::move(staff));
            };
            if (!value.is_array()) return read_one(value);
            const auto* array = read_array(context, value, 0, 20);
            for (std::size_t i = 0; array && i < array->size(); ++i) {
                const Context::At at{context, i};
                read_one((*array)[i]);
            }
        },
        [](const Document& document, json::object& object) {
            json::array staff;
            for (const auto& one : document.business.staff) staff.push_back(write_object(staff_table(), one));
            if (staff.size() == 1)
                object["staff"] = std::move(staff[0]);
            else if (!staff.empty())
                object["staff"] = std::move(staff);
        }};
}

// ---- files

// A revocation or an update need not carry files; its row stands after that of the business.
Field<Package> files() {
    return {
        "files",
        Need::required,
        [](Context& context, const json::value& value, Package& out) {
            const auto type = out.document.business.type;
            const bool optional = type == model::BusinessType::revoke || type == model::BusinessType::update;
            const auto* array = read_array(context, value, optional ? 0 : 1, context.limits().file_count_max);
            for (std::size_t i = 0; array && i < array->size(); ++i) {
                const Context::At at{context, i};
                ListedFile file;
                read_object(context, (*array)[i], file_table(), file);
                out.files.push_back(file.declared);
                if (context.posted()) continue;
                file.attachment.name = file.declared.name;
                file.attachment.description = file.declared.description;
                file.attachment.facts.file_sha256 = file.declared.sha256.value_or(Sha256{});
                out.document.attachments.push_back(std::move(file.attachment));
            }
        },
        [](const Package& package, json::object& object) {
            json::array array;
            for (const auto& attachment : package.document.attachments) {
                ListedFile file;
                file.declared = {attachment.name, attachment.description, attachment.facts.file_sha256};
                file.attachment = attachment;
                array.push_back(write_object(file_table(), file));
            }
            object["files"] = std::move(array);
        }};
}

Field<ListedFile> file_name() {
    return {
        "name",
        Need::always,
        [](Context& context, const json::value& value, ListedFile& out) {
            const auto* s = value.if_string();
            if (!s) return context.fault(errc::field_type, "a text is wanted");
            const auto name = trimmed(*s);
            const auto checked = model::check_file_name(name, context.limits().file_name_characters_max);
            const bool received = !context.posted() && model::safe_file_name(name);
            if (!checked && !received) return context.fault(checked.error().code, checked.error().detail);
            if (!check_text(context, name, name.size())) return;
            out.declared.name = name;
        },
        [](const ListedFile& file, json::object& object) { object["name"] = file.declared.name; }};
}

Field<ListedFile> file_sha256() {
    return {
        "sha256",
        Need::optional,
        [](Context& context, const json::value& value, ListedFile& out) {
            const auto* s = value.if_string();
            if (!s) return context.fault(errc::field_type, "a text is wanted");
            out.declared.sha256 = Sha256::from_hex(*s);
            if (!out.declared.sha256) context.fault(errc::field_value, "64 hexadecimal digits are wanted");
        },
        [](const ListedFile& file, json::object& object) {
            if (file.declared.sha256) object["sha256"] = file.declared.sha256->hex();
        }};
}

Field<ListedFile> file_bytes() {
    return {
        "bytes",
        Need::read_only,
        [](Context& context, const json::value& value, ListedFile& out) {
            const auto n = read_number(context, value, 0, std::numeric_limits<std::int64_t>::max());
            if (n) out.attachment.facts.file_bytes = static_cast<std::uint64_t>(*n);
        },
        [](const ListedFile& file, json::object& object) {
            object["bytes"] = file.attachment.facts.file_bytes;
        }};
}

// ---- extensions

// Empty below the root.
Field<Extension> extension_place() {
    return {
        "place",
        Need::always,
        [](Context& context, const json::value& value, Extension& out) {
            const auto* s = value.if_string();
            if (!s) return context.fault(errc::field_type, "a text is wanted");
            if (check_text(context, *s, s->size())) out.place.assign(s->data(), s->size());
        },
        [](const Extension& extension, json::object& object) { object["place"] = extension.place; }};
}

// ---- statuses

Field<Status> status_code() {
    return {
        "code",
        Need::required,
        [](Context& context, const json::value& value, Status& out) {
            const auto* s = value.if_string();
            if (!s) return context.fault(errc::field_type, "a text is wanted");
            if (!model::status_code::known(*s))
                return context.fault(errc::field_value, "one of 01 02 03 04 05 06 13 15 16 is wanted");
            out.code.assign(s->data(), s->size());
        },
        [](const Status& status, json::object& object) { object["code"] = status.code; }};
}

Field<Status> status_time() {
    return {
        "at",
        Need::optional,
        [](Context& context, const json::value& value, Status& out) {
            const auto* s = value.if_string();
            if (!s) return context.fault(errc::field_type, "a text is wanted");
            Time at;
            if (!is_rfc3339(*s) || !parse_time(*s, at))
                return context.fault(errc::date_invalid, "a time as 2026-11-21T09:21:07+07:00 is wanted");
            out.timestamp = to_envelope_text(at);
            if (!parse_time(out.timestamp, at))
                return context.fault(errc::date_invalid, "not a year of four digits");
            out.at = at;  // what the envelope will say: whole seconds
        },
        [](const Status& status, json::object& object) {
            if (status.at) object["at"] = to_local_text(*status.at);
        }};
}

}  // namespace

// ---- the tables. Lengths: edxml-standard.md §1.3 and §1.4; where it names two, the larger.

const Table<Organization>& organization_table() {
    static const Table<Organization> table{
        agency<Organization>("code", Need::required, AXIS_MEMBER(code)),
        text<Organization>("name", Need::optional, 200, AXIS_MEMBER(name)),
        text<Organization>("address", Need::optional, 500, AXIS_MEMBER(address)),
        text<Organization>("in_charge", Need::optional, 500, AXIS_MEMBER(in_charge)),
        text<Organization>("email", Need::optional, 100, AXIS_MEMBER(email)),
        text<Organization>("telephone", Need::optional, 50, AXIS_MEMBER(telephone)),
        text<Organization>("fax", Need::optional, 50, AXIS_MEMBER(fax)),
        text<Organization>("website", Need::optional, 100, AXIS_MEMBER(website)),
    };
    return table;
}

const Table<DocumentReference>& reference_table() {
    static const Table<DocumentReference> table{
        agency<DocumentReference>("organ", Need::optional, AXIS_MEMBER(organ)),
        term<DocumentReference>("code", Need::optional, 61, AXIS_MEMBER(code)),
        date<DocumentReference>("date", Need::optional, AXIS_MEMBER(date)),
        date_text<DocumentReference>("date_text", AXIS_MEMBER(date)),
        term<DocumentReference>("document_id", Need::optional, 200, AXIS_MEMBER(document_id)),
    };
    return table;
}

const Table<Staff>& staff_table() {
    static const Table<Staff> table{
        text<Staff>("department", Need::optional, 200, AXIS_MEMBER(department)),
        text<Staff>("staff", Need::optional, 100, AXIS_MEMBER(staff)),
        text<Staff>("email", Need::optional, 100, AXIS_MEMBER(email)),
        text<Staff>("mobile", Need::optional, 50, AXIS_MEMBER(mobile)),
        text<Staff>("department_id", Need::optional, 100, AXIS_MEMBER(department_id)),
        text<Staff>("staff_id", Need::optional, 100, AXIS_MEMBER(staff_id)),
    };
    return table;
}

const Table<Document>& code_table() {
    static const Table<Document> table{
        term<Document>("number", Need::required, 30, AXIS_MEMBER(number)),
        term<Document>("notation", Need::required, 30, AXIS_MEMBER(notation)),
    };
    return table;
}

const Table<Document>& issued_table() {
    static const Table<Document> table{
        date<Document>("date", Need::required, AXIS_MEMBER(issued)),
        date_text<Document>("date_text", AXIS_MEMBER(issued)),
        text<Document>("place", Need::optional, 50, AXIS_MEMBER(place)),
    };
    return table;
}

const Table<DocumentType>& type_table() {
    static const Table<DocumentType> table{
        text<DocumentType>("name", Need::required, 100, AXIS_MEMBER(name)),
        word<DocumentType>("group", groups, AXIS_MEMBER(type)),
        raw<DocumentType>("group_raw", groups, AXIS_MEMBER(type)),
        number<DocumentType>("detail", 0, 999, AXIS_MEMBER(detail)),
    };
    return table;
}

const Table<Signer>& signer_table() {
    static const Table<Signer> table{
        text<Signer>("competence", Need::optional, 100, AXIS_MEMBER(competence)),
        text<Signer>("position", Need::optional, 100, AXIS_MEMBER(position)),
        text<Signer>("full_name", Need::optional, 50, AXIS_MEMBER(full_name)),
    };
    return table;
}

const Table<ListedFile>& file_table() {
    const auto read_only = [](std::string_view key, auto get) {
        return text<ListedFile>(key, Need::read_only, 200, get);
    };
    static const Table<ListedFile> table{
        file_name(),
        text<ListedFile>("description", Need::optional, 500, AXIS_MEMBER(declared.description)),
        file_sha256(),
        file_bytes(),
        read_only("url", AXIS_MEMBER(url)),
        read_only("content_id", AXIS_MEMBER(attachment.content_id)),
        read_only("content_type", AXIS_MEMBER(attachment.content_type)),
        read_only("field_name", AXIS_MEMBER(attachment.field_name)),
        read_only("mime_type", AXIS_MEMBER(attachment.mime_type)),
        read_only("format", AXIS_MEMBER(attachment.format)),
        flag<ListedFile>("wrapped", Need::read_only, AXIS_MEMBER(attachment.facts.wrapped)),
    };
    return table;
}

const Table<TraceHeader>& trace_table() {
    static const Table<TraceHeader> table{
        agency<TraceHeader>("organ", Need::optional, AXIS_MEMBER(organ)),
        text<TraceHeader>("timestamp", Need::optional, 50, AXIS_MEMBER(timestamp)),
    };
    return table;
}

const Table<Extension>& extension_table() {
    static const Table<Extension> table{
        extension_place(),
        text<Extension>("xml", Need::always, 0, AXIS_MEMBER(xml)),
    };
    return table;
}

const Table<Document>& document_table() {
    static const Table<Document> table{
        sender<Document>(),
        recipients(),
        term<Document>("document_id", Need::optional, 200, AXIS_MEMBER(document_id)),
        object<Document, Document>("code", Need::required, code_table(), itself),
        object<Document, Document>("issued", Need::required, issued_table(), itself),
        object<Document, DocumentType>("type", Need::required, type_table(), AXIS_MEMBER(type)),
        text<Document>("subject", Need::required, 500, AXIS_MEMBER(subject)),
        text<Document>("content", Need::optional, 500, AXIS_MEMBER(content)),
        object<Document, Signer>("signer", Need::optional, signer_table(), AXIS_MEMBER(signer)),
        date<Document>("due_date", Need::optional, AXIS_MEMBER(due)),
        date_text<Document>("due_date_text", AXIS_MEMBER(due)),
        word<Document>("priority", priorities, AXIS_MEMBER(other.priority)),
        raw<Document>("priority_raw", priorities, AXIS_MEMBER(other.priority)),
        text<Document>("sphere", Need::optional, 100, AXIS_MEMBER(other.sphere)),
        text<Document>("typist", Need::optional, 10, AXIS_MEMBER(other.typist)),
        number<Document>("copies", 0, 999, AXIS_MEMBER(other.copies)),
        number<Document>("pages", 0, 999, AXIS_MEMBER(other.pages)),
        flag<Document>("directive", Need::optional, AXIS_MEMBER(other.direction)),
        texts<Document>("appendixes", 500, 200, AXIS_MEMBER(other.appendixes)),
        text<Document>("reply_fors", Need::optional, 500, AXIS_MEMBER(other.reply_fors)),
        text<Document>("reference_codes", Need::optional, 500, AXIS_MEMBER(other.reference_codes)),
        texts<Document>("to_places", 150, 200, AXIS_MEMBER(to_places)),
        word<Document>("steering", steerings, AXIS_MEMBER(steering)),
        raw<Document>("steering_raw", steerings, AXIS_MEMBER(steering)),
        objects<Document, DocumentReference>(
            "response_for", Need::optional, {0, 100}, reference_table(), AXIS_MEMBER(response_for)
        ),
        texts<Document>("tasks", 100, 200, AXIS_MEMBER(tasks)),
        text<Document>("application_type", Need::optional, 50, AXIS_MEMBER(application_type)),
        yes_no<Document>("paper", AXIS_MEMBER(business.paper)),
        raw<Document>("paper_raw", yes_or_no, AXIS_MEMBER(business.paper)),
        business_staff(),
        business(),
        objects<Document, TraceHeader>("trace", Need::read_only, {0, 200}, trace_table(), AXIS_MEMBER(trace)),
        objects<Document, Extension>(
            "extensions", Need::kept, {0, 0}, extension_table(), AXIS_MEMBER(extensions)
        ),
    };
    return table;
}

const Table<Package>& package_table() {
    static const Table<Package> table = [] {
        Table<Package> rows{
            text<Package>("external_id", Need::optional, 128, AXIS_MEMBER(external_id)),
            security_class(),
            flag<Package>("restricted_publication", Need::always, AXIS_MEMBER(restricted_publication)),
            flag<Package>("denunciation", Need::always, AXIS_MEMBER(denunciation)),
        };
        for (const auto& row : document_table()) rows.push_back(lifted<Package>(row, AXIS_MEMBER(document)));
        rows.push_back(files());
        return rows;
    }();
    return table;
}

const Table<Status>& status_table() {
    static const Table<Status> table{
        sender<Status>(),
        status_code(),
        text<Status>("description", Need::optional, 1000, AXIS_MEMBER(description)),
        object<Status, Staff>("staff", Need::optional, staff_table(), AXIS_MEMBER(staff)),
        status_time(),
    };
    return table;
}

}  // namespace axis::package
