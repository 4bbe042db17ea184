#!/usr/bin/env python3
"""Writes what the harnesses begin with: OUT/NAME/* small invented inputs, OUT/NAME.dict the words of the format, taken
from the sources that know them.

    make_seeds.py OUT
"""
import base64
import json
import pathlib
import re
import struct
import sys
import zlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
QCVN = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
E_DOC = "http://www.e-doc.vn/Schema/"
GO_VN = "http://www.go.vn/eDoc"


# ---- envelopes

def element(name, *content):
    return f"<{name}>{''.join(content)}</{name}>"


def header(more=""):
    """The fields of a document, no prefixes."""
    code = element("Code", element("CodeNumber", "12"), element("CodeNotation", "TN-VP"))
    issued = element("PromulgationInfo", element("Place", "Hà Nội"), element("PromulgationDate", "21/11/2026"))
    return element(
        "MessageHeader", element("From", element("OrganId", "G98"), element("OrganName", "Bộ Thử nghiệm")),
        element("To", element("OrganId", "G99")), element("To", element("OrganId", "G98.11"), element("Email", "null")),
        element("DocumentId", "G98,2026/11/21,12/TN-VP"), code, issued,
        element("DocumentType", element("Type", "2"), element("TypeName", "Công văn")), element("Subject", "V/v &lt;thử&gt;"), more)


EVERY_FIELD = (
    element("Content", "a\r\nb") + element("DueDate", "2026/12/01") + element("SteeringType", "1") + element("ApplicationType", "MCDT_DT")
    + element("SignerInfo", element("Competence", "KT."), element("Position", "Vụ trưởng"), element("FullName", "A"))
    + element("OtherInfo", element("Priority", "3"), element("SphereOfPromulgation", "x"), element("TyperNotation", "TVC"),
              element("PromulgationAmount", "1"), element("PageAmount", "2"), element("ReplyFors", "a"), element("Direction", "1"),
              element("ReferenceCodes", "b"), element("Appendixes", element("Appendix", "PL")))
    + element("ResponseFor", element("OrganId", "G97"), element("Code", "1/A"), element("DocumentId", "x"), element("PromulgationDate", "2026/02/30"))
    + element("ResponseForTask", element("TaskCode", "NV")) + element("ToPlaces", element("Place", "VT")) + "<Zip a='1'>9<b/></Zip>")
STAFF = element("StaffInfo", element("Department", "VT"), element("DepartmentId", "1"), element("Staff", "A"), element("StaffId", "2"), element("Mobile", "09"))
TRACES = element("TraceHeader", element("OrganId", "G98"), element("Timestamp", "2026/11/21 08:00:00")) + element("TraceHeader", element("Timestamp", "x"))


def business(kind, *more):
    return element("Bussiness", element("DocumentId", "G98,1"), element("BussinessDocType", str(kind)), element("BussinessDocReason", "vì"),
                   element("Paper", "0"), *more)


BUSINESSES = [
    business(1, STAFF, STAFF),
    business(2, element("BussinessDocumentInfo", element("DocumentInfo", "1"), element("DocumentReceiver", "1"), element(
        "ReceiverList", element("Receiver", element("OrganId", "G98.12"), element("ReceiverType", "0"))))),
    business(3, element("ReplacementInfoList", element("ReplacementInfo", element("DocumentId", "G98,0"), element(
        "OrganIdList", element("OrganId", "G99"))))),
]


def references(*names):
    return "".join(element("Reference", element("ContentId", f"cid:{i}"), element("AttachmentName", name)) for i, name in enumerate(names))


def attachment(i, name, text, kind="application/pdf"):
    return element("Attachment", element("ContentId", f"cid:{i}"), element("AttachmentName", name), element("Description", "bản chính"),
                   element("ContentType", kind), element("ContentTransferEncoded", text))


def qcvn(message, trace="", body="", attachments="", extra=""):
    envelope = element("edXMLEnvelope", element("edXMLHeader", message, trace, extra), body)
    return f'<?xml version="1.0" encoding="UTF-8"?>\r\n<edXML xmlns="{QCVN}">{envelope}{attachments}</edXML>'


