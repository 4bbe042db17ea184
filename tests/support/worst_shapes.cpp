#include "tests/support/worst_shapes.hpp"

#include "gateway/base/base64.hpp"

#include <zlib.h>

#include <array>
#include <initializer_list>
#include <stdexcept>

namespace axis::test {

namespace {

using Unit = std::function<std::string(std::size_t i)>;

Unit same(std::string text) {
    return [text = std::move(text)](std::size_t) { return text; };
}

std::string repeated(std::string_view text, std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out += text;
    return out;
}

// `before`, then units until it is `bytes` long, then `after`.
std::string filled(std::string before, const Unit& unit, std::string_view after, std::size_t bytes) {
    for (std::size_t i = 0; before.size() + after.size() < bytes; ++i) before += unit(i);
    return before.append(after);
}

constexpr std::string_view begin = R"(<?xml version="1.0" encoding="UTF-8"?>
<edXML xmlns="http://www.mic.gov.vn/TBT/QCVN_102_2016"><edXMLEnvelope><edXMLHeader>)";
constexpr std::string_view sender = "<MessageHeader><From><OrganId>G98</OrganId></From>";
constexpr std::string_view attached = "</edXMLEnvelope><AttachmentEncoded>";

std::string text(std::initializer_list<std::string_view> parts) {
    std::string out;
    for (const auto part : parts) out += part;
    return out;
}

// How many units meet no limit yet: of entries of lists, of elements, attributes, attachments, of what the
// standard does not know; of nothing but the bytes of markup.
constexpr std::size_t entry_count = 9'900;
constexpr std::size_t element_count = 99'000;
constexpr std::size_t attribute_count = 198'000;
constexpr std::size_t unknown_count = 5'000;
constexpr std::size_t file_count = 200;
constexpr std::size_t any = 100'000'000;
constexpr std::size_t any_bytes = 3'000'000;
constexpr std::size_t markup_bytes = 7'900'000;

Shape framed(std::string_view name, std::size_t most, std::string before, Unit unit, std::string after) {
    const auto frame = before.size() + after.size();
    const auto full = most == any ? any_bytes : std::min(frame + most * unit(most / 2).size(), markup_bytes);
    auto make = [=](std::size_t bytes) { return filled(before, unit, after, bytes); };
    return {name, make, full};
}

// Units inside the message header.
Shape in_message(
    std::string_view name,
    std::size_t most,
    Unit unit,
    std::string_view open = "",
    std::string_view close = ""
) {
    return framed(
        name,
        most,
        text({begin, sender, open}),
        std::move(unit),
        text({close, "</MessageHeader></edXMLHeader></edXMLEnvelope></edXML>"})
    );
}

// Units inside the trace list.
Shape in_trace(
    std::string_view name,
    std::size_t most,
    Unit unit,
    std::string_view open = "",
    std::string_view close = ""
) {
    return framed(
        name,
        most,
        text({begin, sender, "</MessageHeader><TraceHeaderList>", open}),
        std::move(unit),
        text({close, "</TraceHeaderList></edXMLHeader></edXMLEnvelope></edXML>"})
    );
}

// Units inside a signature, which the reader passes over: only the parser and the tree see them.
Shape passed_over(std::string_view name, std::size_t most, Unit unit) {
    return framed(
        name,
        most,
        text({begin, sender, "</MessageHeader><Signature>"}),
        std::move(unit),
        "</Signature></edXMLHeader></edXMLEnvelope></edXML>"
    );
}

Shape in_attachments(std::string_view name, std::size_t most, Unit unit) {
    return framed(
        name,
        most,
        text({begin, sender, "</MessageHeader></edXMLHeader>", attached}),
        std::move(unit),
        "</AttachmentEncoded></edXML>"
    );
}

std::string attachment(std::string_view encoded) {
    return text(
        {"<Attachment><AttachmentName>a.pdf</AttachmentName><ContentTransferEncoded>",
         encoded,
         "</ContentTransferEncoded></Attachment>"}
    );
}

Shape in_manifest(std::string_view name, std::size_t most, Unit unit) {
    return framed(
        name,
        most,
        text({begin, sender, "</MessageHeader></edXMLHeader><edXMLBody><edXMLManifest>"}),
        std::move(unit),
        text(
            {"</edXMLManifest></edXMLBody>", attached, attachment("JVBERi0x"), "</AttachmentEncoded></edXML>"}
        )
    );
}

std::string tag_of(
    const std::string& name, std::size_t count, const std::function<std::string(std::size_t)>& attribute
) {
    auto out = "<" + name;
    for (std::size_t i = 0; i < count; ++i) out += " " + attribute(i);
    return out + "/>";
}

std::string tag_open(
    const std::string& name, std::size_t count, const std::function<std::string(std::size_t)>& attribute
) {
    auto tag = tag_of(name, count, attribute);
    return tag.replace(tag.size() - 2, 2, ">");
}

std::string number36(std::size_t n) {
    std::string out;
    for (; n > 0 || out.empty(); n /= 36) out += "0123456789abcdefghijklmnopqrstuvwxyz"[n % 36];
    return out;
}

std::string nested(std::size_t depth, std::string_view attributes = {}) {
    return repeated(text({"<a", attributes, ">"}), depth) + repeated("</a>", depth);
}

std::string recipient(std::size_t i) {
    const auto code = "G99." + std::to_string(i);
    return "<To>\r\n  <OrganId>" + code +
           "</OrganId>\r\n  <OrganizationInCharge>Bộ</OrganizationInCharge>\r\n  <OrganName>Sở Thử nghiệm " +
           code + "</OrganName>\r\n  <OrganAdd>số 1, phố Mô Phỏng</OrganAdd>\r\n  <Email>vanthu@" + code +
           ".example</Email>\r\n  <Telephone>024 0000 0000</Telephone>\r\n  <Fax>024 0000 0001</Fax>\r\n  "
           "<Website>https://" +
           code + ".example</Website>\r\n</To>\r\n";
}

std::string deflated(const std::string& bytes) {
    z_stream zlib{};
    if (deflateInit2(&zlib, Z_BEST_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::bad_alloc{};
    std::string out(deflateBound(&zlib, bytes.size()), '\0');
    zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    zlib.avail_in = static_cast<uInt>(bytes.size());
    zlib.next_out = reinterpret_cast<Bytef*>(out.data());
    zlib.avail_out = static_cast<uInt>(out.size());
    if (deflate(&zlib, Z_FINISH) != Z_STREAM_END) throw std::runtime_error("deflate");
    out.resize(zlib.total_out);
    deflateEnd(&zlib);
    return out;
}

// The local header and the data of one entry; what follows does not matter to a bomb.
std::string zip_head(const std::string& name, const std::string& packed) {
    std::string out{"PK\3\4\x14\0\x08\0\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 26};
    out += static_cast<char>(name.size() & 0xff);
    out += static_cast<char>(name.size() >> 8);
    return out + std::string(2, '\0') + name + packed;
}

constexpr std::string_view mime_head =
    "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=B\r\n\r\n";
constexpr std::string_view soap =
    "--B\r\nContent-Type: text/xml\r\n\r\n<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\" "
    "xmlns=\"http://www.e-doc.vn/Schema/\"><e:Header>";
constexpr std::string_view soap_end = "</MessageHeader></e:Header></e:Envelope>\r\n";
constexpr std::string_view mime_end = "--B--\r\n";

Shape in_mime(std::string_view name, std::size_t most, Unit unit) {
    return framed(name, most, text({mime_head, soap, sender}), std::move(unit), text({soap_end, mime_end}));
}

// Nearly as many recipients as may be, then units that the reader passes over.
Shape with_recipients(std::string_view name, std::size_t most, Unit unit) {
    std::string before = text({begin, sender});
    for (std::size_t i = 0; i < entry_count; ++i) before += "<To><OrganId>" + number36(i) + "</OrganId></To>";
    return framed(
        name,
        most,
        before + "</MessageHeader><Signature>",
        std::move(unit),
        "</Signature></edXMLHeader></edXMLEnvelope></edXML>"
    );
}

std::vector<Shape> lists() {
    const auto code_only = [](std::size_t i) { return "<To><OrganId>" + number36(i) + "</OrganId></To>"; };
    return {
        in_message("recipients, every field", entry_count, recipient),
        in_message("recipients, code only", entry_count, code_only),
        in_message(
            "recipients with names",
            entry_count,
            [](std::size_t i) {
                return "<To><OrganId>" + number36(i) +
                       "</OrganId><OrganName>seventeen letters</OrganName></To>";
            }
        ),
        in_message("recipients, empty", entry_count, same("<To/>")),
        in_message("recipients with an unknown element", unknown_count, same("<To><x/></To>")),
        in_message("recipients, misspelt", entry_count, same("<TO><ORGANID>A1</ORGANID></TO>")),
        in_message("answers", entry_count, same("<ResponseFor><Code>1</Code></ResponseFor>")),
        in_message("places", entry_count, same("<Place>a</Place>"), "<ToPlaces>", "</ToPlaces>"),
        in_message(
            "appendixes",
            entry_count,
            same("<Appendix>a</Appendix>"),
            "<OtherInfo><Appendixes>",
            "</Appendixes></OtherInfo>"
        ),
        in_message("tasks", entry_count, same("<ResponseForTask><TaskCode>a</TaskCode></ResponseForTask>")),
        in_trace("trace headers", entry_count, same("<TraceHeader><OrganId>A</OrganId></TraceHeader>")),
        in_trace(
            "staff",
            entry_count,
            same("<StaffInfo><Staff>a</Staff></StaffInfo>"),
            "<Bussiness>",
            "</Bussiness>"
        ),
        in_trace(
            "updates",
            entry_count,
            same("<BussinessDocumentInfo><DocumentInfo>1</DocumentInfo></BussinessDocumentInfo>"),
            "<Bussiness><BussinessDocType>2</BussinessDocType>",
            "</Bussiness>"
        ),
        in_trace(
            "receivers",
            entry_count,
            same("<Receiver><OrganId>A</OrganId></Receiver>"),
            "<Bussiness><BussinessDocumentInfo><ReceiverList>",
            "</ReceiverList></BussinessDocumentInfo></Bussiness>"
        ),
        in_trace(
            "replacements",
            entry_count / 2,
            same("<ReplacementInfo><OrganIdList><OrganId>A</OrganId></OrganIdList></ReplacementInfo>"),
            "<Bussiness><ReplacementInfoList>",
            "</ReplacementInfoList></Bussiness>"
        ),
        in_manifest("manifest entries", entry_count, same("<Reference><ContentId>1</ContentId></Reference>")),
        in_manifest("manifest entries, empty", entry_count, same("<Reference/>")),
        in_manifest(
            "manifest entries, prefix not declared", entry_count, same("<Reference xlink:href=\"cid:1\"/>")
        ),
        with_recipients("recipients and elements", element_count - 2 * entry_count, same("<a/>")),
        with_recipients(
            "recipients and attributes", element_count - 2 * entry_count, same("<a b=\"\" c=\"\"/>")
        ),
        with_recipients(
            "recipients and other names",
            9'000,
            [](std::size_t i) { return "<a" + number36(i) + " b=\"\"/>" + repeated("<a b=\"\"/>", 6); }
        ),
    };
}

std::vector<Shape> markup() {
    const auto attribute = [](std::size_t i) { return "a" + number36(i) + "=\"\""; };
    const auto declaration = [](std::size_t i) {
        return "xmlns:b" + number36(i) + "=\"c:" + number36(i) + "\"";
    };
    return {
        in_message("unknown elements", unknown_count, same("<a/>")),
        in_message("unknown elements of other namespaces", unknown_count, same("<a xmlns=\"b:\"/>")),
        in_message(
            "an unknown element among known ones", unknown_count, same("<To><x/><OrganId>A</OrganId></To>")
        ),
        in_message("comments in a value", any, same("<!---->a"), "<Subject>", "</Subject>"),
        passed_over("elements", element_count, same("<a/>")),
        passed_over("elements and blanks", element_count, same("<a/> ")),
        passed_over("elements with text", element_count, same("<a>b</a>")),
        passed_over("comments", any, same("<!---->")),
        passed_over("nesting", element_count / 58, same(nested(58))),
        passed_over(
            "nesting with declarations", element_count / 58, same(nested(58, R"( xmlns:b="c:" xmlns:d="e:")"))
        ),
        passed_over("attributes", attribute_count / 64, same(tag_of("a", 64, attribute))),
        passed_over("attributes, one per element", element_count, same("<a b=\"\"/>")),
        passed_over(
            "attributes with references", element_count, same("<a b=\"&amp;&amp;&amp;&amp;&#65;&lt;\"/>")
        ),
        passed_over(
            "attributes of other names",
            9'000 / 64,
            [](std::size_t i) {
                return tag_of("a", 64, [i](std::size_t k) { return "a" + number36(i * 64 + k) + "=\"\""; });
            }
        ),
        passed_over(
            "elements of other names", 9'900, [](std::size_t i) { return "<a" + number36(i) + "/>"; }
        ),
        passed_over(
            "declarations",
            1000,
            [](std::size_t i) {
                return tag_of("a", 64, [i](std::size_t k) {
                    return "xmlns:b" + number36(k) + "=\"c:" + number36(i) + "\"";
                });
            }
        ),
        passed_over(
            "prefixes far away",
            element_count / 1003,
            same(
                tag_open("a", 60, declaration) + tag_open("a", 60, declaration) +
                tag_open("a", 60, declaration) + repeated("<b0:d b0:e=\"\"/>", 1000) + "</a></a></a>"
            )
        ),
        passed_over("references", element_count, same("<a>&amp;&lt;&#65;&#x1EA1;</a>")),
        framed("junk before the root", any, "", same(std::string(1000, ' ')), ""),
        framed("one tag", any, text({begin, "<a "}), same(std::string(1000, 'b')), ""),
    };
}

std::vector<Shape> attachments() {
    const auto zeros = std::string(10 * 1024 * 1024, '\0');
    const auto bomb = base64_encode(zip_head("a.pdf", deflated(zeros)));
    const auto long_name = base64_encode(zip_head(std::string(65'000, 'n'), ""));
    return {
        in_attachments("attachments without text", entry_count, same("<Attachment/>")),
        in_attachments(
            "attachments with a name",
            entry_count,
            same("<Attachment><AttachmentName>a</AttachmentName></Attachment>")
        ),
        in_attachments("attachments, small", file_count, same(attachment("AAAA"))),
        in_attachments(
            "attachments in short lines", file_count, same(attachment(repeated("AAAA\r\n", 2000)))
        ),
        in_attachments("archives that expand", 8, same(attachment(bomb))),
        in_attachments("archives with long names", file_count, same(attachment(long_name))),
    };
}

std::vector<Shape> long_tokens() {
    const auto attribute = [](std::size_t i) {
        return "a" + number36(i) + "=\"" + std::string(250, 'v') + "\"";
    };
    return {
        in_message(
            "recipients with long names",
            entry_count,
            [](std::size_t i) {
                return "<To><OrganId>" + number36(i) + "</OrganId><OrganName>" +
                       std::string(201 + i % 5000, 'n') + "</OrganName></To>";
            }
        ),
        in_message("unknown text that grows by escaping", 1, same("<x>" + std::string(60'000, '>') + "</x>")),
        passed_over("long comments", any, same("<!--" + std::string(8000, 'c') + "-->")),
        passed_over("attributes with values", any, same(tag_of("a", 60, attribute))),
        passed_over(
            "long names",
            15,
            [](std::size_t i) { return "<a" + std::string(16'000, 'n') + number36(i) + "/>"; }
        ),
        passed_over(
            "long names twice",
            any,
            [](std::size_t i) { return "<a" + std::string(16'000, 'n') + number36(i % 2) + "/>"; }
        ),
        passed_over("texts", any, same("<a>" + std::string(60'000, 't') + "</a>")),
        passed_over("blanks", any, same("<a/>" + std::string(60'000, ' '))),
        passed_over("lines", any, same("<a/>" + std::string(60'000, '\n'))),
        in_trace(
            "nothing between trace headers but blanks", any, same("<TraceHeader/>" + std::string(60'000, ' '))
        ),
        in_attachments(
            "attachments, kept in the ledger", file_count, same(attachment(std::string(90'000, 'A')))
        ),
        framed(
            "one text",
            any,
            text(
                {begin,
                 sender,
                 "</MessageHeader></edXMLHeader>",
                 attached,
                 "<Attachment><AttachmentName>a.pdf</AttachmentName><ContentTransferEncoded>"}
            ),
            same(std::string(4000, 'A')),
            "</ContentTransferEncoded></Attachment></AttachmentEncoded></edXML>"
        ),
        in_mime("MIME, long texts of markup", 4, same("<a>" + std::string(60'000, 't') + "</a>")),
    };
}

std::vector<Shape> mime() {
    const auto whole = text({soap, sender, soap_end});
    const auto part = same(
        "--B\r\nContent-Transfer-Encoding: base64\r\nContent-Type: application/pdf; "
        "name=\"a.pdf\"\r\n\r\nAAAA\r\n"
    );
    return {
        in_mime("MIME, markup", unknown_count, same("<a/>")),
        framed("MIME, parts", file_count, text({mime_head, whole}), part, std::string{mime_end}),
        framed(
            "MIME, lines before the first part",
            any,
            std::string{mime_head},
            same("a\r\n"),
            text({whole, mime_end})
        ),
        framed(
            "MIME, nearly delimiters", any, std::string{mime_head}, same("--A\r\n"), text({whole, mime_end})
        ),
        framed(
            "MIME, lines behind the last part", any, text({mime_head, whole, mime_end}), same("a\r\n"), ""
        ),
        framed("MIME, header lines", any, "MIME-Version: 1.0\r\n", same("a: b\r\n"), ""),
    };
}

}  // namespace

std::vector<Shape> worst_shapes() {
    std::vector<Shape> all;
    for (const auto& shapes : {lists(), markup(), long_tokens(), attachments(), mime()})
        all.insert(all.end(), shapes.begin(), shapes.end());
    return all;
}

}  // namespace axis::test
