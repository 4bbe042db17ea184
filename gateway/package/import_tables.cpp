// The shapes of axis-api.md §6 as rows. Keys and their meaning: PVN's meta object, RIPT's sample of a
// request, OpenCPS' model of what it posts.
#include "gateway/package/import_rows.hpp"

#include <array>

namespace axis::package {

namespace {

constexpr auto pvn_rows = std::to_array<ImportRow>({
    {"from/organId", "from/code"},
    {"from/organizationInCharge", "from/in_charge"},
    {"from/organName", "from/name"},
    {"from/organAdd", "from/address"},
    {"from/email", "from/email"},
    {"from/telephone", "from/telephone"},
    {"from/fax", "from/fax"},
    {"from/website", "from/website"},
    {"to/*/organId", "to/*/code"},
    {"to/*/organizationInCharge", "to/*/in_charge"},
    {"to/*/organName", "to/*/name"},
    {"to/*/organAdd", "to/*/address"},
    {"to/*/email", "to/*/email"},
    {"to/*/telephone", "to/*/telephone"},
    {"to/*/fax", "to/*/fax"},
    {"to/*/website", "to/*/website"},
    {"subject", "subject"},
    {"content", "content"},
    {"codeNumber", "code/number"},
    {"codeNotation", "code/notation"},
    {"place", "issued/place"},
    {"promulgationDate", "issued/date", As::date},
    {"typeName", "type/name"},
    {"type", "type/group", As::word, groups},
    {"typeDetail", "type/detail", As::number},
    {"signerFullName", "signer/full_name"},
    {"signerPosition", "signer/position"},
    {"priority", "priority", As::word, priorities},
    {"sphereOfPromulgation", "sphere"},
    {"typerNotation", "typist"},
    {"promulgationAmount", "copies", As::number},
    {"pageAmount", "pages", As::number},
    {"direction", "directive", As::flag},
    {"appendixes/*", "appendixes/*"},
    {"steeringType", "steering", As::word, steerings},
    {"toPlaces/*", "to_places/*"},
    // the other fields of the form, when they are put beside
    {"fromCode", "from/code"},
    {"toCode", "to", As::comma_list},
    {"serviceType", "", As::left_out},
    {"messageType", "", As::left_out},
    {"aggregate", "", As::left_out},
});

#define HEADER "header_messageheader_"
#define BUSINESS "header_traceheaderlist_bussiness_"

constexpr auto flat_rows = std::to_array<ImportRow>({
    {HEADER "from_organid", "from/code"},
    {HEADER "from_organizationincharge", "from/in_charge"},
    {HEADER "from_organname", "from/name"},
    {HEADER "from_organadd", "from/address"},
    {HEADER "from_email", "from/email"},
    {HEADER "from_telephone", "from/telephone"},
    {HEADER "from_fax", "from/fax"},
    {HEADER "from_website", "from/website"},
    {HEADER "toes/*/organid", "to/*/code"},
    {HEADER "toes/*/organizationincharge", "to/*/in_charge"},
    {HEADER "toes/*/organname", "to/*/name"},
    {HEADER "toes/*/organadd", "to/*/address"},
    {HEADER "toes/*/email", "to/*/email"},
    {HEADER "toes/*/telephone", "to/*/telephone"},
    {HEADER "toes/*/fax", "to/*/fax"},
    {HEADER "toes/*/website", "to/*/website"},
    {HEADER "code_codenumber", "code/number"},
    {HEADER "code_codenotation", "code/notation"},
    {HEADER "promulgationinfo_place", "issued/place"},
    {HEADER "promulgationinfo_promulgationdate", "issued/date", As::date},
    {HEADER "documenttype_type", "type/group", As::word, groups},
    {HEADER "documenttype_typename", "type/name"},
    {HEADER "subject", "subject"},
    {HEADER "content", "content"},
    {HEADER "signerinfo_competence", "signer/competence"},
    {HEADER "signerinfo_position", "signer/position"},
    {HEADER "signerinfo_fullname", "signer/full_name"},
    {HEADER "duedate", "due_date", As::date},
    {HEADER "toplaces/*", "to_places/*"},
    {HEADER "otherinfo_priority", "priority", As::word, priorities},
    {HEADER "otherinfo_sphereofpromulgation", "sphere"},
    {HEADER "otherinfo_typernotation", "typist"},
    {HEADER "otherinfo_promulgationamount", "copies", As::number},
    {HEADER "otherinfo_pageamount", "pages", As::number},
    {HEADER "otherinfo_appendixes/*", "appendixes/*"},
    {HEADER "responsefors/*/organid", "response_for/*/organ"},
    {HEADER "responsefors/*/code", "response_for/*/code"},
    {HEADER "responsefors/*/promulgationdate", "response_for/*/date", As::date},
    {HEADER "responsefors/*/documentid", "response_for/*/document_id"},
    {HEADER "steeringtype", "steering", As::word, steerings},
    {HEADER "documentid", "document_id"},
    {"header_traceheaderlist_traceheader/*/organid", "trace/*/organ"},
    {"header_traceheaderlist_traceheader/*/timestamp", "trace/*/timestamp"},
    {BUSINESS "bussinessdoctype", "business/type", As::known_word, business_types},
    {BUSINESS "bussinessdocreason", "business/reason"},
    {BUSINESS "documentid", "business/document_id"},
    {BUSINESS "bussinessdocumentinfo/*/documentinfo", "business/updates/*/document", As::yes_no},
    {BUSINESS "bussinessdocumentinfo/*/documentreceiver", "business/updates/*/receiver", As::yes_no},
    {BUSINESS "bussinessdocumentinfo/*/receiverlist/+/receiver/*/organid",
     "business/updates/*/receivers/*/organ"},
    {BUSINESS "bussinessdocumentinfo/*/receiverlist/+/receiver/*/receivertype",
     "business/updates/*/receivers/*/type",
     As::word,
     receiver_types},
    {BUSINESS "staffinfoes/*/department", "staff/*/department"},
    {BUSINESS "staffinfoes/*/staff", "staff/*/staff"},
    {BUSINESS "staffinfoes/*/mobile", "staff/*/mobile"},
    {BUSINESS "staffinfoes/*/email", "staff/*/email"},
    {BUSINESS "paper", "paper", As::yes_no},
    {BUSINESS "replacementinfolist_replacementinfo/+/*/documentid", "business/replacements/*/document_id"},
    {BUSINESS "replacementinfolist_replacementinfo/+/*/organidlist/*", "business/replacements/*/organs/*"},
    // a signature does not outlive the writing of an envelope
    {"header_signature_signatureinfo_canonicalizationmethod", "", As::left_out},
    {"header_signature_signatureinfo_signaturemethod", "", As::left_out},
    {"header_signature_signatureinfo_references", "", As::left_out},
    {"header_signature_signaturevalue", "", As::left_out},
    {"header_signature_keyinfo_x509data_x509subjectname", "", As::left_out},
    {"header_signature_keyinfo_x509data_x509certificate", "", As::left_out},
    {"attachments/*/attachmentname", "files/*/name"},
    {"attachments/*/description", "files/*/description"},
});

#undef HEADER
#undef BUSINESS

constexpr auto inline_rows = std::to_array<ImportRow>({
    {"trichYeu", "subject"},
    {"tenHoSo", "subject"},
    {"maHoSo", "external_id"},
    {"documentCode", "external_id"},
    {"files/*/fileName", "files/*/name"},
    {"files/*/fileByte", "files/*/sha256", As::file_bytes},
    {"files/*/size", "", As::file_size},
});

}  // namespace

std::span<const ImportRow> import_rows(Shape shape) {
    if (shape == Shape::pvn) return pvn_rows;
    if (shape == Shape::flat) return flat_rows;
    return inline_rows;
}

std::optional<Shape> shape_named(std::string_view word) {
    if (word == "pvn") return Shape::pvn;
    if (word == "flat") return Shape::flat;
    if (word == "inline") return Shape::inline_files;
    return std::nullopt;
}

}  // namespace axis::package
