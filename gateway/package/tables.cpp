#include "gateway/package/tables.hpp"

#include "gateway/model/file_name.hpp"
#include "gateway/package/object_fields.hpp"

#include <algorithm>
#include <array>

namespace axis::package {

using model::AgencyCode;
using model::DeclaredFile;
using model::Document;
using model::DocumentReference;
using model::DocumentType;
using model::Organization;
using model::Package;
using model::SecurityClass;
using model::Signer;
using model::Staff;
using model::Status;

// The accessor of a member, for reading and for writing.
#define MEMBER(path)       \
    [](auto& x) -> auto& { \
        return x.path;     \
    }

namespace {

constexpr auto itself = [](auto& x) -> auto& {
    return x;
};

constexpr std::array<Word, 5> priorities{
    {{"thuong", 0}, {"khan", 1}, {"thuong_khan", 2}, {"hoa_toc", 3}, {"hoa_toc_hen_gio", 4}}};
constexpr std::array<Word, 2> groups{{{"phap_quy", 1}, {"hanh_chinh", 2}}};
// The number's meaning is disputed (edxml-standard.md §1.6); this is the reading of VNPT's samples.
constexpr std::array<Word, 3> steerings{{{"khong", 1}, {"chi_dao", 2}, {"bao_cao", 3}}};
constexpr std::array<Word, 4> security_classes{
    {{"thuong", static_cast<int>(SecurityClass::ordinary)},
     {"mat", static_cast<int>(SecurityClass::secret)},
     {"toi_mat", static_cast<int>(SecurityClass::top_secret)},
     {"tuyet_mat", static_cast<int>(SecurityClass::utmost_secret)}}};

// ---- agencies

template <class T, class Get>
Field<T> agency(std::string_view key, Need need, Get get) {
    return {
        key,
        need,
        [=](Context& context, const json::value& value, T& out) {
            const auto* s = read_text(context, value, need, AgencyCode::characters_max);
            const auto code = s ? AgencyCode::parse(*s) : std::nullopt;
            if (s && !code) context.fault(errc::field_value, "not an agency code");
            if (code) get(out) = *code;
        },
        [=](const T& from, json::object& object) {
            if (!get(from).empty()) object[key] = get(from).text();
        }};
}

// "G98" or {"code":"G98", …}.
void read_organization(Context& context, const json::value& value, Organization& out) {
    if (value.is_string()) {
        static const auto code = agency<Organization>("", Need::required, MEMBER(code));
        return code.read(context, value, out);
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
        Need::required,
        [](Context& context, const json::value& value, Package& out) {
            if (const auto n = read_word(context, value, security_classes))
                out.security_class = static_cast<SecurityClass>(*n);
        },
        [](const Package&, json::object&) {}};
}

// Paper is 0 or 1 on the wire, yes or no here; another number is shown as it came.
Field<Document> paper() {
    return {
        "paper",
        Need::optional,
        [](Context& context, const json::value& value, Document& out) {
            if (!value.is_bool()) return context.fault(errc::field_type, "true or false is wanted");
            out.business.paper = value.get_bool() ? 1 : 0;
        },
        [](const Document& document, json::object& object) {
            const auto held = document.business.paper;
            if (!held) return;
            const bool known = *held == 0 || *held == 1;
            object["paper"] = known ? json::value(*held == 1) : json::value(nullptr);
            if (!known) object["paper_raw"] = *held;
        }};
}

// The model and the wire know several; a package names one person.
Field<Document> business_staff() {
    return {
        "staff",
        Need::optional,
        [](Context& context, const json::value& value, Document& out) {
            Staff staff;
            read_object(context, value, staff_table(), staff);
            if (!staff.empty()) out.business.staff.push_back(std::move(staff));
        },
        [](const Document& document, json::object& object) {
            if (!document.business.staff.empty())
                object["staff"] = write_object(staff_table(), document.business.staff.front());
        }};
}

Field<Package> declared_files() {
    return {
        "files",
        Need::required,
        [](Context& context, const json::value& value, Package& out) {
            const auto* array = read_array(context, value, 1, context.limits().file_count_max);
            for (std::size_t i = 0; array && i < array->size(); ++i) {
                const Context::At at{context, i};
                read_object(context, (*array)[i], file_table(), out.files.emplace_back());
            }
        },
        [](const Package&, json::object&) {}};
}

Field<DeclaredFile> file_name() {
    return {
        "name",
        Need::required,
        [](Context& context, const json::value& value, DeclaredFile& out) {
            const auto* s = value.if_string();
            if (!s) return context.fault(errc::field_type, "a text is wanted");
            const auto checked = model::check_file_name(*s, context.limits().file_name_characters_max);
            if (!checked) return context.fault(checked.error().code, checked.error().detail);
            out.name.assign(s->data(), s->size());
        },
        [](const DeclaredFile& file, json::object& object) { object["name"] = file.name; }};
}

Field<DeclaredFile> file_sha256() {
    return {
        "sha256",
        Need::optional,
        [](Context& context, const json::value& value, DeclaredFile& out) {
            const auto* s = value.if_string();
            if (!s) return context.fault(errc::field_type, "a text is wanted");
            out.sha256 = Sha256::from_hex(*s);
            if (!out.sha256) context.fault(errc::field_value, "64 hexadecimal digits are wanted");
        },
        [](const DeclaredFile& file, json::object& object) {
            if (file.sha256) object["sha256"] = file.sha256->hex();
        }};
}

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
            out.at = at;
            out.timestamp = to_envelope_text(at);
        },
        [](const Status& status, json::object& object) {
            if (status.at) object["at"] = to_local_text(*status.at);
        }};
}

}  // namespace