def with_files():
    body = element("edXMLBody", element("edXMLManifest", references("a.pdf", "b.txt")))
    wrapped = base64.b64encode(archive()).decode()
    return qcvn(header(), element("TraceHeaderList", TRACES, business(0)), body, element(
        "AttachmentEncoded", attachment(0, "a.pdf", "\r\n  JVBERi0x\r\nLjQK "), attachment(1, "b.txt", wrapped, "application/zip")))


def prefixed(xml, prefix):
    return re.sub(r"<(/?)(?=[A-Z])(?!SOAP)", rf"<\1{prefix}", xml)


def soap(references_):
    manifest = f'<e:Manifest xmlns:e="{E_DOC}">' + prefixed(references_, "e:") + "</e:Manifest>"
    message = prefixed(header() + element("TraceHeaderList", TRACES), "e:").replace(":MessageHeader>", f':MessageHeader xmlns:e="{E_DOC}">', 1)
    message = message.replace(":TraceHeaderList>", f':TraceHeaderList xmlns:e="{E_DOC}">', 1)
    return (f'<SOAP-ENV:Envelope xmlns:SOAP-ENV="{SOAP}" xmlns:xlink="http://www.w3.org/1999/xlink"><SOAP-ENV:Header>{message}</SOAP-ENV:Header>'
            f"<SOAP-ENV:Body>{manifest}</SOAP-ENV:Body></SOAP-ENV:Envelope>")


def mime(*parts, eol="\r\n"):
    head = f'MIME-Version: 1.0{eol}Content-Type: multipart/related; type="text/xml";{eol}\tboundary="=_z"{eol}{eol}'
    return head + "".join(f"--=_z{eol}{header_}{eol}{eol}{body}{eol}" for header_, body in parts) + f"--=_z--{eol}"


def mime_with_files(eol="\r\n"):
    named = '<Reference xlink:href="cid:a.1"><AttachmentName>a.pdf</AttachmentName></Reference><Reference xlink:href="cid:b.2"/>'
    file = "Content-Type: application/pdf; name=\"b.txt\"{0}Content-ID: <{1}>{0}Content-Transfer-Encoding: base64"
    return mime(("Content-Type: text/xml", soap(named)), (file.format(eol, "a.1"), "JVBERi0x" + eol + "LjQK"), (file.format(eol, "b.2"), "YQ=="), eol=eol)


def go_vn():
    return f'<edXMLEnvelope xmlns="{GO_VN}">' + element("edXMLHeader", header(), element("TraceHeaderList", TRACES)) + element(
        "edXMLBody", element("edXMLManifest", references("a.pdf"))) + element("AttachmentEncoded", attachment(0, "a.pdf", "YQ==")) + "</edXMLEnvelope>"


def envelopes():
    yield from ((path.name, path.read_bytes()) for path in sorted((ROOT / "tests/data/envelope").glob("document*.edxml")))
    yield "bare", qcvn(element("MessageHeader", element("From", element("OrganId", "G98"))))
    yield "every-field", qcvn(header(EVERY_FIELD), element("TraceHeaderList", TRACES, business(0, STAFF)))
    for i, kind in enumerate(BUSINESSES, 1):
        yield f"business-{i}", qcvn(header(), element("TraceHeaderList", TRACES, kind))
    yield "files", with_files()
    yield "files-prefixed", prefixed(with_files().replace("<edXML ", '<edXML xmlns:e="' + QCVN + '" '), "e:")
    yield "signed", qcvn(header(), extra='<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo/></Signature><ErrorList><Error><ErrCode>1</ErrCode></Error></ErrorList>')
    yield "extended", qcvn(header(f'<n xmlns=""/><x:N xmlns:x="urn:x" x:a="1&quot;2">a&amp;<x:b xmlns:x="urn:y"/></x:N>'), "<TraceHeaderList/>")
    yield "soap", soap("") .replace("</SOAP-ENV:Body>", f'<e:AttachmentEncoded xmlns:e="{E_DOC}">' + prefixed(
        attachment(0, "a.pdf", "YQ=="), "e:") + "</e:AttachmentEncoded></SOAP-ENV:Body>")
    yield "mime", mime_with_files()
    yield "mime-lf", mime_with_files("\n")
    yield "go-vn", go_vn()


