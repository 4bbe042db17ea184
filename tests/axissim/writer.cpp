#include "tests/axissim/writer.hpp"

#include "gateway/base/base64.hpp"
#include "gateway/base/text.hpp"
#include "tests/axissim/zip.hpp"

#include <algorithm>
#include <fstream>

namespace axis::sim {

namespace {

constexpr std::string_view ns = "http://www.mic.gov.vn/TBT/QCVN_102_2016";

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else if (c == '&')
            out += "&amp;";
        else
            out += c;
    }
    return out;
}

// <edXML:name>…</edXML:name>, two blanks a level. An empty value writes nothing.
class Tree {
public:
    void open(std::string_view name, std::string_view attributes = {}) {
        line("<edXML:" + std::string{name} + std::string{attributes} + ">");
        open_.emplace_back(name);
    }
    void close() {
        const auto name = open_.back();
        open_.pop_back();
        line("</edXML:" + name + ">");
    }
    void leaf(const std::string& name, std::string_view value) {
        if (!value.empty()) line("<edXML:" + name + ">" + escaped(value) + "</edXML:" + name + ">");
    }
    void party(std::string_view element, const Party& party) {
        open(element);
        leaf("OrganId", party.code);
        leaf("OrganName", party.name);
        close();
    }
    std::string text;

private:
    void line(const std::string& content) {
        text.append(2 * (open_.size() + 1), ' ');
        text += content;
        text += '\n';
    }
    std::vector<std::string> open_;
};

std::string prologue() {
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<edXML xmlns=\"" + std::string{ns} + "\">\n";
}

void open_header(Tree& tree) {
    tree.open("edXMLEnvelope", " xmlns:edXML=\"" + std::string{ns} + "\"");
    tree.open("edXMLHeader");
    tree.open("MessageHeader");
}

std::string extension_of(std::string_view name) {
    const auto dot = name.rfind('.');
    return dot == std::string_view::npos ? "unk" : lower_ascii(name.substr(dot + 1));
}

std::string content_type_of(std::string_view name) {
    return travels_raw(name) ? "application/" + extension_of(name) : "application/zip";
}

void write_message_header(Tree& tree, const DocumentText& d) {
    const auto date = to_envelope_date(d.at);
    tree.party("From", d.from);
    for (const auto& to : d.to) tree.party("To", to);
    tree.leaf("DocumentId", d.from.code + "," + date + "," + d.number + "/" + d.notation);
    tree.open("Code");
    tree.leaf("CodeNumber", d.number);
    tree.leaf("CodeNotation", d.notation);
    tree.close();
    tree.open("PromulgationInfo");
    tree.leaf("Place", "Hà Nội");
    tree.leaf("PromulgationDate", date);
    tree.close();
    tree.open("DocumentType");
    tree.leaf("Type", "2");
    tree.leaf("TypeDetail", "18");
    tree.leaf("TypeName", "Công văn");
    tree.close();
    tree.leaf("Subject", d.subject);
    tree.open("OtherInfo");
    tree.leaf("Priority", "0");
    tree.leaf("Direction", "false");
    tree.close();
    tree.leaf("SteeringType", "1");
}

void write_trace(Tree& tree, const DocumentText& d) {
    tree.open("TraceHeaderList");
    tree.open("TraceHeader");
    tree.leaf("OrganId", d.from.code);
    tree.leaf("Timestamp", to_envelope_text(d.at));
    tree.close();
    tree.open("Bussiness");
    tree.leaf("BussinessDocType", "0");
    tree.leaf("Paper", "0");
    tree.close();
    tree.close();
}

void write_manifest(Tree& tree, const DocumentText& d, const std::vector<std::string>& ids) {
    tree.open("edXMLBody");
    tree.open("edXMLManifest", " version=\"1.0\"");
    for (std::size_t i = 0; i < d.files.size(); ++i) {
        tree.open("Reference");
        tree.leaf("ContentId", ids[i]);
        tree.leaf("ContentType", content_type_of(d.files[i].name));
        tree.leaf("AttachmentName", d.files[i].name);
        tree.close();
    }
    tree.close();
    tree.close();
}

