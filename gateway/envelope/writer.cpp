#include "gateway/envelope/writer.hpp"

#include "gateway/base/text.hpp"

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
        for (const auto& extension : extensions) extensions_.emplace(extension.place, extension.xml);
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

    // Whether an extension stands in the element `name` of the open one, or deeper.
    bool extends(std::string_view name) const {
        if (extensions_.empty()) return false;
        const auto below = (place_.empty() ? "" : place_ + "/").append(plain(name));
        const auto begins = [this](const std::string& place) {
            const auto at = extensions_.lower_bound(place);
            return at != extensions_.end() && at->first.starts_with(place);
        };
        return extensions_.contains(below) || begins(below + "/") || begins(below + "[");
    }

    void value(std::string_view name, std::string_view text) {
        if (text.empty()) return;
        if (!fits_xml(text)) fault(name, "a character XML cannot carry");
        indent();
        out_ += '<';
        out_ += name;
        out_ += '>';
        escape(text);
        end_tag(name);
    }

    template <class Number>
    void number(std::string_view name, const std::optional<Number>& n) {
        if (n) value(name, std::to_string(*n));
    }

    void required(std::string_view name, std::string_view text) {
        if (text.empty()) fault(name, "is missing");
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

    Result<Written> finish() {
        while (!open_.empty()) close();
        if (written_ < extensions_.size() && !fault_)
            fault_ = Error{errc::envelope_field, "an extension in a place that is not written"};
        if (fault_) return *fault_;
        return Written{std::move(out_), std::move(holes_)};
    }

private:
    struct Open {
        std::string name;
        std::size_t place_bytes;  // of the parent's place
    };

    void extend() {
        if (written_ == extensions_.size()) return;
        const auto [begin, end] = extensions_.equal_range(place_);
        for (auto at = begin; at != end; ++at) {
            indent();
            out_ += at->second;
            out_ += line_end;
            ++written_;
        }
    }
    void indent() { out_.append(2 * open_.size(), ' '); }
    void end_tag(std::string_view name) {
        out_ += "</";
        out_ += name;
        out_ += '>';
        out_ += line_end;
    }
    void escape(std::string_view text) {
        for (const char c : text) switch (c) {
                case '&':
                    out_ += "&amp;";
                    break;
                case '<':
                    out_ += "&lt;";
                    break;
                case '>':
                    out_ += "&gt;";
                    break;
                case '\r':
                    out_ += "&#13;";
                    break;
                default:
                    out_ += c;
            }
    }
    void fault(std::string_view name, std::string_view why) {
        if (fault_) return;
        std::string where;
        for (const auto& element : open_) where += element.name + "/";
        fault_ = Error{errc::envelope_field, where + std::string{name} + " " + std::string{why}};
    }

    std::string out_;
    std::vector<std::size_t> holes_;
    std::vector<Open> open_;
    std::optional<Error> fault_;
    std::multimap<std::string_view, std::string_view> extensions_;  // place, xml; in their order
    std::size_t written_ = 0;
    std::string place_;
};

using Index = std::optional<std::size_t>;

void organization(
    Emitter& xml, std::string_view name, const model::Organization& organization, Index index = std::nullopt
) {
    xml.open(name, {}, index);
    xml.required("edXML:OrganId", organization.code.text());
    xml.value("edXML:OrganizationInCharge", organization.in_charge);
    xml.value("edXML:OrganName", organization.name);
    xml.value("edXML:OrganAdd", organization.address);
    xml.value("edXML:Email", organization.email);
    xml.value("edXML:Telephone", organization.telephone);
    xml.value("edXML:Fax", organization.fax);
    xml.value("edXML:Website", organization.website);
    xml.close();
}

void response_for(Emitter& xml, const model::DocumentReference& reference, Index index = std::nullopt) {
    xml.open("edXML:ResponseFor", {}, index);
    xml.value("edXML:OrganId", reference.organ.text());
    xml.value("edXML:Code", reference.code);
    xml.value("edXML:DocumentId", reference.document_id);
    xml.value("edXML:PromulgationDate", reference.date.slashed());
    xml.close();
}

void staff(Emitter& xml, const model::Staff& staff, Index index = std::nullopt) {
    xml.open("edXML:StaffInfo", {}, index);
    xml.value("edXML:Department", staff.department);
    xml.value("edXML:DepartmentId", staff.department_id);
    xml.value("edXML:Staff", staff.staff);
    xml.value("edXML:StaffId", staff.staff_id);
    xml.value("edXML:Email", staff.email);
    xml.value("edXML:Mobile", staff.mobile);
    xml.close();
}

void list(
    Emitter& xml, std::string_view wrapper, std::string_view item, const std::vector<std::string>& values
) {
    if (values.empty() && !xml.extends(wrapper)) return;
    xml.open(wrapper);
    for (const auto& value : values) xml.value(item, value);
    xml.close();
}

