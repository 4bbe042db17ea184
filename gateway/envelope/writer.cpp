#include "gateway/envelope/writer.hpp"

#include "gateway/base/text.hpp"
#include "gateway/envelope/attachment.hpp"
#include "gateway/envelope/bytes.hpp"
#include "gateway/envelope/escape.hpp"
#include "gateway/model/file_name.hpp"
#include "gateway/model/not_given.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>

namespace axis::envelope {

namespace {

using model::Document;
using model::Status;

constexpr std::string_view name_space = "http://www.mic.gov.vn/TBT/QCVN_102_2016";
constexpr std::string_view line_end = "\r\n";  // as the SDK and the axis write

// Characters XML 1.0 can carry, given valid UTF-8.
bool fits_xml(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c < 0x20 && c != '\t' && c != '\n' && c != '\r') return false;
        if (c == 0xEF && (text.substr(i, 3) == "\xEF\xBF\xBE" || text.substr(i, 3) == "\xEF\xBF\xBF"))
            return false;
    }
    return is_utf8(text);
}

// "edXML:To" → "To", as places of extensions say it.
std::string_view plain(std::string_view name) {
    constexpr std::string_view prefix = "edXML:";
    return name.starts_with(prefix) ? name.substr(prefix.size()) : name;
}

// Elements, one per line, two blanks per level. Empty values leave no element. What the document carries
// beyond the standard goes to the end of the element it stood in. The first bad value is remembered.
class Emitter {
public:
    explicit Emitter(const std::vector<model::Extension>& extensions) {
        for (const auto& extension : extensions) extensions_.emplace(extension.place, Waiting{extension.xml});
        out_ = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
        out_ += line_end;
        open("edXML", " xmlns=\"" + std::string{name_space} + "\"");
        open("edXML:edXMLEnvelope", declared_prefix());
    }

    static std::string declared_prefix() { return " xmlns:edXML=\"" + std::string{name_space} + "\""; }

    // An element that comes several times has its index among them.
    void open(
        std::string_view name,
        std::string_view attributes = {},
        std::optional<std::size_t> index = std::nullopt
    ) {
        indent();
        out_ += '<';
        out_ += name;
        out_ += attributes;
        out_ += '>';
        out_ += line_end;
        open_.push_back({std::string{name}, place_.size()});
        if (open_.size() == 1) return;  // places begin below the root
        place_ += (place_.empty() ? "" : "/") + std::string{plain(name)};
        if (index) place_ += "[" + std::to_string(*index) + "]";
    }

    void close() {
        extend();
        const auto last = std::move(open_.back());
        open_.pop_back();
        place_.resize(last.place_bytes);
        indent();
        end_tag(last.name);
    }

    // An entry of a list. One that says nothing is none to a reader, unless an extension stands in it.
    void entry(std::string_view name, std::size_t index, bool empty) {
        if (empty && !extends(name, index)) refuse(name, "says nothing");
        open(name, {}, index);
    }

    // Whether an extension stands in the element `name` of the open one, or deeper.
    bool extends(std::string_view name, std::optional<std::size_t> index = std::nullopt) const {
        if (extensions_.empty()) return false;
        auto below = (place_.empty() ? "" : place_ + "/").append(plain(name));
        if (index) below += "[" + std::to_string(*index) + "]";
        const auto begins = [this](const std::string& place) {
            const auto at = extensions_.lower_bound(place);
            return at != extensions_.end() && at->first.starts_with(place);
        };
        return extensions_.contains(below) || begins(below + "/") || begins(below + "[");
    }

    void value(std::string_view name, std::string_view text) {
        if (text.empty()) return;
        if (!fits_xml(text)) refuse(name, "a character XML cannot carry");
        if (model::not_given(text)) refuse(name, "would be read as nothing");
        indent();
        out_ += '<';
        out_ += name;
        out_ += '>';
        escape_text(text, out_);
        end_tag(name);
    }

    // What readers trim, since it is compared.
    void word(std::string_view name, std::string_view text) {
        if (trimmed(text) != text) refuse(name, "has blanks at its edges");
        value(name, text);
    }

    template <class Number>
    void number(std::string_view name, const std::optional<Number>& n) {
        if (n) value(name, std::to_string(*n));
    }