def statuses():
    response = element("ResponseFor", element("OrganId", "G98"), element("Code", "12/TN"), element("DocumentId", "G98,2026/11/21,12/TN"),
                       element("PromulgationDate", "2026/11/21"))
    fields = response + element("From", element("OrganId", "G99"), element("OrganName", "Bộ A")) + STAFF + element("StatusCode", "{}") + element(
        "Description", "lý do") + element("Timestamp", "2026/11/21 10:00:00")
    yield from ((path.name, path.read_bytes()) for path in sorted((ROOT / "tests/data/envelope").glob("status*.edxml")))
    yield "refused", qcvn(element("MessageHeader", fields.format("02")))
    yield "old-element", qcvn(element("Status", fields.format("3"))).replace("\r\n", "")
    yield "extended", qcvn(element("Status", fields.format("14"), "<More>1</More>"), element("TraceHeaderList", TRACES))
    yield "go-vn", f'<edXMLEnvelope xmlns="{GO_VN}">' + element("edXMLHeader", element("Status", fields.format("13"))) + "</edXMLEnvelope>"
    yield from ((path.name, path.read_bytes()) for path in sorted((ROOT / "schemas/examples").glob("status-*.json")))


def scans():
    yield from envelopes()
    yield "small", "<?xml version='1.0'?><!-- a --><a b='1' c=\"2\">x&amp;<d/>\n<ContentTransferEncoded> YQ==\r\n</ContentTransferEncoded></a>\n"
    yield "junk", b"\xef\xbb\xbf \r\njunk<a><x:contenttransferencoded>YWI=</x:contenttransferencoded></a>"
    yield "mime-small", mime(("Content-Type: text/xml", "<a/>"), ("Content-Transfer-Encoding: base64", "YQ=="), eol="\n")
    for name, text in {"doctype": "<!DOCTYPE a><a/>", "instruction": "<a><?b?></a>", "cdata": "<a><![CDATA[b]]></a>", "nul": "<a>\0</a>",
                       "latin": b"<a>\xe9</a>", "utf16": "<a/>".encode("utf-16"), "two-roots": "<a/><b/>"}.items():
        yield name, text


# ---- ZIP

def archive(name=b"00000000-0000-4000-8000-000000000000.txt", content=b"th\xc6\xb0 " * 5, method=8, descriptor=True, mark=True, extra=b"", comment=b"",
            flags=0, local_name=None):
    packed = content
    if method == 8:
        deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = deflate.compress(content) + deflate.flush()
    flags |= 0x0808 if descriptor else 0x0800
    sizes = struct.pack("<III", zlib.crc32(content), len(packed), len(content))
    common = struct.pack("<HHHHH", 20, flags, method, 0, 0x21)
    first = local_name if local_name is not None else name
    local = b"PK\3\4" + common + (bytes(12) if descriptor else sizes) + struct.pack("<HH", len(first), len(extra)) + first + extra + packed
    if descriptor:
        local += (b"PK\7\x08" if mark else b"") + sizes
    central = b"PK\1\2" + struct.pack("<H", 20) + common + sizes + struct.pack("<HHHHHII", len(name), len(extra), 0, 0, 0, 0, 0) + name + extra
    return local + central + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), len(comment)) + comment