std::span<const Word> priority_words() {
    return priorities;
}

// ---- the tables. Lengths: edxml-standard.md §1.3 and §1.4; where it names two, the larger.

const Table<Organization>& organization_table() {
    static const Table<Organization> table{
        agency<Organization>("code", Need::required, MEMBER(code)),
        text<Organization>("name", Need::optional, 200, MEMBER(name)),
        text<Organization>("address", Need::optional, 500, MEMBER(address)),
        text<Organization>("in_charge", Need::optional, 500, MEMBER(in_charge)),
        text<Organization>("email", Need::optional, 100, MEMBER(email)),
        text<Organization>("telephone", Need::optional, 50, MEMBER(telephone)),
        text<Organization>("fax", Need::optional, 50, MEMBER(fax)),
        text<Organization>("website", Need::optional, 100, MEMBER(website)),
    };
    return table;
}

const Table<DocumentReference>& reference_table() {
    static const Table<DocumentReference> table{
        agency<DocumentReference>("organ", Need::optional, MEMBER(organ)),
        text<DocumentReference>("code", Need::optional, 61, MEMBER(code)),
        date<DocumentReference>("date", Need::optional, MEMBER(date)),
        text<DocumentReference>("document_id", Need::optional, 200, MEMBER(document_id)),
    };
    return table;
}

const Table<Staff>& staff_table() {
    static const Table<Staff> table{
        text<Staff>("department", Need::optional, 200, MEMBER(department)),
        text<Staff>("staff", Need::optional, 100, MEMBER(staff)),
        text<Staff>("email", Need::optional, 100, MEMBER(email)),
        text<Staff>("mobile", Need::optional, 50, MEMBER(mobile)),
    };
    return table;
}

const Table<Document>& code_table() {
    static const Table<Document> table{
        text<Document>("number", Need::required, 30, MEMBER(number)),
        text<Document>("notation", Need::required, 30, MEMBER(notation)),
    };
    return table;
}

const Table<Document>& issued_table() {
    static const Table<Document> table{
        date<Document>("date", Need::required, MEMBER(issued)),
        text<Document>("place", Need::optional, 50, MEMBER(place)),
    };
    return table;
}

const Table<DocumentType>& type_table() {
    static const Table<DocumentType> table{
        text<DocumentType>("name", Need::required, 100, MEMBER(name)),
        word<DocumentType>("group", groups, MEMBER(type)),
        number<DocumentType>("detail", 0, 999, MEMBER(detail)),
    };
    return table;
}

const Table<Signer>& signer_table() {
    static const Table<Signer> table{
        text<Signer>("competence", Need::optional, 100, MEMBER(competence)),
        text<Signer>("position", Need::optional, 100, MEMBER(position)),
        text<Signer>("full_name", Need::optional, 50, MEMBER(full_name)),
    };
    return table;
}