    void required(std::string_view name, std::string_view text) {
        if (text.empty()) refuse(name, "is missing");
        word(name, text);
    }

    // One text of a list of texts.
    void filled(std::string_view name, std::string_view text) {
        if (text.empty()) refuse(name, "says nothing");
        value(name, text);
    }

    // An element whose text somebody else supplies.
    void hole(std::string_view name, std::string_view attributes) {
        indent();
        out_ += '<';
        out_ += name;
        out_ += attributes;
        out_ += '>';
        holes_.push_back(out_.size());
        end_tag(name);
    }

    void refuse(std::string_view name, std::string_view why) {
        if (fault_) return;
        std::string where;
        for (const auto& element : open_) where += element.name + "/";
        fault_ = Error{errc::envelope_field, where + std::string{name} + " " + std::string{why}};
    }

    Result<Written> finish() {
        while (!open_.empty()) close();
        const auto lost = std::find_if(extensions_.begin(), extensions_.end(), [](const auto& one) {
            return !one.second.written;
        });
        if (lost != extensions_.end() && !fault_)
            fault_ = Error{
                errc::envelope_field,
                std::string{shown(lost->first)} + " is not written, an extension stands there"};
        if (fault_) return *fault_;
        return Written{std::move(out_), std::move(holes_)};
    }

private:
    struct Open {
        std::string name;
        std::size_t place_bytes;  // of the parent's place
    };

    void extend() {
        const auto [begin, end] = extensions_.equal_range(place_);
        for (auto at = begin; at != end; ++at) {
            indent();
            out_ += at->second.xml;
            out_ += line_end;
            at->second.written = true;
        }
    }
    void indent() { out_.append(2 * open_.size(), ' '); }
    void end_tag(std::string_view name) {
        out_ += "</";
        out_ += name;
        out_ += '>';
        out_ += line_end;
    }
    std::string out_;
    std::vector<std::size_t> holes_;
    std::vector<Open> open_;
    std::optional<Error> fault_;
    struct Waiting {
        std::string_view xml;
        bool written = false;
    };
    std::multimap<std::string_view, Waiting> extensions_;  // by place; those of one in their order
    std::string place_;
};

// Each value as an element of its own; `write` writes what is in it.
template <class T, class Write>
void entries(Emitter& xml, std::string_view name, const std::vector<T>& values, Write write) {
    for (std::size_t i = 0; i < values.size(); ++i) {
        xml.entry(name, i, values[i] == T{});
        write(xml, values[i]);
        xml.close();
    }
}

void organization(Emitter& xml, const model::Organization& organization) {
    xml.required("edXML:OrganId", organization.code.text());
    xml.value("edXML:OrganizationInCharge", organization.in_charge);
    xml.value("edXML:OrganName", organization.name);
    xml.value("edXML:OrganAdd", organization.address);
    xml.value("edXML:Email", organization.email);
    xml.value("edXML:Telephone", organization.telephone);
    xml.value("edXML:Fax", organization.fax);
    xml.value("edXML:Website", organization.website);
}

void from(Emitter& xml, const model::Organization& sender) {
    xml.open("edXML:From");
    organization(xml, sender);
    xml.close();
}

void response_for(Emitter& xml, const model::DocumentReference& reference) {
    xml.value("edXML:OrganId", reference.organ.text());
    xml.word("edXML:Code", reference.code);
    xml.word("edXML:DocumentId", reference.document_id);
    xml.word("edXML:PromulgationDate", reference.date.slashed());
}

void staff(Emitter& xml, const model::Staff& staff) {
    xml.value("edXML:Department", staff.department);
    xml.value("edXML:DepartmentId", staff.department_id);
    xml.value("edXML:Staff", staff.staff);
    xml.value("edXML:StaffId", staff.staff_id);
    xml.value("edXML:Email", staff.email);
    xml.value("edXML:Mobile", staff.mobile);
}

void list(
    Emitter& xml, std::string_view wrapper, std::string_view item, const std::vector<std::string>& values
) {
    if (values.empty() && !xml.extends(wrapper)) return;
    xml.open(wrapper);
    for (const auto& value : values) xml.filled(item, value);
    xml.close();
}

