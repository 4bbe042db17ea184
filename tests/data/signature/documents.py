"""XML documents that are no envelopes, and their signatures: what `--profile xmldsig` is for. Signed by xmlsec1."""
import base64
import hashlib
import pathlib
import re
import subprocess
import tempfile

from cryptography import x509

from envelopes import DIGESTS, DS, ENVELOPED, EXCLUSIVE, INCLUSIVE, certificates, method_uri, values

DS11 = "http://www.w3.org/2009/xmldsig11#"
C14N11 = "http://www.w3.org/2006/12/xml-c14n11"
BASE64 = DS + "base64"
WITHOUT_SIGNATURES = ('<Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116">'
                      f'<XPath xmlns:d="{DS}">not(ancestor-or-self::d:Signature)</XPath></Transform>')


def transform(t):
    return t if t.startswith("<") else f'<Transform Algorithm="{t}"/>'


def reference(uri="", transforms=(ENVELOPED, EXCLUSIVE), digest="sha256"):
    named = "" if uri is None else f' URI="{uri}"'
    inside = f"<Transforms>{''.join(map(transform, transforms))}</Transforms>" if transforms else ""
    return f'<Reference{named}>{inside}<DigestMethod Algorithm="{DIGESTS[digest]}"/><DigestValue></DigestValue></Reference>'


def template(references, method="rsa-sha256", canonical=EXCLUSIVE, key_info="", objects=""):
    return (f'<Signature xmlns="{DS}"><SignedInfo><CanonicalizationMethod Algorithm="{canonical}"/>'
            f'<SignatureMethod Algorithm="{method_uri(method)}"/>{"".join(references)}</SignedInfo><SignatureValue></SignatureValue>'
            f"<KeyInfo>{key_info}</KeyInfo>{objects}</Signature>")


def sign(text, party, key_info=None, ids=("data", "other", "message", "note", "Object")):
    """The first template in the text, filled in by xmlsec1; KeyInfo is put in afterwards, since nothing covers it."""
    with tempfile.TemporaryDirectory() as folder:
        key, unsigned = pathlib.Path(folder, "key.pem"), pathlib.Path(folder, "unsigned.xml")
        key.write_bytes(party.private_pem())
        unsigned.write_bytes(text.encode())
        named = [argument for name in ids for argument in ("--id-attr:Id", name)]
        made = subprocess.run(["xmlsec1", "--sign", "--privkey-pem", key, *named, unsigned], capture_output=True, check=False)
        if made.returncode:
            raise SystemExit(text + made.stderr.decode())
    filled = made.stdout.decode()
    for tag in ("DigestValue", "SignatureValue"):
        for value in values(filled, tag):
            text = re.sub(f"<{tag}></{tag}>", f"<{tag}>{value}</{tag}>", text, count=1)
    return text.replace("<KeyInfo></KeyInfo>", f"<KeyInfo>{certificates(party) if key_info is None else key_info}</KeyInfo>", 1)


def enveloped(party, references=None, key_info=None, content='<note Id="n1">Ghi chú</note>', root="", head="", **more):
    signature = template(references or [reference()], **more)
    return sign(f'{head}<message xmlns="urn:test"{root}>{content}{signature}</message>\n', party, key_info)


def detached(party, references=None, content='<data Id="d1">Dữ liệu</data>', **more):
    signature = template(references or [reference("#d1", (EXCLUSIVE,))], **more)
    return sign(f"<box>{content}{signature}</box>\n", party)


def enveloping(party, content="<w>up up and away</w>", transforms=(), **more):
    object = f'<Object Id="o1">{content}</Object>'
    return sign(template([reference("#o1", transforms)], objects=object, **more) + "\n", party)