def archives():
    yield "sdk", archive()
    yield "docx", archive(name=b"01234567-89ab-4cde-8f01-23456789abcd.docx")
    yield "no-mark", archive(mark=False)
    yield "sizes-first", archive(descriptor=False)
    yield "stored", archive(method=0, descriptor=False)
    yield "stored-empty", archive(content=b"", method=0, descriptor=False)
    yield "empty", archive(content=b"")
    yield "extra", archive(extra=b"\x01\x02\x03\x00abc", comment=b"PK\5\6")
    yield "encrypted", archive(flags=1)
    yield "other-name", archive(local_name=b"b.txt")
    yield "bzip2", archive(method=12)
    yield "trailing", archive() + b"x"
    yield "truncated", archive()[:-9]
    yield "two", archive()[:-22] + archive()
    yield "dense", archive(content=bytes(50_000))
    yield "denser", archive(content=bytes(300_000))
    yield "wrong-crc", archive().replace(struct.pack("<I", zlib.crc32(b"th\xc6\xb0 " * 5)), b"abcd")
    yield "damaged", archive(content=bytes(range(256)) * 4).replace(b"\x10", b"\x11")
    yield "not-zip", b"%PDF-1.4 " + "\ufffd".encode() * 20


# ---- the others

def multiparts():
    part = '\r\nContent-Disposition: form-data; name="file"; filename="c\\"v.pdf"\r\nContent-Type: application/pdf\r\n\r\n%PDF\r\n--X\r\n\r\n'
    package = '\r\nContent-Disposition: form-data; name="package"\r\nContent-Type: application/json; charset=utf-8\r\n\r\n{}\r\n'
    extended = "\r\ncontent-disposition: form-data; name=f; filename*=UTF-8''%e1%bb%87.txt\r\ncontent-transfer-encoding: binary\r\n\r\n\r\n"
    yield "two", f"multipart/form-data; boundary=XX\n--XX{package}--XX{part}--XX--\r\n"
    yield "preamble", f'multipart/form-data; boundary="a b"\npreamble\r\n--a b \t{extended}--a b--epilogue'
    yield "empty", "multipart/form-data; boundary=X\n--X--"
    yield "early", f"multipart/form-data; boundary=X\n--X{part}"


def base64s():
    for i, text in enumerate(["", "YQ==", "YWI=", "YWJj", "YQ", "YWI", "Y", " Y\tQ=\r\n= ", "YR==", "Y=Q=", "YWJj=", "=", "YWJjZGVmZ2hpamts" * 8]):
        yield f"text-{i}", text
    yield "bytes", bytes(range(256))


def packages():
    yield from ((path.name, path.read_bytes()) for path in sorted((ROOT / "schemas/examples").glob("package-*.json")))
    received = {"from": "G98", "to": [], "security_class": "thuong", "restricted_publication": False, "denunciation": False,
                "issued": {"date_text": "2026/02/30"}, "trace": [{"organ": "G98", "timestamp": "x"}], "files": [
                    {"name": "a.pdf", "content_id": "1", "content_type": "application/zip", "field_name": "f", "mime_type": "m", "format": "p",
                     "wrapped": True, "bytes": 3, "sha256": "0" * 64, "url": "/1"}],
                "extensions": [{"place": "edXMLEnvelope", "xml": "<a/>"}], "due_date_text": "mai"}
    yield "received", json.dumps(received)