void identity(Emitter& xml, const Document& document) {
    xml.word("edXML:DocumentId", document.document_id);
    if (!document.number.empty() || !document.notation.empty() || xml.extends("Code")) {
        xml.open("edXML:Code");
        xml.word("edXML:CodeNumber", document.number);
        xml.word("edXML:CodeNotation", document.notation);
        xml.close();
    }
    if (!document.place.empty() || !document.issued.empty() || xml.extends("PromulgationInfo")) {
        xml.open("edXML:PromulgationInfo");
        xml.value("edXML:Place", document.place);
        xml.word("edXML:PromulgationDate", document.issued.slashed());
        xml.close();
    }
    if (document.type == model::DocumentType{} && !xml.extends("DocumentType")) return;
    xml.open("edXML:DocumentType");
    xml.number("edXML:Type", document.type.type);
    xml.number("edXML:TypeDetail", document.type.detail);
    xml.value("edXML:TypeName", document.type.name);
    xml.close();
}

void signer(Emitter& xml, const model::Signer& signer) {
    if (signer.empty() && !xml.extends("SignerInfo")) return;
    xml.open("edXML:SignerInfo");
    xml.value("edXML:Competence", signer.competence);
    xml.value("edXML:Position", signer.position);
    xml.value("edXML:FullName", signer.full_name);
    xml.close();
}

void other_info(Emitter& xml, const model::OtherInfo& other) {
    if (other == model::OtherInfo{} && !xml.extends("OtherInfo")) return;
    xml.open("edXML:OtherInfo");
    xml.number("edXML:Priority", other.priority);
    xml.value("edXML:SphereOfPromulgation", other.sphere);
    xml.value("edXML:TyperNotation", other.typist);
    xml.number("edXML:PromulgationAmount", other.copies);
    xml.number("edXML:PageAmount", other.pages);
    xml.value("edXML:ReplyFors", other.reply_fors);
    if (other.direction) xml.value("edXML:Direction", *other.direction ? "true" : "false");
    xml.value("edXML:ReferenceCodes", other.reference_codes);
    list(xml, "edXML:Appendixes", "edXML:Appendix", other.appendixes);
    xml.close();
}

void message_header(Emitter& xml, const Document& document) {
    xml.open("edXML:MessageHeader");
    from(xml, document.from);
    entries(xml, "edXML:To", document.to, organization);
    identity(xml, document);
    xml.value("edXML:Subject", document.subject);
    xml.value("edXML:Content", document.content);
    signer(xml, document.signer);
    xml.word("edXML:DueDate", document.due.slashed());
    other_info(xml, document.other);
    entries(xml, "edXML:ResponseFor", document.response_for, response_for);
    xml.number("edXML:SteeringType", document.steering);
    list(xml, "edXML:ResponseForTask", "edXML:TaskCode", document.tasks);
    xml.value("edXML:ApplicationType", document.application_type);
    list(xml, "edXML:ToPlaces", "edXML:Place", document.to_places);
    xml.close();
}

void receiver(Emitter& xml, const model::Receiver& receiver) {
    xml.value("edXML:OrganId", receiver.organ.text());
    xml.number("edXML:ReceiverType", receiver.type);
}

void update_info(Emitter& xml, const model::UpdateInfo& info) {
    xml.number("edXML:DocumentInfo", info.document);
    xml.number("edXML:DocumentReceiver", info.receiver);
    if (info.receivers.empty() && !xml.extends("ReceiverList")) return;
    xml.open("edXML:ReceiverList");
    entries(xml, "edXML:Receiver", info.receivers, receiver);
    xml.close();
}

void replacement(Emitter& xml, const model::Replacement& replacement) {
    std::vector<std::string> organs;
    for (const auto& organ : replacement.organs) organs.push_back(organ.text());
    xml.word("edXML:DocumentId", replacement.document_id);
    list(xml, "edXML:OrganIdList", "edXML:OrganId", organs);
}

void business(Emitter& xml, const model::Business& business) {
    xml.open("edXML:Bussiness");
    xml.word("edXML:DocumentId", business.document_id);
    xml.value("edXML:BussinessDocType", std::to_string(static_cast<int>(business.type)));
    xml.value("edXML:BussinessDocReason", business.reason);
    xml.number("edXML:Paper", business.paper);
    entries(xml, "edXML:BussinessDocumentInfo", business.updates, update_info);
    if (!business.replacements.empty() || xml.extends("ReplacementInfoList")) {
        xml.open("edXML:ReplacementInfoList");
        entries(xml, "edXML:ReplacementInfo", business.replacements, replacement);
        xml.close();
    }
    entries(xml, "edXML:StaffInfo", business.staff, staff);
    xml.close();
}

