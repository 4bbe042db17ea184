// Business of a document: new, revoke (thu hồi), update (cập nhật), replace (thay thế): edxml-standard.md
// §1.7.
#include "gateway/package/object_fields.hpp"
#include "gateway/package/tables.hpp"
#include "gateway/package/word_fields.hpp"

namespace axis::package {

using model::Business;
using model::BusinessType;
using model::Document;
using model::Receiver;
using model::Replacement;
using model::UpdateInfo;

namespace {

Field<Business> business_type() {
    return {
        "type",
        Need::required,
        [](Context& context, const json::value& value, Business& out) {
            if (const auto n = read_word(context, value, business_types))
                out.type = static_cast<BusinessType>(*n);
        },
        [](const Business& business, json::object& object) {
            object["type"] = word_of(business_types, static_cast<int>(business.type));
        }};
}

// Paper and staff stand beside it in a package, for every kind of document.
bool is_plain(const Business& business) {
    return business.type == BusinessType::new_document && business.reason.empty() &&
           business.document_id.empty() && business.updates.empty() && business.replacements.empty();
}

// What the kind of business needs beyond single keys.
void check(Context& context, const Document& document) {
    const auto& business = document.business;
    const auto type = business.type;
    const auto needs = [&](bool given, std::string_view key, const char* what) {
        if (!given) context.fault_below(key, errc::field_missing, what);
    };
    const auto only = [&](bool right, std::string_view key, const char* what) {
        if (!right) context.fault_below(key, errc::field_value, what);
    };
    if (type != BusinessType::new_document) needs(!business.reason.empty(), "reason", "why it is done");
    // A revocation repeats the document it revokes, with its id; an update has an id of its own.
    if (type == BusinessType::revoke)
        needs(
            !business.document_id.empty() || !document.document_id.empty(),
            "document_id",
            "here, or as the package's document_id"
        );
    if (type == BusinessType::update)
        needs(!business.document_id.empty(), "document_id", "which document is updated");
    if (type == BusinessType::replace)
        needs(!business.replacements.empty(), "replacements", "which documents are replaced");
    only(type == BusinessType::update || business.updates.empty(), "updates", "only of an update");
    only(
        type == BusinessType::replace || business.replacements.empty(),
        "replacements",
        "only of a replacement"
    );
}

}  // namespace

const Table<Receiver>& receiver_table() {
    static const Table<Receiver> table{
        agency<Receiver>("organ", Need::required, AXIS_MEMBER(organ)),
        word<Receiver>("type", receiver_types, AXIS_MEMBER(type)),
        raw<Receiver>("type_raw", receiver_types, AXIS_MEMBER(type)),
    };
    return table;
}

const Table<UpdateInfo>& update_table() {
    static const Table<UpdateInfo> table{
        yes_no<UpdateInfo>("document", AXIS_MEMBER(document)),
        raw<UpdateInfo>("document_raw", yes_or_no, AXIS_MEMBER(document)),
        yes_no<UpdateInfo>("receiver", AXIS_MEMBER(receiver)),
        raw<UpdateInfo>("receiver_raw", yes_or_no, AXIS_MEMBER(receiver)),
        objects<UpdateInfo, Receiver>(
            "receivers", Need::optional, {0, 2000}, receiver_table(), AXIS_MEMBER(receivers)
        ),
    };
    return table;
}

const Table<Replacement>& replacement_table() {
    static const Table<Replacement> table{
        term<Replacement>("document_id", Need::required, 200, AXIS_MEMBER(document_id)),
        agencies<Replacement>("organs", 2000, AXIS_MEMBER(organs)),
    };
    return table;
}

const Table<Business>& business_table() {
    static const Table<Business> table{
        business_type(),
        text<Business>("reason", Need::optional, 500, AXIS_MEMBER(reason)),
        term<Business>("document_id", Need::optional, 200, AXIS_MEMBER(document_id)),
        objects<Business, UpdateInfo>(
            "updates", Need::optional, {0, 20}, update_table(), AXIS_MEMBER(updates)
        ),
        objects<Business, Replacement>(
            "replacements", Need::optional, {0, 200}, replacement_table(), AXIS_MEMBER(replacements)
        ),
    };
    return table;
}

Field<Document> business() {
    const auto row =
        object<Document, Business>("business", Need::optional, business_table(), AXIS_MEMBER(business));
    return {
        row.key,
        row.need,
        [=](Context& context, const json::value& value, Document& out) {
            const auto faults = context.fault_count();
            row.read(context, value, out);
            if (context.posted() && context.fault_count() == faults) check(context, out);
        },
        [=](const Document& document, json::object& object) {
            if (!is_plain(document.business)) row.write(document, object);
        }};
}

}  // namespace axis::package
