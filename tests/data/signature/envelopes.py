"""Envelopes of invented agencies and their signatures. Digests and values are xmlsec1's; PSS, which 1.2 does not know,
is signed here over the SignedInfo that xmlsec1 digested."""
import base64
import pathlib
import re
import subprocess
import tempfile
from collections import namedtuple
from xml.sax.saxutils import escape

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

QCVN = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
DS = "http://www.w3.org/2000/09/xmldsig#"
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
PSS = "http://www.w3.org/2007/05/xmldsig-more#{}-rsa-MGF1"
DIGESTS = {"sha1": DS + "sha1", "sha256": "http://www.w3.org/2001/04/xmlenc#sha256", "sha384": MORE + "sha384",
           "sha512": "http://www.w3.org/2001/04/xmlenc#sha512", "md5": MORE + "md5"}
INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = DS + "enveloped-signature"
TEXT = b"%PDF-1.4\n" + "Công văn thử nghiệm, không của ai cả.\n".encode() + b"%%EOF\n"
PLACE = "<!--here-->"  # of the signature


def attachment(n, text, wrap=""):
    encoded = base64.b64encode(text).decode()
    if wrap:
        encoded = wrap.join(encoded[i:i + 76] for i in range(0, len(encoded), 76)) + wrap
    return (f"<Attachment><ContentId>cid:{n}</ContentId><AttachmentName>van-ban-{n}.pdf</AttachmentName>"
            f"<ContentType>application/pdf</ContentType><ContentTransferEncoded>{encoded}</ContentTransferEncoded></Attachment>")


def trace(code):
    return f"<TraceHeader><OrganId>{code}</OrganId><Timestamp>2026/06/01 08:00:00</Timestamp></TraceHeader>"


def document(sender="G98", files=(TEXT,), wrap="", root="", before="", traces=("G98",), subject="V/v thử chữ ký", margin="\n"):
    references = "".join(f"<Reference><ContentId>cid:{n}</ContentId></Reference>" for n, _ in enumerate(files, 1))
    attached = "".join(attachment(n, text, wrap) for n, text in enumerate(files, 1))
    return (f'<?xml version="1.0" encoding="UTF-8"?>{margin}<edXML xmlns="{QCVN}"{root}>{margin}<edXMLEnvelope><edXMLHeader>{margin}'
            f"<MessageHeader>{before}<From><OrganId>{sender}</OrganId></From><To><OrganId>G99</OrganId></To>"
            "<Code><CodeNumber>12</CodeNumber><CodeNotation>TN-VP</CodeNotation></Code>"
            "<PromulgationInfo><PromulgationDate>2026/06/01</PromulgationDate></PromulgationInfo>"
            f"<Subject>{escape(subject)}</Subject><DocumentId>{sender},2026/06/01,12/TN-VP</DocumentId></MessageHeader>{margin}"
            f"<TraceHeaderList>{''.join(map(trace, traces))}</TraceHeaderList>{PLACE}</edXMLHeader>{margin}"
            f"<edXMLBody><edXMLManifest>{references}</edXMLManifest></edXMLBody></edXMLEnvelope>{margin}"
            f"<AttachmentEncoded>{attached}</AttachmentEncoded></edXML>{margin}")


def status(sender="G98"):
    return (f'<?xml version="1.0" encoding="UTF-8"?>\n<edXML xmlns="{QCVN}"><edXMLEnvelope><edXMLHeader><MessageHeader>'
            f"<From><OrganId>{sender}</OrganId></From><ResponseFor><OrganId>G99</OrganId><Code>7/TN-VP</Code>"
            "<DocumentId>G99,2026/05/30,7/TN-VP</DocumentId></ResponseFor><StatusCode>03</StatusCode>"
            f"<Timestamp>2026/06/01 09:00:00</Timestamp></MessageHeader>{PLACE}</edXMLHeader></edXMLEnvelope></edXML>\n")


Form = namedtuple("Form", "party method digest canonical transforms uri time prefix key_info", defaults=(
    None, "rsa-sha256", "sha256", EXCLUSIVE, (ENVELOPED, EXCLUSIVE), "", "", "", None))


def certificates(*parties):
    return "<X509Data>" + "".join(f"<X509Certificate>{base64.b64encode(p.der).decode()}</X509Certificate>" for p in parties) + "</X509Data>"


def reference(uri, transforms, digest, value):
    named = "" if uri is None else f' URI="{uri}"'
    inside = "".join(t if t.startswith("<") else f'<Transform Algorithm="{t}"></Transform>' for t in transforms)
    return (f"<Reference{named}><Transforms>{inside}</Transforms>"
            f'<DigestMethod Algorithm="{DIGESTS[digest]}"></DigestMethod><DigestValue>{value}</DigestValue></Reference>')


def method_uri(method):
    if method.startswith("http"):
        return method
    return PSS.format(method.removeprefix("pss-")) if method.startswith("pss-") else (DS if method == "rsa-sha1" else MORE) + method