const Table<DeclaredFile>& file_table() {
    static const Table<DeclaredFile> table{
        file_name(),
        text<DeclaredFile>("description", Need::optional, 500, MEMBER(description)),
        file_sha256(),
    };
    return table;
}

const Table<Document>& document_table() {
    static const Table<Document> table{
        sender<Document>(),
        recipients(),
        text<Document>("document_id", Need::optional, 200, MEMBER(document_id)),
        object<Document, Document>("code", Need::required, code_table(), itself),
        object<Document, Document>("issued", Need::required, issued_table(), itself),
        object<Document, DocumentType>("type", Need::required, type_table(), MEMBER(type)),
        text<Document>("subject", Need::required, 500, MEMBER(subject)),
        text<Document>("content", Need::optional, 500, MEMBER(content)),
        object<Document, Signer>("signer", Need::optional, signer_table(), MEMBER(signer)),
        date<Document>("due_date", Need::optional, MEMBER(due)),
        word<Document>("priority", priorities, MEMBER(other.priority)),
        text<Document>("sphere", Need::optional, 100, MEMBER(other.sphere)),
        text<Document>("typist", Need::optional, 10, MEMBER(other.typist)),
        number<Document>("copies", 0, 999, MEMBER(other.copies)),
        number<Document>("pages", 0, 999, MEMBER(other.pages)),
        flag<Document>("directive", Need::optional, MEMBER(other.direction)),
        texts<Document>("appendixes", 500, 200, MEMBER(other.appendixes)),
        texts<Document>("to_places", 150, 200, MEMBER(to_places)),
        word<Document>("steering", steerings, MEMBER(steering)),
        objects<Document, DocumentReference>(
            "response_for", Need::optional, {0, 100}, reference_table(), MEMBER(response_for)
        ),
        texts<Document>("tasks", 100, 200, MEMBER(tasks)),
        text<Document>("application_type", Need::optional, 50, MEMBER(application_type)),
        paper(),
        business_staff(),
    };
    return table;
}

const Table<Package>& package_table() {
    static const Table<Package> table = [] {
        Table<Package> rows{
            text<Package>("external_id", Need::optional, 128, MEMBER(external_id)),
            security_class(),
            flag<Package>("restricted_publication", Need::required, MEMBER(restricted_publication)),
            flag<Package>("denunciation", Need::required, MEMBER(denunciation)),
        };
        for (const auto& row : document_table()) rows.push_back(lifted<Package>(row, MEMBER(document)));
        rows.push_back(declared_files());
        return rows;
    }();
    return table;
}

const Table<Status>& status_table() {
    static const Table<Status> table{
        sender<Status>(),
        status_code(),
        text<Status>("description", Need::optional, 1000, MEMBER(description)),
        object<Status, Staff>("staff", Need::optional, staff_table(), MEMBER(staff)),
        status_time(),
    };
    return table;
}

json::object business_object(const model::Business& business) {
    constexpr std::array<std::string_view, 4> words{"new", "revoke", "update", "replace"};
    json::object object;
    if (business.type == model::BusinessType::new_document) return object;
    object["type"] = words.at(static_cast<std::size_t>(business.type));
    if (!business.reason.empty()) object["reason"] = business.reason;
    if (!business.document_id.empty()) object["document_id"] = business.document_id;
    if (business.document_info) object["document_info"] = *business.document_info;
    if (business.document_receiver) object["document_receiver"] = *business.document_receiver;
    json::array receivers;
    for (const auto& receiver : business.receivers) {
        json::object one{{"organ", receiver.organ.text()}};
        if (receiver.type) one["type"] = *receiver.type;
        receivers.push_back(std::move(one));
    }
    if (!receivers.empty()) object["receivers"] = std::move(receivers);
    json::array replacements;
    for (const auto& replacement : business.replacements) {
        json::array organs;
        for (const auto& organ : replacement.organs) organs.emplace_back(organ.text());
        replacements.push_back({{"document_id", replacement.document_id}, {"organs", std::move(organs)}});
    }
    if (!replacements.empty()) object["replacements"] = std::move(replacements);
    return object;
}

}  // namespace axis::package