def imports():
    party = {"organId": "G98", "organizationInCharge": "CP", "organName": "Bộ", "organAdd": "", "email": "a@g98.example", "telephone": "1", "fax": "2", "website": "w"}
    yield "pvn", json.dumps({
        "from": party, "to": [{"organId": "G99"}, None], "subject": "V/v thử", "content": "a", "codeNumber": 251, "codeNotation": "TMĐT", "place": "HN",
        "promulgationDate": "2026/11/21 08:00:00", "typeName": "Công văn", "type": "2", "typeDetail": "18", "signerFullName": "A", "signerPosition": "B",
        "priority": "1", "sphereOfPromulgation": "c", "typerNotation": "d", "promulgationAmount": "5", "pageAmount": 2, "direction": "false",
        "appendixes": ["PL", ""], "steeringType": 9, "toPlaces": ["VT"], "serviceType": "eDoc"}, ensure_ascii=False)
    yield "pvn-list", json.dumps({"fromCode": "G98", "toCode": "G99, G97,", "aggregate": True})
    head, business_ = "header_messageheader_", "header_traceheaderlist_bussiness_"
    yield "flat", json.dumps({
        head + "from_organid": "G98", head + "toes": [{"organid": "G99"}], head + "code_codenumber": "1", head + "subject": "a", head + "duedate": "01/12/2026",
        head + "responsefors": [{"organid": "G97", "promulgationdate": "2026/11/01"}], "header_traceheaderlist_traceheader": [{"organid": "G98"}],
        business_ + "bussinessdoctype": "2", business_ + "bussinessdocreason": "vì", business_ + "documentid": "x", business_ + "paper": "2",
        business_ + "bussinessdocumentinfo": [{"documentinfo": "0", "receiverlist": [
            {"receiver": [{"organid": "G96", "receivertype": "0"}]}, {"receiver": [{"organid": "G94", "receivertype": "5"}]}]}],
        business_ + "staffinfoes": [{"staff": "A"}], "attachments": [{"attachmentname": "a.pdf"}], "header_signature_signaturevalue": "abc"})
    yield "flat-replace", json.dumps({
        business_ + "bussinessdoctype": 3, business_ + "bussinessdocreason": "vì",
        business_ + "replacementinfolist_replacementinfo": [[{"documentid": "x", "organidlist": ["G99"]}], [{"documentid": "y"}]]})
    yield "inline", json.dumps({"trichYeu": "Hồ sơ", "tenHoSo": "Hồ sơ", "maHoSo": "HS-1", "files": [
        {"fileName": "a.txt", "fileByte": "dGjhu60=", "size": 5}, {"fileName": "b.txt"}, {"fileName": "c.txt", "fileByte": "YQ=="}]})


# ---- signatures, made once: nobody has their keys

def signed(*patterns):
    for pattern in patterns:
        for path in sorted((ROOT / "tests/data/signature").glob(pattern)):
            if path.stat().st_size < 16_000:
                yield path.parent.name + "-" + path.name, path.read_bytes()


def pdfs():
    return [(file.name, file.read_bytes()) for file in sorted((ROOT / "tests/data/signature/pdf").glob("*.pdf"))]


def pdf_words():
    return ["/ByteRange[0 ", "/Contents<", "/Type/Sig", "/FT/Sig", "/V ", " 0 R", "/Prev ", "/Root 1 0 R", "/Size ", "xref\n0 1\n", "trailer\n<<", "startxref\n",
            "%%EOF\n", "endobj\n", " 0 obj\n", "stream\n", "endstream", "/Type/ObjStm/N 1/First 4", "/Type/XRef/W[1 2 1]", "/Filter/FlateDecode",
            "/SubFilter/ETSI.CAdES.detached", "/SubFilter/ETSI.RFC3161", "/AcroForm<<", "/Fields[", "/Kids[", "/Reference["]


def signature_words():
    uris = quoted(r'"(http://www\.w3\.org/[^"]+)"', "signature/algorithms.cpp", "signature/form.cpp", "signature/xmldsig/document.cpp")
    tags = ("Signature", "SignedInfo", "SignatureValue", "KeyInfo", "X509Data", "X509Certificate", "Reference", "Transforms", "Transform",
            "DigestMethod", "DigestValue", "Object", "Manifest", "SignatureProperties", "SigningTime", "KeyValue", "RetrievalMethod", "XPath")
    return [*uris, *(f"<{tag}>" for tag in tags), *(f"</{tag}>" for tag in tags), 'URI=""', 'URI="#', ' Id="', "#xpointer(/)", "#xpointer(id('", "<!-- -->",
            '<TraceHeader><OrganId>G97</OrganId></TraceHeader>', 'xmlns="http://www.w3.org/2000/09/xmldsig#"', "&#13;", "<!DOCTYPE", 'PrefixList="']


