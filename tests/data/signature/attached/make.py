#!/usr/bin/env python3
"""Makes the files beside it anew: a letter with an attached statement (profile `attached`), by openssl and xmlsec1 alone.

Written from gateway/signature/attached/README.md, as a partner without axisd would. Everything changes with each run, since no
key is kept: commit the whole. Valid for twenty years from the day of the run.
"""
import base64
import hashlib
import pathlib
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
QCVN = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
DS = "http://www.w3.org/2000/09/xmldsig#"
FILES = (("Công văn.pdf", b"%PDF-1.4\nm\xe1\xbb\x99t\n%%EOF\n"), ("phụ lục.txt", b"hai"))

FACTS = """<From code="G98"/><To code="G97"/><To code="G99"/><DocumentId value="G98,2026/11/26,12/TN-VP"/><Code number="12" notation="TN-VP"/>
<Issued date="2026/11/26"/><Type name="Công văn"/><Subject text="V/v thử &lt;một&gt; &amp; &quot;hai&quot;"/>
<Signer position="Bộ trưởng" name="Nguyễn Văn Thử"/>"""

SIGNATURE = f"""<Signature xmlns="{DS}"><SignedInfo><CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>
<SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/><Reference URI=""><Transforms>
<Transform Algorithm="{DS}enveloped-signature"/><Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></Transforms>
<DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><DigestValue/></Reference></SignedInfo><SignatureValue/>
<KeyInfo><X509Data><X509Certificate/></X509Data></KeyInfo></Signature>"""


def letter(statement):
    manifest = attachments = ""
    named = [(name, data, "application/pdf" if name.endswith("pdf") else "text/plain") for name, data in FILES]
    for n, (name, data, kind) in enumerate([("axisd-signature.xml", statement, "application/xml"), *named], 1):
        manifest += f"<Reference><ContentId>cid:{n}</ContentId><ContentType>{kind}</ContentType><AttachmentName>{name}</AttachmentName></Reference>"
        attachments += (f"<Attachment><ContentId>cid:{n}</ContentId><AttachmentName>{name}</AttachmentName><ContentType>{kind}</ContentType>"
                        f"<ContentTransferEncoded>{base64.b64encode(data).decode()}</ContentTransferEncoded></Attachment>\n")
    return (f'<?xml version="1.0" encoding="UTF-8"?>\n<edXML xmlns="{QCVN}"><edXMLEnvelope><edXMLHeader><MessageHeader><From><OrganId>G98</OrganId></From>'
            "<To><OrganId>G99</OrganId></To><To><OrganId>G97</OrganId></To><DocumentId>G98,2026/11/26,12/TN-VP</DocumentId>"
            "<Code><CodeNumber>12</CodeNumber><CodeNotation>TN-VP</CodeNotation></Code>"
            "<PromulgationInfo><PromulgationDate>2026/11/26</PromulgationDate></PromulgationInfo>"
            "<DocumentType><Type>2</Type><TypeDetail>18</TypeDetail><TypeName>Công văn</TypeName></DocumentType>"
            '<Subject>V/v  thử &lt;một&gt;\n &amp; "hai"</Subject><SignerInfo><Position>Bộ trưởng</Position><FullName>Nguyễn Văn Thử</FullName></SignerInfo>'
            "</MessageHeader><TraceHeaderList><TraceHeader><OrganId>G97</OrganId><Timestamp>2026/11/26 08:00:00</Timestamp></TraceHeader></TraceHeaderList>"
            f'</edXMLHeader><edXMLBody><edXMLManifest version="1.0">{manifest}</edXMLManifest></edXMLBody></edXMLEnvelope>\n'
            f"<AttachmentEncoded>{attachments}</AttachmentEncoded></edXML>\n")


def main():
    with tempfile.TemporaryDirectory() as folder:
        def run(*arguments):
            subprocess.run(arguments, cwd=folder, check=True, capture_output=True)

        run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "root.key", "-out", "root.pem", "-days", "7300", "-subj",
            "/O=axisd test PKI, nobody's/CN=Test issuer of statements", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
        run("openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", "leaf.key", "-out", "leaf.csr", "-subj", "/OU=G98/CN=Agency 98")
        (pathlib.Path(folder) / "e.cnf").write_text("keyUsage=critical,digitalSignature\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n")
        run("openssl", "x509", "-req", "-in", "leaf.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial", "-days", "7299", "-extfile", "e.cnf",
            "-out", "leaf.pem")
        listed = "".join(f'\n<File name="{name}" bytes="{len(data)}" sha256="{hashlib.sha256(data).hexdigest()}"/>' for name, data in FILES)
        template = pathlib.Path(folder) / "template.xml"
        template.write_text(f'<Statement xmlns="urn:axisd:attached-signature:1">{FACTS}{listed}\n{SIGNATURE}</Statement>\n')
        run("xmlsec1", "--sign", "--privkey-pem", "leaf.key,leaf.pem", "--output", "statement.xml", "template.xml")
        made = pathlib.Path(folder)
        (HERE / "trust").mkdir(exist_ok=True)
        (HERE / "trust/root.pem").write_bytes((made / "root.pem").read_bytes())
        (HERE / "statement.xml").write_bytes((made / "statement.xml").read_bytes())
        (HERE / "letter.edxml").write_text(letter((made / "statement.xml").read_bytes()))


if __name__ == "__main__":
    main()
