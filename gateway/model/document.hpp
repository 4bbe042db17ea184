// Document: one official document with its metadata, independent of how it travels (edxml-standard.md
// §1.3-1.10). Texts are kept as they came (UTF-8, any normalisation); an empty string means "not given", as
// the standard's readers must treat absent, empty and "null" alike. Numbers whose meaning is disputed stay
// raw.
#pragma once

#include "gateway/base/digest.hpp"
#include "gateway/model/agency_code.hpp"
#include "gateway/model/date.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace axis::model {

struct Organization {
    AgencyCode code;  // OrganId
    std::string in_charge;
    std::string name;
    std::string address;
    std::string email;
    std::string telephone;
    std::string fax;
    std::string website;
    friend bool operator==(const Organization&, const Organization&) = default;
};

// Reference to another document: what is answered, recalled, or reported on.
struct DocumentReference {
    AgencyCode organ;  // issuer of the original (for status 13: the recipient)
    std::string code;  // "7816/VPCP-TTĐT", one string
    std::string document_id;
    Date date;
    friend bool operator==(const DocumentReference&, const DocumentReference&) = default;
};

struct DocumentType {
    std::optional<int> type;  // 1 legal normative, 2 administrative; wild values occur, kept raw
    std::optional<int> detail;
    std::string name;  // the one to trust: "Công văn"
    friend bool operator==(const DocumentType&, const DocumentType&) = default;
};

struct Signer {
    std::string competence;
    std::string position;
    std::string full_name;
    bool empty() const { return competence.empty() && position.empty() && full_name.empty(); }
    friend bool operator==(const Signer&, const Signer&) = default;
};

struct OtherInfo {
    std::optional<int>
        priority;  // 0 thường, 1 khẩn, 2 thượng khẩn, 3 hỏa tốc, 4 hỏa tốc hẹn giờ; unknown kept raw
    std::string sphere;  // SphereOfPromulgation
    std::string typist;  // TyperNotation
    std::optional<unsigned> copies;
    std::optional<unsigned> pages;
    std::vector<std::string> appendixes;
    std::optional<bool> direction;
    std::string reply_fors;
    std::string reference_codes;
    friend bool operator==(const OtherInfo&, const OtherInfo&) = default;
};

struct TraceHeader {
    AgencyCode organ;       // may be missing on the axis
    std::string timestamp;  // as written
    friend bool operator==(const TraceHeader&, const TraceHeader&) = default;
};

struct Staff {
    std::string department;
    std::string staff;
    std::string email;
    std::string mobile;
    std::string department_id;  // the last two are the SDK's own
    std::string staff_id;
    bool empty() const { return *this == Staff{}; }
    friend bool operator==(const Staff&, const Staff&) = default;
};

struct Receiver {
    AgencyCode organ;
    std::optional<int> type;  // 0 removed from the recipients, 1 added
    friend bool operator==(const Receiver&, const Receiver&) = default;
};

// BussinessDocumentInfo: what an update changes.
struct UpdateInfo {
    std::optional<int> document;  // DocumentInfo: 1 = the document's own data
    std::optional<int> receiver;  // DocumentReceiver: 1 = the list of recipients
    std::vector<Receiver> receivers;
    friend bool operator==(const UpdateInfo&, const UpdateInfo&) = default;
};

struct Replacement {
    std::string document_id;
    std::vector<AgencyCode> organs;
    friend bool operator==(const Replacement&, const Replacement&) = default;
};

enum class BusinessType { new_document = 0, revoke = 1, update = 2, replace = 3 };

struct Business {
    BusinessType type = BusinessType::new_document;
    std::string reason;
    std::string document_id;
    std::optional<int> paper;
    std::vector<UpdateInfo> updates;
    std::vector<Replacement> replacements;
    std::vector<Staff> staff;
    friend bool operator==(const Business&, const Business&) = default;
};

// What is known of the bytes of an attachment, once they have passed by.
struct AttachmentFacts {
    Sha256 text_sha256;  // of the base64 text as it stands in the envelope: the blob's address
    std::uint64_t text_bytes = 0;
    bool has_cr = false;
    bool wrapped = false;  // the text holds a ZIP that holds the file (edxml-standard.md §1.10)
    Sha256 file_sha256;    // of the file itself, unwrapped
    std::uint64_t file_bytes = 0;
    friend bool operator==(const AttachmentFacts&, const AttachmentFacts&) = default;
};

struct Attachment {
    std::string content_id;  // without "cid:"
    std::string name;        // the original file name; never used as a path
    std::string description;
    std::string content_type;  // as written on the wire
    std::string field_name;
    std::string mime_type;
    AttachmentFacts facts;
    std::string format;  // the SDK's own, like field_name and mime_type
    friend bool operator==(const Attachment&, const Attachment&) = default;
};

// An element the standard does not know: kept, and written back at the end of the element it stood in.
struct Extension {
    std::string place;  // its parent: "edXMLEnvelope/edXMLHeader/MessageHeader/To[1]", counted from 0
    std::string xml;    // the whole element; names of other namespaces carry their declarations
    friend bool operator==(const Extension&, const Extension&) = default;
};

struct Document {
    Organization from;
    std::vector<Organization> to;
    std::string document_id;
    std::string number;    // CodeNumber
    std::string notation;  // CodeNotation
    std::string place;
    Date issued;  // PromulgationDate
    DocumentType type;
    std::string subject;
    std::string content;
    Signer signer;
    Date due;
    OtherInfo other;
    std::vector<DocumentReference> response_for;
    std::optional<int> steering;
    std::vector<std::string> tasks;  // ResponseForTask/TaskCode
    std::string application_type;
    std::vector<std::string> to_places;
    std::vector<TraceHeader> trace;
    Business business;
    std::vector<Attachment> attachments;
    std::vector<Extension> extensions;  // by place, then in the order of the envelope

    // "251/TMĐT-TTTH"; just the number when there is no notation.
    std::string full_number() const;
    friend bool operator==(const Document&, const Document&) = default;
};

// {OrganId},{yyyy/MM/dd},{number}/{notation}: edxml-standard.md §4.
std::string make_document_id(const AgencyCode& from, const Date& issued, const std::string& full_number);

// SHA-256 over what makes two envelopes the same business act although the axis rewrote them (architecture
// D7): From (after alias: `issuer`), DocumentId NFC, business type, code, date, sorted digests of the
// unwrapped files.
Sha256 business_digest(const Document& document, const AgencyCode& issuer);

}  // namespace axis::model