def statement_words():
    names = quoted(r'\{"(\w+)", (?:true|false)', "signature/attached/statement.cpp")
    attributes = ("code", "value", "number", "notation", "date", "name", "text", "bytes", "sha256")
    return [*signature_words(), *(f"<{name} " for name in [*names, "File"]), *(f' {name}="' for name in attributes), "/>", "</Statement>",
            'xmlns="urn:axisd:attached-signature:1"']


# ---- words

def quoted(pattern, *files):
    found = set()
    for file in files:
        found.update(re.findall(pattern, (ROOT / "gateway" / file).read_text(encoding="utf-8")))
    return sorted(found)


def xml_words():
    names = quoted(r'"(\w{2,})"', "envelope/fields.cpp", "envelope/reader.cpp")
    tags = [f"<{name}>" for name in names] + [f"</{name}>" for name in names]
    return [*tags, "null", f'xmlns="{QCVN}"', f'xmlns="{E_DOC}"', f'xmlns="{GO_VN}"', 'xmlns:x="', "xmlns=''", "<x:", "</x:", "<!--", "-->", "&#13;", "&amp;", "&#x", "/>",
            "ContentTransferEncoded", "<?xml version='1.0'?>", "cid:", "MIME-Version: 1.0", "Content-Transfer-Encoding: base64", "--=_z", "xml:space", "edXML:",
            "a:b.pdf", "com0.txt", "conin$", ' name=" a.pdf "', "&#x200B;", "&#9;", "a" * 60]


def json_words():
    keys = quoted(r'"(\w{2,})"', "package/tables.cpp", "package/business.cpp", "package/words.hpp")
    return [f'"{key}"' for key in keys] + ["null", "true", "false", "{}", "[]", "\\u", "\\u0000", "[{", "}]", '"2026-11-21T09:21:07.999+07:00"', '" "', '"null"', "1e9", "-1"]


def import_words():
    parts = quoted(r'\{(?:HEADER |BUSINESS )?"([^"]+)"', "package/import_tables.cpp")
    steps = {step for part in parts for step in part.split("/") if step not in "*+"}
    return [f'"{step}"' for step in sorted(steps)] + ["header_messageheader_", "header_traceheaderlist_bussiness_", *json_words()[-14:]]


HARNESSES = {
    "scanner": (scans, lambda: [*xml_words(), "<!DOCTYPE", "<![CDATA[", "<?", "\ufeff"]),
    "reader": (envelopes, xml_words),
    "status": (statuses, lambda: xml_words() + json_words()),
    "package": (packages, json_words),
    "import": (imports, import_words),
    "multipart": (multiparts, lambda: ["\r\n--XX", "\r\n\r\n", "--", 'filename="', "filename*=UTF-8''%", "Content-Disposition: form-data; name=", "boundary="]),
    "base64": (base64s, lambda: ["==", "=", "\r\n", "AAAA"]),
    "signature": (lambda: signed("valid/*.edxml", "refused/*.edxml"), signature_words),
    "xmldsig": (lambda: signed("xmldsig/*.xml", "valid/*.edxml"), signature_words),
    "statement": (lambda: signed("attached/*.xml", "xmldsig/enveloped.xml"), statement_words),
    "pdf": (pdfs, pdf_words),
    "unwrap": (archives, lambda: ["PK\3\4", "PK\1\2", "PK\5\6", "PK\7\b", "PK\6\6"]),
}


def escaped(word):
    return "".join(chr(b) if 0x20 <= b < 0x7F and chr(b) not in '"\\' else f"\\x{b:02x}" for b in word.encode())


def main(out):
    for name, (seeds, words) in HARNESSES.items():
        folder = out / name
        folder.mkdir(parents=True, exist_ok=True)
        written = {}
        for seed, content in seeds():
            written[seed] = content if isinstance(content, bytes) else content.encode()
        for stale in folder.iterdir():
            if stale.name not in written:
                stale.unlink()
        for seed, content in written.items():
            (folder / seed).write_bytes(content)
        (out / f"{name}.dict").write_text("".join(f'"{escaped(word)}"\n' for word in words()), encoding="ascii")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