std::string head_of(const DocumentText& d, const std::vector<std::string>& ids) {
    Tree tree;
    tree.text = prologue();
    open_header(tree);
    write_message_header(tree, d);
    tree.close();
    write_trace(tree, d);
    tree.close();
    write_manifest(tree, d, ids);
    tree.close();
    return tree.text;
}

// The file's bytes, zipped when the rule says so, as base64 on one line.
Result<> write_content(const AttachedFile& file, Random& random, const Sink& sink) {
    std::ifstream in{file.path, std::ios::binary};
    if (!in) return Error{errc::io_failed, file.path.string()};
    const bool raw = travels_raw(file.name);
    ZipWriter zip{random.uuid() + "." + extension_of(file.name)};
    Base64Encoder encoder;
    std::string piece(64 * 1024, '\0');
    std::string packed;
    std::string out;
    while (in.read(piece.data(), static_cast<std::streamsize>(piece.size())), in.gcount() > 0) {
        const auto bytes = std::string_view{piece}.substr(0, static_cast<std::size_t>(in.gcount()));
        packed.clear();
        out.clear();
        if (!raw) zip.update(bytes, packed);
        encoder.update(raw ? bytes : std::string_view{packed}, out);
        auto written = sink(out);
        if (!written) return written.error();
    }
    packed.clear();
    out.clear();
    if (!raw) zip.finish(packed);
    encoder.update(packed, out);
    encoder.finish(out);
    return sink(out);
}

Result<> write_attachment(const AttachedFile& file, const std::string& id, Random& random, const Sink& sink) {
    auto written = sink(
        "    <Attachment>\n      <ContentId>" + id + "</ContentId>\n      <AttachmentName>" +
        escaped(file.name) + "</AttachmentName>\n      <ContentType>" + content_type_of(file.name) +
        "</ContentType>\n      <edXML:ContentTransferEncoded xmlns:edXML=\"" + std::string{ns} + "\">"
    );
    if (!written) return written.error();
    written = write_content(file, random, sink);
    if (!written) return written.error();
    return sink("</edXML:ContentTransferEncoded>\n    </Attachment>\n");
}

}  // namespace

bool travels_raw(std::string_view file_name) {
    static constexpr std::string_view raw[]{"pdf", "doc", "docx", "xsl", "xslx", "zip"};
    return std::ranges::find(raw, extension_of(file_name)) != std::end(raw);
}

Result<> write_document(const DocumentText& document, Random& random, const Sink& sink) {
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < document.files.size(); ++i) ids.push_back("cid:" + random.uuid());
    auto written = sink(head_of(document, ids));
    if (!written || document.files.empty()) return written ? sink("</edXML>\n") : written;
    written = sink("  <AttachmentEncoded>\n");
    for (std::size_t i = 0; i < document.files.size() && written; ++i)
        written = write_attachment(document.files[i], ids[i], random, sink);
    return written ? sink("  </AttachmentEncoded>\n</edXML>\n") : written;
}

std::string write_status(const StatusText& s) {
    Tree tree;
    tree.text = prologue();
    open_header(tree);
    tree.party("From", s.from);
    tree.open("ResponseFor");
    tree.leaf("OrganId", s.response_for);
    tree.leaf("Code", s.response_code);
    tree.leaf("PromulgationDate", s.response_date);
    tree.leaf("DocumentId", s.response_document_id);
    tree.close();
    tree.leaf("StatusCode", s.code);
    tree.leaf("Description", s.description);
    tree.leaf("Timestamp", to_envelope_text(s.at));
    tree.close();
    tree.close();
    tree.close();
    return tree.text + "</edXML>\n";
}

}  // namespace axis::sim