void identity(Emitter& xml, const Document& document) {
    xml.value("edXML:DocumentId", document.document_id);
    if (!document.number.empty() || !document.notation.empty() || xml.extends("Code")) {
        xml.open("edXML:Code");
        xml.value("edXML:CodeNumber", document.number);
        xml.value("edXML:CodeNotation", document.notation);
        xml.close();
    }
    if (!document.place.empty() || !document.issued.empty() || xml.extends("PromulgationInfo")) {
        xml.open("edXML:PromulgationInfo");
        xml.value("edXML:Place", document.place);
        xml.value("edXML:PromulgationDate", document.issued.slashed());
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
    organization(xml, "edXML:From", document.from);
    for (std::size_t i = 0; i < document.to.size(); ++i) organization(xml, "edXML:To", document.to[i], i);
    identity(xml, document);
    xml.value("edXML:Subject", document.subject);
    xml.value("edXML:Content", document.content);
    signer(xml, document.signer);
    xml.value("edXML:DueDate", document.due.slashed());
    other_info(xml, document.other);
    for (std::size_t i = 0; i < document.response_for.size(); ++i)
        response_for(xml, document.response_for[i], i);
    xml.number("edXML:SteeringType", document.steering);
    list(xml, "edXML:ResponseForTask", "edXML:TaskCode", document.tasks);
    xml.value("edXML:ApplicationType", document.application_type);
    list(xml, "edXML:ToPlaces", "edXML:Place", document.to_places);
    xml.close();
}

void update_info(Emitter& xml, const model::UpdateInfo& info, std::size_t index) {
    xml.open("edXML:BussinessDocumentInfo", {}, index);
    xml.number("edXML:DocumentInfo", info.document);
    xml.number("edXML:DocumentReceiver", info.receiver);
    if (!info.receivers.empty() || xml.extends("ReceiverList")) {
        xml.open("edXML:ReceiverList");
        for (std::size_t i = 0; i < info.receivers.size(); ++i) {
            xml.open("edXML:Receiver", {}, i);
            xml.value("edXML:OrganId", info.receivers[i].organ.text());
            xml.number("edXML:ReceiverType", info.receivers[i].type);
            xml.close();
        }
        xml.close();
    }
    xml.close();
}

void replacements(Emitter& xml, const std::vector<model::Replacement>& replacements) {
    if (replacements.empty() && !xml.extends("ReplacementInfoList")) return;
    xml.open("edXML:ReplacementInfoList");
    for (std::size_t i = 0; i < replacements.size(); ++i) {
        std::vector<std::string> organs;
        for (const auto& organ : replacements[i].organs) organs.push_back(organ.text());
        xml.open("edXML:ReplacementInfo", {}, i);
        xml.value("edXML:DocumentId", replacements[i].document_id);
        list(xml, "edXML:OrganIdList", "edXML:OrganId", organs);
        xml.close();
    }
    xml.close();
}

void business(Emitter& xml, const model::Business& business) {
    xml.open("edXML:Bussiness");
    xml.value("edXML:DocumentId", business.document_id);
    xml.value("edXML:BussinessDocType", std::to_string(static_cast<int>(business.type)));
    xml.value("edXML:BussinessDocReason", business.reason);
    xml.number("edXML:Paper", business.paper);
    for (std::size_t i = 0; i < business.updates.size(); ++i) update_info(xml, business.updates[i], i);
    replacements(xml, business.replacements);
    for (std::size_t i = 0; i < business.staff.size(); ++i) staff(xml, business.staff[i], i);
    xml.close();
}

void trace(Emitter& xml, const Document& document) {
    xml.open("edXML:TraceHeaderList");
    for (std::size_t i = 0; i < document.trace.size(); ++i) {
        xml.open("edXML:TraceHeader", {}, i);
        xml.value("edXML:OrganId", document.trace[i].organ.text());
        xml.value("edXML:Timestamp", document.trace[i].timestamp);
        xml.close();
    }
    business(xml, document.business);
    xml.close();
}

std::string cid(const model::Attachment& attachment) {
    return attachment.content_id.empty() ? std::string{} : "cid:" + attachment.content_id;
}

void manifest(Emitter& xml, const std::vector<model::Attachment>& attachments) {
    xml.open("edXML:edXMLBody");
    xml.open("edXML:edXMLManifest", " version=\"1.0\"");
    for (std::size_t i = 0; i < attachments.size(); ++i) {
        const auto& attachment = attachments[i];
        xml.open("edXML:Reference", {}, i);
        xml.required("edXML:ContentId", cid(attachment));
        xml.value("edXML:ContentType", attachment.content_type);
        xml.value("edXML:Description", attachment.description);
        xml.required("edXML:AttachmentName", attachment.name);
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
        xml.required("ContentId", cid(attachment));
        xml.required("AttachmentName", attachment.name);
        xml.value("Description", attachment.description);
        xml.value("FieldName", attachment.field_name);
        xml.value("MimeType", attachment.mime_type);
        xml.value("Format", attachment.format);
        xml.value("ContentType", attachment.content_type);
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
    organization(xml, "edXML:From", status.from);
    if (status.response_for != model::DocumentReference{} || xml.extends("ResponseFor"))
        response_for(xml, status.response_for);
    if (!status.staff.empty() || xml.extends("StaffInfo")) staff(xml, status.staff);
    xml.required("edXML:StatusCode", status.code);
    xml.value("edXML:Description", status.description);
    xml.value("edXML:Timestamp", status.timestamp);
    return xml.finish();
}

void add_sdk_defaults(Document& document) {
    if (document.other != model::OtherInfo{} && !document.other.direction) document.other.direction = false;
    if (!document.business.paper) document.business.paper = 0;
}

}  // namespace axis::envelope