def short_ecdsa(party):
    """r and s one octet short each, as Java once wrote them: for P-521 one of four values can be."""
    while True:
        text = enveloped(party, method="ecdsa-sha512")
        value = values(text, "SignatureValue")[0]
        octets = base64.b64decode(value)
        if octets[0] == octets[66] == 0:
            return text.replace(value, base64.b64encode(octets[1:66] + octets[67:]).decode())


def named(party, issuer):
    """X509Data that only names a certificate, by each kind of name."""
    certificate = party.certificate
    identifier = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    yield "subject", f"<X509SubjectName>{certificate.subject.rfc4514_string()}</X509SubjectName>"
    yield "issuer-serial", (f"<X509IssuerSerial><X509IssuerName>{issuer.certificate.subject.rfc4514_string()}</X509IssuerName>"
                            f"<X509SerialNumber>{certificate.serial_number}</X509SerialNumber></X509IssuerSerial>")
    yield "identifier", f"<X509SKI>{base64.b64encode(identifier).decode()}</X509SKI>"
    yield "digest", (f'<X509Digest xmlns="{DS11}" Algorithm="{DIGESTS["sha256"]}">'
                     f"{base64.b64encode(hashlib.sha256(party.der).digest()).decode()}</X509Digest>")


def valid(P):
    g98 = P.g98
    yield "enveloped", enveloped(g98), "the usual form"
    yield "enveloped-c14n11", enveloped(g98, [reference("", (ENVELOPED, C14N11))], canonical=C14N11), "C14N 1.1"
    yield "enveloped-id", enveloped(g98, [reference("#m1")], root=' Id="m1"'), "the root by its Id"
    yield "inclusive-prefixes", enveloped(
        g98, [reference("", (ENVELOPED, f'<Transform Algorithm="{EXCLUSIVE}"><e:InclusiveNamespaces xmlns:e="{EXCLUSIVE}" PrefixList="u"/></Transform>'))],
        root=' xmlns:u="urn:unused"'), "exclusive C14N that keeps a prefix"
    yield "with-comments", enveloped(g98, [reference("#xpointer(/)", (ENVELOPED, EXCLUSIVE + "WithComments"))],
                                     content="<note>a</note><!-- signed too -->"), "a comment that is signed"
    yield "xpath-enveloped", enveloped(g98, [reference("", (WITHOUT_SIGNATURES,))]), "enveloped-signature as XPath"
    yield "detached", detached(g98), "beside what it signs"
    yield "detached-xpointer", detached(g98, [reference("#xpointer(id('d1'))", (INCLUSIVE,))]), "by xpointer"
    yield "detached-two", detached(g98, [reference("#d1", (EXCLUSIVE,)), reference("#o1", (INCLUSIVE,), "sha512")],
                                   content='<data Id="d1">1</data><other Id="o1">2</other>'), "two references"
    yield "detached-digit", detached(g98, [reference("#1", (EXCLUSIVE,))], content='<data Id="1">1</data>'), "an Id that begins with a digit"
    yield "part", sign(f'<box><data Id="d1">1</data><rest/>{template([reference("#d1", (EXCLUSIVE,))])}</box>\n', g98), "a part is signed, and said so"
    yield "enveloping", enveloping(g98), "around what it signs"
    yield "enveloping-base64", enveloping(g98, "dXAgdXAgYW5kIGF3YXk=", (BASE64,)), "what the text encodes"
    yield "ecdsa", enveloped(P.g98_p384, method="ecdsa-sha384"), "elliptic curve"
    yield "ecdsa-short", short_ecdsa(P.g98_p521), "r and s without their leading zeros"
    yield "two-signatures", two_signatures(g98, P.g99), "one within what the other signs"
    yield "chain-reversed", enveloped(g98, key_info=certificates(P.root, P.sub, g98)), "the signer's certificate is the last one"
    yield "key-value-beside", enveloped(g98, key_info="<KeyName>k</KeyName>" + certificates(g98)), "what X509Data does not say is not heard"
    for name, given in named(g98, P.sub):
        yield "named-by-" + name, enveloped(g98, key_info=f"<X509Data>{given}</X509Data>"), "only named: taken from the trust folder"
    yield "named-by-nothing", enveloped(g98, key_info="<X509Data/>"), "the one certificate that is known here"