def signature(form, digests, value):
    """In canonical form, so that SignedInfo's octets are known here."""
    references = [reference(form.uri, form.transforms, form.digest, digests[0])]
    time = ""
    if form.time:
        references.append(reference("#time", (EXCLUSIVE,), form.digest, digests[1]))
        time = (f'<Object><SignatureProperties Id="time"><SignatureProperty Target="#signature"><SigningTime>{form.time}</SigningTime>'
                "</SignatureProperty></SignatureProperties></Object>")
    info = (f'<SignedInfo><CanonicalizationMethod Algorithm="{form.canonical}"></CanonicalizationMethod>'
            f'<SignatureMethod Algorithm="{method_uri(form.method)}"></SignatureMethod>{"".join(references)}</SignedInfo>')
    key_info = certificates(form.party) if form.key_info is None else form.key_info
    named = ' Id="signature"' if form.time else ""
    text = f'<Signature xmlns="{DS}"{named}>{info}<SignatureValue>{value}</SignatureValue><KeyInfo>{key_info}</KeyInfo>{time}</Signature>'
    if form.prefix:
        text = re.sub(r"<(/?)(?!/)", rf"<\1{form.prefix}:", text).replace(" xmlns=", f" xmlns:{form.prefix}=")
    return text


def values(text, tag):
    return re.findall(rf"<(?:\w+:)?{tag}>([^<]*)</", text)


def by_xmlsec(text, form):
    """DigestValues and SignatureValue as the xmlsec1 program makes them."""
    with tempfile.TemporaryDirectory() as folder:
        key, unsigned = pathlib.Path(folder, "key.pem"), pathlib.Path(folder, "unsigned.xml")
        key.write_bytes(form.party.private_pem())
        unsigned.write_bytes(text.encode())
        made = subprocess.run(["xmlsec1", "--sign", "--privkey-pem", key, "--id-attr:Id", "edXML", "--id-attr:Id", "SignatureProperties", unsigned],
                              capture_output=True, check=False)
        if made.returncode:
            raise SystemExit(made.stderr.decode())
    text = made.stdout.decode()
    return values(text, "DigestValue"), values(text, "SignatureValue")[0].replace("\n", "")


def by_pss(form, digests):
    hash = getattr(hashes, form.method.removeprefix("pss-").upper())()
    info = re.search(r"<SignedInfo>.*</SignedInfo>", signature(form, digests, ""), re.S)[0].replace("<SignedInfo>", f'<SignedInfo xmlns="{DS}">')
    value = form.party.key.sign(info.encode(), padding.PSS(padding.MGF1(hash), hash.digest_size), hash)
    return base64.b64encode(value).decode()


def signed(text, form, place=PLACE):
    """The text with a signature where `place` stands."""
    pss = form.method.startswith("pss-")
    template = form._replace(method="rsa-sha256") if pss else form
    unsigned = signature(template._replace(key_info=""), ["", ""], "")
    digests, value = by_xmlsec(text.replace(place, unsigned), template)
    return text.replace(place, signature(form, digests, by_pss(form, digests) if pss else value))


TS_SECTION = ("[t]\nserial=serial\nsigner_cert=tsa.pem\nsigner_key=tsa.key\nsigner_digest=sha256\ndefault_policy=1.2.3.4.1\ndigests=sha256\n"
              "ess_cert_id_alg=sha256\n")


def token(party, stamped):
    """By the program openssl, at the time of the machine."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "tsa.pem").write_bytes(party.pem())
        (folder / "tsa.key").write_bytes(party.private_pem())
        (folder / "serial").write_text("01\n")
        (folder / "tsa.cnf").write_text(TS_SECTION)
        (folder / "stamped").write_bytes(stamped)
        for command in (["-query", "-data", "stamped", "-sha256", "-cert", "-out", "query"],
                        ["-reply", "-config", "tsa.cnf", "-section", "t", "-queryfile", "query", "-token_out", "-out", "token"]):
            subprocess.run(["openssl", "ts", *command], cwd=folder, check=True, capture_output=True)
        return (folder / "token").read_bytes()


def stamped(text, party, over=None):
    """The text with a time stamp over its SignatureValue, or over another's; as XAdES writes it."""
    value = re.search("<SignatureValue>.*?</SignatureValue>", over or text, re.S)[0].replace(">", f' xmlns="{DS}">', 1)
    encoded = base64.b64encode(token(party, value.encode())).decode()
    target = re.search('<Signature [^>]*Id="([^"]*)"', text)[1]
    return text.replace("</Signature>", (
        f'<Object><QualifyingProperties xmlns="http://uri.etsi.org/01903/v1.3.2#" Target="#{target}"><UnsignedProperties>'
        f'<UnsignedSignatureProperties><SignatureTimeStamp><CanonicalizationMethod xmlns="{DS}" Algorithm="{EXCLUSIVE}"/>'
        f"<EncapsulatedTimeStamp>{encoded}</EncapsulatedTimeStamp></SignatureTimeStamp></UnsignedSignatureProperties></UnsignedProperties>"
        "</QualifyingProperties></Object></Signature>"))
