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

// Units inside the message header.
Shape in_message(std::string_view name, Unit unit, std::string_view open = "", std::string_view close = "") {
    auto make = [=](std::size_t bytes) {
        return filled(
            text({begin, sender, open}),
            unit,
            text({close, "</MessageHeader></edXMLHeader></edXMLEnvelope></edXML>"}),
            bytes
        );
    };
    return {name, make};
}

// Units inside the trace list.
Shape in_trace(std::string_view name, Unit unit, std::string_view open = "", std::string_view close = "") {
    auto make = [=](std::size_t bytes) {
        return filled(
            text({begin, sender, "</MessageHeader><TraceHeaderList>", open}),
            unit,
            text({close, "</TraceHeaderList></edXMLHeader></edXMLEnvelope></edXML>"}),
            bytes
        );
    };
    return {name, make};
}

// Units inside a signature, which the reader passes over: only the parser and the tree see them.
Shape passed_over(std::string_view name, Unit unit) {
    auto make = [=](std::size_t bytes) {
        return filled(
            text({begin, sender, "</MessageHeader><Signature>"}),
            unit,
            "</Signature></edXMLHeader></edXMLEnvelope></edXML>",
            bytes
        );
    };
    return {name, make};
}

Shape in_attachments(std::string_view name, Unit unit) {
    auto make = [=](std::size_t bytes) {
        return filled(
            text({begin, sender, "</MessageHeader></edXMLHeader>", attached}),
            unit,
            "</AttachmentEncoded></edXML>",
            bytes
        );
    };
    return {name, make};
}

Shape in_manifest(std::string_view name, Unit unit) {
    auto make = [=](std::size_t bytes) {
        return filled(
            text({begin, sender, "</MessageHeader></edXMLHeader><edXMLBody><edXMLManifest>"}),
            unit,
            text(
                {"</edXMLManifest></edXMLBody>",
                 attached,
                 "<Attachment><AttachmentName>a.pdf</AttachmentName><ContentTransferEncoded>JVBERi0x</"
                 "ContentTransferEncoded>"
                 "</Attachment></AttachmentEncoded></edXML>"}
            ),
            bytes
        );
    };
    return {name, make};
}

// Attachments of that text; two hundred are the limit.
Shape in_holes(std::string_view name, const std::string& text_of_each, std::size_t most = 200) {
    auto make = [=](std::size_t bytes) {
        auto out = text({begin, sender, "</MessageHeader></edXMLHeader>", attached});
        for (std::size_t i = 0; i < most && (i == 0 || out.size() < bytes); ++i)
            out += "<Attachment><AttachmentName>" + std::to_string(i) +
                   ".pdf</AttachmentName><ContentTransferEncoded>" + text_of_each +
                   "</ContentTransferEncoded></Attachment>";
        return out += "</AttachmentEncoded></edXML>";
    };
    return {name, make};
}

std::string tag_of(
    const std::string& name,
    std::size_t attribute_count,
    const std::function<std::string(std::size_t)>& attribute
) {
    auto out = "<" + name;
    for (std::size_t i = 0; i < attribute_count; ++i) out += " " + attribute(i);
    return out + "/>";
}