def two_signatures(inner, outer):
    """xmlsec1 signs the first it finds: the outer one stands before the inner one, and comes after it."""
    around, place = template([reference("#m1")]), "<place/>"
    text = sign(f'<message xmlns="urn:test" Id="m1">{place}<data Id="d1">1{template([reference("#d1")])}</data></message>\n', inner)
    return sign(text.replace(place, around), outer)


def refused(P, swapped):
    g98 = P.g98
    plain = enveloped(g98)
    beside = detached(g98)
    digest, value = values(plain, "DigestValue")[0], values(plain, "SignatureValue")[0]
    yield "doctype", "signature.doctype", swapped(plain, "<message", "<!DOCTYPE message><message"), "a document type"
    yield "unsigned", "signature.absent", '<message xmlns="urn:test"/>\n', "no signature"
    yield "other-namespace", "signature.namespace", '<message xmlns="urn:test"><Signature/></message>\n', "another Signature"
    yield "prefix-undeclared", "signature.parse", swapped(plain, "<note", "<n:note").replace("</note", "</n:note"), "a prefix nobody declared"
    yield "latin1", "signature.parse", '<?xml version="1.0" encoding="ISO-8859-1"?>' + plain, "another encoding"
    for name, uri in (("file", "file:///etc/passwd"), ("path", "/etc/passwd"), ("http", "http://127.0.0.1:9/")):
        yield "external-" + name, "signature.external", swapped(plain, 'Reference URI=""', f'Reference URI="{uri}"'), "outside the document"
    yield "no-uri", "signature.target", swapped(plain, ' URI=""', ""), "to nothing"
    yield "id-missing", "signature.target", swapped(beside, 'Id="d1"', 'Id="d2"'), "nothing has the Id"
    yield "id-twice", "signature.target", swapped(beside, "</data>", '</data><other Id="d1"/>'), "two have it"
    yield "id-quoted", "signature.target", swapped(beside, "#d1", "#d1')|id('d2"), "an Id that ends the expression it is put into"
    yield "enveloped-elsewhere", "signature.target", detached(g98, [reference("#d1", (ENVELOPED, EXCLUSIVE))]), "enveloped in what does not hold it"
    yield "twin", "signature.twin", swapped(beside, "</data>", "</data><data>unsigned</data>"), "an unsigned element of the signed one's name"
    yield "twin-around", "signature.twin", swapped(swapped(beside, "<box>", "<data><box>"), "</box>", "</box></data>"), "and one around it"
    yield "value-cut", "signature.twin", swapped(plain, "Ghi chú", "Ghi<!-- --> chú"), "a comment within a signed value"
    yield "xslt", "signature.transform", swapped(plain, f'<Transform Algorithm="{EXCLUSIVE}"/>', '<Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"/>'), "XSLT"
    yield "xpath", "signature.transform", enveloped(g98, [reference("", (WITHOUT_SIGNATURES.replace("d:Signature)", "d:Signature or self::note)"),))]), "another XPath"
    yield "xpath-prefix", "signature.transform", enveloped(g98, [reference("", (WITHOUT_SIGNATURES.replace(DS + '"', 'urn:other"'), ENVELOPED))]), "the same words about another name space"
    yield "octets-again", "signature.transform", enveloped(g98, [reference("", (ENVELOPED, EXCLUSIVE, EXCLUSIVE))]), "octets parsed again"
    yield "hmac", "signature.algorithm", swapped(plain, "rsa-sha256", "hmac-sha256"), "a shared key"
    yield "md5", "signature.algorithm", swapped(plain, "xmlenc#sha256", "xmlenc#md5"), "a digest that is not accepted"
    yield "rsa-key-for-ecdsa", "signature.algorithm", swapped(plain, "rsa-sha256", "ecdsa-sha256"), "the certificate's key is of another kind"
    yield "extra-child", "signature.shape", swapped(plain, "</KeyInfo>", "</KeyInfo><Extra/>"), "a part that XML signatures do not have"
    yield "comment-in-digest", "signature.encoding", swapped(plain, digest, digest[:5] + "<!-- -->" + digest[5:]), "a comment within DigestValue"
    yield "value-short", "signature.encoding", swapped(plain, value, value[4:]), "SignatureValue three octets short"
    yield "relative-namespace", "signature.canonical", swapped(plain, "<note", '<note xmlns:r="relative"'), "no canonical form"
    yield "base64-none", "signature.canonical", swapped(enveloping(g98, "dXAgdXAgYW5kIGF3YXk=", (BASE64,)), "YXk=<", "YXk<"), "what should encode is no base64"
    yield "key-value", "signature.key_info", enveloped(g98, key_info="<KeyValue/>"), "no X509Data"
    yield "no-key-info", "signature.key_info", swapped(plain, plain[plain.index("<KeyInfo>"):plain.index("</Signature>")], ""), "no KeyInfo"
    yield "retrieval", "signature.key_info", enveloped(g98, key_info='<RetrievalMethod URI="http://127.0.0.1:9/"/>' + certificates(g98)), "a key to be fetched"
    yield "retrieval-elsewhere", "signature.key_info", enveloped(g98, content=f'<RetrievalMethod xmlns="{DS}" URI="http://127.0.0.1:9/"/>'), "anywhere in the document"
    yield "two-leaves", "signature.key_info", enveloped(g98, key_info=certificates(g98, P.g99)), "which of them signed?"
    yield "named-stranger", "signature.key_info", enveloped(g98, key_info="<X509Data><X509SubjectName>CN=Nobody</X509SubjectName></X509Data>"), "nobody known here"
    yield "certificate-unreadable", "certificate.unreadable", enveloped(g98, key_info="<X509Data><X509Certificate>MIIB</X509Certificate></X509Data>"), "a certificate cut short"
    yield "note-changed", "signature.digest", swapped(plain, "Ghi chú", "Ghi nhận"), "what was signed was changed"
    yield "base64-changed", "signature.digest", swapped(enveloping(g98, "dXAgdXAgYW5kIGF3YXk=", (BASE64,)), "YW5k", "YW5j"), "what the text encodes was changed"
    yield "inner-changed", "signature.digest", swapped(two_signatures(g98, P.g99), ">1<", ">2<"), "the outer signature stands first and is told"
    yield "other-key", "signature.value", enveloped(g98, key_info=certificates(P.g99)), "another one's certificate"
    yield "rogue", "certificate.no_issuer", enveloped(P.rogue), "an unknown authority"
    yield "expired", "certificate.expired", enveloped(P.expired), "expired"
    yield "revoked", "certificate.revoked", enveloped(P.revoked), "revoked"
    yield "for-keys", "certificate.usage", enveloped(P.for_keys), "a key that may not sign"
    yield "authority", "certificate.usage", enveloped(P.sub), "an authority whose key is for certificates"
    yield "by-a-leaf", "certificate.chain", enveloped(P.by_leaf, key_info=certificates(P.by_leaf, P.g99)), "issued by no authority"
    yield "short-key", "certificate.weak", enveloped(P.short), "RSA of 1024 bits: weak"
    yield "sha1-certificate", "certificate.weak", enveloped(P.sha1), "a certificate under SHA-1: weak"
    yield "short-key-rogue", "certificate.no_issuer", enveloped(P.short_rogue), "weak and of an unknown authority: refused"
    yield "sha1", "signature.sha1", enveloped(g98, [reference(digest="sha1")], method="rsa-sha1"), "SHA-1: weak"