void trace_header(Emitter& xml, const model::TraceHeader& header) {
    xml.value("edXML:OrganId", header.organ.text());
    xml.word("edXML:Timestamp", header.timestamp);
}

void trace(Emitter& xml, const Document& document) {
    xml.open("edXML:TraceHeaderList");
    entries(xml, "edXML:TraceHeader", document.trace, trace_header);
    business(xml, document.business);
    xml.close();
}

void content_id(Emitter& xml, std::string_view name, const model::Attachment& attachment) {
    const auto& id = attachment.content_id;
    if (trimmed(id) != id) xml.refuse(name, "has blanks at its edges");
    xml.required(name, id.empty() ? id : "cid:" + id);
}

void manifest(Emitter& xml, const std::vector<model::Attachment>& attachments) {
    xml.open("edXML:edXMLBody");
    xml.open("edXML:edXMLManifest", " version=\"1.0\"");
    for (std::size_t i = 0; i < attachments.size(); ++i) {
        const auto& attachment = attachments[i];
        xml.open("edXML:Reference", {}, i);
        content_id(xml, "edXML:ContentId", attachment);
        xml.word("edXML:ContentType", attachment.content_type);
        xml.value("edXML:Description", attachment.description);
        if (!model::safe_file_name(attachment.name)) xml.refuse("edXML:AttachmentName", "is empty or unsafe");
        xml.word("edXML:AttachmentName", attachment.name);
        xml.close();
    }
    xml.close();
    xml.close();
}

void encoded(Emitter& xml, const std::vector<model::Attachment>& attachments) {
    xml.open("AttachmentEncoded");
    for (std::size_t i = 0; i < attachments.size(); ++i) {
        const auto& attachment = attachments[i];
        xml.open("Attachment", {}, i);
        content_id(xml, "ContentId", attachment);
        xml.required("AttachmentName", attachment.name);
        xml.value("Description", attachment.description);
        xml.value("FieldName", attachment.field_name);
        xml.value("MimeType", attachment.mime_type);
        xml.value("Format", attachment.format);
        xml.word("ContentType", attachment.content_type);
        xml.hole("edXML:ContentTransferEncoded", Emitter::declared_prefix());
        xml.close();
    }
    xml.close();
}

}  // namespace

Result<Written> write(const Document& document) {
    Emitter xml{document.extensions};
    xml.open("edXML:edXMLHeader");
    message_header(xml, document);
    trace(xml, document);
    xml.close();
    if (!document.attachments.empty() || xml.extends("edXMLBody")) manifest(xml, document.attachments);
    xml.close();  // the envelope
    if (!document.attachments.empty() || xml.extends("AttachmentEncoded")) encoded(xml, document.attachments);
    return xml.finish();
}

Result<Written> write(const Status& status) {
    Emitter xml{status.extensions};
    xml.open("edXML:edXMLHeader");
    xml.open("edXML:MessageHeader");
    from(xml, status.from);
    if (status.response_for == model::DocumentReference{}) xml.refuse("edXML:ResponseFor", "is missing");
    xml.open("edXML:ResponseFor");
    response_for(xml, status.response_for);
    xml.close();
    if (!status.staff.empty() || xml.extends("StaffInfo")) {
        xml.open("edXML:StaffInfo");
        staff(xml, status.staff);
        xml.close();
    }
    if (model::status_code::normal(status.code) != status.code)
        xml.refuse("edXML:StatusCode", "is not in its normal form");
    xml.required("edXML:StatusCode", status.code);
    xml.value("edXML:Description", status.description);
    xml.word("edXML:Timestamp", status.timestamp);
    xml.close();
    return xml.finish();
}

void add_sdk_defaults(Document& document) {
    if (document.other != model::OtherInfo{} && !document.other.direction) document.other.direction = false;
    if (!document.business.paper) document.business.paper = 0;
}

}  // namespace axis::envelope