std::string tag_open(
    const std::string& name,
    std::size_t attribute_count,
    const std::function<std::string(std::size_t)>& attribute
) {
    auto tag = tag_of(name, attribute_count, attribute);
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

Shape in_mime(std::string_view name, Unit unit) {
    auto make = [=](std::size_t bytes) {
        return filled(text({mime_head, soap, sender}), unit, text({soap_end, mime_end}), bytes);
    };
    return {name, make};
}

// Units of text around the message, where nothing is read.
Shape around_mime(std::string_view name, std::string_view before, Unit unit, std::string_view after) {
    auto make = [=, first = std::string{before}, last = std::string{after}](std::size_t bytes) {
        return filled(first, unit, last, bytes);
    };
    return {name, make};
}

std::vector<Shape> lists() {
    return {
        in_message("recipients, every field", recipient),
        in_message(
            "recipients, code only",
            [](std::size_t i) { return "<To><OrganId>" + number36(i) + "</OrganId></To>"; }
        ),
        in_message(
            "recipients with names",
            [](std::size_t i) {
                return "<To><OrganId>" + number36(i) +
                       "</OrganId><OrganName>seventeen letters</OrganName></To>";
            }
        ),
        in_message("recipients, empty", same("<To/>")),
        in_message("recipients with an unknown element", same("<To><x/></To>")),
        in_message("recipients, misspelt", same("<TO><ORGANID>A1</ORGANID></TO>")),
        in_message("answers", same("<ResponseFor><Code>1</Code></ResponseFor>")),
        in_message("places", same("<Place>a</Place>"), "<ToPlaces>", "</ToPlaces>"),
        in_message(
            "appendixes",
            same("<Appendix>a</Appendix>"),
            "<OtherInfo><Appendixes>",
            "</Appendixes></OtherInfo>"
        ),
        in_message("tasks", same("<ResponseForTask><TaskCode>a</TaskCode></ResponseForTask>")),
        in_trace("trace headers", same("<TraceHeader><OrganId>A</OrganId></TraceHeader>")),
        in_trace("staff", same("<StaffInfo><Staff>a</Staff></StaffInfo>"), "<Bussiness>", "</Bussiness>"),
        in_trace(
            "updates",
            same("<BussinessDocumentInfo><DocumentInfo>1</DocumentInfo></BussinessDocumentInfo>"),
            "<Bussiness><BussinessDocType>2</BussinessDocType>",
            "</Bussiness>"
        ),
        in_trace(
            "receivers",
            same("<Receiver><OrganId>A</OrganId></Receiver>"),
            "<Bussiness><BussinessDocumentInfo><ReceiverList>",
            "</ReceiverList></BussinessDocumentInfo></Bussiness>"
        ),
        in_trace(
            "replacements",
            same("<ReplacementInfo><OrganIdList><OrganId>A</OrganId></OrganIdList></ReplacementInfo>"),
            "<Bussiness><ReplacementInfoList>",
            "</ReplacementInfoList></Bussiness>"
        ),
        in_manifest("manifest entries", same("<Reference><ContentId>1</ContentId></Reference>")),
        in_manifest("manifest entries, empty", same("<Reference/>")),
        in_manifest("manifest entries, prefix not declared", same("<Reference xlink:href=\"cid:1\"/>")),
        // Nearly as many recipients as may be, then nearly as many elements.
        {"recipients and a signature",
         [](std::size_t bytes) {
             auto out = text({begin, sender});
             for (std::size_t i = 0; i < 9'900 && out.size() < bytes / 2; ++i)
                 out += "<To><OrganId>" + number36(i) + "</OrganId></To>";
             return filled(
                 out + "</MessageHeader><Signature>",
                 same("<a/>"),
                 "</Signature></edXMLHeader></edXMLEnvelope></edXML>",
                 bytes
             );
         }},
    };
}

std::vector<Shape> markup() {
    const auto attribute = [](std::size_t i) { return "a" + number36(i) + "=\"\""; };
    const auto declaration = [](std::size_t i) {
        return "xmlns:b" + number36(i) + "=\"c:" + number36(i) + "\"";
    };
    return {
        in_message("unknown elements", same("<a/>")),
        in_message("unknown elements of other namespaces", same("<a xmlns=\"b:\"/>")),
        in_message("an unknown element among known ones", same("<To><x/><OrganId>A</OrganId></To>")),
        in_message("comments in a value", same("<!---->a"), "<Subject>", "</Subject>"),
        passed_over("elements", same("<a/>")),
        passed_over("elements and blanks", same("<a/> ")),
        passed_over("elements with text", same("<a>b</a>")),
        passed_over("comments", same("<!---->")),
        passed_over("nesting", same(nested(58))),
        passed_over("nesting with declarations", same(nested(58, R"( xmlns:b="c:" xmlns:d="e:")"))),
        passed_over("attributes", same(tag_of("a", 64, attribute))),
        passed_over("attributes, one per element", same("<a b=\"\"/>")),
        passed_over("attributes with references", same("<a b=\"&amp;&amp;&amp;&amp;&#65;&lt;\"/>")),
        passed_over(
            "attributes of other names",
            [](std::size_t i) {
                return tag_of("a", 64, [i](std::size_t k) { return "a" + number36(i * 64 + k) + "=\"\""; });
            }
        ),
        passed_over("elements of other names", [](std::size_t i) { return "<a" + number36(i) + "/>"; }),
        passed_over(
            "declarations",
            [](std::size_t i) {
                return tag_of("a", 64, [i](std::size_t k) {
                    return "xmlns:b" + number36(k) + "=\"c:" + number36(i) + "\"";
                });
            }
        ),
        passed_over(
            "prefixes far away",
            same(
                tag_open("a", 60, declaration) + tag_open("a", 60, declaration) +
                tag_open("a", 60, declaration) + repeated("<b0:d b0:e=\"\"/>", 1000) + "</a></a></a>"
            )
        ),
        passed_over("references", same("<a>&amp;&lt;&#65;&#x1EA1;</a>")),
        {"junk before the root", [](std::size_t bytes) { return std::string(bytes, ' '); }},
        {"one tag",
         [](std::size_t bytes) {
             return text({begin, "<a "}) + std::string(bytes, 'b');
         }},
    };
}

std::vector<Shape> attachments() {
    const auto zeros = std::string(10 * 1024 * 1024, '\0');
    const auto bomb = base64_encode(zip_head("a.pdf", deflated(zeros)));
    const auto long_name = base64_encode(zip_head(std::string(65'000, 'n'), ""));
    return {
        in_attachments("attachments without text", same("<Attachment/>")),
        in_attachments(
            "attachments with a name", same("<Attachment><AttachmentName>a</AttachmentName></Attachment>")
        ),
        in_attachments(
            "attachments, many",
            same("<Attachment><AttachmentName>a</AttachmentName><ContentTransferEncoded>AAAA</"
                 "ContentTransferEncoded></Attachment>")
        ),
        in_holes("attachments, small", "AAAA"),
        in_holes("attachments in short lines", repeated("AAAA\r\n", 2000)),
        in_holes("archives that expand", bomb, 8),
        in_holes("archives with long names", long_name),
    };
}

// Few tokens: no count of theirs meets a limit before the bytes do.
std::vector<Shape> long_tokens() {
    const auto file = [](std::size_t bytes) { return std::string(bytes, 'A'); };
    const auto attribute = [](std::size_t i) {
        return "a" + number36(i) + "=\"" + std::string(250, 'v') + "\"";
    };
    return {
        in_message(
            "recipients with long names",
            [](std::size_t i) {
                return "<To><OrganId>" + number36(i) + "</OrganId><OrganName>" +
                       std::string(201 + i % 5000, 'n') + "</OrganName></To>";
            }
        ),
        in_message("unknown text that grows by escaping", same("<x>" + std::string(60'000, '>') + "</x>")),
        passed_over("long comments", same("<!--" + std::string(8000, 'c') + "-->")),
        passed_over("attributes with values", same(tag_of("a", 60, attribute))),
        passed_over(
            "long names", [](std::size_t i) { return "<a" + std::string(16'000, 'n') + number36(i) + "/>"; }
        ),
        passed_over(
            "long names twice",
            [](std::size_t i) { return "<a" + std::string(16'000, 'n') + number36(i % 2) + "/>"; }
        ),
        passed_over("texts", same("<a>" + std::string(60'000, 't') + "</a>")),
        passed_over("blanks", same("<a/>" + std::string(60'000, ' '))),
        passed_over("lines", same("<a/>" + std::string(60'000, '\n'))),
        in_trace(
            "nothing between trace headers but blanks", same("<TraceHeader/>" + std::string(60'000, ' '))
        ),
        in_holes("attachments, kept in the ledger", file(90'000)),
        {"one text",
         [](std::size_t bytes) {
             auto out = text({begin, sender, "</MessageHeader></edXMLHeader>", attached});
             out += "<Attachment><AttachmentName>a.pdf</AttachmentName><ContentTransferEncoded>";
             out += std::string(bytes / 4 * 4, 'A');
             return out += "</ContentTransferEncoded></Attachment></AttachmentEncoded></edXML>";
         }},
        in_mime("MIME, long texts of markup", same("<a>" + std::string(60'000, 't') + "</a>")),
    };
}

std::vector<Shape> mime() {
    const auto whole = text({soap, sender, soap_end});
    const auto part = same(
        "--B\r\nContent-Transfer-Encoding: base64\r\nContent-Type: application/pdf; "
        "name=\"a.pdf\"\r\n\r\nAAAA\r\n"
    );
    return {
        in_mime("MIME, markup", same("<a/>")),
        around_mime("MIME, parts", text({mime_head, whole}), part, mime_end),
        around_mime("MIME, lines before the first part", mime_head, same("a\r\n"), text({whole, mime_end})),
        around_mime("MIME, nearly delimiters", mime_head, same("--A\r\n"), text({whole, mime_end})),
        around_mime(
            "MIME, lines behind the last part", text({mime_head, whole, mime_end}), same("a\r\n"), ""
        ),
        around_mime("MIME, header lines", "MIME-Version: 1.0\r\n", same("a: b\r\n"), ""),
    };
}

}  // namespace

std::vector<Shape> worst_shapes() {
    auto all = long_tokens();
    for (auto& shape : all) shape.bulky = true;
    for (const auto& shapes : {lists(), markup(), attachments(), mime()})
        all.insert(all.end(), shapes.begin(), shapes.end());
    return all;
}

}  // namespace axis::test
